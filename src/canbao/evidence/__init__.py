"""What others found and what was seen in the field: literature, interviews, local practice, recommendations."""

from canbao.evidence.citations import Citation, brackets, with_citations
from canbao.evidence.collected import Evidence, evidence_files, read_evidence
from canbao.evidence.literature.works import Literature, Work, read_literature

__all__ = [
    "Citation",
    "Evidence",
    "Literature",
    "Work",
    "brackets",
    "evidence_files",
    "read_evidence",
    "read_literature",
    "with_citations",
]
