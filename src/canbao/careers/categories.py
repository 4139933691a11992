"""The categories that the rules of life courses know."""

from __future__ import annotations

from canbao.engine import Category


class Activity(Category):
    """What somebody of working age does for most of a year."""

    EMPLOYEE = 0
    PLATFORM = 1
    NON_STANDARD = 2
    NOT_WORKING = 3
    COUNTRYSIDE = 4


class Scheme(Category):
    """The pension scheme that is paid into."""

    NONE = 0
    RESIDENT = 1
    FLEXIBLE = 2
    EMPLOYEE = 3


class Cause(Category):
    """Why a month of working age does not count in the employees' scheme."""

    NOT_WORKING = 0
    EMPLOYER = 1
    KEPT_OUT = 2
    CHOICE = 3
    PAUSED = 4


class RiskGroup(Category):
    """Kinds of work by the danger in them."""

    FOOD_DELIVERY = 0
    RIDE_HAILING = 1
    COURIER = 2
    FREIGHT = 3
    STREAMING = 4
    DOMESTIC = 5
    FREELANCE = 6
    OTHER_PLATFORM = 7
    CONSTRUCTION = 8
    OTHER = 9


class Outcome(Category):
    """What becomes of an injury."""

    NONE = 0
    TREATED = 1
    HOSPITAL = 2
    GRADE_10 = 3
    GRADE_9 = 4
    GRADE_8 = 5
    GRADE_7 = 6
    GRADE_6 = 7
    GRADE_5 = 8
    GRADE_4 = 9
    GRADE_3 = 10
    GRADE_2 = 11
    GRADE_1 = 12
    DEATH = 13


class Circumstance(Category):
    """When in the working day an injury happens."""

    ON_ORDER = 0
    BETWEEN_ORDERS = 1
    COMMUTING = 2
    ILLNESS = 3
