"""The screens, one module a desk. Knows HTTP; knows no rule."""
