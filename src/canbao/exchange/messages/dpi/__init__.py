"""Messages after the OECD's DPI XML schema, version 1.0: read in a stream, checked, written."""
