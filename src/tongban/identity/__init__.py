"""Citizen id, credit code, names, phones, masking. Pure: no Django, no database."""
