"""好差评: one rating a case, voluntary."""
