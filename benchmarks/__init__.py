"""Speed, side by side with the programs that a user would otherwise pick; see README.md."""
