"""What all pages share: the language in the address, words, the study, and the frame around a page."""
