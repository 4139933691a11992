"""What others found: the literature of a study and its citations."""

from canbao.evidence.citations import Citation, brackets, with_citations
from canbao.evidence.literature import Literature, Work, read_literature

__all__ = ["Citation", "Literature", "Work", "brackets", "read_literature", "with_citations"]
