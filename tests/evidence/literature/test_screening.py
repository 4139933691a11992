"""Screening: decisions as people make them, and a flow whose boxes add up."""

import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.evidence.literature.screening import REASONS, STAGES, Flow, Screening, open_duplicates, read_screening
from canbao.evidence.literature.works import Work

HEADER = "record,stage,decision,reason,by,date"


def screening(folder: Path, *lines: str, records: str = "a b c d e f", searches: str = "") -> Screening:
    (folder / "screening.csv").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    if searches:
        (folder / "searches.yaml").write_text(searches, encoding="utf-8")
    return read_screening(folder, records.split())


def line(record: str, stage: str, reason: str = "", by: str = "A") -> str:
    return f"{record},{stage},{'exclude' if reason else 'include'},{reason},{by},2026-01-31"


# --- PRISMA ---------------------------------------------------------------------------------------------------------------


def adds_up(flow: Flow) -> bool:
    """The arithmetic of the PRISMA 2020 flow diagram, from top to bottom."""
    return (
        sum(flow.identified.values()) == sum(flow.removed.values()) + flow.screened + flow.unscreened
        and flow.screened == flow.excluded + flow.sought
        and flow.sought == flow.not_retrieved + flow.assessed + flow.waiting
        and flow.assessed == sum(flow.reasons.values()) + flow.included
        and min(flow.unscreened, flow.waiting, flow.excluded, flow.included) >= 0
    )


def test_a_flow_counted_by_hand(tmp_path: Path) -> None:
    """Of twelve found four were removed beforehand and two in the file; one is not screened yet, one not read yet."""
    searches = """
        searches:
          - {source: {en: CNKI, zh: 中国知网}, kind: database, records: 9}
          - {source: {en: WoS, zh: WoS}, kind: database, records: 2}
          - {source: {en: ILO, zh: 国际劳工组织}, kind: organisation, records: 3}
        removed: {duplicate: 3, automation: 1}
    """
    found = screening(
        tmp_path,
        line("a", "identification", "duplicate"),
        line("b", "screening", "topic"),
        *(line(record, "screening") for record in "cdefgh"),
        line("c", "retrieval", "no_text"),
        *(line(record, "eligibility", "design") for record in "de"),
        line("f", "retrieval"),
        line("f", "eligibility", "outcome"),
        line("g", "eligibility"),
        records="a b c d e f g h i j",
        searches=searches,
    )
    flow = found.flow("a b c d e f g h i j".split())
    assert flow == Flow(
        identified={"database": 11, "organisation": 3},
        removed={"duplicate": 4, "automation": 1},
        unscreened=2,
        screened=7,
        excluded=1,
        sought=6,
        not_retrieved=1,
        waiting=1,
        assessed=4,
        reasons={"design": 2, "outcome": 1},
        included=1,
    )
    assert adds_up(flow) and found.included == {"g"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 7), min_size=1, max_size=25),
    st.dictionaries(st.sampled_from(["duplicate", "automation", "other"]), st.integers(0, 9)),
)
def test_every_flow_adds_up(tmp_path: Path, ways: list[int], removed: dict[str, int]) -> None:
    """However far each record came: removed, not screened, excluded, lost, waiting, left out, kept."""
    lines = []
    for at, way in enumerate(ways):
        record = f"r{at}"
        lines += [
            [line(record, "identification", "duplicate")],
            [],
            [line(record, "screening", "topic")],
            [line(record, "screening"), line(record, "retrieval", "no_text")],
            [line(record, "screening")],
            [line(record, "screening"), line(record, "eligibility", "design")],
            [line(record, "screening"), line(record, "eligibility")],
            [line(record, "screening"), line(record, "retrieval"), line(record, "eligibility")],
        ][way]
    records = [f"r{at}" for at in range(len(ways))]
    total = len(records) + sum(removed.values())
    searches = f"searches: [{{source: {{en: X, zh: X}}, kind: register, records: {total}}}]\nremoved: {removed}\n"
    flow = screening(tmp_path, *lines, records=" ".join(records), searches=searches).flow(records)
    assert adds_up(flow)
    assert flow.included == ways.count(6) + ways.count(7) and flow.unscreened == ways.count(1)
    assert sum(flow.identified.values()) == total


