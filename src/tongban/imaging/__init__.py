"""Photo, id card, scan: bytes in, findings with measurements out. Pure; it advises, a person decides.

Desks and commands import the modules of this room where they need them, not at start: OpenCV takes its time and memory.
"""
