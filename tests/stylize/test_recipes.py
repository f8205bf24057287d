"""The recipe: its defaults, what it refuses, and its way through JSON."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stylize.recipes import Texture, Transfer
from stylize.recipes.transfer import content_weight, strength_of


def test_the_usual_weights():
    recipe = Transfer()
    assert (recipe.content_weight, recipe.style_weight) == (content_weight(50), 300)
    assert (recipe.mean_weight, recipe.total_variation) == (1, 3)


def test_the_usual_layers():
    recipe = Transfer()
    assert recipe.content_layers == ("relu4_2",)
    assert recipe.style_layers == {
        **{"relu1_2": 0.4, "relu2_1": 0.1, "relu2_2": 0.1, "relu3_1": 0.025, "relu3_3": 0.025},
        **{"relu4_1": 0.1, "relu5_1": 0.003},
    }


@given(st.floats(0, 100), st.floats(0, 100))
def test_strength_is_a_log_scale(strength, other):
    ratio = content_weight(other) / content_weight(strength)
    assert math.log10(ratio) == pytest.approx((strength - other) / 25)
    assert strength_of(content_weight(strength)) == pytest.approx(strength, abs=1e-9)


def test_a_recipe_survives_json():
    recipe = Transfer(size=300, blend=(2, 1), style_layers={"relu1_1": 0.5}, seed=2**62)
    assert Transfer.model_validate_json(recipe.model_dump_json()) == recipe


def test_a_recipe_costs_its_evaluations_by_their_pixels():
    """Of a 3 to 4 picture: 50 steps at 256 × 192 and 50 at 512 × 384; of a texture, the square."""
    usual = (50 * 256 * 192 + 50 * 512 * 384) / 1e6
    assert Transfer(steps=100).cost == pytest.approx(usual)
    assert Transfer().cost == pytest.approx(usual, rel=0.3)
    assert Transfer(max_steps=40).cost == Transfer(steps=40).cost
    assert Texture(size=256, steps=7).cost == pytest.approx(7 * 256 * 256 / 1e6)


@given(st.sampled_from([Transfer, Texture]), st.integers(64, 4095), st.integers(1, 4999))
def test_more_pixels_and_more_steps_cost_more(recipe, size, steps):
    once = recipe(size=size, steps=steps).cost
    assert 0 < once < recipe(size=4096, steps=steps).cost
    assert once < recipe(size=size, steps=5000).cost


def test_a_texture_begins_with_no_picture():
    for other in ("content", "picture"):
        with pytest.raises(ValidationError):
            Texture(init=other)


def test_a_texture_cannot_have_the_contents_colours():
    assert Texture(colours="style").colours == "style"
    with pytest.raises(ValidationError, match="should be 'style'"):
        Texture(colours="content")


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 63},
        {"size": 4097},
        {"steps": 0},
        {"content_weight": -1},
        {"style_weight": 0},
        {"style_weight": math.nan},
        {"total_variation": math.inf},
        {"blend": (1, 0)},
        {"blend": (1,) * 9},
        {"blend": (1, 1e-300)},
        {"init": "grey"},
        {"colours": "grey"},
        {"style_scale": 0.2},
        {"style_scale": 5},
        {"style_scale": math.nan},
        {"statistics": "mean"},
        {"seed": -1},
        {"optimizer": "sgd"},
        {"pooling": "min"},
        {"encoder": "vgg16"},
        {"style_layers": {}},
        {"style_layers": {"relu1_1": 0}},
        {"content_layers": ()},
        {"content_layers": ("relu4_9",)},
        {"content_layers": ("relu4_2",), "encoder": "lite"},
        {"strenght": 3},
    ],
)
def test_what_cannot_be_painted_is_refused(wrong):
    with pytest.raises(ValidationError):
        Transfer(**wrong)


def test_a_layer_that_the_encoder_lacks_is_answered_with_those_it_has():
    with pytest.raises(ValidationError, match=r"vgg19 has no layer 'relu4-2'\. Its.* relu4_2"):
        Transfer(content_layers=("relu4-2",))
    with pytest.raises(ValidationError, match=r"lite has no layer 'relu1_1'\. Its.* are stem, b0"):
        Transfer(encoder="lite", style_layers={"stem": 1, "relu1_1": 1})


def test_a_recipe_cannot_be_changed():
    with pytest.raises(ValidationError):
        Transfer().size = 100


@pytest.mark.parametrize(
    ("recipe", "roles"),
    [
        (Transfer(), {"content": ["a"], "style": ["b", "c"]}),
        (Transfer(init="picture"), {"content": ["a"], "style": ["b"], "start": ["c"]}),
        (Texture(), {"style": ["a", "b", "c"]}),
    ],
)
def test_pictures_are_assigned_by_their_order(recipe, roles):
    assert recipe.assign(("a", "b", "c")) == roles


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=8))
def test_shares_sum_to_one_and_keep_their_proportions(blend):
    shares = Transfer(blend=tuple(blend)).shares(len(blend))
    assert sum(shares) == pytest.approx(1)
    assert shares == pytest.approx([weight / sum(blend) for weight in blend])


def test_without_weights_styles_share_equally():
    assert Transfer().shares(4) == (0.25,) * 4


def test_weights_must_be_as_many_as_styles():
    with pytest.raises(ValueError, match="one weight per style image: 3, not 2"):
        Transfer(blend=(1, 2)).shares(3)


def test_the_recipe_does_not_load_torch():
    script = "import sys, stylize.recipes; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
