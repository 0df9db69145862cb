"""What the procedure makes people do: review, routing, clock, release, one-time notice. Pure functions."""
