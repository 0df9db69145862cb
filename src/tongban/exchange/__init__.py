"""Platforms outside this instance: what is pushed to them, what they send back, who may ask."""
