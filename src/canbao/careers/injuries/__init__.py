"""Who is hurt at work, in which circumstance, how badly, and what it costs."""
