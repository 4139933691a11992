"""Reading messages, whatever their form: CSV, NDJSON, Parquet, DPI XML; packed or not."""

from canbao.exchange.messages.files.opening import read_file

__all__ = ["read_file"]
