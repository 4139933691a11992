"""Who must, may or may not join which branch."""
