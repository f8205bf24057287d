"""``!layers`` and ``!compare``, as people ask for them, and what each refuses in words."""

import pytest

from bot.commands.base import CommandError
from tests.bot.commands.asked import paint


def test_layers_takes_one_picture_or_two():
    asked = paint("!layers")
    assert (asked.recipe.size, asked.recipe.steps) == (256, 50)
    assert asked.wanted.roles(1) == ["content"]
    assert asked.wanted.roles(2) == ["content", "style"]
    for count in (0, 3):
        with pytest.raises(CommandError, match="I need"):
            asked.wanted.check(count)


def test_layers_reads_its_options():
    recipe = paint("!layers size=128 steps=20 pooling=average seed=4").recipe
    assert (recipe.size, recipe.steps, recipe.pooling, recipe.seed) == (128, 20, "average", 4)


def test_compare_takes_a_content_and_one_style():
    asked = paint("!compare apart=50 strength=60 plot")
    assert asked.recipe.apart == 50
    assert asked.wishes.plot
    assert asked.wanted.roles(2) == ["content", "style"]
    with pytest.raises(CommandError, match="To mix several styles"):
        asked.wanted.check(3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!layers strength=70", "What the layers see .* so `strength=70` means nothing there"),
        ("!layers steps=auto", "`steps` wants a whole number from 1 to 500, not `auto`"),
        ("!layers rows=colours", "`rows` wants both, content or style"),
        ("!layers steps=900", "`steps` wants a whole number from 1 to 500"),
        ("!compare apart=200", "`apart` wants a number from 1 to 100"),
        ("!compare on=subject", "on"),
        ("!compare alpha=1e12", "lower alpha"),
    ],
)
def test_what_is_wrong_is_refused_in_words(text, said):
    with pytest.raises(CommandError, match=said):
        paint(text)
