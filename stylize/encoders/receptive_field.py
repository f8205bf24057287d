"""Which pixels a feature of a layer depends on: what tiles and guides need to know of a network."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ReceptiveField:
    """Of each feature of a layer, along either axis, in pixels."""

    stride: int
    """From one feature to the next. Feature i belongs to the pixels from i·stride on."""
    margin: int
    """How far before the first and behind the last of its own pixels a feature can see."""
