"""What is paid in and what comes out."""
