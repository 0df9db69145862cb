"""The issuing desk (发证岗位)."""
