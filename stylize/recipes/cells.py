"""The names of a sheet's cells, as in a spreadsheet: a letter for the column, then the row."""


def cell_name(index: int, columns: int) -> str:
    """What the cell *index*, counted along the rows, is called where there are *columns*.

    >>> cell_name(4, columns=3)
    'B2'
    """
    row, column = divmod(index, columns)
    return f"{chr(ord('A') + column)}{row + 1}"
