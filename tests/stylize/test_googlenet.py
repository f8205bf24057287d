"""GoogLeNet: torchvision's network, its features, and where its weights come from."""

import socket
from functools import partial

import pytest
import torch

from stylize import _torchvision
from stylize._torchvision import GoogLeNet_Weights
from stylize.encoders import WeightsError, downloads, googlenet, load_encoder
from stylize.encoders.googlenet import GoogLeNet, download
from stylize.recipes import Dream
from stylize.recipes.layers import channels_of
from stylize.tasks.base import Resources, Result
from stylize.tasks.dream import TASK
from tests.site import publish

IMAGENET = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]]).view(2, 3, 1, 1)
"""Mean and standard deviation by which torchvision's networks want pictures normalised."""


@pytest.fixture(scope="module")
def original():
    """torchvision's own, with weights of chance, as its pretrained one is set up."""
    torch.manual_seed(0)
    net = _torchvision.GoogLeNet(aux_logits=True, transform_input=True, init_weights=False)
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.1)
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    return net.eval()


@pytest.fixture(scope="module")
def seeing(original):
    return GoogLeNet(original.state_dict())


@torch.no_grad()
def test_features_are_those_of_torchvisions_network(original, seeing):
    pixels = torch.rand(3, 65, 97) * 255
    wanted, hooks = {}, []
    for layer in seeing.layers:
        note = partial(lambda name, _net, _seen, found: wanted.update({name: found}), layer)
        hooks.append(original.get_submodule(layer).register_forward_hook(note))
    original(((pixels / 255 - IMAGENET[0]) / IMAGENET[1])[None])
    for hook in hooks:
        hook.remove()
    found = seeing(pixels, seeing.layers)
    assert list(found) == list(wanted) == list(seeing.layers)
    for layer, features in found.items():
        assert torch.allclose(features, wanted[layer][0], atol=1e-5)
        assert features.shape[0] == channels_of("googlenet", layer)


def test_nothing_deeper_than_the_deepest_layer_is_computed(seeing):
    assert list(seeing(torch.zeros(2, 3, 64, 64), ["inception3b"])) == ["inception3b"]
    with pytest.raises(KeyError, match="relu4_4"):
        seeing(torch.zeros(3, 64, 64), ["relu4_4"])


@pytest.mark.parametrize("layer", ["inception3a", "inception4a", "inception4d", "inception5b"])
def test_a_feature_sees_as_far_as_told(seeing, layer):
    field = seeing.receptive_field(layer)
    pixels = torch.rand(3, 32, 480, generator=torch.Generator().manual_seed(0)) * 255
    pixels.requires_grad_()
    features = seeing(pixels, [layer])[layer]
    assert features.shape[-1] == 480 // field.stride
    column = features.shape[-1] // 2
    features[..., column].sum().backward()
    seen = pixels.grad.abs().sum((0, 1)).nonzero().flatten()
    before = column * field.stride - int(seen.min())
    behind = int(seen.max()) - ((column + 1) * field.stride - 1)
    assert field.margin - field.stride < max(before, behind) <= field.margin


def test_one_dreams_in_it(original, seeing, photo):
    recipe = Dream(encoder="googlenet", size=64, octaves=1, steps=6, strength=100)
    assert recipe.layer == "inception4c"
    for network in (seeing, GoogLeNet(original.state_dict(), torch.bfloat16)):
        resources = Resources(torch.device("cpu"), lambda name, pooling, n=network: n, 1_000_000)
        first, *_, last, result = TASK.run(recipe, {"content": [photo], "guide": []}, resources)
        assert isinstance(result, Result)
        assert last.losses["total"] < first.losses["total"] < 0


def test_weights_are_downloaded_once_and_used(site, original, monkeypatch):
    folder, address, requests = site
    name, _ = publish(folder, original.state_dict(), "googlenet")
    monkeypatch.setattr(googlenet, "download", partial(download, f"{address}/{name}"))
    first, again = load_encoder("googlenet"), load_encoder("googlenet")
    assert requests == [f"/{name}"]
    pixels = torch.rand(3, 64, 64) * 255
    one, other = (net(pixels, ["inception4a"])["inception4a"] for net in (first, again))
    assert torch.equal(one, other)
    [cached] = (folder.parent / "cache").rglob("*.pth")
    kept = torch.load(cached)
    assert not [key for key in kept if key.startswith(("fc.", "aux"))]


def test_a_download_with_another_hash_is_refused_and_not_kept(site, original):
    folder, address, _ = site
    name, _ = publish(folder, original.state_dict(), "googlenet")
    (folder / name).write_bytes((folder / name).read_bytes()[:-5])  # cut short on the way
    with pytest.raises(WeightsError, match=r"not what was expected.*'vgg19'"):
        download(f"{address}/{name}")
    assert list((folder.parent / "cache").rglob("*.pth")) == []


def test_another_network_is_refused_and_not_kept(site):
    folder, address, _ = site
    name, _ = publish(folder, {"conv1.conv.weight": torch.zeros(64, 3, 7, 7)}, "googlenet")
    with pytest.raises(WeightsError, match="no weights of torchvision's googlenet"):
        download(f"{address}/{name}")
    assert list((folder.parent / "cache").rglob("*.pth")) == []


def test_a_server_that_does_not_answer_or_refuses_is_explained(site):
    _, address, _ = site
    for server in ("http://127.0.0.1:9", address):  # which has no such file
        with pytest.raises(WeightsError, match=r"cannot download .*check the network.*'vgg19'"):
            download(f"{server}/googlenet-00000000.pth")


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(site, monkeypatch):
    monkeypatch.setattr(downloads, "SILENT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/googlenet-00000000.pth"
        with pytest.raises(WeightsError, match=r"timed out.*check the network.*'vgg19'"):
            download(url)
    assert socket.getdefaulttimeout() is None


def test_the_address_is_torchvisions_own(site, monkeypatch):
    asked = []

    def note(url, *_, **__):
        asked.append(url)
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", note)
    with pytest.raises(WeightsError, match=r"no route to host"):
        load_encoder("googlenet")
    assert asked == [GoogLeNet_Weights.IMAGENET1K_V1.url]


def test_it_does_not_wrap(seeing):
    with pytest.raises(ValueError, match="overlap"):
        seeing(torch.zeros(3, 64, 64), ["inception3b"], wraps=True)
