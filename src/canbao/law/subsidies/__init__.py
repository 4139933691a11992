"""Subsidies of contributions."""
