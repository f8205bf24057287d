"""The names of a sheet's cells, as in a spreadsheet: a letter for the column, then the row."""

import re


def cell_name(index: int, columns: int) -> str:
    """What the cell *index*, counted along the rows, is called where there are *columns*.

    >>> cell_name(4, columns=3)
    'B2'
    """
    row, column = divmod(index, columns)
    return f"{chr(ord('A') + column)}{row + 1}"


def cell_index(name: str, rows: int, columns: int) -> int:
    """The inverse of ``cell_name``, in any case.

    Raises ValueError, saying which cells there are, for a name that no cell of *rows* × *columns*
    has.

    >>> cell_index("b2", rows=3, columns=3)
    4
    """
    found = re.fullmatch(r"([a-z])([1-9]\d?)", name.strip().lower())
    if found:
        row, column = int(found[2]) - 1, ord(found[1]) - ord("a")
        if row < rows and column < columns:
            return row * columns + column
    last = cell_name(rows * columns - 1, columns)
    raise ValueError(f"there is no cell {name.strip()[:8]}: the sheet has A1 to {last}")
