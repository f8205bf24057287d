"""The kinds of files: which pictures are read, and how a painting can be written.

Free of torch and Pillow: help, chats and the page read these tables, too.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """A kind of picture that is read."""

    name: str
    """Pillow's own."""
    media_type: str
    said: str
    """As people write it."""
    signatures: tuple[bytes, ...] = ()
    """How such a file begins."""
    brands: tuple[bytes, ...] = ()
    """Of ISO base media files, ``ftyp`` (ISO/IEC 23008-12, annex B; AV1 Image File Format, 5)."""


KINDS = (
    Kind("PNG", "image/png", "PNG", (b"\x89PNG",)),
    Kind("JPEG", "image/jpeg", "JPEG", (b"\xff\xd8\xff",)),
    Kind("WEBP", "image/webp", "WebP", (b"RIFF",)),
    Kind("GIF", "image/gif", "GIF", (b"GIF8",)),
    Kind("BMP", "image/bmp", "BMP", (b"BM",)),
    Kind("TIFF", "image/tiff", "TIFF", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    Kind("AVIF", "image/avif", "AVIF", brands=(b"avif", b"avis")),
    Kind(
        "HEIF",
        "image/heic",
        "HEIC",
        brands=(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"),
    ),
)
SUPPORTED = f"{', '.join(kind.said for kind in KINDS[:-1])} and {KINDS[-1].said}"


def kind_of(data: bytes) -> Kind | None:
    """What kind of picture *data* is by its first bytes; None when it is none that is read."""
    for kind in KINDS:
        if data.startswith(kind.signatures) and (kind.name != "WEBP" or data[8:12] == b"WEBP"):
            return kind
    if data[4:8] == b"ftyp":
        end = min(int.from_bytes(data[:4], "big"), 1024)
        for brand in (data[at : at + 4] for at in (8, *range(16, end, 4))):
            for kind in KINDS:
                if brand in kind.brands:
                    return kind
    return None


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
