"""The structure of a PNG file."""

import struct
import zlib
from collections.abc import Iterator

from PIL.PngImagePlugin import MAX_TEXT_CHUNK

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = 25
"""Where it is in a file, whose first chunk is IHDR."""

_KEPT = (b"tRNS", b"iCCP", b"eXIf")
"""Of the chunks that a reader may pass over, those that say how the pixels are to be read."""

_TRANSPARENCY = {0: 2, 2: 6, 3: 1}
"""How long a tRNS chunk is at least: of one grey, one colour, the first of a palette."""

_ANIMATION = {b"acTL": 8, b"fcTL": 26, b"fdAT": 4}
"""The chunks of an animation, and how long they are at least."""


def essential(data: bytes) -> bytes:
    """*data* without texts and whatever else may be wrong and is no pixel.

    Checksums of what a reader may pass over are put right; a last chunk that is cut short is ended.
    """
    lengths = [(kind, len(body)) for kind, body, _ in _chunks(data)]
    animated = all(length >= _ANIMATION.get(kind, 0) for kind, length in lengths)
    animated &= any(kind == b"acTL" for kind, _ in lengths)
    kept = (*_KEPT, *(_ANIMATION if animated else ()))
    whole = bytearray(SIGNATURE)
    for kind, body, checksum in _chunks(data):
        if kind[:1].islower():
            if kind not in kept or (kind == b"iCCP" and not _unpacks(body)):
                continue
            if kind == b"tRNS" and len(body) < _TRANSPARENCY.get(data[_COLOUR_TYPE], 0):
                continue
            checksum = None
        if checksum is None:
            checksum = struct.pack(">I", zlib.crc32(kind + body))
        whole += struct.pack(">I", len(body)) + kind + body + checksum
    return bytes(whole)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes | None]]:
    """Type, body and checksum of each; None for the checksum of one that is cut short."""
    at = len(SIGNATURE)
    while len(head := data[at : at + 8]) == 8:
        length, kind = struct.unpack(">I4s", head)
        checksum = data[at + 8 + length : at + 12 + length]
        yield kind, data[at + 8 : at + 8 + length], checksum if len(checksum) == 4 else None
        at += 12 + length
        if kind == b"IEND":
            return


def _unpacks(body: bytes) -> bool:
    """Whether an iCCP chunk holds what Pillow will take for a profile."""
    packed = body.partition(b"\0")[2]
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(packed[1:], MAX_TEXT_CHUNK)
    except zlib.error:
        return False
    return packed[:1] == b"\0" and unpacker.eof
