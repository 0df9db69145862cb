"""The machine looks at stored files: what is to be looked at, by whom, and what came of it. Each file once."""
