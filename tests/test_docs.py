"""The documents say what the code says, and their links lead somewhere."""

import re
from pathlib import Path

import pytest

from bot.commands.options import SOURCES, options
from bot.commands.registry import commands
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


USUAL_ROWS = [row(option) for option in OPTIONS.values()]
OWN = [
    name
    for name, one in commands().items()
    if one.recipe and one.options(Settings()).keys() - OPTIONS
]
"""Commands with options that a painting does not have."""


def rows_in(title: str) -> list[str]:
    """The rows of the table under *title* in ``docs/options.md``."""
    parts = f"\n{(ROOT / 'docs' / 'options.md').read_text()}".split("\n#")
    [part] = [part for part in parts if part.lstrip("# ").startswith(f"{title}\n")]
    return [line for line in part.splitlines() if line.startswith("| `")]


def test_every_option_is_documented_as_it_is():
    """Whoever changes one writes the row on the right into ``docs/options.md``."""
    assert rows_in("Options") == USUAL_ROWS


@pytest.mark.parametrize("name", OWN)
def test_what_only_one_command_has_is_documented_under_its_name(name):
    rows = [row(option) for option in commands()[name].options(Settings()).values()]
    assert rows_in(f"Of `!{name}`") == [row for row in rows if row not in USUAL_ROWS]


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
