"""The gallery shows what people may ask for, as they would ask for it."""

import pytest
from PIL import Image

from bot.commands.grammar import parse
from bot.config import Settings
from samples.gallery import EXAMPLES, GALLERY, PAGE, page, sample


def test_the_page_is_what_the_table_says():
    """Whoever changes an entry paints it: ``python -m samples.gallery NAME``."""
    assert PAGE.read_text() == page()


@pytest.mark.parametrize("shown", GALLERY, ids=lambda shown: shown.name)
def test_every_picture_is_there_and_can_be_asked_for(shown):
    with Image.open(EXAMPLES / f"{shown.name}.jpg") as picture:
        picture.load()
    settings = Settings()
    for written, *names in shown.jobs:
        given = parse(written, settings)
        recipe = given.command.read(given, settings)
        given.command.wanted(recipe, given, settings).check(len(names))
        assert all(sample(name) for name in names)


def test_no_picture_is_left_over():
    assert {path.stem for path in EXAMPLES.iterdir()} == {shown.name for shown in GALLERY}
