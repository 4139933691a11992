"""One document, five writers, two languages: every format of an edition says the same, number for number."""

from canbao.report.press import FORMATS, Format, write

__all__ = ["FORMATS", "Format", "write"]
