"""A sheet as plain texts with their places, whatever kind of file it came from."""

from dataclasses import dataclass

MOST_ROWS = 10_000  # down to the last one that holds something
MOST_COLUMNS = 60


@dataclass(frozen=True)
class Line:
    """A row of a sheet: `number` as the spreadsheet counts, texts up to the last filled column."""

    number: int
    cells: tuple[str, ...]
    hidden: bool = False

    @property
    def is_blank(self) -> bool:
        """Nothing stands in it."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True)
class Grid:
    """The filled rows of a sheet. A merged cell says its value in each of its places.

    `hidden_columns` count from 0. `unknown_values` are the addresses of formulas whose value is not stored.
    """

    name: str
    lines: tuple[Line, ...]
    hidden_columns: frozenset[int] = frozenset()
    unknown_values: tuple[str, ...] = ()


def column_letters(column: int) -> str:
    """0 → A, 26 → AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """The cell as a spreadsheet names it: (7, 3) → D7."""
    return f"{column_letters(column)}{row}"
