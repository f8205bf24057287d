"""Parameter sweeps."""

from stylize.recipes import Sweep
from stylize.tasks.sheets import SheetTask

TASK = SheetTask(Sweep)
