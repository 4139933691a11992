"""The legal map says what the law of a day says: no ground that is yet to come, and the documents in force."""

import datetime

import pytest

from canbao.chapters.legal_access import _basis, _ground_rule, grounds_on
from canbao.law.access.rules import Ground

SURVEY, TODAY = datetime.date(2021, 6, 30), datetime.date(2026, 7, 1)


@pytest.mark.parametrize(
    ("branch", "ground", "then", "now"),
    [
        ("employees_pension_access", Ground.NO_LOCAL_HUKOU, True, False),
        ("maternity_access", Ground.MATERNITY_OPENED, False, True),
        ("order_protection_access", Ground.TAKES_ORDERS, False, True),
        ("order_protection_access", Ground.NOT_YET_IN_FORCE, True, False),
        ("work_injury_access", Ground.UNIT_MAY_ENROL, True, True),
        ("residents_pension_access", Ground.STUDENT, True, True),
        ("unemployment_access", Ground.NO_LABOUR_RELATION, True, True),
    ],
)
def test_a_ground_is_listed_where_the_law_of_the_day_has_it(branch: str, ground: Ground, then: bool, now: bool) -> None:
    assert (ground in grounds_on(SURVEY)[branch], ground in grounds_on(TODAY)[branch]) == (then, now)


def test_documents_are_those_in_force() -> None:
    injury, maternity = (_basis(_ground_rule(f"{branch}_access"), SURVEY).zh for branch in ("work_injury", "maternity"))
    assert "浙江省2019年11月" in injury and "试行办法" not in injury
    assert "国办发〔2019〕10号" in maternity and "国办发〔2024〕48号" not in maternity
    assert "试行办法" in _basis(_ground_rule("work_injury_access"), TODAY).zh


def test_a_law_to_come_is_said_to_be_so() -> None:
    basis = _basis(_ground_rule("order_protection_access"), SURVEY)
    assert "人社部发〔2021〕110号" in basis.zh and "2022年7月1日起施行" in basis.zh
    assert basis.en.endswith("not yet in force (from 1 July 2022)")
