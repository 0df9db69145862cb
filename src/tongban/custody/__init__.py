"""Paper: lists, bags, handovers, post."""
