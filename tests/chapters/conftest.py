"""The sample report as its chapters write it: drawn up twice like any, but without simulations, which take minutes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from canbao.chapters.document import Document, Row, Table
from canbao.chapters.estimates import CellRegister, Estimator
from canbao.languages import Number
from canbao.study import Study

SAMPLE = Path(__file__).parents[2] / "studies" / "sample"


@dataclass(frozen=True)
class SampleReport:
    """The study, what answers questions about it, and its report."""

    study: Study
    estimator: Estimator
    document: Document

    def table(self, key: str) -> Table:
        """The table of that name."""
        return next(table for table in self.document.tables() if table.key == key)

    def rows(self, key: str) -> dict[str, Row]:
        """A table's rows by their first words in English; of several the last."""
        return {str(row.cells[0].content.en): row for row in self.table(key).rows}  # type: ignore[union-attr]

    def numbers(self, *keys: str) -> list[float]:
        """Every number of some tables."""
        return list(numbers_of(self.table(key) for key in keys))


def numbers_of(tables: Iterable[Table]) -> Iterator[float]:
    for table in tables:
        for row in table.rows:
            for cell in row.cells:
                if isinstance(cell.content, Number) and cell.content.value is not None:
                    yield float(cell.content.value)


@pytest.fixture(scope="session")
def sample_report() -> SampleReport:
    study, register = Study(SAMPLE), CellRegister()
    estimator = Estimator(study.designs, study.table.vocabulary, register)
    study._draft(estimator, lambda _: None, simulated=False)
    register.close()
    draft = study._draft(estimator, lambda _: None, simulated=False)
    return SampleReport(study, estimator, draft.document)
