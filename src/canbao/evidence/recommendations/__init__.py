"""Recommendations: a register of what a study recommends, why, to whom, and what became of it."""
