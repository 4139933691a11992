"""What the log of one procedure tells: its way, its bottlenecks, its time limits, who drops out, and what it costs."""

from canbao.chapters.procedure.burden import recorded_burden
from canbao.chapters.procedure.section import IN_A_STUDY, procedure_document, procedure_section

__all__ = ["IN_A_STUDY", "procedure_document", "procedure_section", "recorded_burden"]
