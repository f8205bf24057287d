"""``stylenet`` whose workers only wait: ``python -m tests.faults.quick_studio run …``."""

import sys

import bot.supervisor
from bot.cli import main

if __name__ == "__main__":
    bot.supervisor.WORKER = "tests.faults.quick_worker"
    main(sys.argv[1:])
