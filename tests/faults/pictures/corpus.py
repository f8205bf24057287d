"""Sound files of every format in as many of its shapes as can be had: what the fuzzer starts from.

They are made here and now, but for HEIC, which nothing here can write: those lie in ``heic``, and
``pillow_heif`` wrote them. All are small: 48×32 pixels.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

SIZE = (48, 32)
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF")
HEIC = Path(__file__).parent / "heic"
MARK = "PLANTED-MARK"
"""In every piece of metadata, to be looked for where it must not be."""

Corpus = dict[str, bytes]
"""Files by what is special about them."""


@cache
def corpus(kind: str) -> Corpus:
    """All seeds of one of the ``FORMATS``."""
    return dict(_MAKERS[kind]())


def picture(mode: str = "RGB") -> Image.Image:
    """Something without symmetry, with edges and gradients, in *mode*."""
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    if mode in ("I;16", "I", "F"):
        dtype = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        return Image.fromarray(((x * 1300 + y * 77) % 65536).astype(dtype))
    planes = [x * 5, y * 8, (x * y) % 256, 255 - x * 2]
    rgba = Image.fromarray(np.stack(planes, -1).astype(np.uint8))
    if mode == "LAB":
        spaces = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        lab = ImageCms.profileToProfile(rgba.convert("RGB"), *spaces, outputMode="LAB")
        assert lab is not None
        return lab
    if mode in ("RGBA", "LA"):
        return rgba.convert(mode)
    return rgba.convert("RGB").quantize(64) if mode == "P" else rgba.convert("RGB").convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif(orientation: int = 6) -> bytes:
    """EXIF with a place on earth, a camera, a comment and a thumbnail."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F], tags[0x0110] = f"{MARK} maker", f"{MARK} model"
    tags[0x013B], tags[0x8298] = f"{MARK} artist", f"{MARK} copyright"
    tags.get_ifd(0x8769).update({0x9003: "2026:11:22 12:00:00", 0x9286: MARK.encode()})
    tags.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 59.5), 3: "E", 4: (13.0, 22.0, 39.6)})
    tags.get_ifd(0x8825)[0x1B] = MARK.encode()
    thumbnail = saved(picture().resize((16, 16)), "JPEG", comment=f"{MARK} thumbnail")
    return tags.tobytes() + thumbnail


