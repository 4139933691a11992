"""Calculate: what a worker may join, what it costs and what it gives, with every step and article; nothing is stored."""
