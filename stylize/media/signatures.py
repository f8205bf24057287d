"""What a file is, by its first bytes."""

import codecs

from stylize.media.limits import Refusal

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
"""As Pillow names them."""
SUPPORTED = "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF and HEIC"

_SIGNATURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"RIFF": "WEBP",
    b"GIF8": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}

_BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIF"),
}
"""Of ISO base media files, ``ftyp`` (ISO/IEC 23008-12, annex B; AV1 Image File Format, 5)."""

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
    """Which of the ``FORMATS`` *data* has, or Refusal, as helpful as its first bytes allow."""
    if any(data.startswith(marks, at) for at, marks in _RAWS.items()):
        raise raw()
    for magic, kind in _SIGNATURES.items():
        if data.startswith(magic) and (kind != "WEBP" or data[8:12] == b"WEBP"):
            return kind
    if data[4:8] == b"ftyp":
        end = min(int.from_bytes(data[:4], "big"), 1024)
        for brand in (data[at : at + 4] for at in (8, *range(16, end, 4))):
            if brand in _BRANDS:
                return _BRANDS[brand]
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
