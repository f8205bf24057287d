"""Texture synthesis."""

from stylize.recipes import Texture
from stylize.tasks.painting import PaintingTask

TASK = PaintingTask(Texture)
