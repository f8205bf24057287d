"""Which part of a picture is painted: what ``on`` means, as regions."""

from collections.abc import Sequence

import torch
from torch import Tensor

from stylize.colours import grey
from stylize.media.picture import Picture
from stylize.recipes.style import StyleRecipe
from stylize.regions import Region
from stylize.subject import subject_of

BLACK, WHITE = 0.1, 0.9
"""What of 0..1 counts as all black and all white: a JPEG's are never quite."""
ALIKE = 0.05
"""By how much, of 1, proportions may differ."""


def map_in(
    recipes: Sequence[StyleRecipe], content: Picture | None, mask: Picture | None
) -> Tensor | None:
    """(H, W) in 0..1, how much each place belongs to the subject, or to what the mask shows.

    In any size, over the whole content; None where none of *recipes* needs such a map. Raises
    ValueError, in words for whoever asked, for a content without a subject or a mask that does not
    suit it.
    """
    needed = any(recipe.on != "everything" or recipe.show == "map" for recipe in recipes)
    if content is None or not needed:
        return None
    return _of_mask(mask, content) if mask is not None else _clear(subject_of(content))


def regions_of(recipe: StyleRecipe, found: Tensor | None, styles: int) -> list[Region]:
    """The regions that *recipe* paints on, by the map *found*, with their shares of the styles.

    None of them where it paints everywhere. Raises ValueError where each part is to have a style of
    its own, and there is another number of them.
    """
    if found is None or recipe.on == "everything":
        return []
    names = recipe.on.split(",")
    if len(names) > 1 and styles != len(names):
        raise ValueError(f"on={recipe.on} needs {len(names)} style images, one each: not {styles}.")
    guides = [1 - found if name == "background" else found for name in names]
    shares = torch.eye(styles).tolist() if len(names) > 1 else [recipe.shares(styles)]
    return [Region(guide, share) for guide, share in zip(guides, shares, strict=True)]


def _of_mask(mask: Picture, content: Picture) -> Tensor:
    """(H, W) in 0..1, 1 where *mask* is white. Raises ValueError unless it suits *content*."""
    (height, width), (h, w) = mask.pixels.shape[1:], content.pixels.shape[1:]
    if abs(height * w / (width * h) - 1) > ALIKE:
        raise ValueError(
            f"the mask, {width}×{height}, has other proportions than the content picture, {w}×{h}: "
            "draw it over the content, in its size."
        )
    found = _clear(grey(_on_black(mask))[0] / 255)
    if not found.any():
        raise ValueError("the mask is black all over: make it white where to paint.")
    return found


def _clear(values: Tensor) -> Tensor:
    """*values* in 0..1 with what is nearly 0 or 1 made just that."""
    return ((values - BLACK) / (WHITE - BLACK)).clamp(0, 1)


def _on_black(picture: Picture) -> Tensor:
    """(3, H, W) in 0..255: what cannot be seen of a mask is not painted."""
    pixels = picture.pixels.float()
    return pixels if picture.alpha is None else pixels * picture.alpha / 255
