"""What ``!doodle`` wants, and what it says to what it cannot use."""

import pytest

from bot.commands.options import CommandError
from bot.model import Upload
from stylize.recipes import Doodle
from tests.bot.commands.asked import paint

ROLES = ("style", "style_map", "map", "content")


def uploads(*roles: str) -> list[Upload]:
    async def read() -> bytes:
        return b""

    return [Upload(f"{n}.png", 1, read, role=role) for n, role in enumerate(roles)]


def assigned(*roles: str) -> dict[str, str]:
    """The names of pictures by what they are for, of pictures that say that they are for these."""
    wanted = paint("!doodle").wanted
    assert wanted is not None
    return {upload.role: upload.name for upload in wanted.assign(uploads(*roles))}


def test_pictures_go_by_their_order():
    assert assigned("", "", "") == {"style": "0.png", "style_map": "1.png", "map": "2.png"}
    assert tuple(assigned("", "", "", "")) == ROLES


def test_a_picture_that_says_what_it_is_for_is_taken_by_its_word():
    found = assigned("map", "anything", "style_map", "file")
    assert found == {"style": "1.png", "style_map": "2.png", "map": "0.png", "content": "3.png"}
    assert tuple(found) == ROLES


@pytest.mark.parametrize("count", [0, 2, 5])
def test_another_number_of_pictures_is_told_what_is_needed(count):
    with pytest.raises(CommandError) as refusal:
        assigned(*[""] * count)
    assert str(refusal.value).startswith(
        "I need a style picture and then the map of the style and then your own map and then "
        "a content picture, if you wish. I see "
    )


@pytest.mark.parametrize(
    ("roles", "missing"),
    [(("style", "style_map", "content"), "map"), (("style", "map", "map"), "style map")],
)
def test_what_is_missing_is_named_where_pictures_say_what_they_are_for(roles, missing):
    with pytest.raises(CommandError, match=rf"There is none for the {missing}\.$"):
        assigned(*roles)


def test_its_options():
    asked = paint("!doodle size=128 init=noise strength=75 style_scale=2 seed=3")
    assert asked.recipe == Doodle(size=128, init="noise", content_weight=0.1, style_scale=2, seed=3)
    assert paint("!doodle").recipe.init == "patches"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("weights=2,1", "A doodle is painted after its maps, so `weights=2,1` means nothing there"),
        ("colours=content", "so `colours=content` means nothing there"),
        ("content=@ann", "so `content=@ann` means nothing there"),
        ("on=subject", "so `on=subject` means nothing there"),
        ("init=content", "`init` wants patches or noise, not `content`"),
        ("init=picture", "`init` wants patches or noise, not `picture`"),
    ],
)
def test_what_means_nothing_to_it_is_refused(said, answer):
    with pytest.raises(CommandError) as refusal:
        paint(f"!doodle {said}")
    assert answer in str(refusal.value)
