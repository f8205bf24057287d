"""``!cell B2``: one cell of a sheet in full, from the same pictures."""

from collections.abc import Sequence

from bot.commands.base import CommandError, Given, Incoming
from bot.commands.options import CELL, options, usual_fields
from bot.commands.paint import Paint
from bot.config import Settings
from bot.model import Job, Order, Request, StoredPicture, Upload
from bot.studio import Studio
from stylize.recipes import Input, Option, Recipe

WHICH = "Reply to a sheet with the name of one of its cells, such as `cell=B2`."
NONE = (
    "I know of no sheet of yours: have one painted with `{prefix}sweep` or `{prefix}study`, then "
    "reply to it with the name of a cell, such as `cell=B2`."
)
GONE = "I no longer have the pictures of that sheet: have it painted again, then ask for its cells."


class Cell(Paint):
    name = "cell"
    about = "Paint one cell of a sheet in full"
    usage = "`{prefix}cell B2`, or in reply to a sheet `cell=B2`: that cell in full"

    def inputs(self, settings: Settings) -> tuple[Input, ...]:
        return ()

    def options(self, settings: Settings) -> dict[str, Option]:
        """The cell, and what a sheet has small, or has not."""
        full = usual_fields(self.recipe, settings.painting)
        others = options(settings.painting, self.recipe)
        kept = {
            name: one
            for name, one in others.items()
            if one.field in full or one.field not in self.recipe.model_fields
        }
        return {CELL.name: CELL, **kept}

    def known(self, settings: Settings) -> dict[str, Option]:
        return self.options(settings)

    def written(self, settings: Settings) -> dict[str, Option]:
        return self.options(settings)

    def replies(self, order: Order) -> dict[str, str]:
        names = order.recipe.cells(len(order.pictures))
        return {name: f"{self.name}={name}" for name in names}

    async def run(self, given: Given, incoming: Incoming, studio: Studio) -> Request:
        """As of ``Command``."""
        name = given.options.get(self.name)
        if name is None:
            raise CommandError(WHICH)
        order = (await _sheet(incoming, studio)).order
        usual = usual_fields(self.recipe, studio.settings.painting)
        try:
            cell, pictures = order.recipe.in_full(name, order.pictures, usual)
            recipe = self._changed(cell, given, studio.settings)
        except ValueError as refusal:
            reason = str(refusal)
            raise CommandError(f"{reason[0].upper()}{reason[1:]}.") from None
        roles = recipe.roles(len(pictures))
        uploads = [_again(*one, studio) for one in zip(pictures, roles, strict=True)]
        return incoming.request(given, recipe, uploads)

    def _changed(self, cell: Recipe, given: Given, settings: Settings) -> Recipe:
        """The recipe of *cell* with the fields that were *given* besides."""
        wanted = {
            option.field: option.sets(given.options[name])
            for name, option in self.options(settings).items()
            if name in given.options and option.field in type(cell).model_fields
        }
        return type(cell).model_validate({**cell.model_dump(), **wanted})


async def _sheet(incoming: Incoming, studio: Studio) -> Job:
    """The job that was replied to, or else the person's newest sheet. Raises CommandError."""
    id = await incoming.replied() if incoming.replied else None
    if id is None:
        theirs: Sequence[Job] = await studio.jobs_of(incoming.person)
        sheets = (job for job in reversed(theirs) if _has_cells(job.order))
        if newest := next(sheets, None):
            return newest
        raise CommandError(NONE.format(prefix=studio.settings.commands.prefix))
    job = await studio.job(id)
    if job is None or job.front != incoming.front:
        raise CommandError(GONE)
    return job


def _has_cells(order: Order) -> bool:
    return bool(order.recipe.cells(len(order.pictures)))


def _again(picture: StoredPicture, role: str, studio: Studio) -> Upload:
    """A picture of an earlier job, as if it were uploaded once more."""

    async def read() -> bytes:
        try:
            return await studio.read(picture.key)
        except FileNotFoundError:
            raise CommandError(GONE) from None

    return Upload(picture.name, 0, read, spoiler=picture.spoiler, role=role, alt=picture.alt)
