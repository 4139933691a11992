"""How long one lives."""