def test_searches_that_do_not_add_up(tmp_path: Path) -> None:
    searches = "searches:\n  - {source: {en: X, zh: X}, kind: database, records: 9}\nremoved: {duplicate: 2}\n"
    with pytest.raises(InputError, match=r"searches\.yaml:1:1: .*9.*2.*7.*6"):
        screening(tmp_path, searches=searches)


def test_nothing_there(tmp_path: Path) -> None:
    found = read_screening(tmp_path, ["a"])
    assert not found.done and found.agreement() == ()
    assert found.flow(["a"]).identified == {"bibliography": 1}


# --- two people -----------------------------------------------------------------------------------------------------------


def test_kappa_of_a_textbook(tmp_path: Path) -> None:
    """Fifty proposals, of which two readers want twenty, refuse fifteen and differ on fifteen: kappa 0.40."""
    records, lines = [], []
    for at, (first, second) in enumerate([(1, 1)] * 20 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 15):
        record = f"r{at}"
        records.append(record)
        lines += [
            line(record, "screening", "" if first else "topic"),
            line(record, "screening", "" if second else "topic", "B"),
        ]
        if first != second:
            lines.append(line(record, "screening", "topic", "consensus"))
    found = screening(tmp_path, *lines, records=" ".join(records))
    (agreement,) = found.agreement()
    assert (agreement.pairs, agreement.agreed) == (50, 35)
    assert agreement.kappa == pytest.approx(0.40)
    assert found.flow(records).excluded == 30


def test_all_alike_leaves_no_kappa(tmp_path: Path) -> None:
    found = screening(tmp_path, line("a", "screening"), line("a", "screening", by="B"))
    assert found.agreement()[0].kappa is None


# --- faults ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["zz,screening,include,,A,2026-01-31"], r"csv:2: The bibliography has no work zz"),
        (["a,screning,include,,A,2026-01-31"], "csv:2: .*Did you mean screening"),
        (["a,screening,maybe,,A,2026-01-31"], "csv:2: .*maybe"),
        (["a,screening,exclude,,A,2026-01-31"], "csv:2: An exclusion needs its reason"),
        (["a,screening,exclude,boring,A,2026-01-31"], "csv:2: .*boring"),
        (["a,screening,include,topic,A,2026-01-31"], "csv:2: .*Empty the cell"),
        (["a,identification,include,,A,2026-01-31"], "csv:2: .*Take this line away"),
        (["a,screening,include,,,2026-01-31"], "csv:2: .*by whom"),
        (["a,screening,include,,A,31/1/2026"], "csv:2: .*31/1/2026"),
        (["a,screening,include,,A"], "csv:2: .*5 cells"),
        ([line("a", "eligibility")], "csv:2: .*none at the stage screening"),
        ([line("a", "screening", "topic"), line("a", "eligibility")], "csv:3: .*left out at the stage screening in line 2"),
        ([line("a", "screening"), line("a", "screening", "topic", "B")], "csv:3: .*2, 3 differ"),
        ([line("a", "screening"), line("a", "screening", by="a")], "csv:3: .*line 2 already"),
        ([line("a", "identification", "duplicate"), line("a", "screening")], "csv:3: .*line 2"),
    ],
)
def test_decisions_that_cannot_be(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        screening(tmp_path, *lines)


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        screening(tmp_path, "zz,screening,include,,A,2026-01-31", "a,x,y,z,,")
    assert len(raised.value.faults) == 5


@pytest.mark.parametrize("content", ["", "a,b\n", "record;stage\n", '"unclosed', "\x00\x00", HEADER.upper() + "\n"])
def test_files_that_are_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "screening.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"screening\.csv"):
        read_screening(tmp_path, ["a"])


def test_a_reason_of_ones_own(tmp_path: Path) -> None:
    own = "reasons: {rural: {en: Rural, zh: 农村}}\n"
    found = screening(tmp_path, line("a", "screening", "rural"), searches=own)
    assert found.labels["rural"].zh == "农村" and set(REASONS) < set(found.labels)


def test_a_duplicate_that_screening_took_out_is_settled(tmp_path: Path) -> None:
    works = [Work(key, ("Li",), "2020", "Same", "", None, ()) for key in "ab"]
    assert len(open_duplicates(works, Screening())) == 1
    found = screening(tmp_path, line("b", "identification", "duplicate"))
    assert open_duplicates(works, found) == []
    assert found.decisions[0].date == datetime.date(2026, 1, 31) and STAGES[0] in found.settled["b"]
