"""Paper at every desk: taken over, given on, counted at the end of the day, looked for."""
