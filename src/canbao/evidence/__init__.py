"""What others found and what was seen in the field: literature, interviews, local practice, recommendations.

A study's evidence folder as a whole is read by `canbao.evidence.collected`; what stands here is what printing needs, too.
"""

from canbao.evidence.citations import Citation, brackets, with_citations
from canbao.evidence.literature.works import Literature, Work, read_literature

__all__ = ["Citation", "Literature", "Work", "brackets", "read_literature", "with_citations"]
