"""Losses and gradients in float64, pinned: what a recipe minimises stays what it was."""

import json
from pathlib import Path

import pytest
import torch

from stylize.encoders import load_encoder
from stylize.evaluate import evaluate
from stylize.recipes import Texture, Transfer
from stylize.targets import measure

PINNED = Path(__file__).with_name("pinned.json")
"""By ``python -m tests.stylize.test_pinned``, before the terms of the loss had an interface."""

LAYERS = {"content_layers": ("relu3_1", "relu4_2"), "style_layers": {"relu1_1": 1, "relu4_1": 0.1}}
RECIPES = {
    "default": Transfer(),
    "weighted": Transfer(content_weight=7, style_weight=40, mean_weight=0.5, total_variation=11),
    "covariance": Transfer(statistics="covariance", mean_weight=0, **LAYERS),
    "plain": Transfer(total_variation=0, blend=(3, 1)),
    "texture": Texture(),
}


def picture(height, width, seed):
    chance = torch.Generator().manual_seed(seed)
    return torch.rand(3, height, width, generator=chance, dtype=torch.float64) * 255


def found(encoder, recipe, *, guided, side):
    """Each term, and the gradient's norm and its product with a picture of chance."""
    content = None if recipe.task == "texture" else picture(97, 161, 1)
    styles = [picture(80, 90, 2), picture(64, 70, 3)][: len(recipe.blend) or 1]
    guides = {
        "guide": picture(97, 161, 5)[0] / 255,
        "style_guides": [picture(*style.shape[1:], 6)[0] / 255 for style in styles],
    }
    targets = measure(recipe, encoder, content, styles, **(guides if guided else {}))
    terms, gradient = evaluate(targets, picture(97, 161, 4), side=side)
    values = {name: term.item() for name, term in terms.items()}
    along = (gradient * picture(97, 161, 7)).sum().item()
    return values | {"norm": gradient.norm().item(), "along": along}


@pytest.fixture(scope="module")
def precise():
    return load_encoder("vgg19", dtype=torch.float64)


@pytest.mark.parametrize(
    ("name", "guided", "side"),
    [
        *((name, guided, 1024) for name in RECIPES for guided in (False, True)),
        ("covariance", True, 64),
    ],
)
def test_losses_and_gradients_stay_what_they_were(precise, name, guided, side):
    pinned = json.loads(PINNED.read_text())[f"{name}{' guided' if guided else ''}"]
    seen = found(precise, RECIPES[name], guided=guided, side=side)
    assert seen.keys() == pinned.keys()
    for key, value in pinned.items():
        assert seen[key] == pytest.approx(value, rel=1e-9, abs=1e-15)


if __name__ == "__main__":
    seeing = load_encoder("vgg19", dtype=torch.float64)
    written = {
        f"{name}{' guided' if guided else ''}": found(seeing, recipe, guided=guided, side=1024)
        for name, recipe in RECIPES.items()
        for guided in (False, True)
    }
    PINNED.write_text(json.dumps(written, indent=1) + "\n")
