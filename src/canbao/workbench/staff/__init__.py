"""Those who run a seminar: signing in, and making their accounts."""
