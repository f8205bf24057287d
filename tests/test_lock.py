"""The lock files hold all that pyproject.toml asks for, each with hashes, and name no index."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
WANTED = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["lite"]],
    "requirements-dev.lock": [*PROJECT["dependencies"], *EXTRAS["lite"], *EXTRAS["dev"]],
}
ELSEWHERE = {"torch", "torchvision", "stylenet"}
"""Torch's build differs from machine to machine, so the Makefile installs it."""


@pytest.mark.parametrize("file", WANTED)
def test_all_that_is_asked_for_is_pinned_and_hashed(file):
    pinned: dict[str, str] = {}
    for entry in re.split(r"\n(?=[a-z])", (ROOT / file).read_text())[1:]:
        name, version = re.match(r"([a-z0-9.-]+)==(\S+)", entry).groups()
        assert "--hash=sha256:" in entry, name
        pinned[name] = version
    for requirement in map(Requirement, WANTED[file]):
        if requirement.name not in ELSEWHERE:
            version = pinned[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), requirement
    assert not ELSEWHERE & pinned.keys()


@pytest.mark.parametrize("file", WANTED)
def test_no_index_is_named(file):
    text = (ROOT / file).read_text()
    assert "://" not in text
    assert "--index" not in text


def test_the_image_takes_the_torch_of_the_project():
    torch = [wanted for wanted in PROJECT["dependencies"] if wanted.startswith("torch")]
    assert " ".join(torch) in (ROOT / "Dockerfile").read_text()
