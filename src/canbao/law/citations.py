"""Documents as people cite them, in both languages."""

from __future__ import annotations

from canbao.engine.parameters import citations
from canbao.languages import Catalogue, Words, joined
from canbao.law.lawbook import documents

say = Catalogue("canbao.law", "words")


def cited(basis: str | None) -> Words:
    """`social_insurance_law:16` as “Social Insurance Law, Order No. 35 …, art. 16” and “《…社会保险法》（…）第16条”.

    A document is named once, with all of its articles that are cited one after the other.
    """
    articles: dict[str, list[str]] = {}
    for name, article in citations(basis):
        articles.setdefault(name, []).append(article)
    return joined([_one(name, *numbers) for name, numbers in articles.items()], en="; ", zh="；")


def in_force_on(basis: str | None, month: str) -> str:
    """What of a basis had been issued by a month, as `2021-06`; documents without a date count as issued."""
    named = [(name, article) for name, article in citations(basis) if (documents()[name].date or "")[:7] <= month]
    return "; ".join(f"{name}:{article}" if article else name for name, article in named)


def address_of(source: str | None) -> str | None:
    """Where the first document of a citation was read."""
    named = citations(source)
    entry = documents().get(named[0][0]) if named else None
    return entry.address if entry else None


def _one(name: str, *articles: str) -> Words:
    title = documents()[name].named
    numbered = [one for one in articles if one.isdigit()]
    others = [one for one in articles if one and not one.isdigit()]
    english = [*([f"art. {', '.join(numbered)}"] if numbered else []), *others]
    chinese = [*(f"第{one}条" for one in numbered), *("附件" if one == "annex" else one for one in others)]
    return Words(", ".join([title.en, *english]), title.zh + "、".join(chinese))
