"""Who joins which pension scheme."""
