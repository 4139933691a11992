"""Explore: every column of the study by any groups, with intervals, bases and suppression."""
