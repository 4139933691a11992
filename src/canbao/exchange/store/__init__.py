"""What was received, kept so that nothing is lost, doubled or half-written."""
