"""The command ``stylenet``: run the studio, add a worker, check what is ready, and see to it."""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy.exc import SQLAlchemyError

from bot.commands.registry import commands as find_commands
from bot.config import ConfigError, Settings, load
from bot.fronts.base import settings_with_fronts
from bot.logs import log_to_stderr
from stylize.plugins import PluginError
from stylize.recipes import known as find_works


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; exits 0, 1 when something is not ready, 2 on wrong usage."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["worker"]:  # in this process's place: only a worker loads the painter
        worker = [sys.executable, "-m", "bot.worker", *arguments[1:]]
        os.execv(sys.executable, worker)  # noqa: S606  # our own interpreter and module
    options = _parser().parse_args(arguments)
    try:
        settings = _settings(options)
        find_commands()  # what packages bring is looked at before anybody asks for it
        find_works()
    except (ConfigError, PluginError) as error:
        for line in str(error).splitlines():
            print(f"stylenet: {line}", file=sys.stderr)
        sys.exit(2)
    if options.command == "check":
        from bot.check import check

        _leave(0 if asyncio.run(check(settings)) else 1)
    from bot.jobs.migrations import NewerDatabase
    from bot.jobs.queue import DamagedDatabase
    from bot.jobs.store import StoreError
    from bot.run import run
    from bot.switch import forget, pause, resume

    try:
        if options.command == "pause":
            print(asyncio.run(pause(settings, options.reason)))
        elif options.command == "resume":
            print(asyncio.run(resume(settings)))
        elif options.command == "forget":
            print(asyncio.run(forget(settings, options.person)))
        else:
            log_to_stderr(settings, "bot")
            asyncio.run(run(settings, open_browser=options.open and _has_screen()))
    except (OSError, SQLAlchemyError, StoreError, DamagedDatabase, NewerDatabase) as error:
        reason = str(error).splitlines()[0]
        what = {"run": "start"}.get(options.command, options.command)
        print(f"stylenet: cannot {what}: {reason} (stylenet check tells more)", file=sys.stderr)
        _leave(1)
    _leave(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stylenet", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config", type=Path, help="a TOML file (default: config.toml, if it is there)"
    )
    common.add_argument("--data", type=Path, help="the folder for pictures and the database")
    run = commands.add_parser(
        "run", parents=[common], help="the studio: the room, Discord if it has a token, workers"
    )
    run.add_argument("--port", type=int, help="of the room (default: 8017)")
    run.add_argument(
        "--no-open", dest="open", action="store_false", help="do not open a browser window"
    )
    commands.add_parser("worker", help="one more painter")
    commands.add_parser("check", parents=[common], help="say what is ready and what is not")
    pause = commands.add_parser(
        "pause", parents=[common], help="take no new work, until resume; what waits is painted"
    )
    pause.add_argument("reason", nargs="?", default="", help="for the people who ask meanwhile")
    commands.add_parser("resume", parents=[common], help="take new work again")
    forget = commands.add_parser(
        "forget", parents=[common], help="delete what is kept of a person who asks for that"
    )
    forget.add_argument("person", help="such as mastodon:ann@example.social")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    overrides: dict[str, Any] = {}
    if options.data is not None:
        overrides["data"] = options.data
    if getattr(options, "port", None) is not None:
        overrides["room"] = {"port": options.port}
    return load(options.config, settings_with_fronts(), **overrides)


def _leave(status: int) -> NoReturn:
    """End the process, everything being closed, without Python's own finalisation.

    The store's threads live in Rust; one that wants the interpreter while that is being torn down
    aborts the process (seen in one of ten runs of ``stylenet check``).
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _has_screen() -> bool:
    """Whether somebody sits here; elsewhere a browser might open inside the terminal."""
    screen = sys.platform == "darwin" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return sys.stdout.isatty() and screen
