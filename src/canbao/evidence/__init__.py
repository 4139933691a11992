"""What others found: the literature of a study and its citations."""

from canbao.evidence.literature import Literature, Work, read_literature

__all__ = ["Literature", "Work", "read_literature"]
