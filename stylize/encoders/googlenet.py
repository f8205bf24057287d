"""GoogLeNet (Szegedy et al., *Going Deeper with Convolutions*, CVPR 2015), in which dreams began.

The layers that one dreams in are the outputs of its inception blocks. The weights are those of
torchvision, trained on ImageNet: 50 MB, downloaded when they are first asked for.
"""

from collections.abc import Collection
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from stylize.encoders import downloads
from stylize.encoders.packaged import State, WeightsError
from stylize.encoders.receptive_field import ReceptiveField
from stylize.recipes.layers import LAYERS

INSTEAD = "dream with the encoder 'vgg19', whose weights are here"

MIDDLE = 127.5
"""The network was trained on RGB in 0..255 / MIDDLE - 1."""

STEM = {
    "conv1": (7, 2, 3),
    "maxpool1": (3, 2, 0),
    "conv2": (1, 1, 0),
    "conv3": (3, 1, 1),
    "maxpool2": (3, 2, 0),
}
INCEPTION, POOL3, POOL4 = (3, 1, 1), (3, 2, 0), (2, 2, 0)
"""(side of the kernel, stride, padding); of the branches of an inception block, the widest."""


def _parts() -> dict[str, tuple[int, int, int]]:
    parts = dict(STEM)
    for layer in LAYERS["googlenet"]:
        if layer in ("inception4a", "inception5a"):
            block = int(layer[9])
            parts[f"maxpool{block - 1}"] = POOL3 if block == 4 else POOL4
        parts[layer] = INCEPTION
    return parts


PARTS = _parts()
"""What a picture goes through, by torchvision's names, shallow to deep."""


class GoogLeNet(nn.Module):
    """torchvision's GoogLeNet up to its last inception block, without its classifiers.

    Batch normalisation is folded into the convolutions. The weights are constants: no gradient is
    computed for them. Convolutions are computed in *dtype*, and features come in it.
    """

    layers = LAYERS["googlenet"]

    def __init__(self, state: State, dtype: torch.dtype = torch.float32) -> None:
        """*state* has torchvision's keys; what is of its classifiers is ignored.

        Raises WeightsError for the state of another network.
        """
        super().__init__()
        from stylize import _torchvision

        net = _torchvision.GoogLeNet(aux_logits=False, init_weights=False)
        net.fc = nn.Identity()
        try:
            net.load_state_dict({key: value for key, value in state.items() if is_kept(key)})
        except RuntimeError as error:
            raise WeightsError(
                f"these are no weights of torchvision's googlenet ({error})."
            ) from error
        for part in net.eval().modules():
            if isinstance(part, _torchvision.BasicConv2d):
                part.conv, part.bn = fuse_conv_bn_eval(part.conv, part.bn), nn.Identity()
        self.parts = nn.ModuleDict({name: net.get_submodule(name) for name in PARTS})
        self.parts.requires_grad_(False).to(dtype=dtype)
        self._dtype = dtype

    @staticmethod
    def receptive_field(layer: str) -> ReceptiveField:
        """How coarse *layer* is and how far it sees, in pixels."""
        stride, before, behind = 1, 0, 0
        for name, (side, step, padding) in PARTS.items():
            before, behind = before + stride * padding, behind + stride * (side - step - padding)
            stride *= step
            if name == layer:
                break
        return ReceptiveField(stride, max(before, behind))

    def forward(
        self, pixels: Tensor, layers: Collection[str], *, wraps: bool = False
    ) -> dict[str, Tensor]:
        """Features of *pixels*, (…, 3, H, W) RGB in 0..255, at each of *layers*.

        Returns (…, N, H', W') per layer, where H', W' are about an eighth, a sixteenth or a 32nd of
        H, W. Nothing deeper than the deepest layer is computed.

        Raises KeyError for a layer that is not in ``GoogLeNet.layers``, ValueError if it *wraps*.
        """
        if wraps:
            raise ValueError("GoogLeNet cannot wrap: its poolings overlap.")
        wanted = set(layers)
        if unknown := wanted.difference(self.layers):
            raise KeyError(*sorted(unknown))
        found: dict[str, Tensor] = {}
        x = (pixels / MIDDLE - 1).reshape(-1, *pixels.shape[-3:])
        x = x.to(self._dtype, memory_format=torch.channels_last)
        for name, part in self.parts.items():
            if len(found) == len(wanted):
                break
            x = part(x)
            if name in wanted:
                found[name] = x
        leading = pixels.shape[:-3]
        return {layer: x.reshape(*leading, *x.shape[1:]) for layer, x in found.items()}


def is_kept(key: str) -> bool:
    """Whether a tensor of torchvision's state dict is of the features."""
    return not key.startswith(("fc.", "aux1.", "aux2."))


def load_state() -> State:
    """The published state dict, downloaded if need be. Raises WeightsError."""
    return downloads.read(download(), INSTEAD)


def download(url: str | None = None, sha256_prefix: str | None = None) -> Path:
    """torchvision's weights, fetched once, as of ``downloads.fetch``. Raises WeightsError."""
    if url is None:
        from stylize._torchvision import GoogLeNet_Weights

        url = GoogLeNet_Weights.IMAGENET1K_V1.url
    return downloads.fetch(
        url,
        name="googlenet-features",
        keep=is_kept,
        check=lambda path: GoogLeNet(downloads.read(path, INSTEAD)),
        instead=INSTEAD,
        sha256_prefix=sha256_prefix,
    )
