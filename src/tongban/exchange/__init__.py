"""Other platforms: what is pushed to a department's platform and what comes back."""
