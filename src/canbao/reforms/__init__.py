"""Reforms as files, the life courses that they change, and what comes of it for workers, platforms, the state and the fund."""
