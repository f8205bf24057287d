"""Pictures that tests send, as bytes: good ones, and bad ones of each kind."""

import io
import struct
import zlib

from PIL import Image, ImageDraw


def png(width: int, height: int) -> bytes:
    """A smooth picture with an edge in it."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    ImageDraw.Draw(image).ellipse(
        (width // 4, height // 4, width // 2, height // 2), fill=(220, 120, 40)
    )
    return _saved(image, "PNG")


def stripes(width: int, height: int) -> bytes:
    """A picture with a strong texture."""
    image = Image.new("RGB", (width, height), (20, 40, 120))
    draw = ImageDraw.Draw(image)
    for x in range(-height, width, 12):
        draw.line((x, 0, x + height, height), fill=(230, 180, 60), width=5)
    return _saved(image, "PNG")


def jpeg(width: int, height: int) -> bytes:
    return _saved(Image.open(io.BytesIO(png(width, height))), "JPEG")


def animated_gif() -> bytes:
    first, *rest = (Image.new("RGB", (48, 48), color) for color in ("red", "green", "blue"))
    buffer = io.BytesIO()
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=100)
    return buffer.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 100 000 × 100 000 pixels."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _saved(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()
