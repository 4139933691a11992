"""Orders to statement lines: Canbao's ledger beside SQL written by hand for DuckDB."""

from benchmarks.exchange.measure import run

__all__ = ["run"]
