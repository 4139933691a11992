"""Cards as files: what was published comes out of them, what cannot be is refused with line and remedy."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from canbao.errors import InputError
from canbao.evidence.countries import (
    ACCESSES,
    BRANCHES,
    STATUSES,
    Branch,
    Card,
    Wage,
    contributions,
    country_name,
    read_card,
    read_cards,
    status_of,
)
from canbao.evidence.countries.card import shipped
from canbao.evidence.countries.contributions import crosswalk
from canbao.law import calculate

EVERY = [path.stem for path in shipped()]
BY_NAME = {path.stem: path for path in shipped()}


def card(country: str, branch: Branch) -> Card:
    return next(one for one in read_cards() if (one.country, one.branch) == (country, branch))


def workers(status: str = "platform_workers", **columns: object) -> pl.DataFrame:
    size = len(next(iter(columns.values())))  # type: ignore[arg-type]
    return pl.DataFrame({"status": [status] * size, **columns})


# --- what was published ---------------------------------------------------------------------------------------------------


def test_singapore_s_published_example() -> None:
    """4,000 by motorcycle, less 35 %, is 2,600; 37 % of it is 962: 520 from the worker, 442 from the operator."""
    rider = workers(receipts_month=[4000.0], platform_type=["food_delivery"], age=[30])
    # Their rider has a motorcycle; ours have bicycles, whose expenses are 20 %.
    assert contributions(card("SG", "pensions"), rider, year=2029)["total"][0] == pytest.approx(3200 * 0.37)
    own = workers(income_month=[2600.0], platform_type=["food_delivery"], age=[30])
    found = contributions(card("SG", "pensions"), own, year=2029).row(0, named=True)
    assert (found["worker"], found["hirer"], found["total"]) == pytest.approx((520, 442, 962))


def test_singapore_by_motorcycle_from_receipts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(crosswalk().vehicle, "food_delivery", "motorcycle")
    rider = workers(receipts_month=[4000.0], platform_type=["food_delivery"], age=[30])
    found = contributions(card("SG", "pensions"), rider, year=2029).row(0, named=True)
    assert (found["worker"], found["hirer"], found["total"]) == pytest.approx((520, 442, 962))


def test_singapore_s_rates_rise_year_by_year() -> None:
    rider = workers(income_month=[1000.0], platform_type=["courier"], age=[30])
    paths = {2025: (105, 35), 2026: (130, 70), 2027: (155, 105), 2028: (180, 140), 2029: (200, 170), 2035: (200, 170)}
    for year, expected in paths.items():
        found = contributions(card("SG", "pensions"), rider, year=year).row(0, named=True)
        assert (found["worker"], found["hirer"]) == pytest.approx(expected), year


def test_singapore_s_ceiling_thresholds_and_ages() -> None:
    many = workers(income_month=[20000.0, 600.0, 40.0, 1000.0], platform_type=["courier"] * 4, age=[30, 30, 30, 50])
    found = contributions(card("SG", "pensions"), many, year=2029)
    assert found["worker"][0] == pytest.approx(8500 * 0.20)
    assert found.select("worker", "hirer").row(1) == pytest.approx((0, 600 * 0.17))
    assert found.select("worker", "hirer").row(2) == (0, 0)
    assert found["access"].to_list() == ["must", "must", "must", "may"]
    assert found["total"][3] is None


def test_malaysia_s_premium_table() -> None:
    """13.10, 19.40, 36.90 and 49.40 a month; 157.20, 232.80, 442.80 and 592.80 a year."""
    # Who must join among the self-employed depends on the trade: what they would pay is asked of the charges.
    own = card("MY", "injury")
    cover = own.file.covers
    assert cover is not None
    opened = own.file.model_copy(
        update={"covers": {**cover, "self_employed": cover["self_employed"].model_copy(update={"access": "voluntary"})}}
    )
    asked = Card("MY", "injury", opened, own.path)
    found = contributions(asked, workers("self_employed", income_month=[1050.0, 1550.0, 2950.0, 3950.0]))["worker"]
    assert found.to_list() == pytest.approx([13.10, 19.40, 36.90, 49.40])
    assert [12 * one for one in found] == pytest.approx([157.20, 232.80, 442.80, 592.80])
    between = contributions(asked, workers("self_employed", income_month=[400.0, 2000.0, 90000.0]))["worker"]
    assert between.to_list() == pytest.approx([13.10, 19.40, 49.40])


def test_malaysia_deducts_from_each_ride_and_asks_for_the_lowest_plan() -> None:
    found = contributions(card("MY", "injury"), workers(income_month=[4000.0, 500.0]))["worker"]
    assert found.to_list() == pytest.approx([50.0, 13.125])


@pytest.mark.parametrize(
    ("income", "quota"),
    [(600, 200), (900, 220), (1100, 260), (1300, 291), (1400, 294), (1700, 294), (1800, 350), (2000, 370), (2330, 390),
     (2700, 415), (3000, 440), (3620, 465), (4000, 490), (6000, 530), (9000, 590)],
)  # fmt: skip
def test_spain_s_published_quotas(income: float, quota: float) -> None:
    found = contributions(card("ES", "pensions"), workers("self_employed", income_month=[float(income)]))
    assert found["worker"][0] == pytest.approx(quota, abs=0.01)


def test_indonesia_s_lowest_premium() -> None:
    """Work accident at least 10,000 rupiah, death 6,800: 16,800 together."""
    found = contributions(card("ID", "injury"), workers("self_employed", income_month=[900_000.0, 3_000_000.0]))
    assert found["worker"].to_list() == pytest.approx([16_800, 36_800])
    assert set(found["access"]) == {"may"}


def test_brazil_s_contribution() -> None:
    """5 % of the minimum wage of 2026, 81.05 reais; truckers 12 %."""
    found = contributions(card("BR", "pensions"), workers("self_employed", income_month=[4000.0]))
    assert found["worker"][0] == pytest.approx(81.05)


def test_france_charges_receipts_and_chile_s_rate_rises() -> None:
    found = contributions(card("FR", "pensions"), workers(receipts_month=[1000.0], platform_type=["freelance"]))
    assert found["worker"][0] == pytest.approx(212)
    rates = [
        contributions(card("CL", "pensions"), workers(receipts_month=[1000.0], platform_type=["freelance"]), year=year)[
            "worker"
        ][0]
        for year in (2025, 2026, 2027, 2028)
    ]
    assert rates == pytest.approx([145, 152.5, 160, 170])


def test_our_own_card_is_the_law_s() -> None:
    """What the card takes of flexible workers and employees is what the rules of the law room take."""
    incomes = [3000.0, 7000.0, 50000.0]
    law = calculate(
        pl.DataFrame({"province": ["42"] * 3, "year": [2025] * 3, "contribution_base": incomes, "base_floor": [4200.0] * 3,
                      "base_ceiling": [21000.0] * 3}),
        ["flexible_contribution_month", "worker_contribution_month", "employer_contribution_month"],
    )  # fmt: skip
    wage = Wage(np.array([7000.0] * 3), np.array([2100.0] * 3))
    own = contributions(card("CN", "pensions"), workers(income_month=incomes), wage)
    assert own["worker"].to_list() == pytest.approx(law["flexible_contribution_month"].to_list())
    hired = contributions(card("CN", "pensions"), workers("employees", income_month=incomes), wage)
    assert hired["worker"].to_list() == pytest.approx(law["worker_contribution_month"].to_list())
    assert hired["hirer"].to_list() == pytest.approx(law["employer_contribution_month"].to_list())


def test_mexico_covers_from_one_minimum_wage() -> None:
    found = contributions(card("MX", "pensions"), workers(income_month=[9582.47, 9582.46, None]))
    assert found["access"].to_list() == ["must", "may_not", "unknown"]
    assert found["total"].to_list() == [None, 0, None]


# --- what must hold of any card -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_every_card_can_be_read_and_says_where_it_is_from(name: str) -> None:
    found = read_card(BY_NAME[name])
    assert found.name.en and found.name.zh
    assert name.endswith(f"-{found.branch}")
    assert found.file.sources or found.file.confidence == "memory"


def test_matrix_knows_each_country_once() -> None:
    cards = read_cards()
    keys = [(one.country, one.branch) for one in cards]
    assert len(set(keys)) == len(keys)
    assert [one.branch for one in cards] == sorted((one.branch for one in cards), key=BRANCHES.index)
    for branch in BRANCHES:
        assert next(one for one in cards if one.branch == branch).country == "CN"
    assert {one.access(status) for one in cards for status in STATUSES} <= {*ACCESSES, None}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=6), st.sampled_from(STATUSES), st.floats(100, 1e5))
def test_payers_add_up_and_nobody_outside_pays(incomes: list[float], status: str, average: float) -> None:
    wage = Wage(np.full(len(incomes), average), np.full(len(incomes), 0.3 * average))
    table = workers(status, income_month=incomes, platform_type=["courier"] * len(incomes), age=[28] * len(incomes))
    for one in read_cards():
        if one.branch == "administration":
            continue
        found = contributions(one, table, wage)
        for row in found.iter_rows(named=True):
            if row["access"] == "may_not":
                assert row["total"] == 0
            if row["total"] is not None:
                assert row["total"] == pytest.approx(row["worker"] + row["hirer"] + row["state"])
                assert min(row["worker"], row["hirer"], row["state"]) >= 0
            if one.runs(status) and row["access"] in ("must", "may"):  # type: ignore[arg-type]
                assert (row["total"] is None) == (one.file.average_wage is None and one.file.currency == "JPY")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(10, 1e5), min_size=1, max_size=6), st.floats(0.1, 50))
def test_wages_carry_laws_over_whatever_the_currency(incomes: list[float], factor: float) -> None:
    """Twice the money on both sides is twice the contribution: only earnings in terms of wages count."""
    for country in ("ES", "SG", "CN"):
        size = len(incomes)
        one, many = (
            contributions(
                card(country, "pensions"),
                workers(
                    income_month=[times * income for income in incomes], platform_type=["courier"] * size, age=[28] * size
                ),
                Wage(np.full(size, 5000.0 * times), np.full(size, 1500.0 * times)),
            )
            for times in (1.0, factor)
        )
        assert many["total"].to_numpy() == pytest.approx(one["total"].to_numpy() * factor)


def test_who_is_what_elsewhere() -> None:
    frame = pl.DataFrame(
        {
            "relation": ["labour", "civil", "civil", "incomplete", "civil", None],
            "platform_worker": ["yes", "yes", "no", "no", "no", None],
            "work_status": ["dependent_contractor", "own_account", "casual_employee", "own_account", None, None],
        }
    )
    expected = ["employees", "platform_workers", "employees", "self_employed", "self_employed", None]
    assert status_of(frame) == expected


def test_unknown_ages_and_kinds_leave_access_open() -> None:
    table = workers(income_month=[3000.0] * 3, platform_type=["courier", None, "streaming"], age=[None, 30, 30])
    assert contributions(card("SG", "pensions"), table)["access"].to_list() == ["unknown", "unknown", "unknown"]


def test_platform_workers_whom_no_rule_names_are_self_employed() -> None:
    table = workers(income_month=[3000.0] * 2, platform_type=["courier", "streaming"])
    found = contributions(card("DE", "injury"), table)
    assert found["status"].to_list() == ["platform_workers", "self_employed"]
    assert found["access"].to_list() == ["must", "may"]


# --- hostile cards --------------------------------------------------------------------------------------------------------

GOOD = {
    "country": "UY",
    "branch": "pensions",
    "scheme": {"en": "A scheme", "zh": "某制度"},
    "year": 2025,
    "confidence": "reported",
    "sources": ["https://example.org"],
    "currency": "UYU",
    "covers": {
        "employees": {"access": "mandatory"},
        "platform_workers": {"access": "voluntary"},
        "self_employed": {"access": None},
    },
    "contributions": [{"of": ["platform_workers"], "payer": "worker", "rate": 0.1, "base": {"of": "net"}}],
}


def written(folder: Path, name: str = "card.yaml", **changes: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    content = {key: value for key, value in {**GOOD, **changes}.items() if value != "gone"}
    path = folder / name
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def charge(**changes: object) -> list[dict[str, object]]:
    one = {"of": ["platform_workers"], "payer": "worker", "rate": 0.1, "base": {"of": "net"}} | changes
    return [{key: value for key, value in one.items() if value != "gone"}]


def test_the_good_card_is_good(tmp_path: Path) -> None:
    assert read_card(written(tmp_path)).country == "UY"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"contributions": charge(base="gone")}, "a rate but no base"),
        ({"branch": "pension"}, "no branch pension. Did you mean pensions"),
        ({"country": "XX1"}, "no country XX1"),
        ({"country": "ZZ9"}, "no country"),
        ({"currency": "EURO"}, "no currency EURO"),
        ({"currency": "gone", "contributions": charge(rate="gone", base="gone", amount=5)}, "amounts but no currency"),
        ({"year": 2999}, "The year 2999 has not begun"),
        ({"sources": []}, "names no source"),
        ({"covers": "gone"}, "says under covers"),
        ({"covers": {"employees": {"access": "mandatory"}}}, "does not say how platform workers"),
        ({"branch": "administration"}, "says under collection"),
        ({"contributions": charge(amount=5)}, "not both"),
        ({"contributions": charge(rate={})}, "names no rate"),
        ({"contributions": charge(rate=12)}, "rate"),
        ({"contributions": charge(rate=-0.1)}, "rate"),
        ({"contributions": charge(payer="boss")}, "payer"),
        ({"contributions": charge(of=["platform"])}, "platform_workers"),
        ({"contributions": charge(of=[])}, "of"),
        ({"contributions": charge(ages=[60, 16])}, "first age is above"),
        ({"contributions": charge(base={"of": "net", "floor": 10, "ceiling": 5})}, "floor is above"),
        ({"contributions": charge(base={"of": "chosen"})}, "needs its tiers"),
        ({"contributions": charge(base={"of": "net", "tiers": [1]})}, "Only a base that is chosen"),
        ({"contributions": charge(base={"of": "chosen", "tiers": [2, 1]})}, "have to rise"),
        ({"contributions": charge(base={"of": "band"})}, "needs its bands"),
        ({"contributions": charge(base={"of": "band", "bands": [[1, 1], [2, 2]]})}, "last band"),
        ({"contributions": charge(base={"of": "band", "bands": [[2, 1], [1, 1], [None, 2]]})}, "have to rise"),
        ({"contributions": charge(base={"of": "net", "floor": {"average_wages": 1, "minimum_wages": 1}})}, "either"),
        ({"contributions": charge(base={"of": "net", "floor": {}})}, "either"),
        ({"contributions": charge(base={"of": "net", "expenses": {"horse": 0.2}})}, "horse"),
        ({"contributions": charge(rate_of_kinds={"food": 0.2})}, "no kind of platform work food"),
        ({"contributions": charge(base={"of": "income"})}, "income"),
        ({"arrangement": "malaysia"}, "no injury arrangement malaysia"),
        ({"surprise": 1}, "surprise"),
        ({"covers": {**GOOD["covers"], "platform_workers": {"access": "none"}}}, "whom it does not let in"),  # type: ignore[dict-item]
        ({"covers": {**GOOD["covers"], "self_employed": {"access": "perhaps"}}}, "perhaps"),  # type: ignore[dict-item]
        ({"covers": {**GOOD["covers"], "platform_workers": {"access": "mandatory", "kinds": ["taxi"]}}}, "no kind"),  # type: ignore[dict-item]
    ],
    ids=lambda one: str(one)[:44] if isinstance(one, str) else "",
)
def test_what_cannot_be_is_refused(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_card(written(tmp_path, **changes))
    assert said in str(caught.value)
    assert "card.yaml:" in str(caught.value)


def test_a_rate_without_a_base_is_named_by_line(tmp_path: Path) -> None:
    path = written(tmp_path, contributions=charge(base="gone"))
    line = next(at for at, text in enumerate(path.read_text().splitlines(), 1) if text.startswith("- of:"))
    with pytest.raises(InputError) as caught:
        read_card(path)
    (fault,) = caught.value.faults
    assert fault.place.line == line
    assert "按什么的比例" in fault.what.zh


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_card(written(tmp_path, country="XX1", year=2999, sources=[], contributions=charge(base="gone")))
    assert len(caught.value.faults) == 4


def test_two_cards_of_one_country_and_branch(tmp_path: Path) -> None:
    folder = tmp_path / "evidence" / "countries"
    written(folder, "a.yaml")
    written(folder, "b.yaml")
    with pytest.raises(InputError, match=r"Uruguay has two cards on pensions; the other is a.yaml"):
        read_cards(tmp_path)


def test_a_study_s_own_card_takes_the_place_of_ours(tmp_path: Path) -> None:
    written(tmp_path / "evidence" / "countries")
    own = next(one for one in read_cards(tmp_path) if (one.country, one.branch) == ("UY", "pensions"))
    assert own.file.scheme.en == "A scheme"
    assert len(read_cards(tmp_path)) == len(read_cards())


def test_faulty_cards_of_a_study_are_all_named(tmp_path: Path) -> None:
    folder = tmp_path / "evidence" / "countries"
    written(folder, "a.yaml", year=2999)
    written(folder, "b.yaml", country="Q")
    (folder / "c.yaml").write_text("- not\n- a card\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cards(tmp_path)
    assert len(caught.value.faults) == 3


def test_a_table_needs_an_income() -> None:
    with pytest.raises(InputError, match="neither income_month nor receipts_month"):
        contributions(card("ES", "pensions"), pl.DataFrame({"status": ["self_employed"]}))
    with pytest.raises(InputError, match="no status boss"):
        contributions(card("ES", "pensions"), workers("boss", income_month=[1.0]))


def test_countries_have_names_in_both_languages() -> None:
    assert country_name("SG").zh == "新加坡"
