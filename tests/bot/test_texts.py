"""What is said of what comes of a job: each work in its own words, to all who asked."""

from typing import ClassVar

import pytest

from bot.model import File, Order, Outcome, StoredPicture
from bot.texts import alt_of, done
from stylize.recipes import Doodle, Dream, Input, Recipe, Study, Sweep, Texture, Transfer
from stylize.recipes.compare import Compare
from stylize.recipes.reconstruction import Layers

RESULT = File.at("result", "jobs/a/result.png")


class Poster(Recipe):
    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "what to reduce"),)
    noun: ClassVar[str] = "poster"
    task: str = "poster"


class Melody(Recipe):
    inputs: ClassVar[tuple[Input, ...]] = Poster.inputs
    task: str = "melody"


def order(recipe: Recipe, *names: str) -> Order:
    pictures = [
        StoredPicture(key=f"jobs/a/picture-{number}", name=name)
        for number, name in enumerate(names, 1)
    ]
    return Order(recipe=recipe, pictures=tuple(pictures))


@pytest.mark.parametrize(
    ("recipe", "noun"),
    [
        *((Transfer(), "painting"), (Doodle(), "doodle"), (Texture(), "texture")),
        *((Dream(), "dream"), (Sweep(), "sheet"), (Study(), "sheet"), (Layers(), "sheet")),
        *((Compare(), "comparison"), (Poster(), "poster"), (Melody(), "picture")),
    ],
)
def test_each_work_is_called_what_it_is(recipe, noun):
    said = done(order(recipe, "cat.png"), Outcome(files=(RESULT,), width=64, height=48, seconds=3))
    assert said == f"Here is your {noun}: 64 × 48, done in 3 seconds."


def test_what_has_no_size_is_called_nothing():
    outcome = Outcome(files=(File.at("result", "jobs/a/result.opus"),), seconds=3)
    assert done(order(Melody(), "cat.png"), outcome) == "Here it is, done in 3 seconds."


@pytest.mark.parametrize(
    ("recipe", "names", "told"),
    [
        (Transfer(), "cat wave", "cat painted in the style of wave"),
        (Transfer(), "SPOILER_cat wave", "cat painted in the style of wave"),
        (Transfer(), "cat wave dots", "cat painted in the style of wave and dots"),
        (Transfer(init="picture"), "cat dots a", "cat painted in the style of dots, begun as a"),
        (Transfer(on="subject"), "cat wave", "The subject of cat painted in the style of wave"),
        (Transfer(on="mask"), "cat wave m", "A part of cat painted in the style of wave"),
        (
            *(Transfer(on="background,subject"), "cat wave dots"),
            "cat painted, its background in the style of wave and its subject in the style of dots",
        ),
        (Texture(), "wave dots", "A texture in the style of wave and dots"),
        (Doodle(), "wave map mine", "mine painted in the style of wave"),
        (Doodle(), "wave map mine cat", "mine painted in the style of wave, with the forms of cat"),
        (Dream(), "cat", "A dream into cat"),
        (Dream(), "cat wave", "A dream into cat, of wave"),
        (
            *(Compare(), "cat wave"),
            "cat painted in the style of wave twice: content in favour on the left, style in "
            "favour on the right",
        ),
        (
            *(Sweep(), "cat wave"),
            "A sheet of 9 pictures, strength=20,50,80 and style_scale=0.5,1,2: cat painted in the "
            "style of wave",
        ),
        (Study(), "cat dots a", "A sheet of 2 pictures: cat painted in the style of dots and a"),
        (
            *(Layers(), "cat"),
            "A sheet of reconstructions: cat out of each layer from relu1_1 to relu5_1 alone; "
            "below, the style of cat out of one layer more each time, from relu1_1 to relu5_1",
        ),
        (
            *(Layers(rows="style"), "wave"),
            "A sheet of reconstructions: the style of wave out of one layer more each time, from "
            "relu1_1 to relu5_1",
        ),
        (Poster(), "cat", "A poster of cat"),
    ],
)  # fmt: skip
def test_each_work_is_told_to_those_who_cannot_see_it(recipe, names, told):
    assert alt_of(RESULT, order(recipe, *names.split()), 1000) == told
    film = File.at("film", "jobs/a/film.gif")
    assert alt_of(film, order(recipe, *names.split()), 1000) == f"Film: {told}"
