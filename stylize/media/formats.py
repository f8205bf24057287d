"""The kinds of files: which pictures are read, how a painting can be written, what files are.

Free of torch and Pillow: help, chats and the page read these tables, too.
"""

import mimetypes
from collections.abc import Mapping
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """A kind of picture that is read, and written where it has ``options``."""

    name: str
    """Pillow's own."""
    media_type: str
    said: str
    """As people write it."""
    suffixes: tuple[str, ...]
    """Of the names of its files, in lower case."""
    signatures: tuple[bytes, ...] = ()
    """How such a file begins."""
    brands: tuple[bytes, ...] = ()
    """Of ISO base media files, ``ftyp`` (ISO/IEC 23008-12, annex B; AV1 Image File Format, 5)."""
    options: Mapping[str, Any] | None = None
    """With which Pillow writes a painting."""
    keeps_alpha: bool = True


# In a painting each stroke may have a colour of its own. Chroma at half the resolution, which is
# Pillow's choice for JPEG and AVIF and all that lossy WebP knows, makes narrow ones grey.
_JPEG: Mapping[str, Any] = {
    "quality": 95,
    "subsampling": "4:4:4",
    "optimize": True,
    "progressive": True,
}
# Tiles would be as many as the machine has cores, and the bytes other ones.
_AVIF: Mapping[str, Any] = {"quality": 90, "subsampling": "4:4:4", "autotiling": False}
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_HEVC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
KINDS = (
    Kind("PNG", "image/png", "PNG", (".png",), (b"\x89PNG",), options={}),
    Kind(
        *("JPEG", "image/jpeg", "JPEG", (".jpg", ".jpeg"), (b"\xff\xd8\xff",)),
        options=_JPEG,
        keeps_alpha=False,
    ),
    Kind("WEBP", "image/webp", "WebP", (".webp",), (b"RIFF",), options={"lossless": True}),
    Kind("GIF", "image/gif", "GIF", (".gif",), (b"GIF8",)),
    Kind("BMP", "image/bmp", "BMP", (".bmp",), (b"BM",)),
    Kind("TIFF", "image/tiff", "TIFF", (".tif", ".tiff"), _TIFF),
    Kind("AVIF", "image/avif", "AVIF", (".avif",), brands=(b"avif", b"avis"), options=_AVIF),
    Kind("HEIF", "image/heic", "HEIC", (".heic",), brands=_HEVC),
)
SUPPORTED = f"{', '.join(kind.said for kind in KINDS[:-1])} and {KINDS[-1].said}"
FORMATS: Mapping[str, Kind] = {
    suffix: kind for kind in KINDS if kind.options is not None for suffix in kind.suffixes
}
"""How a painting can be written, by the suffix of the file's name."""

_TYPES = {suffix: kind.media_type for kind in KINDS for suffix in kind.suffixes} | {
    **{".mp4": "video/mp4", ".webm": "video/webm", ".mp3": "audio/mpeg", ".m4a": "audio/mp4"},
    **{".ogg": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav"},
}
"""Of many of these the registries of machines know nothing, or something else."""


def media_type_of(suffix: str) -> str:
    """What a file with a name of this *suffix*, such as ``.png``, is."""
    guess, _ = mimetypes.guess_type(f"file{suffix}")
    return _TYPES.get(suffix, guess or "application/octet-stream")


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
