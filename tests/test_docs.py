"""What the documentation shows is what the program does."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from canbao.cli import run

ROOT = Path(__file__).parents[1]


def pages() -> dict[Path, str]:
    specification = importlib.util.spec_from_file_location("pages", ROOT / "docs" / "pages.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.pages()  # type: ignore[no-any-return]


@pytest.mark.parametrize(("path", "text"), pages().items(), ids=[path.name for path in pages()])
def test_calculated_pages_are_as_calculated_now(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `make docs` and read what has changed"


def test_every_link_within_the_documentation_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "{{" not in target and "://" not in target and "|" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_the_readme_shows_what_the_command_prints(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command, _, rest = readme.partition("$ canbao ")[2].partition("\n")
    assert run(shlex.split(command)) == 0
    shown = [line.rstrip() for line in rest.partition("```")[0].splitlines()]
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == shown
