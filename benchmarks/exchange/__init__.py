"""Orders to statement lines: Canbao's ledger beside SQL written by hand for DuckDB, and Polars."""
