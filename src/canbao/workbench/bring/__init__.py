"""Bring: a survey file uploaded, mapped onto the vocabulary, checked and assessed, without a terminal."""
