"""Stored files: content-addressed, checked on the way in and on the way out."""
