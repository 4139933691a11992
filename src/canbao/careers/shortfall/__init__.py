"""Why months of working age do not count towards a pension."""
