"""Tampering with sound files: in what they say, in how they are put together, and blindly."""

import random
import zipfile
from io import BytesIO

from tests.faults.pictures.anatomy import anatomy, repaired
from tests.faults.pictures.corpus import FORMATS, Corpus, corpus

_LONGEST = 2_000_000


class Mutator:
    """Hostile relatives of one format's sound files; the same *seed*, the same files."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._seeds: Corpus = corpus(kind)

    def file(self, seed: int) -> bytes:
        """File number *seed*."""
        chance = random.Random(f"{self.kind} {seed}")
        data = chance.choice(list(self._seeds.values()))
        for _ in range(chance.choice((1, 1, 2, 3, 6))):
            ways = (_number, _size, _piece, self._splice, _blind, _dress)
            (way,) = chance.choices(ways, (10, 2, 5, 2, 3, 1))
            data = way(self.kind, data, chance)[:_LONGEST]
        return repaired(self.kind, data) if chance.random() < 0.9 else data

    def _splice(self, kind: str, data: bytes, chance: random.Random) -> bytes:
        """A piece of another file, of this format or, one time in eight, of any."""
        if chance.random() < 1 / 8:
            kind = chance.choice(FORMATS)
            other = chance.choice(list(corpus(kind).values()))
        else:
            other = chance.choice(list(self._seeds.values()))
        theirs, ours = anatomy(kind, other).pieces, anatomy(self.kind, data).pieces
        if not theirs or not ours:
            return data
        start, end = chance.choice(theirs)
        at = chance.choice(chance.choice(ours))
        return data[:at] + other[start:end] + data[at:]


def _number(kind: str, data: bytes, chance: random.Random) -> bytes:
    """A length, a size, a count, an offset or a flag that is not what it should be."""
    numbers = anatomy(kind, data).numbers
    if not numbers:
        return data
    number, other = chance.choice(numbers), chance.choice(numbers)
    most = 256**number.size - 1
    held = int.from_bytes(data[number.at : number.at + number.size], number.order)  # type: ignore[arg-type]
    value = chance.choice(
        (
            *(0, 1, 2, 15, 16, 17, 255, 256, 65500, most, most - 1, most // 2, most // 2 + 1),
            *(held + 1, held - 1, held * 2, held // 2, held ^ (1 << chance.randrange(8))),
            *(number.at, other.at, len(data), len(data) - number.at),
            *(chance.randrange(most + 1), chance.randrange(100), chance.randrange(10_000)),
        )
    )
    raw = (value % (most + 1)).to_bytes(number.size, number.order)  # type: ignore[arg-type]
    return data[: number.at] + raw + data[number.at + number.size :]


def _size(kind: str, data: bytes, chance: random.Random) -> bytes:
    """Another width and height, wherever they stand."""
    whole = bytearray(data)
    side = chance.choice((15, 16, 49, 700, 999, 1001, 5000, 7000, 20_000))
    for number in anatomy(kind, data).sides:
        if chance.random() < 0.9:
            value = min(side, 256**number.size - 1)
            whole[number.at : number.at + number.size] = value.to_bytes(number.size, number.order)  # type: ignore[arg-type]
    return bytes(whole)


def _piece(kind: str, data: bytes, chance: random.Random) -> bytes:
    """A piece dropped, emptied, repeated up to some hundreds of times, or changed for another."""
    pieces = anatomy(kind, data).pieces
    if not pieces:
        return data
    start, end = chance.choice(pieces)
    before, piece, after = data[:start], data[start:end], data[end:]
    match chance.randrange(5):
        case 0:
            return before + after
        case 1:
            return before + piece[: chance.randrange(len(piece) + 1)] + after
        case 2:
            return before + piece * chance.choice((2, 3, 10, 300)) + after
        case 3:
            noise = chance.randbytes(chance.choice((1, 10, 1000)))
            at = chance.randrange(len(piece) + 1)
            return before + piece[:at] + noise + piece[at:] + after
        case _:
            (first, until), (second, last) = sorted(((start, end), chance.choice(pieces)))
            if until > second:
                return data
            moved = data[second:last] + data[until:second] + data[first:until]
            return data[:first] + moved + data[last:]


def _blind(kind: str, data: bytes, chance: random.Random) -> bytes:
    """Bits that flip, bytes that are lost, and an end that comes early."""
    whole = bytearray(data)
    match chance.randrange(3):
        case 0 if whole:
            for _ in range(chance.choice((1, 5, 50))):
                whole[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        case 1:
            at = chance.randrange(len(whole) + 1)
            del whole[at : at + chance.choice((1, 4, 100))]
        case _:
            del whole[chance.randrange(len(whole) + 1) :]
    return bytes(whole)


def _dress(kind: str, data: bytes, chance: random.Random) -> bytes:
    """A file that is something else as well."""
    match chance.randrange(4):
        case 0:
            return data + archive()
        case 1:
            return data + b"<html><script>alert(1)</script></html>"
        case 2:
            return data + chance.choice(list(corpus(chance.choice(FORMATS)).values()))
        case _:
            return chance.choice((b"\0", b"<!--", b"/*", b"\xff\xd8\xff")) + data


def archive() -> bytes:
    """A small ZIP."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("page.html", "<script>alert(1)</script>")
    return file.getvalue()
