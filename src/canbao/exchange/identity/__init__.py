"""Who is meant: identity numbers, credit codes, pseudonyms, and what looks like a mistake."""
