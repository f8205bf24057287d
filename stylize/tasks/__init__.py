"""The works that this painter can do: one file a task, found by itself, and those of packages."""

import sys
from collections.abc import Mapping
from functools import cache

from stylize import plugins
from stylize.recipes import WORKS, Recipe
from stylize.tasks.base import Task


@cache
def tasks() -> Mapping[type[Recipe], Task]:
    """The tasks by their recipes: the ``TASK`` of each module here, and those of packages.

    Raises PluginError for a package whose work cannot be used.
    """
    ours = [getattr(module, "TASK", None) for module in plugins.modules(sys.modules[__name__])]
    theirs = [work for _, work in plugins.installed(WORKS)]
    return {task.recipe: task for task in (*ours, *theirs) if task is not None}
