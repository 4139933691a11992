"""The law as a whole: compiled and plain runs agree, and every rule says what it is, in both languages, with its basis."""

import numpy as np
import pytest

from canbao.engine.parameters import citations
from canbao.law import lawbook
from canbao.law.cases import column_range

LAW = lawbook.model()
WORKERS = 400


def random_cases(seed: int) -> dict[str, np.ndarray]:
    """Every column that cases may have, within what can be true, its limits among them."""
    luck = np.random.default_rng(seed)
    made = {}
    for name, entry in lawbook.columns().items():
        if entry.kind == "place":
            continue
        kind = lawbook.kind_of_column(entry)
        low, high = column_range(name)
        if kind.category is not None:
            made[name] = luck.choice([int(one) for one in kind.category], WORKERS)
        elif kind.name == "bool":
            made[name] = luck.integers(0, 2, WORKERS)
        elif kind.name == "month":
            made[name] = luck.integers(1930 * 12, 2080 * 12, WORKERS)
        elif kind.name == "int":
            made[name] = luck.integers(low, min(high, 2060) + 1, WORKERS)
        else:
            values = luck.uniform(low, min(high, 60000), WORKERS)
            made[name] = np.where(luck.random(WORKERS) < 0.1, luck.choice([low, min(high, 60000)], WORKERS), values)
    made["place"] = luck.integers(0, len(lawbook.places().names), WORKERS)
    made["birth_month"] = luck.integers(1940 * 12, 2008 * 12, WORKERS)
    made["year"] = luck.integers(2008, 2060, WORKERS)
    return made


def award_columns(seed: int) -> dict[str, np.ndarray]:
    luck = np.random.default_rng(seed + 1)
    return {
        "retirement_month": luck.integers(2005 * 12, 2060 * 12, WORKERS),
        "contribution_index": luck.choice([0.0, 0.3, 0.6, 1.0, 3.0], WORKERS) + luck.uniform(0, 0.1, WORKERS),
        "contribution_years": np.round(luck.uniform(0, 45, WORKERS), 4),
        "account_balance": luck.uniform(0, 300000, WORKERS),
    }


def agree(left: np.ndarray, right: np.ndarray) -> bool:
    if left.dtype.kind == "f":
        return np.allclose(left, right, rtol=1e-12, atol=1e-9, equal_nan=True)
    return np.array_equal(left, right)


@pytest.fixture(scope="module")
def snapshots() -> tuple[object, object]:
    """Everything that can be had of cases as they stand."""
    columns = random_cases(11) | award_columns(11)
    del columns["month"], columns["first_contribution_month"]
    want = []
    for name in LAW.rules:
        if name not in columns:
            try:
                LAW.plan([name], set(columns) - {"place"})
            except Exception:
                continue
            want.append(name)
    compiled = LAW.run(columns, want, cautions=True)
    plain = LAW.run(columns, want, cautions=True, on="python")
    return compiled, plain


def test_compiled_and_plain_runs_agree_on_random_workers(snapshots: tuple[object, object]) -> None:
    compiled, plain = snapshots
    assert len(compiled.values) > 85
    assert [name for name in compiled.values if not agree(compiled[name], plain[name])] == []


def test_both_runs_beware_of_the_same_figures(snapshots: tuple[object, object]) -> None:
    compiled, plain = snapshots
    for name in set(compiled.cautions) | set(plain.cautions):
        none = np.zeros(WORKERS, dtype=np.uint8)
        assert np.array_equal(compiled.cautions.get(name, none), plain.cautions.get(name, none)), name


def test_compiled_and_plain_careers_agree() -> None:
    luck = np.random.default_rng(5)
    columns = {
        "place": luck.integers(0, len(lawbook.places().names), 60),
        "sex": luck.integers(0, 2, 60),
        "worker_class": luck.integers(0, 3, 60),
        "birth_month": luck.integers(1960 * 12, 1985 * 12, 60),
        "first_contribution_month": luck.integers(2016 * 12, 2024 * 12, 60),
        "deemed_years": luck.choice([0.0, 2.5], 60),
        "first_resident_payment_month": luck.integers(2016 * 12, 2024 * 12, 60),
        "only_child_parent": luck.integers(0, 2, 60),
        "resident_payment_year": luck.choice([0.0, 200.0, 3000.0], 60),
    }
    want = ["pension", "contribution_index", "contribution_years", "account_balance", "missing_contribution_months"]
    panel = ["paid_months", "insured_base", "pension_in_payment", "resident_account"]
    runs = [LAW.run(columns, want, years=(2016, 2055), panel=panel, on=on) for on in ("threads", "python")]
    for name in want:
        assert agree(runs[0][name], runs[1][name]), name
    for name in panel:
        assert agree(runs[0].panel[name], runs[1].panel[name]), name
    retired = runs[0].panel["pension_in_payment"][:, -1]
    assert (retired[~np.isnan(retired)] >= 0).all()


def test_every_rule_is_called_something_and_says_so_in_chinese() -> None:
    labels = lawbook.labels()
    for name, variants in LAW.rules.items():
        assert labels[name].label is not None, name
        for variant in variants:
            assert labels[variant.function.__name__].says, variant.function.__name__
            assert variant.description.endswith("."), variant.function.__name__
    functions = {variant.function.__name__ for variants in LAW.rules.values() for variant in variants}
    assert set(labels) - functions == set()


def test_every_rule_cites_documents_that_are_known() -> None:
    documents = lawbook.documents()
    for variants in LAW.rules.values():
        for variant in variants:
            assert {name for name, _ in citations(variant.basis)} <= set(documents), variant.function.__name__


def test_every_document_is_cited() -> None:
    cited = {name for variants in LAW.rules.values() for one in variants for name, _ in citations(one.basis)}
    for parameter in LAW.parameters.values():
        entry = parameter.entry
        cited |= {name for text in (entry.basis, entry.source) for name, _ in citations(text)}
        for dated in entry.values.values():
            for value in dated.values():
                cited |= {name for text in (value.basis, value.source) for name, _ in citations(text)}
    assert set(lawbook.documents()) - cited == set()


def test_every_parameter_is_used_by_some_rule() -> None:
    used = {argument for variants in LAW.rules.values() for one in variants for argument in one.arguments}
    used |= {fill.of for parameter in LAW.parameters.values() for fill in parameter.entry.fill if fill.of}
    assert set(LAW.parameters) - used == set()


def test_every_column_is_asked_by_some_rule() -> None:
    used = {argument for variants in LAW.rules.values() for one in variants for argument in one.arguments}
    assert {name for name, entry in lawbook.columns().items() if entry.kind != "place"} - used == set()


def test_no_yearly_figure_is_lost_between_two_published_ones() -> None:
    """A gap in a series by year would be filled without anybody having noticed."""
    for name in ("contribution_reference_wage", "benefit_reference_wage"):
        for place, dated in LAW.parameters[name].entry.values.items():
            if any(value.value is None for value in dated.values()):
                continue  # what is not known is said so
            years = sorted({int(month[:4]) for month in dated})
            assert years == list(range(years[0], years[-1] + 1)), (name, place)
