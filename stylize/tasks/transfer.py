"""Style transfer."""

from stylize.recipes import Transfer
from stylize.tasks.painting import PaintingTask

TASK = PaintingTask(Transfer)
