"""Whatever way a file stores its colours ─► 8-bit sRGB, and alpha apart.

Files come in grey, palette, CMYK, CIELAB and 16 bits; painting knows one colour space only.
Everything here works on Pillow images whose pixels are already decoded.
"""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_SRGB = ImageCms.createProfile("sRGB")
_PROFILE_SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}
"""The colour space that an ICC profile must describe to fit pixels of a mode."""


def to_srgb(image: Image.Image) -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
    """Split *image*, of any mode, into its colours in sRGB, (H, W, 3), and its alpha, (H, W).

    The colours are not multiplied by alpha, which is None where the picture is opaque. An ICC
    profile is honoured where it fits the pixels, and a broken one is ignored, as browsers do.
    """
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I;16"):
        image = _grey8(image)
    if not image.has_transparency_data:
        return np.asarray(_apply_profile(image, profile)), None
    rgba = image.convert("RGBA")
    alpha = rgba.getchannel("A")
    opaque = rgba.convert("L" if image.mode in ("L", "LA") else "RGB")
    colours = np.asarray(_apply_profile(opaque, profile))
    return colours, None if alpha.getextrema() == (255, 255) else np.asarray(alpha)


def _apply_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB in sRGB from an opaque image, through its ICC *profile* where that is usable."""
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return _transform(image, ImageCms.ImageCmsProfile(lab))
    if image.mode not in _PROFILE_SPACES:  # 1, P, YCbCr …
        image = image.convert("RGB")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if source.profile.xcolor_space.strip() == _PROFILE_SPACES[image.mode]:
                return _transform(image, source)
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # better slightly wrong colours than no painting
    return image.convert("RGB")


def _transform(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    converted = ImageCms.profileToProfile(
        image,
        source,
        _SRGB,
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    assert converted is not None  # None only when converting in place  # noqa: S101
    return converted


def _grey8(image: Image.Image) -> Image.Image:
    """16-bit grey scaled (not clipped) to L, or to LA where one grey is see-through."""
    values = np.asarray(image)
    levels = np.empty(values.shape, np.uint8)
    for row, line in zip(levels, values, strict=True):  # in 64 bits, a photograph is huge
        row[:] = np.rint(line / 257)
    grey = Image.fromarray(levels)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        opaque = (values != transparent).astype(np.uint8) * 255
        grey.putalpha(Image.fromarray(opaque))
    return grey
