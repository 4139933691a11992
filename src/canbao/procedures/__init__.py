"""Administrative event logs: where cases wait, who drops out, which time limits break, and what would change it."""

from canbao.procedures.event_log import EventLog, Finding, ObjectTables
from canbao.procedures.reading import open_log

__all__ = ["EventLog", "Finding", "ObjectTables", "open_log"]
