"""The categories that rules know; their keys are those of the vocabulary."""

from __future__ import annotations

from canbao.engine import Category


class Sex(Category):
    """As registered."""

    MALE = 0
    FEMALE = 1


class WorkerClass(Category):
    """What a woman's retirement age depends on."""

    CADRE = 0
    WORKER = 1
    FLEXIBLE = 2


class Relation(Category):
    """With whom one works, as the guiding opinions of 2021 part it."""

    LABOUR = 0
    INCOMPLETE = 1
    CIVIL = 2


class Hukou(Category):
    """The kind of household registration."""

    AGRICULTURAL = 0
    NON_AGRICULTURAL = 1


class HukouLocality(Category):
    """Where the household registration is, seen from the place of work."""

    LOCAL = 0
    SAME_PROVINCE = 1
    OTHER_PROVINCE = 2


class Access(Category):
    """What the law says about joining a branch."""

    MUST = 0
    MAY = 1
    MAY_NOT = 2


class RiskStep(Category):
    """Where an employer's floating injury rate stands."""

    HALF = 0
    EIGHTY = 1
    BASE = 2
    ONE_TWENTY = 3
    ONE_FIFTY = 4


class NursingLevel(Category):
    """How far an injured worker depends on care."""

    NONE = 0
    FULL = 1
    MOST = 2
    PART = 3


class OrderSector(Category):
    """Sectors of order-based injury protection."""

    RIDE_HAILING = 0
    FOOD_DELIVERY = 1
    INSTANT_DELIVERY = 2
    CITY_FREIGHT = 3


class Shortfall(Category):
    """What is open to someone at retirement age, in the order of the law."""

    DRAW = 0
    CONTINUE_PAYING = 1
    PAY_IN_ONE_SUM = 2


class BenefitPlace(Category):
    """Where someone who paid in several places draws the pension."""

    HUKOU_PLACE = 0
    PRESENT_PLACE = 1
    EARLIER_PLACE = 2