def icc() -> bytes:
    """An sRGB profile, with the mark where its description is."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace("sRGB".encode("utf-16-be"), MARK[:4].encode("utf-16-be")) + MARK.encode()


def xmp() -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
        f'syntax-ns#"><rdf:Description>{MARK}</rdf:Description></rdf:RDF></x:xmpmeta>'
    ).encode()


def stuffed(kind: str) -> bytes:
    """A picture of format *kind* with all the metadata that it can hold."""
    match kind:
        case "PNG":
            info = PngInfo()
            info.add_text("Comment", f"{MARK} text")
            info.add_text("Author", f"{MARK} packed", zip=True)
            info.add_itxt("XML:com.adobe.xmp", xmp().decode())
            options = {"pnginfo": info, "exif": exif(), "icc_profile": icc(), "dpi": (71, 71)}
            return saved(picture(), "PNG", **options)
        case "JPEG":
            options = {"exif": exif(), "icc_profile": icc(), "xmp": xmp(), "comment": MARK}
            return saved(picture(), "JPEG", quality=95, **options)
        case "GIF":
            return saved(picture("P"), "GIF", comment=MARK.encode())
        case "WEBP":
            return saved(picture(), "WEBP", exif=exif(), icc_profile=icc(), xmp=xmp())
        case "BMP":
            return saved(picture(), "BMP", dpi=(71, 71)) + MARK.encode()
        case "TIFF":
            tags = TiffImagePlugin.ImageFileDirectory_v2()
            tags[270], tags[305] = f"{MARK} description", f"{MARK} software"
            tags[700] = xmp()
            return saved(picture(), "TIFF", tiffinfo=tags, icc_profile=icc(), exif=exif())
        case "AVIF":
            return saved(picture(), "AVIF", exif=exif(), icc_profile=icc(), xmp=xmp())
        case "HEIF":
            return (HEIC / "all metadata.heic").read_bytes()
    raise ValueError(kind)


def _png() -> Iterator[tuple[str, bytes]]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield mode, saved(picture(mode), "PNG")
    yield "P see-through", saved(picture("P"), "PNG", transparency=bytes(range(64)))
    yield "L see-through", saved(picture("L"), "PNG", transparency=40)
    yield "RGB see-through", saved(picture(), "PNG", transparency=(0, 0, 0))
    yield "I;16 see-through", saved(picture("I;16"), "PNG", transparency=1300)
    yield "P of 2 bits", saved(picture().quantize(4), "PNG", bits=2)
    yield "interlaced", interlaced_png()
    frames = [picture("RGBA").rotate(90), picture("RGBA").rotate(180)]
    yield "animated", saved(picture("RGBA"), "PNG", save_all=True, append_images=frames)
    yield "all metadata", stuffed("PNG")


def _jpeg() -> Iterator[tuple[str, bytes]]:
    for mode in ("L", "RGB", "CMYK"):
        yield mode, saved(picture(mode), "JPEG")
        yield f"{mode} progressive", saved(picture(mode), "JPEG", progressive=True)
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        yield subsampling, saved(picture(), "JPEG", subsampling=subsampling, optimize=True)
    yield "restarts", saved(picture(), "JPEG", restart_marker_blocks=1)
    yield "kept as RGB", saved(picture(), "JPEG", keep_rgb=True)
    yield "CMYK with a profile", saved(picture("CMYK"), "JPEG", icc_profile=icc())
    yield "two pictures", saved(picture(), "MPO", save_all=True, append_images=[picture("RGB")])
    for orientation in range(1, 9):
        yield f"turned {orientation}", saved(picture(), "JPEG", exif=exif(orientation))
    yield "all metadata", stuffed("JPEG")


def _gif() -> Iterator[tuple[str, bytes]]:
    yield "L", saved(picture("L"), "GIF")
    yield "1", saved(picture("1"), "GIF")
    yield "not interlaced", saved(picture("P"), "GIF", interlace=0)
    yield "see-through", saved(picture("P"), "GIF", transparency=3)
    frames = [picture().rotate(angle) for angle in (90, 180, 270)]
    for disposal in range(4):
        options = {"save_all": True, "append_images": frames, "disposal": disposal, "loop": 0}
        yield f"animated {disposal}", saved(picture(), "GIF", **options)
    yield "all metadata", stuffed("GIF")


def _webp() -> Iterator[tuple[str, bytes]]:
    for mode in ("RGB", "RGBA"):
        yield f"{mode} lossy", saved(picture(mode), "WEBP")
        yield f"{mode} lossless", saved(picture(mode), "WEBP", lossless=True)
    yield "palette", saved(picture("P").convert("RGB"), "WEBP", lossless=True, method=6)
    frames = [picture("RGBA").rotate(90), picture("RGBA").rotate(180)]
    for lossless in (False, True):
        options = {"save_all": True, "append_images": frames, "lossless": lossless}
        yield f"animated, lossless {lossless}", saved(picture("RGBA"), "WEBP", **options)
    yield "all metadata", stuffed("WEBP")


def _bmp() -> Iterator[tuple[str, bytes]]:
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield mode, saved(picture(mode), "BMP")
    yield "run lengths", _rle_bmp()
    yield "16 bits", _bmp_of(16, 3, struct.pack("<III", 0xF800, 0x7E0, 0x1F), bytes(SIZE[0] * 2))
    yield "old header", _old_bmp()
    yield "all metadata", stuffed("BMP")


def _tiff() -> Iterator[tuple[str, bytes]]:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"):
        yield mode, saved(picture(mode), "TIFF")
        for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits"):
            yield f"{mode} {compression}", saved(picture(mode), "TIFF", compression=compression)
    for compression in ("group3", "group4", "tiff_ccitt"):
        yield compression, saved(picture("1"), "TIFF", compression=compression)
    for compression in ("jpeg", "tiff_deflate", "lzma", "zstd"):
        yield compression, saved(picture(), "TIFF", compression=compression)
    yield "BigTIFF", saved(picture(), "TIFF", big_tiff=True)
    yield "strips", saved(picture(), "TIFF", tiffinfo={278: 4}, compression="tiff_lzw")
    pages = [picture("L"), picture("CMYK")]
    yield "pages", saved(picture(), "TIFF", save_all=True, append_images=pages)
    yield (
        "BigTIFF pages",
        saved(picture(), "TIFF", save_all=True, append_images=pages, big_tiff=True),
    )
    yield "all metadata", stuffed("TIFF")


def _avif() -> Iterator[tuple[str, bytes]]:
    for mode in ("L", "RGB", "RGBA"):
        yield mode, saved(picture(mode), "AVIF", speed=10)
    for subsampling in ("4:2:0", "4:2:2", "4:4:4"):
        yield subsampling, saved(picture(), "AVIF", subsampling=subsampling, speed=10)
    yield "limited range", saved(picture(), "AVIF", range="limited", speed=10)
    yield "turned", saved(picture(), "AVIF", exif=exif(8), speed=10)
    yield "premultiplied", saved(picture("RGBA"), "AVIF", alpha_premultiplied=True, speed=10)
    frames = [picture("RGBA").rotate(90), picture("RGBA").rotate(180)]
    options = {"save_all": True, "append_images": frames, "speed": 10}
    yield "animated", saved(picture("RGBA"), "AVIF", **options)
    yield "all metadata", stuffed("AVIF")


def _heif() -> Iterator[tuple[str, bytes]]:
    for file in sorted(HEIC.iterdir()):
        yield file.stem, file.read_bytes()


def interlaced_png() -> bytes:
    """Adam7, which Pillow reads and does not write."""
    pixels = np.asarray(picture("L"))
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4))
    passes += ((2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
    rows = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, across in passes
        for row in pixels[top::down, left::across]
    )
    header = struct.pack(">IIBBBBB", *SIZE, 8, 0, 0, 0, 1)
    return png_of((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of (type, body) chunks with the checksums that they need."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _bmp_of(bits: int, compression: int, extra: bytes, row: bytes) -> bytes:
    body = row * SIZE[1]
    start = 14 + 40 + len(extra)
    header = struct.pack(
        "<IiiHHIIiiII", 40, *SIZE, 1, bits, compression, len(body), 2835, 2835, 0, 0
    )
    return struct.pack("<2sIHHI", b"BM", start + len(body), 0, 0, start) + header + extra + body


def _rle_bmp() -> bytes:
    palette = b"".join(bytes((grey, grey, grey, 0)) for grey in range(256))
    row = b"".join(bytes((8, 40 * number)) for number in range(SIZE[0] // 8)) + b"\0\0"
    return _bmp_of(8, 1, palette, row)


def _old_bmp() -> bytes:
    row = bytes(range(SIZE[0] * 3))
    header = struct.pack("<IHHHH", 12, *SIZE, 1, 24)
    return struct.pack("<2sIHHI", b"BM", 26 + len(row) * SIZE[1], 0, 0, 26) + header + row * SIZE[1]


_MAKERS: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "GIF": _gif,
    "WEBP": _webp,
    "BMP": _bmp,
    "TIFF": _tiff,
    "AVIF": _avif,
    "HEIF": _heif,
}
