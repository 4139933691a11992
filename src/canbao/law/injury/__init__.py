"""Employment injury."""
