"""Matrix: what is asked in a room is answered there."""

from bot.fronts.matrix.front import MatrixFront

__all__ = ["MatrixFront"]
