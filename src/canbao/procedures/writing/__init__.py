"""Writing event logs so that other programs open them: XES and OCEL 2.0."""

from canbao.procedures.writing.ocel import write_ocel
from canbao.procedures.writing.xes import write_xes

__all__ = ["write_ocel", "write_xes"]
