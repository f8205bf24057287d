"""Contact sheets: what stands where, and what does not change while they grow."""

import pytest
import torch

from stylize.media.sheet import EMPTY, PAPER, Sheet, sheet

RED, GREEN, BLUE = ((255.0, 0.0, 0.0), (0.0, 255.0, 0.0), (0.0, 0.0, 255.0))


def plain(colour: tuple[float, float, float], height: int = 40, width: int = 60) -> torch.Tensor:
    return torch.tensor(colour)[:, None, None].expand(3, height, width)


def places(pixels: torch.Tensor, colour: tuple[float, float, float]) -> tuple[int, int, int, int]:
    """(top, left, height, width) of all that has *colour*."""
    found = (pixels.float() == torch.tensor(colour)[:, None, None]).all(0)
    down, across = found.any(1).nonzero()[:, 0], found.any(0).nonzero()[:, 0]
    top, left = int(down[0]), int(across[0])
    assert found[top : int(down[-1]) + 1, left : int(across[-1]) + 1].all()
    return top, left, int(down[-1]) - top + 1, int(across[-1]) - left + 1


def test_cells_run_along_the_rows_each_at_its_own_size() -> None:
    pixels = sheet([plain(RED), plain(GREEN), plain(BLUE), None], ["a", "b"], ["one", "two"])
    red, green, blue = (places(pixels, colour) for colour in (RED, GREEN, BLUE))
    assert {red[2:], green[2:], blue[2:]} == {(40, 60)}
    assert (red[0], red[1]) == (green[0], blue[1])
    assert green[1] >= red[1] + 60
    assert blue[0] >= red[0] + 40
    assert (pixels[:, blue[0] : blue[0] + 40, green[1] : green[1] + 60] == EMPTY).all()


def test_labels_are_drawn_outside_of_the_pictures() -> None:
    without = sheet([plain(RED)], [""], [""], names=[""])
    top, left, height, width = places(without, RED)
    assert without.shape[1:] == (top + height + top, left + width + left)
    ink = {
        side: sheet([plain(RED)], [row], [column], names=[name])
        for side, row, column, name in (
            ("left", "strength=20", "", ""), ("above", "", "x=1", ""), ("below", "", "", "A1"),
        )
    }  # fmt: skip
    for side, pixels in ink.items():
        top, left, height, width = places(pixels, RED)
        around = pixels.clone()
        around[:, top : top + height, left : left + width] = PAPER
        down, across = (around[0] < 128).any(1).nonzero(), (around[0] < 128).any(0).nonzero()
        where = {
            "left": across.max() < left and down.min() > top,
            "above": down.max() < top,
            "below": down.min() >= top + height,
        }
        assert where[side], side


def test_labels_grow_with_the_sheet_so_that_a_phone_shows_them() -> None:
    phone, legible = 380, 9  # of its pixels
    for side, columns in ((64, 5), (192, 3), (256, 5), (384, 2)):
        drawn = Sheet((side, side), [""], ["A1"] * columns, [""] * columns).pixels
        above = drawn[0, : drawn.shape[1] - side - 10] < 128
        rows = above.any(1).nonzero()
        height = int(rows.max() - rows.min()) + 1  # of capitals, about 0.7 of the font
        assert height / 0.7 * phone / drawn.shape[2] >= legible


def test_a_row_without_names_stands_close_to_the_one_below_it() -> None:
    names = ["", "A1", "", "A2"]
    drawn = Sheet((40, 60), [""] * 4, [""], names)
    for place, colour in enumerate((RED, GREEN, BLUE, RED)):
        drawn.place(place, plain(colour))
    green, blue = places(drawn.pixels, GREEN)[0], places(drawn.pixels, BLUE)[0]
    assert green == 10 + 40 + 10
    assert blue > green + 40 + 10


def test_a_label_of_a_row_stands_in_lines() -> None:
    left = [places(sheet([plain(RED)], [row], [""]), RED)[1] for row in ("strength=20", "strength")]
    assert left[0] == left[1]


@pytest.mark.parametrize("shape", [(80, 60), (40, 120), (20, 20), (10, 90)])
def test_a_picture_of_other_proportions_is_fitted_into_its_cell(shape: tuple[int, int]) -> None:
    drawn = Sheet((40, 60), ["", ""], ["", ""])
    drawn.place(0, plain(RED))
    top, left, *_ = places(drawn.pixels, RED)
    drawn.place(0, plain(BLUE, *shape))
    at, across, height, width = places(drawn.pixels, BLUE)
    assert height == 40 or width == 60
    assert height / width == pytest.approx(shape[0] / shape[1], rel=0.1)
    assert abs((at - top) - (40 - height - (at - top))) <= 1, "in the middle"
    assert abs((across - left) - (60 - width - (across - left))) <= 1
    assert not (drawn.pixels.float() == torch.tensor(RED)[:, None, None]).all(0).any()


def test_what_is_placed_changes_its_own_cell_alone() -> None:
    drawn = Sheet((40, 60), ["a", "b"], ["c", "d"])
    before = drawn.pixels.clone()
    drawn.place(3, plain(RED))
    top, left, height, width = places(drawn.pixels, RED)
    after = drawn.pixels.clone()
    for pixels in (before, after):
        pixels[:, top : top + height, left : left + width] = 0
    assert torch.equal(before, after)


def test_the_order_in_which_cells_are_finished_does_not_show() -> None:
    cells = [plain(RED), plain(GREEN), plain(BLUE, 60, 40), plain(RED, 20, 60)]
    drawn = Sheet((60, 60), ["a", "b"], ["c", "d"])
    for index in (2, 0, 3, 1):
        drawn.place(index, cells[index])
    assert torch.equal(drawn.pixels, sheet(cells, ["a", "b"], ["c", "d"]))


def test_the_paper_shows_where_a_picture_is_transparent() -> None:
    drawn = Sheet((40, 60), [""], [""])
    alpha = torch.zeros(40, 60, dtype=torch.uint8)
    alpha[:, :30] = 255
    drawn.place(0, plain(RED), alpha)
    assert places(drawn.pixels, RED)[2:] == (40, 30)


@pytest.mark.parametrize("cells", [[], [None, None], [plain(RED)] * 3])
def test_cells_that_are_no_sheet_are_refused(cells: list[torch.Tensor | None]) -> None:
    with pytest.raises(ValueError, match="no sheet of 1 × 2"):
        sheet(cells, [""], ["a", "b"])
