"""What cards cite: the institution and the work, not the address of whoever printed it."""

import pytest

from canbao.evidence.countries import read_cards
from canbao.evidence.countries.benchmarks import benchmarks
from canbao.evidence.countries.sources import is_address, source_title
from canbao.languages import Words


def cited() -> set[str]:
    """Every address that comes with the programme."""
    found: set[str] = set()
    for card in read_cards():
        wages = [one for one in (card.file.average_wage, card.file.minimum_wage) if one is not None]
        found |= {*card.file.sources, *(one.source for one in wages)}
    for one in benchmarks():
        found |= {value.source for value in (one.world, one.china) if value is not None}
    return {one for one in found if is_address(one)}


@pytest.mark.parametrize("address", sorted(cited()))
def test_every_source_is_called_by_its_institution_and_work(address: str) -> None:
    title = source_title(address)
    host = address.split("/")[2]
    assert host not in title.en and host not in title.zh
    assert title.en != title.zh and len(title.en.split()) > 3


def test_figures_of_the_ilo_are_called_the_ilo_s() -> None:
    published = [value for one in benchmarks() for value in (one.world, one.china) if value is not None]
    assert published
    for value in published:
        assert source_title(value.source).en.startswith("ILO") and source_title(value.source).zh.startswith("国际劳工组织")


def test_an_address_that_nobody_named_is_shown_by_its_host() -> None:
    assert source_title("https://www.example.org/a/b") == Words.same("example.org")
    assert source_title("Act No. 1") == Words.same("Act No. 1")
