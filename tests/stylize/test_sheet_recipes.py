"""Sweeps and studies: what their cells are, what stands where, and what cannot be a sheet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stylize.recipes import Study, Sweep, Transfer, options_of, read_recipe, values
from stylize.recipes.sweep import Axis
from stylize.recipes.transfer import content_weight


def swept(**options: str) -> Sweep:
    """The sweep of *options*, as people write them."""
    table = options_of(Sweep)
    fields = {}
    for name, written in options.items():
        fields[table[name].field] = table[name].sets(table[name].read(written))
    return Sweep.model_validate(fields)


def test_the_first_list_goes_across_and_the_second_down():
    recipe = swept(strength="20,50,80", style_scale="0.5,2", seed="7")
    grid = recipe.grid(styles=1)
    assert grid.columns == ("strength=20", "strength=50", "strength=80")
    assert grid.rows == ("style_scale=0.5", "style_scale=2")
    assert [cell.name for cell in grid.cells] == ["A1", "B1", "C1", "A2", "B2", "C2"]
    assert [(cell.recipe.content_weight, cell.recipe.style_scale) for cell in grid.cells] == [
        (content_weight(strength), scale) for scale in (0.5, 2) for strength in (20, 50, 80)
    ]
    assert {cell.recipe.seed for cell in grid.cells} == {7}
    assert {cell.recipe.size for cell in grid.cells} == {192}


def test_the_order_of_the_lists_is_that_in_which_they_are_written():
    grid = swept(style_scale="0.5,2", strength="20,50").grid(1)
    assert grid.columns == ("style_scale=0.5", "style_scale=2")


def test_without_lists_the_usual_options_are_swept_that_nobody_has_set():
    assert [axis.option for axis in Sweep().axes] == ["strength", "style_scale"]
    assert [axis.option for axis in swept(strength="70", seed="3").axes] == ["style_scale"]
    with pytest.raises(ValidationError, match="such as strength=20,50,80"):
        swept(strength="70", style_scale="2")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"strength": "1,2", "seed": "1,2", "size": "64,128"}, "one option or two as lists.*not 3"),
        ({"strength": "1,2,3,4,5,6", "style_scale": "0.5,1,2,3,4"}, "6 × 5 are 30 pictures.*25"),
        ({"on": "subject,mask"}, "needs a picture of its own"),
        ({"init": "content,picture"}, "needs a picture of its own cannot be one of several"),
        ({"encoder": "vgg19,lite", "style_layers": "relu1_1"}, "lite has no layer"),
    ],
)
def test_what_cannot_be_painted_is_refused_at_the_beginning(options, reason):
    with pytest.raises(ValidationError, match=reason):
        swept(**options)


def test_two_names_of_one_option_cannot_both_be_lists():
    axes = tuple(Axis(option=name, values=("1", "2")) for name in ("strength", "alpha"))
    with pytest.raises(ValidationError, match="strength and alpha set the same"):
        Sweep(axes=axes)


@pytest.mark.parametrize(
    ("option", "written"),
    [("strength", "20,500"), ("colours", "style,blue"), ("size", "64,"), ("steps", "1.5,2")],
)
def test_each_value_of_a_list_must_be_one(option, written):
    with pytest.raises(ValueError, match=r"^$|invalid literal|could not convert"):
        options_of(Sweep)[option].read(written)
    assert options_of(Sweep)[option].wants.endswith(", or several with commas")


def test_a_value_that_stands_in_a_list_twice_is_told_of():
    with pytest.raises(values.Reason, match="each of several values once"):
        options_of(Sweep)["strength"].read("20,50,20%")


@pytest.mark.parametrize("axis", ["weights", "gif", "stlye"])
def test_only_numbers_and_choices_of_the_recipe_can_be_lists(axis):
    with pytest.raises(ValidationError, match=f"{axis} cannot be a list"):
        Sweep(axes=(Axis(option=axis, values=("1", "2")),))


def test_every_number_and_choice_of_a_transfer_can_be_a_list():
    for name, option in options_of(Transfer).items():
        listed = options_of(Sweep)[name]
        if option.choices:
            alone = ("picture", "mask")
            written = [one for one in option.choices if one not in alone and "," not in one]
        elif option.kind in (int, float):
            written = [f"{max(option.low, 1):g}", f"{min(option.high, 100):g}"]
        else:
            assert listed.wants == option.wants
            continue
        grid = swept(**{name: ",".join(written)}).grid(1)
        found = {getattr(cell.recipe, option.field) for cell in grid.cells}
        assert found == {option.sets(option.read(value)) for value in written}


def test_a_network_brings_its_own_layers_to_its_cells():
    vgg19, lite = (cell.recipe for cell in swept(encoder="vgg19,lite").grid(1).cells)
    assert vgg19 == Transfer(size=192)
    assert lite == Transfer(size=192, encoder="lite")


@given(st.integers(2, 25))
def test_one_long_list_goes_on_in_the_next_row(count):
    grid = swept(seed=",".join(map(str, range(count)))).grid(1)
    assert len(grid.columns) <= 5
    assert len(grid.names) == len(grid.rows) * len(grid.columns)
    assert [name is None for name in grid.names].count(False) == count
    assert len({cell.name for cell in grid.cells}) == count
    for n, cell in enumerate(grid.cells):
        label = f"seed={n}"
        assert label in (grid.columns[n] if count <= 5 else grid.names[cell.place])


@pytest.mark.parametrize("recipe", [Sweep(), swept(seed="1,2", init="noise"), Study(steps=7)])
def test_a_sheet_survives_json(recipe):
    assert type(recipe).model_validate_json(recipe.model_dump_json()) == recipe
    assert read_recipe(recipe.model_dump(mode="json")) == recipe


@given(st.integers(2, 8))
def test_a_study_shows_each_painting_below_its_style(count):
    grid = Study(seed=3).grid(count)
    places = {cell.place: cell.styles for cell in grid.cells}
    for place, style in grid.styles.items():
        assert places[place + len(grid.columns)] == (style,)
        assert grid.rows[place // len(grid.columns)] == "style"
    assert len(grid.cells) == count
    assert [grid.names[cell.place] for cell in grid.cells] == [cell.name for cell in grid.cells]
    assert all(cell.recipe == Transfer(size=192, seed=3) for cell in grid.cells)


def test_a_study_needs_styles_to_compare():
    assert Study().roles(2) == ["content", "style"]
    style = next(one for one in Study().wanted if one.role == "style")
    assert (style.least, style.most) == (2, 8)
    with pytest.raises(ValidationError):
        Study(blend=(2, 1))


def test_a_cell_in_full_has_its_own_options_and_the_usual_size():
    recipe = swept(strength="20,80", style_scale="0.5,2", seed="7", size="128", steps="10")
    pictures = ["content", "style"]
    found, given = recipe.in_full("b2", pictures, {"size": 512, "steps": 100})
    assert given == pictures
    assert found == Transfer(
        size=512, steps=100, seed=7, style_scale=2, content_weight=content_weight(80)
    )


def test_what_a_sheet_sweeps_stays_in_full():
    found, _ = swept(size="64,128", steps="5,9").in_full("B1", ["c", "s"], {"size": 512})
    assert (found.size, found.steps) == (128, 5)


def test_a_cell_of_a_study_in_full_is_painted_in_its_style_alone():
    recipe = Study(init="picture")
    pictures = ["content", *(f"style {n}" for n in range(5)), "start"]
    found, given = recipe.in_full("B2", pictures, {"size": 512})
    assert given == ["content", "style 4", "start"]
    assert found == Transfer(size=512, init="picture")


@pytest.mark.parametrize("cell", ["", "A0", "D1", "A4", "2B", "AA1", "B2x", "A-1"])
def test_a_name_of_no_cell_is_refused_with_those_that_there_are(cell):
    with pytest.raises(ValueError, match="A1 to C3"):
        Sweep().in_full(cell, ["content", "style"], {})


def test_one_painting_has_no_cells():
    with pytest.raises(ValueError, match="no cells"):
        Transfer().in_full("A1", ["content", "style"], {})


def test_a_sheet_costs_what_its_cells_cost():
    alone = Transfer(size=192).cost
    assert Sweep().cost == pytest.approx(9 * alone)
    assert Sweep().cost_with(5) == pytest.approx(9 * alone), "a blend is one painting"
    assert swept(steps="50,100", size="192,384").cost == pytest.approx(
        sum(Transfer(size=size, steps=steps).cost for size in (192, 384) for steps in (50, 100))
    )
    assert Study().cost == pytest.approx(2 * alone)
    assert Study().cost_with(1 + 8) == pytest.approx(8 * alone)
    assert Study(init="picture").cost_with(1 + 8 + 1) == pytest.approx(8 * alone)
