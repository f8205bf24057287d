"""Where the subject of a picture is: the thing that it is of, found by a network for salience.

X. Qin, Z. Zhang, C. Huang, M. Dehghan, O. R. Zaiane & M. Jagersand, *U²-Net: Going Deeper with
Nested U-Structure for Salient Object Detection* (Pattern Recognition 106, 2020), in its small form,
U²-Net†, of 1.1 million weights. ``weights/README.md`` says where they come from.
"""

from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor

from stylize.encoders import packaged
from stylize.media.picture import Picture, on_white, resize

FILE = Path(__file__).with_name("weights") / "u2netp.onnx"
SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"
SIDE = 320
"""Pixels, of the square that the network sees, and of its map."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, RGB in 0..1, as it was trained."""

LEAST, MOST = 0.005, 0.98
"""The share of a picture that its subject takes up, or else there is none to speak of."""


class NoSubject(ValueError):
    """A picture of nothing in particular. The message is a sentence that says what to do."""


def subject_of(picture: Picture) -> Tensor:
    """(320, 320) in 0..1 over the whole *picture*: how much each place belongs to its subject.

    The same on every run, on a like processor. Raises NoSubject where nothing stands out, or
    everything would.
    """
    found = salience(resize(on_white(picture.pixels, picture.alpha), (SIDE, SIDE)))
    if not LEAST <= (found > 0.5).float().mean() <= MOST:
        raise NoSubject(
            "I find no subject that stands out in the content picture: give a mask of your own as "
            "one more picture, with `on=mask`, or leave `on` out."
        )
    return found


def salience(pixels: Tensor) -> Tensor:
    """What the network makes of (3, 320, 320) in 0..255: (320, 320) in 0..1."""
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (MEAN, STD))
    seen = ((pixels / 255 - mean) / std)[None].numpy()
    network = session(torch.get_num_threads())
    [found, *_] = network.run(None, {network.get_inputs()[0].name: seen})
    return torch.from_numpy(np.asarray(found, np.float32))[0, 0].clamp(0, 1)


@cache
def session(threads: int) -> onnxruntime.InferenceSession:
    """The network, on so many threads. Raises WeightsError unless it is what it should be."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    model = packaged.read(FILE, SHA256, "install stylenet again")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
