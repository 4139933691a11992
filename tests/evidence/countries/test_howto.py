"""The card that the documentation shows is a card."""

import re
from pathlib import Path

from canbao.evidence.countries import read_card

PAGE = Path(__file__).parents[3] / "docs" / "howto" / "add-a-country.md"


def test_the_card_of_the_page_can_be_read(tmp_path: Path) -> None:
    shown = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    path = tmp_path / "card.yaml"
    path.write_text(shown, encoding="utf-8")
    assert read_card(path).country == "SG"
