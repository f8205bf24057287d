"""Commands that have something made: options are fields of a recipe, pictures its inputs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import ValidationError

from bot.commands.base import Command, CommandError, Given, Incoming
from bot.commands.options import CELL, SOURCES, options, usual_fields
from bot.commands.pictures import Wanted, said
from bot.config import Settings
from bot.model import Request
from bot.studio import Studio
from stylize.recipes import Input, Option, Recipe, Transfer
from stylize.recipes.values import spell

NO_CELL = (
    "A cell is painted of a sheet that is there already: write `{prefix}cell {cell}`, or reply to "
    "the sheet with `cell={cell}`."
)


class Paint(Command):
    """Asks for work on a recipe; what differs from one command to the other are these fields."""

    verb: ClassVar[str] = "Paint"
    recipe: ClassVar[type[Recipe]] = Transfer
    most: ClassVar[Mapping[str, int]] = {}
    """How many pictures of a role belong to it, where that is fewer than the recipe takes."""
    too_many: ClassVar[str] = ""
    """What to do with more pictures than that."""
    refused: ClassVar[Mapping[str, str]] = {}
    """Options of the recipe that this command has no use for, and what to say to them."""

    def inputs(self, settings: Settings) -> tuple[Input, ...]:
        most = {"style": settings.painting.max_styles, **self.most}
        return tuple(
            replace(one, most=min(one.most, most.get(one.role, one.most)))
            for one in self.recipe.inputs
        )

    def options(self, settings: Settings) -> dict[str, Option]:
        known = options(settings.painting, self.recipe)
        return {name: one for name, one in known.items() if name not in self.refused}

    def known(self, settings: Settings) -> dict[str, Option]:
        own = options(settings.painting, self.recipe)
        return {**options(settings.painting), **own, **SOURCES, CELL.name: CELL}

    def written(self, settings: Settings) -> dict[str, Option]:
        first = next((one.role for one in self.recipe.inputs), "")  # there an avatar belongs
        fitting = {
            name: source for name, source in SOURCES.items() if source.field in (first, "last")
        }
        return {**self.options(settings), **fitting}

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Request:
        """What is asked for, with its pictures. Raises CommandError."""
        recipe = self.read(given, studio.settings)
        wanted = self.wanted(recipe, given, studio.settings)
        uploads = wanted.assign(await incoming.gather(wanted))
        try:
            recipe.check(len(uploads))
        except ValueError as error:
            raise CommandError(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
        return incoming.request(given, recipe, uploads)

    def read(self, given: Given, settings: Settings) -> Recipe:
        """The recipe that is asked for.

        Raises CommandError where options contradict each other or this command.
        """
        usual = usual_fields(self.recipe, settings.painting)
        self._check_senseless(given, settings, self.recipe.model_validate(usual))
        fields: dict[str, Any] = {}
        set_by: dict[str, str] = {}
        for name, option in self.options(settings).items():
            if name in given.options and option.field in self.recipe.model_fields:
                if option.field in set_by:
                    what = option.field.replace("_", " ")
                    raise CommandError(
                        f"Give either `{set_by[option.field]}` or `{name}`: both set the {what}."
                    )
                set_by[option.field] = name
                fields[option.field] = option.sets(given.options[name])
        try:
            return self.recipe.model_validate(usual | fields)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in problem["loc"])
            what = f"with this {where}" if where else "this"
            reason = problem["msg"].removeprefix("Value error, ")
            raise CommandError(f"I cannot paint {what}: {reason}.") from None

    def wanted(self, recipe: Recipe, given: Given, settings: Settings) -> Wanted:
        """The pictures that belong to *recipe*.

        Raises CommandError where it takes more of them than this command may.
        """
        most = {one.role: one.most for one in self.inputs(settings)}
        for one in recipe.wanted:
            if one.least > most[one.role]:
                needed = said(one.least, f"{one.role} picture")
                raise CommandError(f"That takes {needed}. {self.too_many}".rstrip())
        inputs = tuple(replace(one, most=min(one.most, most[one.role])) for one in recipe.wanted)
        weights = [len(getattr(recipe, one.weights)) for one in inputs if one.weights]
        return Wanted(
            inputs,
            last=bool(given.options.get("last")),
            content=given.options.get("content"),
            weights=sum(weights),
            too_many=self.too_many,
            notes=given.notes,
        )

    def _check_senseless(self, given: Given, settings: Settings, usual: Recipe) -> None:
        """Raise CommandError for an option of other commands, unless it asks for what is done
        anyway."""
        known, mine = self.known(settings), self.written(settings)
        for name, value in sorted(given.options.items()):
            option = known[name]
            if name in mine:
                continue
            if name in self.refused:
                raise CommandError(self.refused[name])
            if option is CELL:
                raise CommandError(NO_CELL.format(prefix=settings.commands.prefix, cell=value))
            if option.sets(value) != getattr(usual, option.field, None):
                raise CommandError(
                    f"{self.recipe.lacks}, so `{name}={spell(value)}` means nothing there: "
                    "leave it out."
                )
