"""The field: interviews and focus groups coded by theme, local-practice cards, and nobody's identity in any of them."""
