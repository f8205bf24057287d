"""How far a feature sees, told by the pixels that its gradient reaches."""

import pytest
import torch

from stylize.encoders import load_encoder

LAYERS = {
    "vgg19": ("conv1_1", "relu1_2", "relu2_1", "relu3_4", "relu4_2", "relu5_1"),
    "lite": (
        "stem",
        "b0_dw",
        "b1_exp",
        "b2_exp",
        "b3_exp",
        "b5_exp",
        "b6_exp",
        "b8_exp",
        "b10_exp",
    ),
}


@pytest.fixture(scope="module")
def encoders():
    """VGG-19 with average pooling, which looks at every pixel that max pooling may choose."""
    return {"vgg19": load_encoder("vgg19", pooling="average"), "lite": load_encoder("lite")}


@pytest.mark.parametrize(
    ("name", "layer"), [(name, layer) for name, layers in LAYERS.items() for layer in layers]
)
def test_a_feature_sees_as_far_as_told(encoders, name, layer):
    encoder = encoders[name]
    field = encoder.receptive_field(layer)
    pixels = torch.rand(3, 32, 480, generator=torch.Generator().manual_seed(0)) * 255
    pixels.requires_grad_()
    features = encoder(pixels, [layer])[layer]
    assert features.shape[-1] == 480 // field.stride
    column = features.shape[-1] // 2
    features[..., column].sum().backward()
    seen = pixels.grad.abs().sum((0, 1)).nonzero().flatten()
    first, last = int(seen.min()), int(seen.max())
    before, behind = column * field.stride - first, last - ((column + 1) * field.stride - 1)
    assert max(before, behind) <= field.margin
    spare = 0 if name == "vgg19" else field.stride - 1
    assert max(before, behind) >= field.margin - spare, "could be tighter"
    assert min(before, behind) >= 0


@torch.no_grad()
@pytest.mark.parametrize("name", LAYERS)
def test_a_window_with_a_margin_of_its_receptive_field_shows_the_same(encoders, name):
    encoder, layer = encoders[name], LAYERS[name][-2]
    field = encoder.receptive_field(layer)
    pixels = torch.rand(3, 32, 301, generator=torch.Generator().manual_seed(1)) * 255
    margin = field.stride * -(-field.margin // field.stride)
    whole = encoder(pixels, [layer])[layer][..., margin // field.stride + 1 :]
    window = encoder(pixels[..., field.stride :], [layer])[layer]
    window = window[..., margin // field.stride :]
    assert torch.allclose(window, whole, atol=1e-4 * whole.abs().max())
