"""归档: the package of a closed case and its check."""
