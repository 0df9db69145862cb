"""The case page (办件), for everybody who may see it."""
