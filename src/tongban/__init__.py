"""Tongban (通办): reads the official working procedure of a one-thing service and runs it."""
