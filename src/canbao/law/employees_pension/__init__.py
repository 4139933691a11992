"""The employees' basic pension."""
