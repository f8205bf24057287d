"""``stylenet`` with a Discord on this machine: ``python -m tests.faults.discord.studio URL run …``.

What comes after the URL are stylenet's own arguments. The product knows nothing of this: the place
of Discord is a constant in discord.py, which is set here before anything starts.
"""

import sys

from bot.cli import main
from tests.faults.discord.server import point_discord_py_at

if __name__ == "__main__":
    point_discord_py_at(sys.argv[1])
    main(sys.argv[2:])
