"""The import contracts of ``pyproject.toml``: each fails as soon as somebody breaks it."""

import copy
from pathlib import Path

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

ROOT = Path(__file__).parents[1]
CONFIGURATION = read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS = {contract["name"]: contract for contract in CONFIGURATION["contracts_options"]}
KINDS = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "layers": LayersContract,
    "protected": ProtectedContract,
}
BREAKS = {
    "The painter knows nothing of the studio": [
        "stylize.paint -> bot.config",
        "stylize.media.sandbox -> asyncio",
    ],
    "Fronts call commands, commands the studio, the studio its jobs, never back": [
        "bot.jobs.tracker -> bot.fronts.web.front",
        "bot.jobs.queue -> bot.studio",
        "bot.jobs.ledger -> bot.supervisor",
        "bot.commands.help -> bot.fronts.discord.texts",
        "bot.studio -> bot.commands.base",
        "bot.jobs.submit -> bot.commands.base",
        "bot.fronts.web.front -> bot.worker.painter",
        "bot.studio -> bot.worker.worker",
        "bot.model -> bot.commands.base",
    ],
    "A job is submitted, tracked, seen and kept: each knows what is below it": [
        "bot.jobs.queue -> bot.jobs.tracker",
        "bot.jobs.ledger -> bot.jobs.store",
        "bot.jobs.status -> bot.jobs.submit",
    ],
    "Fronts do not know each other": [
        "bot.fronts.web.texts -> bot.fronts.discord.texts",
        "bot.fronts.discord.front -> bot.fronts.web.media",
        "bot.fronts.base -> bot.fronts.web.texts",
    ],
    "Queue, ledger and store are for the studio, the worker and the shell": [
        "bot.fronts.web.media -> bot.jobs.store",
        "bot.fronts.discord.front -> bot.jobs.ledger",
        "bot.fronts.web.server -> bot.jobs.queue",
        "bot.fronts.web.server -> bot.jobs.backlog",
        "bot.supervisor -> bot.jobs.queue",
        "bot.commands.cancel -> bot.jobs.queue",
    ],
    "Only the worker opens the door to the painter; the others read recipes": [
        "bot.studio -> stylize.pyramid",
        "bot.fronts.web.media -> stylize.media.signatures",
        "bot.jobs.store -> stylize.stopping",
    ],
    "The chat process never loads torch": [
        "bot.jobs.store -> PIL",
        "bot.monitor.health -> numpy",
        "bot.model -> matplotlib",
        "bot.commands.paint -> stylize.paint",
        "bot.fronts.web.media -> stylize.media.picture",
        "bot.run -> bot.worker.painter",
    ],
    "What the chat process reads of the painter is free of torch": [
        "stylize.recipes -> torch",
        "stylize.plugins -> stylize.encoders",
        "stylize.media.formats -> PIL",
    ],
    "The process that decodes strangers' pictures never loads torch": [
        "stylize.media.tiff -> torch",
        "stylize.media.confinement -> stylize.media.picture",
    ],
    "Shell, tasks, descent, losses, networks: each knows what is below it": [
        "stylize.losses.style -> stylize.descent",
        "stylize.encoders.vgg19 -> stylize.paint",
        "stylize.media.film -> stylize.paint",
        "stylize.paint -> stylize.tasks",
        "stylize.recipes.base -> stylize.tasks.base",
        "stylize.tasks.base -> stylize.options",
    ],
    "No two modules need each other": [
        "stylize.media.limits -> stylize.paint",
        "stylize.losses.term -> stylize.losses.style",
        "bot.fronts.web.feed -> bot.fronts.web.front",
        "bot.jobs.queue -> bot.jobs.tracker",
    ],
    "A chat's library is known to its front alone": ["bot.studio -> discord"],
    "Another chat's library is known to its front alone": ["bot.fronts.mastodon.api -> atproto"],
    "A third chat's library is known to its front alone": ["bot.fronts.mastodon.api -> nio"],
    "DBOS is known to the queue and the worker alone": [
        "bot.studio -> dbos",
        "bot.fronts.web.server -> dbos",
    ],
}
"""Imports, each of which breaks the contract that it stands with."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "bot",
        "stylize",
        include_external_packages=True,
        exclude_type_checking_imports=True,
        cache_dir=None,
    )


def is_kept(name: str, graph: grimp.ImportGraph) -> bool:
    options = CONTRACTS[name]
    contract = KINDS[options["type"]](name, CONFIGURATION["session_options"], options)
    return contract.check(copy.deepcopy(graph), verbose=False).kept


@pytest.mark.parametrize("name", BREAKS)
def test_a_contract_fails_where_it_is_broken(name, graph):
    assert is_kept(name, graph)
    for wrong in BREAKS[name]:
        importer, imported = wrong.split(" -> ")
        broken = copy.deepcopy(graph)
        assert {importer, imported} <= broken.modules
        broken.add_import(importer=importer, imported=imported)
        assert not is_kept(name, broken), wrong


def test_every_contract_is_tried_and_explained():
    assert CONTRACTS.keys() == BREAKS.keys()
    explained = (ROOT / "docs" / "architecture.md").read_text()
    assert [name for name in BREAKS if f"| {name} |" not in explained] == []
