"""The personal pension."""
