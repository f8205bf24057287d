"""What is found by itself: the modules of a folder of ours, and what installed packages bring.

Torch-free, like ``stylize.recipes``: both wings look up their parts here.
"""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any


class PluginError(Exception):
    """An installed package brings something that cannot be used, for the reason in the text."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """The modules directly inside *package*, in the order of their names."""
    for found in pkgutil.iter_modules(package.__path__):
        yield import_module(f"{package.__name__}.{found.name}")


def classes(package: ModuleType) -> Iterator[type[Any]]:
    """The classes that are defined in the modules directly inside *package*."""
    for module in modules(package):
        for found in vars(module).values():
            if isinstance(found, type) and found.__module__ == module.__name__:
                yield found


def installed(group: str) -> Iterator[tuple[str, Any]]:
    """Each entry point of *group*, such as ``stylenet.works``: its name and what it refers to.

    Raises PluginError, naming the package, where one cannot be imported.
    """
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            yield point.name, point.load()
        except Exception as error:
            package = point.dist.name if point.dist else point.value
            raise PluginError(
                f"the package {package} brings {point.name} for {group}, which cannot be "
                f"imported: {error!r}. Mend or uninstall {package}."
            ) from error
