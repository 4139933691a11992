"""Who works on platforms and is not covered: against the enrolment register, by platform, place and income."""

from canbao.exchange.coverage.tables import ProtectedTable, protected_tables
from canbao.exchange.coverage.uncovered import GAPS, uncovered, uncovered_registered

__all__ = ["GAPS", "ProtectedTable", "protected_tables", "uncovered", "uncovered_registered"]
