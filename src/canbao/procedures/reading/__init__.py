"""Reading event logs: XES, OCEL 2.0, CSV and Parquet, from whoever wrote them."""

from canbao.procedures.reading.opening import open_log

__all__ = ["open_log"]
