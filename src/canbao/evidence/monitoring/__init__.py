"""The monitoring framework: who watches which indicator how often, and what it should come to."""
