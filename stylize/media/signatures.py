"""What a file is, by its first bytes."""

import codecs

from stylize.media.formats import SUPPORTED, kind_of
from stylize.media.limits import Refusal

_RAWS = {
    0: (b"FUJIFILMCCD-RAW", b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FOVb", b"\0MRM"),
    4: (b"ftypcrx ",),
    6: (b"HEAPCCDR",),
    8: (b"CR\2\0", b"IIII", b"MMMM"),
}
"""Where cameras' own formats say so that are no ordinary TIFF: Fujifilm, Panasonic, Olympus, Sigma,
Minolta, Canon and Phase One."""

_FOREIGN = {
    b"ftypmif1": "a kind of HEIF that I cannot read",
    b"ftypmsf1": "a kind of HEIF that I cannot read",
    b"ftyp": "a video",
    b"\x1aE\xdf\xa3": "a video",
    b"AVI LIST": "a video",
    b"WAVEfmt": "a sound",
    b"%PDF": "a PDF document",
    b"8BPS": "a Photoshop document",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cJXL": "a JPEG XL picture",
    b"PK\x03\x04": "an archive",
}
"""How files begin that people take for pictures, the special before the general."""


def identify(data: bytes) -> str:
    """Which of the ``KINDS`` *data* is, as Pillow names it.

    Raises Refusal, as helpful as its first bytes allow.
    """
    if any(data.startswith(marks, at) for at, marks in _RAWS.items()):
        raise raw()
    if known := kind_of(data):
        return known.name
    kind = _guess(data[:1024]) or "not a picture that I can read"
    raise Refusal(f"is {kind}: save it as one of {SUPPORTED}.")


def raw() -> Refusal:
    return Refusal("is a camera raw file: export a JPEG from it.")


def _guess(start: bytes) -> str | None:
    for magic, kind in _FOREIGN.items():
        if magic in start[:16]:
            return kind
    try:  # an incremental decoder forgives a character cut in two at the end
        text = codecs.getincrementaldecoder("utf-8")().decode(start).lower()
    except UnicodeDecodeError:
        return None
    if "<svg" in text:
        return "an SVG drawing"
    if "<html" in text:
        return "a web page"
    return None if "\0" in text else "a text file"
