"""The residents' basic pension."""
