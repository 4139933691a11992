"""Drafts: the report by numbered paragraph, comments on it, decisions with reasons, and the final report."""
