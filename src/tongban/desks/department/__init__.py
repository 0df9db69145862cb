"""The department desk (承办部门)."""
