"""Protection of personal data: purposes, roles, an audit log that shows tampering, retention."""
