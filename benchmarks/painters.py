"""The painters that are compared: how each is installed, and how its users call it.

All paint with the same VGG-19 weights and start from the content. They are given pictures at their
final size and told that very size, by which each painter's own resizing changes nothing:

- pastiche scales the longer side to ``--size`` and ``--style-size``;
- neural-style scales the longer side of both to ``-image_size``.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

import stylize
from benchmarks.judge import CONTENT_WEIGHT, STYLE_WEIGHT
from benchmarks.pairs import ROOT
from stylize.encoders.weights import TORCHVISION_INDEX, load_weights

ENVIRONMENTS = ROOT / "out" / "peers"
TORCH = ("torch==2.13.0", "torchvision==0.28.0")
"""What this project pins, for the peers too."""


@dataclass(frozen=True)
class Commission:
    """A picture to paint."""

    content: Path
    style: Path
    """Both as long as *size*."""
    size: int
    """The longer side, in pixels."""
    frames: Path
    """The folder in which the painter is to leave PNGs of the painting, from early to late."""
    every: int
    """Save a peer's picture after so many iterations."""
    iterations: int
    """The most that a peer may do."""
    steps: int | None
    """Of our own painter; None for the recipe's default."""


@dataclass(frozen=True)
class Painter:
    """One program."""

    name: str
    command: Callable[[Commission], list[str]]
    begins: str
    """How the line of its output starts after which it paints."""
    install: Callable[[], None] = lambda: None


def ours(commission: Commission) -> list[str]:
    """This project; see ``benchmarks._ours``."""
    command = [sys.executable, "-m", "benchmarks._ours"]
    command += [str(commission.content), str(commission.style), str(commission.frames)]
    return command + ([] if commission.steps is None else ["--steps", str(commission.steps)])


def pastiche(commission: Commission) -> list[str]:
    """PyPI's pastiche as it comes: content 0.01, style 10 on plain means of squares."""
    size, frames = str(commission.size), commission.frames
    return [
        *(str(ENVIRONMENTS / "pastiche/bin/pastiche"), "--device", "cpu"),
        *("--content", str(commission.content), "--size", size),
        *("--styles", str(commission.style), "--style-size", size),
        *("--num-steps", str(commission.iterations)),
        *("--workspace", str(frames), "--workspace-step", str(commission.every)),
        *("--output", str(frames / "end.png")),
    ]


def pastiche_matched(commission: Commission) -> list[str]:
    """pastiche, told to minimise what is judged.

    Its Gram matrices are not divided by the number of channels N, so that a mean of their squares
    is N² times ours.
    """
    channels = (64, 128, 256, 512, 512)
    return [
        *pastiche(commission),
        *("--content-layer-weights", str(CONTENT_WEIGHT)),
        *("--style-layer-weights", *(str(STYLE_WEIGHT / n**2) for n in channels)),
    ]


def neural_style(commission: Commission) -> list[str]:
    """PyPI's neural-style, which is neural-style-pt: content 5, style 100, L-BFGS."""
    environment = ENVIRONMENTS / "neural-style"
    return [
        *(str(environment / "bin/neural-style"), "-gpu", "c", "-init", "image"),
        *("-model_file", str(environment / "vgg19.pth"), "-disable_check"),
        *("-content_image", str(commission.content), "-style_image", str(commission.style)),
        *("-image_size", str(commission.size), "-num_iterations", str(commission.iterations)),
        *("-save_iter", str(commission.every), "-print_iter", "0"),
        *("-output_image", str(commission.frames / "frame.png")),
    ]


def install_pastiche() -> None:
    """pastiche 1.6.0 in an environment of its own."""
    _install("pastiche", "pastiche==1.6.0")


def install_neural_style() -> None:
    """neural-style 0.5.7 in an environment of its own, with weights that it can load.

    It imports torchvision, which beside a CPU-only torch fails. Python runs a module called
    ``sitecustomize`` before anything else: there our own cure for torchvision does it.
    """
    environment = _install("neural-style", "neural-style==0.5.7")
    (packages,) = environment.glob("lib/python3*/site-packages")
    shutil.copy(Path(stylize.__file__).with_name("_torchvision.py"), packages / "sitecustomize.py")
    torch.save(caffe_state(), environment / "vgg19.pth")


def caffe_state() -> Mapping[str, torch.Tensor]:
    """pastiche's weights as neural-style's ``vgg19-d01eb7cb.pth`` has them, without classifier.

    Names are torchvision's; the first layer takes BGR.
    """
    weights, state = load_weights("pastiche"), {}
    for name, index in TORCHVISION_INDEX.items():
        kernel = weights.kernels[name]
        state[f"features.{index}.weight"] = kernel.flip(1) if name == "conv1_1" else kernel
        state[f"features.{index}.bias"] = weights.biases[name]
    return state


def _install(name: str, package: str) -> Path:
    environment = ENVIRONMENTS / name
    if not (environment / "bin" / name).exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [str(environment / "bin/python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, *TORCH, package], check=True)
    return environment


OURS = Painter("stylenet", ours, begins="painting")
PEERS = {
    "pastiche": Painter("pastiche", pastiche, "step elapsed loss", install_pastiche),
    "pastiche-matched": Painter(
        "pastiche-matched", pastiche_matched, "step elapsed loss", install_pastiche
    ),
    "neural-style": Painter(
        "neural-style", neural_style, "Running optimization", install_neural_style
    ),
}
