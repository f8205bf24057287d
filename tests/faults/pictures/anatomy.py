"""Where the pieces and the numbers of a picture file are, so that both can be tampered with.

Every format is read with as little faith as a decoder should have: a file that was already
tampered with has the anatomy of as much of it as makes sense.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Number:
    """An unsigned integer in the file."""

    at: int
    size: int
    order: str = "little"


@dataclass
class Anatomy:
    pieces: list[tuple[int, int]] = field(default_factory=list)
    """Start and end of each chunk, segment, block or tag."""
    numbers: list[Number] = field(default_factory=list)
    """Lengths, sizes, counts, offsets, types and flags."""
    sides: list[Number] = field(default_factory=list)
    """Widths and heights."""

    def number(self, at: int, sizes: str, order: str = "little") -> None:
        """Numbers one after the other from *at* on, of as many bytes as the digits of *sizes*."""
        for size in map(int, sizes):
            self.numbers.append(Number(at, size, order))
            at += size

    def area(self, at: int, sizes: str, order: str = "little") -> None:
        """Width and height, or height and width."""
        before = len(self.numbers)
        self.number(at, sizes, order)
        self.sides += self.numbers[before:]


def anatomy(kind: str, data: bytes) -> Anatomy:
    """The anatomy of *data*, a file of the format *kind*."""
    found = Anatomy()
    with suppress(struct.error, IndexError):  # there is no more to it
        _READERS[kind](data, found)
    for numbers in (found.numbers, found.sides):
        numbers[:] = [number for number in numbers if number.at + number.size <= len(data)]
    return found


def repaired(kind: str, data: bytes) -> bytes:
    """*data* with the checksums and the length that decoders check before they look inside."""
    if kind == "WEBP" and len(data) >= 12:
        return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    if kind != "PNG":
        return data
    whole = bytearray(data)
    for start, end in _png_chunks(data):
        if end - start >= 12:
            whole[end - 4 : end] = struct.pack(">I", zlib.crc32(data[start + 4 : end - 4]))
    return bytes(whole)


def _png_chunks(data: bytes) -> Iterator[tuple[int, int]]:
    at = 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = min(at + 12 + length, len(data))
        yield at, end
        at = end


_INSIDE_PNG = {b"IHDR": "4411111", b"acTL": "44", b"fcTL": "444442211", b"pHYs": "441"}


def _png(data: bytes, found: Anatomy) -> None:
    for start, end in _png_chunks(data):
        found.pieces.append((start, end))
        found.number(start, "44", "big")
        found.number(start + 8, _INSIDE_PNG.get(data[start + 4 : start + 8], "112"), "big")
        if data[start + 4 : start + 8] == b"IHDR":
            found.area(start + 8, "44", "big")
        if data[start + 4 : start + 8] == b"eXIf":
            _tiff(data, found, start + 8)


def _jpeg(data: bytes, found: Anatomy) -> None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            at = data.index(b"\xff", at) if b"\xff" in data[at:] else len(data)
            continue
        marker = data[at + 1]
        if marker in (0, 1, 0xFF, 0xD8, 0xD9) or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = min(at + 2 + length, len(data))
        if marker == 0xDA:  # with what is scanned
            while end < len(data) - 1 and (data[end] != 0xFF or data[end + 1] in range(0xD8)):
                end += 1
        found.pieces.append((at, end))
        found.number(at + 1, "12", "big")
        inside = {0xC4: "1" * 17, 0xDB: "1" * 8, 0xDA: "1" * 10, 0xDD: "2"}
        found.number(at + 4, inside.get(marker, "1221111111"), "big")
        if marker in (0xC0, 0xC1, 0xC2):
            found.area(at + 5, "22", "big")
        if data[at + 4 : at + 8] == b"Exif":
            _tiff(data, found, at + 10)
        at = end


def _gif(data: bytes, found: Anatomy) -> None:
    found.area(6, "22")
    found.number(10, "111")
    at = 13 + _gif_palette(data[10])
    while data[at] in (0x21, 0x2C):
        start = at
        if data[at] == 0x2C:
            found.number(at + 1, "22")
            found.area(at + 5, "22")
            found.number(at + 9, "1")
            at += 10 + _gif_palette(data[at + 9])
            found.number(at, "1")
            at += 1
        else:
            found.number(at + 1, "1")
            at += 2
        while data[at]:
            found.number(at, "1121")
            at += 1 + data[at]
        at += 1
        found.pieces.append((start, at))


def _gif_palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


_INSIDE_WEBP = {
    b"VP8X": "1111333",
    b"ANIM": "42",
    b"ANMF": "3333314441",
    b"VP8 ": "3122222",
    b"VP8L": "141",
    b"ALPH": "11",
}


def _webp(data: bytes, found: Anatomy) -> None:
    found.number(4, "4")
    at = 12
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at + 4)
        end = min(at + 8 + length + length % 2, len(data))
        found.pieces.append((at, end))
        found.number(at, "44")
        found.number(at + 8, _INSIDE_WEBP.get(data[at : at + 4], "1111"))
        if data[at : at + 4] in (b"VP8X", b"VP8 "):
            found.area(*((at + 12, "33") if data[at + 3] == 0x58 else (at + 14, "22")))
        if data[at : at + 4] == b"EXIF":
            _tiff(data, found, at + 8)
        at = end


def _bmp(data: bytes, found: Anatomy) -> None:
    found.number(2, "4224")
    found.number(14, "4")
    found.area(18, "44")
    found.area(18, "22")  # as the old header has it
    found.number(26, "224444444444")
    (start,) = struct.unpack_from("<I", data, 10)
    found.pieces += [(14, 54), (54, start), (start, len(data))]
    found.number(start, "11111111")


_TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 16: 8}
_TIFF_SIDES = (256, 257, 278, 322, 323)
_SUB_IFDS = (330, 34665, 34853, 40965)


def _tiff(data: bytes, found: Anatomy, base: int = 0) -> None:
    order = "little" if data[base : base + 2] == b"II" else "big"
    big = data[base + 2 : base + 4] in (b"\x2b\0", b"\0\x2b")
    word = 8 if big else 4  # counts, offsets and what fits into a tag
    head, entry = (8, 20) if big else (2, 12)

    def read(at: int, size: int) -> int:
        if at + size > len(data):
            raise IndexError
        return int.from_bytes(data[at : at + size], order)  # type: ignore[arg-type]

    found.number(base + 2, "2", order)
    found.number(base + (8 if big else 4), str(word), order)
    queue, seen = [read(base + (8 if big else 4), word)], set()
    while queue:
        ifd = queue.pop()
        if ifd in seen or not ifd:
            continue
        seen.add(ifd)
        at = base + ifd
        count = min(read(at, head), 100)
        found.number(at, str(head), order)
        for start in range(at + head, at + head + count * entry, entry):
            found.pieces.append((start, start + entry))
            found.number(start, f"22{word}{word}", order)
            tag, kind, many = read(start, 2), read(start + 2, 2), read(start + 4, word)
            value = start + 4 + word
            if tag in _TIFF_SIDES:
                found.area(value, "2" if kind == 3 else str(word), order)
            if tag in _SUB_IFDS:
                queue.append(read(value, word))
            elif many * _TIFF_SIZES.get(kind, 1) > word:
                found.number(base + read(value, word), "44", order)
        after = at + head + count * entry
        found.number(after, str(word), order)
        queue.append(read(after, word))


_HOLDERS = {b"meta": 12, b"iprp": 8, b"ipco": 8, b"iref": 12, b"iinf": 14, b"dinf": 8}
_HOLDERS |= dict.fromkeys((b"moov", b"trak", b"mdia", b"minf", b"stbl"), 8)
"""Boxes that hold boxes, and where these begin."""


def _boxes(data: bytes, found: Anatomy, at: int = 0, end: int | None = None) -> None:
    end = len(data) if end is None else end
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", data, at)
        until = min(at + max(length, 8), end)
        found.pieces.append((at, until))
        found.number(at, "44", "big")
        if kind == b"ispe":
            found.area(at + 12, "44", "big")
        elif kind in _HOLDERS:
            _boxes(data, found, at + _HOLDERS[kind], until)
        else:  # versions, flags, counts, references, offsets
            found.number(at + 8, "1" * min(24, until - at - 8), "big")
            found.number(at + 12, "2" * min(20, (until - at - 12) // 2), "big")
        at = until


_READERS: dict[str, Callable[[bytes, Anatomy], None]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "GIF": _gif,
    "WEBP": _webp,
    "BMP": _bmp,
    "TIFF": _tiff,
    "AVIF": _boxes,
    "HEIF": _boxes,
}
