"""What a whole case costs: ``python -m benchmarks``."""
