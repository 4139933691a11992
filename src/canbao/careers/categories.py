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
