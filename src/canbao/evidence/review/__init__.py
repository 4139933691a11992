"""From draft to final report: numbered paragraphs, editions, comments with decisions, and what has changed."""
