"""The terms of the loss, one a file, with the pure functions that they are made of.

All are means rather than the sums of the paper by Gatys, Ecker & Bethge (CVPR 2016). Content and
style are divided by what features of 0 would have, and then the factor cancels.

Each takes weights of places, of mean 1 over the whole picture (``stylize.guides``): the mean is
then a weighted one. Without weights every place counts the same.
"""

from stylize.losses.content import Content, content_loss
from stylize.losses.moments import centre, covariance, gram_matrix, moments, regional_moments
from stylize.losses.regional import RegionalStyle
from stylize.losses.style import Style, blended_styles, mean_loss, style_loss
from stylize.losses.term import Part, PixelTerm, Term
from stylize.losses.variation import TotalVariation, total_variation

__all__ = [
    "Content",
    "Part",
    "PixelTerm",
    "RegionalStyle",
    "Style",
    "Term",
    "TotalVariation",
    "blended_styles",
    "centre",
    "content_loss",
    "covariance",
    "gram_matrix",
    "mean_loss",
    "moments",
    "regional_moments",
    "style_loss",
    "total_variation",
]
