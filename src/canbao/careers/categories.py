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
