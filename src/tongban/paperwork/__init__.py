"""Printed forms: data in, PDF bytes out. Pure."""
