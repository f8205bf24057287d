"""The documents say what the code says, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

from bot.commands.options import SOURCES, options
from bot.config import Settings
from stylize.recipes import Option
from stylize.recipes.values import spell

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *ROOT.glob("docs/*.md"), ROOT / "benchmarks" / "README.md"]
OPTIONS = {**options(Settings().painting), **SOURCES}


def row(option: Option) -> str:
    """What ``docs/options.md`` says of an option."""
    meaning = f"{option.about}{option.detail}".replace("``", "`")
    shown = option.shows(option.usual)
    usual = "" if shown in (None, (), {}) or shown is False else f"`{spell(shown)}`"
    return f"| `{option.example}` | {meaning} | {option.wants} | {usual} |"


def test_every_option_is_documented_as_it_is():
    """Whoever changes one writes the row on the right into ``docs/options.md``."""
    written = [
        line
        for line in (ROOT / "docs" / "options.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    assert written == [row(option) for option in OPTIONS.values()]


def test_readme_shows_options_that_there_are():
    rows = re.findall(r"^\| `(\w+)(?:=(\S+))?` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert "size" in dict(rows)
    for name, value in rows:
        assert not OPTIONS[name].expert
        OPTIONS[name].read(value or "yes")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path) if path else document
        assert file.exists(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", t).lower().replace(" ", "-") for t in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_are_there(document):
    folders = "benchmarks|bot|docs|samples|stylize|tests"
    named = re.findall(rf"`((?:{folders})/[\w./]*)`", document.read_text())
    assert [name for name in named if not (ROOT / name).exists()] == []
