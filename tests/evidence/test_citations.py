"""Citations in a text: which brackets are some, and what they say."""

import pytest

from canbao.evidence import Citation, brackets, with_citations


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("as [@a] found", [(Citation("a"),)]),
        ("[@a; @b:c.1]", [(Citation("a"), Citation("b:c.1"))]),
        ("[@a, p. 3]", [(Citation("a", "p. 3"),)]),
        ("[@a，第3页；@b]", [(Citation("a", "第3页"), Citation("b"))]),
        ("[@a] and [@b, ch. 2, p. 3]", [(Citation("a"),), (Citation("b", "ch. 2, p. 3"),)]),
        ("[see @a]", [()]),
        ("[-@a]", [()]),
        ("[@a 3]", [()]),
        ("[@a; and more]", [()]),
        ("\\[@a]", []),
        ("`[@a]` and ``x`[@a]``", []),
        ("```\n[@a]\n```", []),
        ("[@a](https://example.org)", []),
        ("[me@example.org]", []),
        ("[a note] @ [ ]", []),
    ],
)
def test_what_is_a_citation(text: str, cited: list[tuple[Citation, ...]]) -> None:
    assert [one.citations for one in brackets(text)] == cited


def test_only_citations_are_replaced() -> None:
    text = "`[@a]` [@a; @b] [see @c] [@c]"
    printed = with_citations(text, lambda ones: None if ones[0].key == "c" else f"({len(ones)})")
    assert printed == "`[@a]` (2) [see @c] [@c]"
