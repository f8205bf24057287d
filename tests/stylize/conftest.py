"""What the painter's tests share: one encoder, small pictures, and every device there is."""

import pytest
import torch

from stylize.encoders import load_encoder
from stylize.media.picture import Picture
from tests.site import serving


@pytest.fixture(scope="session")
def encoder():
    """The real VGG-19, on the CPU."""
    return load_encoder("vgg19")


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    return torch.device(request.param)


@pytest.fixture
def stripes():
    """A style: diagonal stripes of rust and cream, 60 high and 80 wide."""
    return Picture(_stripes(60, 80))


@pytest.fixture
def rings():
    """A style: blue and gold rings, 72×72."""
    return Picture(_rings(72, 72))


@pytest.fixture
def photo():
    """A content: a bright disc over a dark gradient, 48 high and 64 wide."""
    down, across = _grid(48, 64)
    disc = ((down - 24) ** 2 + (across - 30) ** 2 < 200).float()
    planes = [disc * 200 + across, disc * 170 + down, 90 + disc * 60 + down]
    return Picture(torch.stack(planes).clamp(0, 255).to(torch.uint8))


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A web server over a folder, and an empty cache: (folder, address, requests so far)."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "site"
    folder.mkdir()
    with serving(folder) as (address, requests):
        yield folder, address, requests


def _grid(height, width):
    return torch.meshgrid(torch.arange(height).float(), torch.arange(width).float(), indexing="ij")


def _stripes(height, width):
    down, across = _grid(height, width)
    return _mix(torch.sin((down + across) * 0.8), (170, 70, 40), (240, 225, 190))


def _rings(height, width):
    down, across = _grid(height, width)
    radius = torch.hypot(down - height / 2, across - width / 2)
    return _mix(torch.sin(radius * 0.9), (25, 50, 120), (235, 190, 60))


def _mix(wave, dark, light):
    """(3, H, W) uint8: *dark* where *wave* is -1, *light* where it is 1."""
    share = (wave + 1) / 2
    planes = [low + share * (high - low) for low, high in zip(dark, light, strict=True)]
    return torch.stack(planes).round().to(torch.uint8)
