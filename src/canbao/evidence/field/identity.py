"""What would tell who somebody is, in texts that are to be published: numbers, addresses, names beside a role.

Nothing here understands a text. It finds what looks like an identity, however it is spaced or written, and leaves it to
people to put something general in its place. What looks like one and is none can be let through by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from canbao.evidence.field.names import COMPOUND, ENGLISH_ROLES, LIKE_NAMES, PINYIN, ROLES, SAYING, SURNAMES, TITLES

Kind = Literal[
    "email", "identity_number", "phone", "account", "number", "plate", "address", "coordinates", "birthday", "name"
]

PSEUDONYM = re.compile(
    r"\s*[(\[]?\s*(化名|a pseudonym|pseudonym|name changed|not (his|her|their) real name)", re.IGNORECASE
)
"""What may follow a name that is made up."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Something that looks like an identity.

    Args:
        kind: of what it looks like.
        start: where in the text it begins.
        text: as written.
    """

    kind: Kind
    start: int
    text: str


def traces(text: str, allowed: Collection[str] = ()) -> list[Trace]:
    """All that looks like an identity, in the order of the text, none within another.

    Args:
        text: as people wrote it.
        allowed: what only looks like one, as written.
    """
    plain, at = _plain(text)
    found: list[tuple[int, int, Kind]] = []
    taken = bytearray(len(plain))
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(plain):
            start, end = match.span("it") if "it" in pattern.groupindex else match.span()
            if kind == "name" and PSEUDONYM.match(plain, match.end()):
                continue
            if not any(taken[start:end]):
                found.append((start, end, kind))
                taken[start:end] = b"\x01" * (end - start)
    marked = ((at[start], at[end - 1] + 1, kind) for start, end, kind in sorted(found))
    told = [Trace(kind, start, text[start:end]) for start, end, kind in marked]
    return [one for one in told if not any(_is_allowed(one.text, name) for name in allowed)]


def _is_allowed(text: str, name: str) -> bool:
    """A name lets through what it holds, and what is little longer than itself."""
    return text in name or (name in text and 2 * len(name) >= len(text))


# --- one way of writing ---------------------------------------------------------------------------------------------------

_CHINESE_DIGITS = dict(zip("〇零一二三四五六七八九幺两", "0012345678912", strict=True))
_SPOKEN = re.compile(f"[{''.join(_CHINESE_DIGITS)}]{{7,}}")


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in one width, without marks that nobody sees, spoken digits as digits; and where each character stood."""
    characters, at = [], []
    for position, one in enumerate(text):
        if unicodedata.category(one) == "Cf":
            continue
        for part in unicodedata.normalize("NFKC", one):
            characters.append(part)
            at.append(position)
    plain = "".join(characters)
    return _SPOKEN.sub(lambda run: "".join(_CHINESE_DIGITS[one] for one in run[0]), plain), at


# --- numbers and addresses ------------------------------------------------------------------------------------------------

_GAP = r"[\s\-–—.·_/]{0,2}"
"""What people put between digits so that no machine finds them."""


def _times(count: int) -> str:
    """So many digits, however they are spaced."""
    return rf"\d(?:{_GAP}\d){{{count - 1}}}"


_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = r"(?<!\d)(?<!\d[-.])", r"(?!\d)"
_DAY = r"(?:19|20)\d{2}\s?(?:年|[.\-/])\s?\d{1,2}\s?(?:月|[.\-/])\s?\d{1,2}"
_ENGLISH_DAY = r"(?:\d{1,2}(?:st|nd|rd|th)?\s[A-Z][a-z]+,?\s\d{4}|[A-Z][a-z]+\s\d{1,2},?\s\d{4}|\d{4}-\d{2}-\d{2})"
_OWN_NUMBERS = (
    r"微信号?|WeChat(?: ID)?|QQ号?|工号|骑手编号|员工编号|订单号|工单号|保单号|社保号|社会保障号码?|病历号|案号"
    r"|(?:staff|rider|order|policy) (?:ID|no\.?|number)"
)
_STREETS = "路|街|道|巷|弄|胡同|里|村|镇|小区|花园|公寓|大厦|新村|家园|苑"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼港澳"

# --- names ----------------------------------------------------------------------------------------------------------------

_GIVEN = r"[\u4e00-\u9fff]{1,2}"
_NAME = rf"(?!{LIKE_NAMES})(?:(?:{COMPOUND}){_GIVEN}|[{SURNAMES}]{_GIVEN})"
_AFTER = rf"(?=$|[\s,.;:!?、。()(){{}}\[\]\"'“”‘’《》]|{SAYING})"
_LATIN = rf"(?:{PINYIN})\s[A-Z][a-z]+"

PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "email",
        re.compile(
            r"(?<![A-Za-z0-9_.+\-])[A-Za-z0-9_.+\-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[A-Za-z0-9\-]{1,63}"
            r"(?:\s?(?:\.|\(dot\)|\[dot\])\s?[A-Za-z\-]{2,24}){1,4}"
        ),
    ),
    ("identity_number", re.compile(rf"{_NO_DIGIT_BEFORE}{_times(17)}{_GAP}[\dXx](?![\dA-Za-z])")),
    ("account", re.compile(rf"{_NO_DIGIT_BEFORE}{_times(16)}(?:{_GAP}\d){{0,3}}{_NO_DIGIT_AFTER}")),
    ("identity_number", re.compile(rf"{_NO_DIGIT_BEFORE}{_times(15)}{_NO_DIGIT_AFTER}")),
    ("phone", re.compile(rf"(?<!\d)(?:\+?\s?0{{0,2}}86{_GAP})?1{_GAP}[3-9]{_GAP}{_times(9)}{_NO_DIGIT_AFTER}")),
    ("phone", re.compile(rf"(?<!\d)\(?0\d{{2,3}}\)?{_GAP}[2-9]{_GAP}{_times(6)}(?:{_GAP}\d)?{_NO_DIGIT_AFTER}")),
    ("phone", re.compile(rf"(?<!\w)\+\s?\d{{1,3}}{_GAP}{_times(7)}(?:{_GAP}\d){{0,4}}{_NO_DIGIT_AFTER}")),
    ("coordinates", re.compile(r"(?<!\d)\d{1,3}\.\d{4,}\s*°?\s*[NSEW]?\s*[,;、\s]\s*\d{1,3}\.\d{4,}")),
    (
        "plate",
        re.compile(
            rf"[{_PROVINCES}]\s?[A-HJ-NP-Z]\s?[·.\- ]?\s?(?=[A-HJ-NP-Z0-9]*\d)[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警]"
        ),
    ),
    (
        "number",
        re.compile(
            rf"(?:{_OWN_NUMBERS})\s*(?:是|为|is)?\s*[:#]?\s*(?=[A-Za-z_\-]*\d|[A-Za-z]\w*[_\-])[A-Za-z0-9_\-]{{5,}}",
            re.IGNORECASE,
        ),
    ),
    (
        "address",
        re.compile(
            rf"(?:{_STREETS})[\u4e00-\u9fff]{{0,6}}?\s?"
            r"\d{1,5}\s?(?:弄|号楼|号院|号|栋|楼|幢|单元|室|层|座)"
            r"|\d{1,4}\s?(?:号楼|栋|幢|座)\s?\d{0,2}\s?(?:单元)?\s?\d{2,5}\s?(?:室|号|房)?"
        ),
    ),
    (
        "address",
        re.compile(
            r"\b(?:No\.?\s?)?\d{1,5}[A-Za-z]?,?\s(?:[A-Z][\w'\-]*\s){1,4}(?:Road|Rd|Street|St|Avenue|Ave|Lane|Alley|Boulevard|Blvd)\b"
            r"|\b(?:Room|Flat|Apartment|Apt|Unit|Building|Block)\s?(?:No\.?\s?)?\d{1,5}[A-Za-z]?\s?,\s?(?:[A-Z]|\d)"
        ),
    ),
    (
        "birthday",
        re.compile(
            rf"{_DAY}\s?日?\s?(?:出生|生于|生人|生日|生(?!活|产|病|意))|(?:出生于|生于|生日(?:是|为)?)\s?{_DAY}"
            rf"|\bborn (?:on )?{_ENGLISH_DAY}"
        ),
    ),
    ("name", re.compile(rf"(?:{ROLES})[:\s]?(?P<it>{_NAME}){_AFTER}")),
    ("name", re.compile(rf"(?<![\u4e00-\u9fff])(?P<it>{_NAME})(?:{TITLES}|{ROLES})")),
    (
        "name",
        re.compile(
            rf"(?P<it>(?:{COMPOUND}|(?<![老小阿])[{SURNAMES}])(?:师傅|先生|女士|小姐|太太|同志|某某|某(?=[\s,。、,.;]|说|称|$)))"
        ),
    ),
    (
        "name",
        re.compile(rf"(?:我叫|我是|名叫|叫做|姓名:?|本名|真名(?:是|叫)?)\s?(?P<it>{_NAME}){_AFTER}"),
    ),
    (
        "name",
        re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mister|Madam|Master|Shifu|Dr)\.?\s(?P<it>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)"),
    ),
    (
        "name",
        re.compile(
            rf"\b(?i:{ENGLISH_ROLES}),?\s(?:called\s|named\s)?"
            rf"(?P<it>(?:{PINYIN})(?:\s[A-Z][a-z]+)?)\b(?!\s(?:Province|City|County|District))"
        ),
    ),
    (
        "name",
        re.compile(
            rf"\b(?P<it>{_LATIN}),?\s(?:\(?\d{{2}}\)?,?\s)?(?:an?\s|the\s|our\s|my\s)?(?:\w+\s)?(?:{ENGLISH_ROLES})\b"
        ),
    ),
    (
        "name",
        re.compile(r"\b(?:[Mm]y name is|I am called|[Hh]er name is|[Hh]is name is)\s(?P<it>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)"),
    ),
)
"""By kind, the surer ones first: what one of them has found is no other's."""
