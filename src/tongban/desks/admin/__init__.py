"""The administrator's desk (系统管理): accounts, duties, places, what was changed. It shows no case."""
