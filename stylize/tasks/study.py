"""Style studies."""

from stylize.recipes import Study
from stylize.tasks.sheets import SheetTask

TASK = SheetTask(Study)
