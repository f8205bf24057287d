"""The process itself: arguments, signals, and the tie to its parent.

Started by ``stylenet worker`` or, with ``--child``, by ``stylenet run``: then its settings come as
one line on standard input, the end of standard input means that the parent is gone, and signs of
life go to standard output.
"""

import argparse
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.config import ConfigError, Settings, load
from bot.jobs.store import StoreError
from bot.logs import log_to_stderr
from bot.worker.serve import serve
from stylize.plugins import PluginError

log = logging.getLogger("bot.worker")  # not __main__

NICENESS = 10
"""Beside a chat process the painter yields: the chat answers at once, the painting can wait."""

PULSE_SECONDS = 1.0

PR_SET_PDEATHSIG = 1
"""Of ``linux/prctl.h``: which signal the kernel sends when the parent ends."""


def main(arguments: list[str] | None = None) -> None:
    about = "One more painter, for a studio whose database and store it reaches."
    parser = argparse.ArgumentParser(prog="stylenet worker", description=about)
    parser.add_argument("--config", type=Path, help="a TOML file (default: config.toml)")
    parser.add_argument("--data", type=Path, help="the folder for pictures and the database")
    parser.add_argument("--slot", type=int, default=0, help="its number on this machine")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    stop = threading.Event()

    def leave(*_: object) -> None:
        if stop.is_set() and not options.child:  # asked twice; a child's parent decides
            os._exit(1)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    if options.child:
        settings = Settings.model_validate_json(sys.stdin.readline())
        _wake_when_orphaned()
        threading.Thread(target=_outlive_nobody, args=(stop,), daemon=True).start()
        threading.Thread(target=_show_life, daemon=True).start()
        os.nice(NICENESS)
    else:
        try:
            settings = load(options.config, **({"data": options.data} if options.data else {}))
        except ConfigError as error:
            print(f"stylenet: {error}", file=sys.stderr)
            sys.exit(2)
    log_to_stderr(settings, f"worker {options.slot}")
    try:
        serve(settings, options.slot, stop)
    except (OSError, SQLAlchemyError, StoreError, PluginError) as error:
        log.error("cannot work: %s", str(error).splitlines()[0])
        os._exit(1)
    logging.shutdown()
    os._exit(0)  # a step in the painter's thread would hold the process up; its job is safe


def _wake_when_orphaned() -> None:
    """A stopped worker keeps its slot, and once its parent is gone nobody is there to end it.

    So Linux lets it go on at that moment; it then finds its standard input closed, and leaves.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGCONT))


def _outlive_nobody(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def _show_life() -> None:
    """Let the parent know, by a byte on standard output, that this process is not stopped."""
    with suppress(BrokenPipeError):
        while os.write(1, b"."):
            time.sleep(PULSE_SECONDS)


if __name__ == "__main__":
    main()
