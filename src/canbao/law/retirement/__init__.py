"""Retirement ages."""
