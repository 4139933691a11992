"""The literature: bibliographies, duplicates, screening with its flow, and what was extracted from the works."""
