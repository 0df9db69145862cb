"""Staff, duties, units, halls, windows, regions."""
