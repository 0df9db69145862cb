"""The archive desk (归档岗位): takes working papers over, checks them, closes the case."""
