"""Data exchange between a social insurance administration and platform companies."""
