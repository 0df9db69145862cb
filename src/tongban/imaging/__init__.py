"""Photo, id card, scan: bytes in, findings with measurements out. Pure."""
