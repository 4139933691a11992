"""What is sent: records with their header, how they are read and checked, and the answer to each message."""
