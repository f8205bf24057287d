"""The door: orders and bytes in, paintings out, one at a time or several at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.config import Settings, Workers
from bot.job import Order, StoredPicture
from bot.painting import Painted, Painter
from stylize.recipe import Recipe
from tests.pictures import png, stripes

NAMES = tuple(StoredPicture(key=f"jobs/a/picture-{n}", name=f"{n}.png") for n in (1, 2))


def order(**recipe: object) -> Order:
    return Order(recipe=Recipe(size=64, steps=3, **recipe), pictures=NAMES)


def pictures() -> list[bytes]:
    return [png(80, 60), stripes(60, 80)]


def paint(painter: Painter, wanted: Order) -> Painted:
    *_, painted = painter.paint(wanted, pictures())
    assert isinstance(painted, Painted)
    return painted


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_an_order_is_painted_in_either_precision(tmp_path, precision):
    settings = Settings(data=tmp_path, workers=Workers(precision=precision))
    painted = paint(Painter(settings), order())
    assert (painted.width, painted.height) == (64, 48)


def test_orders_of_one_shape_are_painted_together(tmp_path, looks):
    painter = Painter(Settings(data=tmp_path, workers=Workers(together=2)))
    orders = [order(style_weight=1.0), order(style_weight=1000.0)]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(paint, [painter] * 2, orders))
    assert (2, 3, 48, 64) in looks
    assert found[0].png != found[1].png
