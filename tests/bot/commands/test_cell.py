"""``!cell``: a cell of a sheet in full, from the pictures that the sheet was painted from."""

from collections.abc import Mapping

import pytest

from bot.commands.base import CommandError, Incoming
from bot.commands.grammar import fill, parse
from bot.commands.registry import commands, replies_to
from bot.config import Settings
from bot.model import Job, Order, StoredPicture
from bot.studio import Refused
from stylize.recipes import Recipe, Study, Sweep, Transfer
from stylize.recipes.sweep import Axis
from stylize.recipes.transfer import content_weight

SETTINGS = Settings(painting={"size": 256, "steps": 80})
SHEET = Sweep(seed=7)
PICTURES = ("cat.png", "wave.png")


def job(name: str, recipe: Recipe = SHEET, *pictures: str, front: str = "room") -> Job:
    stored = tuple(
        StoredPicture(key=f"jobs/{name}/picture-{n}", name=one, spoiler=n == 2, alt=f"a {one}")
        for n, one in enumerate(pictures or PICTURES, 1)
    )
    return Job(
        id=name, front=front, person="room:you", order=Order(recipe=recipe, pictures=stored),
        address={},
    )  # fmt: skip


class Studio:
    """Knows *jobs*, and keeps the bytes of their pictures."""

    settings = SETTINGS

    def __init__(self, *jobs: Job) -> None:
        self.jobs: Mapping[str, Job] = {job.id: job for job in jobs}
        self.gone = False

    async def job(self, id):
        return self.jobs.get(id)

    async def jobs_of(self, person):
        return [job for job in self.jobs.values() if job.person == person]

    async def read(self, key):
        if self.gone:
            raise FileNotFoundError(key)
        return key.encode()


async def asked(text: str, studio: Studio, reply_to: str | None = None):
    """The request that comes of *text*, in reply to the answer of a job."""

    async def gather(wanted):
        raise AssertionError("a cell has its pictures")

    async def replied():
        return reply_to

    given = parse(text, SETTINGS, replied=reply_to is not None)
    assert given is not None
    incoming = Incoming("room", "9", "room:you", gather, str, replied=replied if reply_to else None)
    return await given.command.run(given, incoming, studio)


@pytest.mark.parametrize("text", ["cell=B2", "cell B2", "Cell: b2!", "!cell B2", "!cell=b2"])
async def test_a_cell_is_painted_in_full_from_the_sheets_pictures(text):
    request = await asked(text, Studio(job("a"), job("b")), "a")
    assert request.recipe == Transfer(size=256, steps=80, seed=7)
    assert [(one.name, one.role, one.spoiler, one.alt) for one in request.uploads] == [
        ("cat.png", "content", False, "a cat.png"),
        ("wave.png", "style", True, "a wave.png"),
    ]
    assert [await one.read() for one in request.uploads] == [
        b"jobs/a/picture-1",
        b"jobs/a/picture-2",
    ]
    assert (request.id, request.wishes.film) == ("room-9", False)


async def test_a_cell_has_the_options_of_its_place():
    request = await asked("cell=C1", Studio(job("a")), "a")
    assert request.recipe.content_weight == content_weight(80)
    assert request.recipe.style_scale == 0.5


async def test_a_cell_may_be_larger_longer_and_filmed():
    request = await asked("cell=A1 size=300 steps=9 gif", Studio(job("a")), "a")
    assert (request.recipe.size, request.recipe.steps, request.wishes.film) == (300, 9, True)


async def test_what_was_swept_stays_unless_it_is_said():
    sizes = Sweep(axes=(Axis(option="size", values=("64", "128")),))
    studio = Studio(job("a", sizes))
    assert (await asked("cell=B1", studio, "a")).recipe.size == 128
    assert (await asked("cell=B1 size=99", studio, "a")).recipe.size == 99


async def test_a_cell_of_a_study_takes_its_own_style():
    studio = Studio(job("a", Study(), "cat.png", "one.png", "two.png", "three.png"))
    request = await asked("cell=C1", studio, "a")
    assert [one.name for one in request.uploads] == ["cat.png", "three.png"]


async def test_without_a_reply_the_newest_sheet_is_meant():
    studio = Studio(job("a", Sweep(seed=1)), job("b", Sweep(seed=2)), job("c", Transfer()))
    assert (await asked("!cell B2", studio)).recipe.seed == 2


@pytest.mark.parametrize(
    ("text", "reply_to", "reason"),
    [
        ("cell=D4", "a", "There is no cell D4: the sheet has A1 to C3."),
        ("cell=A1", "one", "This painting has no cells: those of a sweep or a study have names."),
        ("cell=A1", "gone", "I no longer have the pictures of that sheet"),
        ("cell=A1", "discord", "I no longer have the pictures of that sheet"),
    ],
)
async def test_what_is_no_cell_is_refused_in_words(text, reply_to, reason):
    studio = Studio(job("a"), job("one", Transfer()), job("discord", front="discord"))
    with pytest.raises(CommandError, match=reason):
        await asked(text, studio, reply_to)


async def test_whoever_has_no_sheet_is_told_what_to_do():
    with pytest.raises(CommandError, match=r"no sheet of yours: .*`!sweep` or `!study`.*`cell=B2`"):
        await asked("!cell A1", Studio(job("a", Transfer())))


@pytest.mark.parametrize("text", ["!sweep cell=B2", "!stylenet cell=b2", "!study cell B2"])
async def test_a_cell_of_what_is_yet_to_be_painted_is_refused_in_words(text):
    with pytest.raises(CommandError, match=r"there already: write `!cell B2`, or reply .*cell=B2`"):
        await asked(text, Studio(job("a")))


async def test_pictures_that_were_deleted_meanwhile_are_told_of():
    studio = Studio(job("a"))
    request = await asked("cell=A1", studio, "a")
    studio.gone = True
    with pytest.raises((CommandError, Refused), match="have it painted again"):
        await request.uploads[0].read()


@pytest.mark.parametrize(
    "text", ["nice cell!", "cell phone", "love it", "help me", "cell", "B2", "stylenet strength=3"]
)
def test_talk_in_reply_to_the_bot_stays_talk(text):
    assert parse(text, SETTINGS, replied=True) is None


@pytest.mark.parametrize("text", ["!cell", "!cell Z", "!cell=", "!cell=Zz", "!cell B2 strength=3"])
def test_a_command_that_names_no_cell_is_refused(text):
    with pytest.raises(CommandError, match=r"cell=B2|no option `strength`"):
        parse(text, SETTINGS)


def test_a_form_gives_the_cell_a_field():
    given = fill(commands()["cell"], {"cell": "b2", "size": 300}, "", SETTINGS)
    assert given.options == {"cell": "B2", "size": 300}


def test_the_answer_to_a_sheet_offers_its_cells():
    offered = replies_to(job("a").order)
    assert [*offered] == ["A1", "B1", "C1", "A2", "B2", "C2", "A3", "B3", "C3"]
    assert offered["B2"] == "cell=B2"
    assert replies_to(job("a", Transfer()).order) == {}
