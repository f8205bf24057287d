"""What to paint, as plain validated data: one recipe a task, a union told apart by ``task``.

Free of torch: a recipe travels as JSON from a message, through the queue, to the process beside
the GPU. Each field is the one source of how people ask for it, see ``option``.
"""

import sys
from collections.abc import Mapping
from functools import cache
from typing import Annotated, get_args

from pydantic import PlainValidator, SerializeAsAny

from stylize import plugins
from stylize.recipes.base import Drawing, Input, Recipe
from stylize.recipes.doodle import Doodle
from stylize.recipes.dream import Dream
from stylize.recipes.option import Option, options_of, usual_in
from stylize.recipes.study import Study
from stylize.recipes.sweep import Sweep
from stylize.recipes.texture import Texture
from stylize.recipes.transfer import Transfer

__all__ = [
    "AnyRecipe", "Doodle", "Drawing", "Dream", "Input", "Option", "Recipe", "Study", "Sweep",
    "Texture", "Transfer",
    "known", "options_of", "read_recipe", "usual_in",
]  # fmt: skip

WORKS = "stylenet.works"
"""The entry points by which packages bring recipes, and the tasks that follow them."""


@cache
def known() -> Mapping[str, type[Recipe]]:
    """The recipes by their task: those of this folder, and those that packages bring.

    Raises PluginError for a package whose work cannot be used.
    """
    ours = [one for one in plugins.classes(sys.modules[__name__]) if issubclass(one, Recipe)]
    theirs = [_recipe_of(name, work) for name, work in plugins.installed(WORKS)]
    recipes: dict[str, type[Recipe]] = {}
    for recipe in (*ours, *theirs):
        for task in get_args(recipe.model_fields["task"].annotation):
            if task in recipes:
                raise plugins.PluginError(
                    f"two works are called {task}: uninstall the package that brings one"
                )
            recipes[task] = recipe
    return recipes


def _recipe_of(name: str, work: object) -> type[Recipe]:
    recipe = getattr(work, "recipe", None)
    if not (isinstance(recipe, type) and issubclass(recipe, Recipe) and hasattr(work, "run")):
        raise plugins.PluginError(
            f"the entry point {name} of {WORKS} needs a recipe and a run: {work!r} is none"
        )
    return recipe


def read_recipe(data: object) -> Recipe:
    """The recipe that *data* is, or that it spells as its ``task`` tells. Raises ValueError."""
    if isinstance(data, Recipe):
        return data
    task = str(data.get("task", "transfer")) if isinstance(data, dict) else ""
    if task not in known():
        raise ValueError(f"there is no work called {task!r} here")
    return known()[task].model_validate(data)


AnyRecipe = Annotated[SerializeAsAny[Recipe], PlainValidator(read_recipe)]
"""A recipe of any task, as a field of a pydantic model."""
