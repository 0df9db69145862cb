"""The case file (办件): models, actions (the only way to change), queries (the only way to see), events."""
