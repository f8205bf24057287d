"""The structure of a JPEG file: what it is made of, and how much of it is there.

ITU T.81, annexes B (markers) and G (progressive scans).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stylize.media.limits import Refusal

MOST_SCANS = 50
"""A progressive JPEG has about ten scans; each costs a pass over all pixels and few bytes."""

START, END, SCAN = 0xD8, 0xD9, 0xDA
PROGRESSIVE = 0xC2
FRAMES = (0xC0, 0xC1, PROGRESSIVE)
"""Baseline and extended are the others: what decoders read."""

_COEFFICIENTS = 26
"""Bytes of them for each pixel that may be decoded: less than what the sandbox has for one."""

_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]")
"""Of a segment, of the beginning or the end: not a byte 255 among the pixels, nor a restart."""

_KEPT = {
    0xE0: (b"JFIF", 16),
    0xE1: (b"Exif\0\0", 8),
    0xE2: (b"ICC_PROFILE\0", 17),
    0xEE: (b"Adobe", 14),
}
"""Of the applications' segments, those that say how the pixels are to be read: how they begin, and
how long they are at least."""


@dataclass(frozen=True)
class Segment:
    marker: int
    start: int
    """Where the marker is."""
    end: int
    """Behind the segment; of a scan, behind its header."""


def segments(data: bytes) -> Iterator[Segment]:
    """Up to the end of the picture as libjpeg will find it.

    What lies inside of segments does not count, nor what lies behind the picture: there, phones
    keep a thumbnail, a second picture or a film. The last may reach beyond *data*.
    """
    at = 0
    while found := _MARKER.search(data, at):
        start, at, marker = found.start(), found.end(), found[0][1]
        if marker not in (START, END):
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
        yield Segment(marker, start, at)
        if marker == END:
            return


def check(data: bytes, max_pixels: int) -> None:
    """Refuse what takes far more time or memory than pictures of *max_pixels* do.

    Decoders keep all coefficients where these come in several scans, at two bytes each, and pass
    over them with each scan, at whatever size the picture is wanted.
    """
    scans = pixels = samples = components = 0
    several = False
    for segment in segments(data):
        body = data[segment.start + 4 : segment.end]
        if segment.marker in FRAMES and len(body) > 5:
            pixels = int.from_bytes(body[1:3], "big") * int.from_bytes(body[3:5], "big")
            components, several = body[5], segment.marker == PROGRESSIVE
            factors = [(each >> 4) * (each & 15) for each in body[7::3][:components]]
            samples = pixels * sum(factors) // max(1, *factors, 1)
        elif segment.marker == SCAN and body:
            scans += 1
            several |= body[0] < components
        if scans > MOST_SCANS:
            raise Refusal("is built to waste time: save it again as a plain JPEG.")
    if several and (
        scans * pixels > MOST_SCANS * max_pixels or 2 * samples > _COEFFICIENTS * max_pixels
    ):
        raise Refusal("is too large for a progressive JPEG: save it again as a plain one.")


def reduction(width: int, height: int, max_pixels: int) -> int:
    """By how much a JPEG is to be scaled down while it is decoded: 1, 2, 4 or 8."""
    return next((by for by in (1, 2, 4) if width * height <= max_pixels * by * by), 8)


def essential(data: bytes) -> bytes:
    """*data* without comments, previews and whatever else may be wrong and is no pixel."""
    parts, done = [], 0
    for segment in segments(data):
        marker, start, end = segment.marker, segment.start, segment.end
        if marker == SCAN:
            break
        application = 0xE0 <= marker <= 0xEF or marker == 0xFE
        name, least = _KEPT.get(marker, (b"", 1 << 16))
        if application and not (end - start > least and data.startswith(name, start + 4)):
            parts.append(data[done:start])
            done = end
    return b"".join((*parts, data[done:]))


@dataclass(frozen=True)
class Progress:
    """What the scans of a file hold that may end early, the last being taken for whole."""

    size: tuple[int, int]
    """Height and width."""
    complete: bool
    """Whether no scan is missing: every coefficient has come to its last bit."""
    refines: bool
    """Whether the last scan adds to coefficients that were there before."""
    block: tuple[int, int]
    """Height and width in pixels of what the last scan fills at once, row after row."""
    end: int
    """Where a last segment begins that is not whole, or the file ends."""


def progress(data: bytes) -> Progress | None:
    """How far *data* goes; None where no pixel is in it."""
    sampling: dict[int, tuple[int, int]] = {}
    lacking: dict[tuple[int, int], int] = {}
    scan, frame, end = b"", b"", len(data)
    for segment in segments(data):
        body = data[segment.start + 4 : segment.end]
        if segment.end > len(data):
            end = segment.start
            break
        if segment.marker in FRAMES:
            frame = body
            parts = [body[at : at + 3] for at in range(6, 6 + 3 * body[5], 3)]
            sampling = {part: (factors & 15, factors >> 4) for part, factors, _ in parts}
            lacking = {(part, number): 16 for part in sampling for number in range(64)}
        elif segment.marker == SCAN:
            scan = body
            first, until, bits = scan[-3:]
            for part in scan[1:-3:2]:
                for number in range(first, until + 1):
                    lacking[part, number] = bits & 15
    if not scan or not frame:
        return None
    down, across = (max(factors) for factors in zip(*sampling.values(), strict=True))
    if scan[0] == 1:  # the places of one component alone lie row after row
        down, across = down // sampling[scan[1]][0], across // sampling[scan[1]][1]
    return Progress(
        size=(int.from_bytes(frame[1:3], "big"), int.from_bytes(frame[3:5], "big")),
        complete=not any(lacking.values()),
        refines=scan[-1] >> 4 > 0,
        block=(8 * down, 8 * across),
        end=end,
    )


def has_end(data: bytes) -> bool:
    return any(segment.marker == END for segment in segments(data))
