"""``!dream``: what is understood, and what is said to what is not."""

import pytest

from bot.commands.base import CommandError
from bot.studio import Studio
from stylize.recipes import Dream
from tests.bot.commands.asked import paint, read
from tests.bot.conftest import request, upload


def test_every_option_is_understood():
    asked = paint(
        "!dream size=384 layer=relu5_1 octaves=3 octave-scale=1.5 strength=70 channel=97 steps=20 "
        "zoom=48 encoder=vgg19 seed=7 gif"
    )
    assert asked.wishes.film
    assert asked.recipe == Dream(
        size=384, layer="relu5_1", octaves=3, octave_scale=1.5, strength=70, channel=97,
        steps=20, zoom=48, encoder="vgg19", seed=7,
    )  # fmt: skip


def test_what_is_usual_is_the_dreams_own():
    assert paint("!dream").recipe == Dream()
    assert paint("!dream encoder=lite").recipe.layer == "b8_exp"


def test_one_picture_is_enough_and_a_second_is_the_guide():
    wanted = paint("!dream").wanted
    assert [wanted.roles(count) for count in (1, 2)] == [["content"], ["content", "guide"]]
    for count in (0, 3):
        with pytest.raises(CommandError, match="I need a content picture and then"):
            wanted.check(count)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!dream tv=10", "A dream has no style picture and no content to keep to, so `tv=10`"),
        ("!dream colours=content", "so `colours=content` means nothing there"),
        ("!dream weights=2,1", "so `weights=2,1` means nothing there"),
        ("!stylenet octaves=3", "no option `octaves`"),
        ("!dream layer=relu4-9", "vgg19 has no layer 'relu4-9'. Its layers are conv1_1, relu1_1"),
        ("!dream encoder=lite layer=relu4_4", "lite has no layer 'relu4_4'"),
        ("!dream channel=600", "relu4_4 has the channels 0 to 511, and no 600"),
        ("!dream zoom=200", "`zoom` wants a whole number from 0 to 96"),
        ("!dream octaves=11", "`octaves` wants a whole number from 1 to 10"),
    ],
)
def test_what_cannot_be_dreamt_is_answered(text: str, words: str):
    with pytest.raises(CommandError) as refused:
        read(text)
    assert words in str(refused.value)


async def test_a_guide_and_a_channel_are_refused_at_once(studio: Studio):
    pictures = [upload("cat.png"), upload("flowers.png")]
    with pytest.raises(CommandError, match="A guide and a channel both say what to dream of"):
        await request(studio, "a", "ann", "!dream channel=3", pictures)
    assert (await request(studio, "a", "ann", "!dream channel=3", pictures[:1])).recipe.channel == 3
