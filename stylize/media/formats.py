"""The files that a painting can be written as, and how well. Free of torch, for the help's sake."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Format(NamedTuple):
    """How Pillow writes one kind of file."""

    name: str
    """Pillow's own."""
    options: Mapping[str, Any]
    keeps_alpha: bool = True


# In a painting each stroke may have a colour of its own. Chroma at half the resolution, which is
# Pillow's choice for JPEG and AVIF and all that lossy WebP knows, makes narrow ones grey.
_JPEG = Format(
    "JPEG",
    {"quality": 95, "subsampling": "4:4:4", "optimize": True, "progressive": True},
    keeps_alpha=False,
)
FORMATS: Mapping[str, Format] = {
    ".png": Format("PNG", {}),
    ".jpg": _JPEG,
    ".jpeg": _JPEG,
    ".webp": Format("WEBP", {"lossless": True}),
    # Tiles would be as many as the machine has cores, and the bytes other ones.
    ".avif": Format("AVIF", {"quality": 90, "subsampling": "4:4:4", "autotiling": False}),
}
"""By the suffix of a file's name, in lower case."""
