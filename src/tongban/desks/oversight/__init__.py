"""The oversight desk (督办): every open case with its light, history, verification."""
