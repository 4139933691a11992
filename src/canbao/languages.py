"""The two languages, and the catalogues that hold every sentence a user can see.

A catalogue is a YAML file beside the code that uses it, with both languages under each key:

    unknown_column:
      en: "There is no column {name}."
      zh: "没有名为 {name} 的列。"

Looking a key up gives `Words`, both languages at once, so that a report is computed once and printed twice.
"""

from __future__ import annotations

import datetime
import math
import os
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import yaml
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, Language] = ("en", "zh")
LOCALES: Mapping[Language, Locale] = {"en": Locale("en"), "zh": Locale("zh", script="Hans")}

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is there: catalogues are read at every start."""

UNKNOWN = "–"
"""What stands where nobody knows the value."""

Form = Literal["count", "percent", "points", "decimal", "decimal2", "decimal3", "plain"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number on its way into a sentence or a cell, with the form in which it is printed.

    Args:
        value: the number itself; None where it is unknown or suppressed.
        form: `percent` and `points` take shares (0.27 is printed as 27.0 % or 27.0); `count` rounds to whole numbers.
    """

    value: float | None
    form: Form = "count"

    def text(self, language: Language) -> str:
        """The number as that language prints it."""
        if self.value is None or not math.isfinite(self.value):
            return UNKNOWN
        text = self._formatted(LOCALES[language])
        # A hyphen is no minus sign, and zero has none.
        return text.replace("-", "−" if text.strip("-0.,%") else "")

    def _formatted(self, locale: Locale) -> str:
        value = self.value or 0.0
        match self.form:
            case "count":
                return str(format_decimal(round(value), format="#,##0", locale=locale))
            case "percent":
                return str(format_percent(value, format="#,##0.0%", locale=locale))
            case "points":
                return str(format_decimal(value * 100, format="#,##0.0", locale=locale))
            case "decimal":
                return str(format_decimal(value, format="#,##0.0", locale=locale))
            case "decimal2":
                return str(format_decimal(value, format="#,##0.00", locale=locale))
            case "decimal3":
                return str(format_decimal(value, format="0.000", locale=locale))
            case "plain":
                return f"{value:g}"


@dataclass(frozen=True, slots=True)
class Words:
    """The same words in every language."""

    en: str
    zh: str

    def __getitem__(self, language: Language) -> str:
        return self.en if language == "en" else self.zh

    def __str__(self) -> str:
        return self[spoken_language()]

    @classmethod
    def same(cls, text: str) -> Words:
        """Words that need no translation: a file name, a code, a proper name."""
        return cls(text, text)

    @classmethod
    def month(cls, day: datetime.date) -> Words:
        """The month of a day written out: November 2026, 2026年11月."""
        return cls(
            str(format_date(day, format="MMMM y", locale=LOCALES["en"])),
            str(format_date(day, format="y年M月", locale=LOCALES["zh"])),
        )

    @classmethod
    def day(cls, day: datetime.date) -> Words:
        """A calendar day written out: 23 November 2026, 2026年11月23日."""
        return cls(
            str(format_date(day, format="d MMMM y", locale=LOCALES["en"])),
            str(format_date(day, format="long", locale=LOCALES["zh"])),
        )


Fill = Words | Number | str | int


class Catalogue:
    """Sentences of one module or room, in both languages.

    Args:
        package: the package that holds the file, as `__package__`.
        name: the file's name without `.yaml`.
    """

    def __init__(self, package: str, name: str) -> None:
        self.package = package
        self.name = name

    @property
    def entries(self) -> Mapping[str, Words]:
        """Every key with its words."""
        return _entries(self.package, self.name)

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def __call__(self, key: str, /, **fills: Fill) -> Words:
        """The words of a key, its `{placeholders}` filled in each language's own form.

        Raises:
            KeyError: no such key, or a placeholder without a value: a fault of the code, not of the user.
        """
        words = self.entries[key]
        return Words(*(string.Formatter().vformat(words[one], (), _filled(fills, one)) for one in LANGUAGES))


def joined(parts: Iterable[Words], *, en: str = ", ", zh: str = "、") -> Words:
    """Several words as one list in each language."""
    listed = list(parts)
    return Words(en.join(part.en for part in listed), zh.join(part.zh for part in listed))


def within_sentence(words: Words) -> Words:
    """Words as they stand inside of a sentence: without the capital letter of a beginning, unless it belongs to a name."""
    first = words.en.split(" ", 1)[0]
    keeps = len(first) > 1 and first[1:] != first[1:].lower()
    return words if keeps or first in ("Bachelor's", "I") else Words(words.en[:1].lower() + words.en[1:], words.zh)


@cache
def _entries(package: str, name: str) -> Mapping[str, Words]:
    text = resources.files(package).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return {key: Words(entry["en"].strip(), entry["zh"].strip()) for key, entry in yaml.load(text, Loader=LOADER).items()}


def _filled(fills: Mapping[str, Fill], language: Language) -> dict[str, str]:
    return {name: _filled_in(fill, language) for name, fill in fills.items()}


def _filled_in(fill: Fill, language: Language) -> str:
    if isinstance(fill, Words):
        return fill[language]
    if isinstance(fill, Number):
        return fill.text(language)
    return str(fill)


def spoken_language() -> Language:
    """The language of the terminal: CANBAO_LANGUAGE, else the locale, else English."""
    for variable in ("CANBAO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if chosen := os.environ.get(variable):
            return "zh" if chosen.lower().startswith("zh") else "en"
    return "en"
