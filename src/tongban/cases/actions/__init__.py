"""The only way to change a case: one module an act, one door (`door.py`) for all."""
