"""Files that cost memory or time out of all proportion, and files that are two things at once."""

import struct
import zlib
from collections.abc import Callable
from functools import cache

from PIL import Image

from tests.faults.pictures.corpus import icc, picture, png_of, saved
from tests.faults.pictures.mutate import archive

MEGABYTE = 1_000_000


def _zeros(length: int) -> bytes:
    """A zlib stream of *length* zeros, a thousandth of that long."""
    packer = zlib.compressobj(9)
    start = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, wbits=-15)
    end = rest.compress(bytes(length % MEGABYTE)) + rest.flush()
    checksum = struct.pack(">I", length % 65521 << 16 | 1)
    if length < MEGABYTE:
        return start[:2] + end + checksum
    return start + again * (length // MEGABYTE - 1) + end + checksum


def _png(width: int, height: int, *extra: tuple[bytes, bytes], body: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return png_of((b"IHDR", header), *extra, (b"IDAT", body or _zeros(4000)), (b"IEND", b""))


def _small_png(*extra: tuple[bytes, bytes]) -> bytes:
    return _png(48, 32, *extra, body=_zeros((48 * 3 + 1) * 32))


def _resized(kind: str, data: bytes, width: int, height: int) -> bytes:
    """*data* with another size in its header."""
    match kind:
        case "JPEG":
            at = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
            return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]
        case "GIF":
            return data[:6] + struct.pack("<HH", width, height) + data[10:]
        case "BMP":
            return data[:18] + struct.pack("<ii", width, height) + data[26:]
    raise ValueError(kind)


def tiff(tags: dict[int, int | tuple[int, int, int]], rest: bytes = b"", after: int = 0) -> bytes:
    """A TIFF of *tags*: LONGs, or (type, count, value); *rest* lies behind them."""
    entries = b"".join(
        struct.pack("<HHII", tag, *(value if isinstance(value, tuple) else (4, 1, value)))
        for tag, value in sorted(tags.items())
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + _long(after) + rest


def _long(value: int) -> bytes:
    return struct.pack("<I", value)


def _grey(width: int, height: int, compression: int = 1, **tags: int) -> dict[int, int]:
    plain = {256: width, 257: height, 258: 8, 259: compression, 262: 1, 277: 1, 278: height}
    start = 8 + 2 + 12 * 9 + 4
    return plain | {273: start, 279: 1000}


def _tiff_of_pages(count: int) -> bytes:
    """One page, and then empty ones without number."""
    tags = _grey(48, 32)
    first = tiff(tags, bytes(48 * 32))
    pages = bytearray()
    for page in range(count):
        at = len(first) + page * 18
        pages += struct.pack("<HHHII", 1, 256, 4, 1, 48) + _long(at + 18 if page < count - 1 else 0)
    whole = bytearray(first + pages)
    whole[8 + 2 + 12 * 9 : 8 + 2 + 12 * 9 + 4] = _long(len(first))
    return bytes(whole)


def _nested_exif(depth: int) -> bytes:
    """EXIF whose every directory holds another, the last the first."""
    ifds = b""
    for level in range(depth):
        inner = 8 + 18 * ((level + 1) % depth)
        ifds += struct.pack("<HHHII", 1, 0x8769, 4, 1, inner) + _long(8)
    return b"Exif\0\0II*\0\x08\0\0\0" + ifds


@cache
def _black() -> bytes:
    return saved(Image.new("RGB", (7000, 7000)), "JPEG", progressive=True)


def _scans(count: int) -> bytes:
    """A black JPEG of 49 megapixels whose last scan comes *count* times more."""
    data = _black()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def _gif_of_frames(count: int) -> bytes:
    first = saved(picture("P"), "GIF")
    frame = first[first.index(b"\x2c") : -1]
    return first[:-1] + frame * count + b"\x3b"


def _gif_outside(place: int) -> bytes:
    first = saved(Image.new("P", (48, 32)), "GIF")
    start = first.index(b"\x2c")
    where = struct.pack("<HH", place, place)
    return first[:-1] + b"\x2c" + where + first[start + 5 : -1] + b"\x3b"


def _animated_png(frames: int) -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, 48, 32, 0, 0, 1, 10, 0, 0)
    return _small_png((b"acTL", struct.pack(">II", frames, 0)), (b"fcTL", control))


def _webp_canvas(side: int) -> bytes:
    """An animation whose small frames lie on a canvas of *side*²."""
    data = saved(picture(), "WEBP", save_all=True, append_images=[picture().rotate(180)])
    size = (side - 1).to_bytes(3, "little")
    return data[:24] + size + size + data[30:]


def _tiles(side: int) -> bytes:
    """A grey TIFF of *side*² in tiles of 16×16, all of which are the same few bytes."""
    count = (-(-side // 16)) ** 2
    tile = _zeros(256)
    first = 8 + 2 + 12 * 10 + 4
    offsets, counts = first + len(tile), first + len(tile) + 4 * count
    tags = {256: side, 257: side, 258: 8, 259: 8, 262: 1, 277: 1, 322: 16, 323: 16}
    places = {324: (4, count, offsets), 325: (4, count, counts)}
    return tiff(tags | places, tile + _long(first) * count + _long(len(tile)) * count)


def _profile_chunk(profile: bytes) -> tuple[bytes, bytes]:
    return b"iCCP", b"bomb\0\0" + profile


def _jpeg_with(*segments: tuple[int, bytes]) -> bytes:
    data = saved(picture(), "JPEG")
    inserted = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments
    )
    return data[:2] + inserted + data[2:]


BOMBS: dict[str, Callable[[], bytes]] = {
    # pixels
    "PNG of 10¹² pixels": lambda: _png(1_000_000, 1_000_000),
    "PNG of 2³¹ wide": lambda: _png(2**31 - 1, 16),
    "PNG of 50 megapixels in 50 kB": lambda: _png(7000, 7000, body=_zeros(7000 * 21_001)),
    "PNG whose pixels do not end": lambda: _png(48, 32, body=_zeros(2_000 * MEGABYTE)),
    "JPEG of 65500×65500": lambda: _resized("JPEG", saved(picture(), "JPEG"), 65500, 65500),
    "JPEG of 7000×7000, nearly empty": lambda: _resized(
        "JPEG", saved(picture(), "JPEG"), 7000, 7000
    ),
    "JPEG of 7000×7000 in 50 scans": lambda: _scans(41),
    "JPEG of 7000×7000 in 200 scans": lambda: _scans(191),
    "JPEG in 5000 scans": lambda: _scans(5000),
    "GIF of 65535×65535": lambda: _resized("GIF", saved(picture("P"), "GIF"), 65535, 65535),
    "GIF of 7000×7000 around a small frame": lambda: _resized(
        "GIF", saved(picture("P"), "GIF"), 7000, 7000
    ),
    "BMP of 2³¹ wide": lambda: _resized("BMP", saved(picture(), "BMP"), 2**31 - 1, 2**31 - 1),
    "BMP of 7000×7000, nearly empty": lambda: _resized("BMP", saved(picture(), "BMP"), 7000, 7000),
    "WebP canvas of 7000×7000": lambda: _webp_canvas(7000),
    "WebP canvas of 16383×16383": lambda: _webp_canvas(16383),
    "WebP canvas of 2²⁴×2²⁴": lambda: _webp_canvas(2**24),
    # frames and pages
    "GIF of 100 000 frames": lambda: _gif_of_frames(100_000)[: 19 * MEGABYTE],
    "GIF whose second frame lies far outside": lambda: _gif_outside(65_000),
    "animated PNG that promises 2³¹ frames": lambda: _animated_png(2**31),
    "TIFF of 300 000 pages": lambda: _tiff_of_pages(300_000),
    "TIFF that is its own next page": lambda: tiff(_grey(48, 32), bytes(48 * 32), after=8),
    # TIFF
    "TIFF in one tile of 60000×60000": lambda: tiff(
        {
            256: 48,
            257: 32,
            258: 8,
            259: 8,
            262: 1,
            277: 1,
            322: 60_000,
            323: 60_000,
            324: 134,
            325: 9,
        }
    ),
    "TIFF of 7000×7000 in tiles of 16×16": lambda: _tiles(7000),
    "TIFF deflated from 2 GB": lambda: tiff(
        _grey(7000, 7000, 8) | {279: 3 * MEGABYTE}, _zeros(2_000 * MEGABYTE)
    ),
    "TIFF of 65535 samples": lambda: tiff(_grey(48, 32) | {277: 65535}, bytes(48 * 32)),
    "TIFF tag with 2³² values": lambda: tiff(_grey(48, 32) | {700: (1, 2**32 - 1, 8)}, bytes(2000)),
    "TIFF whose tags all hold the file": lambda: tiff(
        _grey(48, 32) | dict.fromkeys(range(40_000, 60_000), (1, 5 * MEGABYTE, 8)),
        bytes(6 * MEGABYTE),
    ),
    "TIFF of 65535 strips": lambda: tiff(
        _grey(48, 32) | {278: 1, 273: (4, 65535, 134), 279: (4, 65535, 134)}, bytes(300_000)
    ),
    # chunks and metadata
    "PNG with 100 000 empty chunks": lambda: _small_png(*[(b"teSt", b"")] * 100_000),
    "PNG with 100 000 texts": lambda: _small_png(*[(b"tEXt", b"k\0" + b"v" * 100)] * 100_000),
    "PNG with a text of 1 GB": lambda: _small_png((b"zTXt", b"k\0\0" + _zeros(1_000 * MEGABYTE))),
    "PNG with 60 texts of 1 MB": lambda: _small_png(
        *[(b"zTXt", b"k%d\0\0" % number + _zeros(MEGABYTE)) for number in range(60)]
    ),
    "PNG with an international text of 1 GB": lambda: _small_png(
        (b"iTXt", b"k\0\1\0\0\0" + _zeros(1_000 * MEGABYTE))
    ),
    "PNG with a profile of 1 GB": lambda: _small_png(_profile_chunk(_zeros(1_000 * MEGABYTE))),
    "PNG with a profile that claims 4 GB": lambda: _small_png(
        _profile_chunk(zlib.compress(b"\xff" * 4 + icc()[4:]))
    ),
    "PNG with a profile of 2³² tags": lambda: _small_png(
        _profile_chunk(zlib.compress(icc()[:128] + b"\xff" * 4 + icc()[132:]))
    ),
    "PNG in pieces of one byte": lambda: png_of(
        (b"IHDR", struct.pack(">IIBBBBB", 300, 300, 8, 2, 0, 0, 0)),
        *[(b"IDAT", bytes([byte])) for byte in zlib.compress(bytes(901 * 300), 0)],
        (b"IEND", b""),
    ),
    "JPEG with 300 comments of 64 kB": lambda: _jpeg_with(*[(0xFE, b"c" * 65_000)] * 300),
    "JPEG with EXIF in circles": lambda: _jpeg_with((0xE1, _nested_exif(3000))),
    "JPEG with EXIF for ever": lambda: _jpeg_with((0xE1, _nested_exif(1))),
    "JPEG with 255 parts of a profile": lambda: _jpeg_with(
        *[(0xE2, b"ICC_PROFILE\0" + bytes((part, 255)) + bytes(65_000)) for part in range(1, 256)]
    ),
    "JPEG with a million restarts": lambda: saved(picture(), "JPEG")[:-2] + b"\xff\xd0" * 1_000_000,
    "JPEG of filling bytes": lambda: b"\xff\xd8" + b"\xff" * 2 * MEGABYTE,
    # two things at once
    "PNG and ZIP": lambda: saved(picture(), "PNG") + archive(),
    "ZIP and PNG": lambda: archive() + saved(picture(), "PNG"),
    "GIF and JavaScript": lambda: (
        saved(picture("P"), "GIF", comment=b"*/=1;alert(1)//")[:-1] + b"\x3b/*alert(1)*/"
    ),
    "JPEG and a web page": lambda: _jpeg_with((0xFE, b"<html><script>alert(1)</script>")),
    "PNG and JPEG": lambda: saved(picture(), "PNG") + saved(picture(), "JPEG"),
    "WebP in RIFF with sound": lambda: b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
    "a drawing that calls home": lambda: b'<svg xmlns:xlink="x"><image href="http://x/"/></svg>',
}
