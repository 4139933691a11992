"""Reading messages, whatever their form: CSV, NDJSON, Parquet, DPI XML; packed or not."""

from canbao.exchange.messages.files.opening import Receiver, read_file

__all__ = ["Receiver", "read_file"]
