"""What one works as and earns."""
