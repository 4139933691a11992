"""The interface for programmes, /api/1/: the same questions that the pages ask, answered by the same functions as JSON."""
