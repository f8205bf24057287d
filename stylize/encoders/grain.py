"""How the layers of a network lie over a picture, for those who look at it piece by piece."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Grain:
    """What one feature of a layer stands for, in pixels."""

    stride: int
    """From one feature to the next. Feature i belongs to the pixels from i·stride on."""
    reach: int
    """How far before the first and behind the last of its own pixels a feature can see."""
