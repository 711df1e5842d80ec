"""Reads workbooks that come from outside, and writes remarks into a copy: the only importer of openpyxl.

Nothing is opened here before `rules.containers` has looked at it, and no more is kept than a sheet may hold.
"""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import IO, Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter

from tasks_tracker.rules.containers import MOST_ROWS, NotAWorkbook, check_workbook

MOST_SHEETS = 10
MOST_COLUMNS = 64
REMARK_FILL = "FFF3C6BF"
_RETURN = "_x000D_\n"  # how some programs write a line break of two characters
_PERCENT_FORMAT = re.compile(r"%")
_QUOTED = re.compile(r'"[^"]*"|\\.')

Value = str | int | float | bool | date | time | None


@dataclass(frozen=True)
class Cell:
    """What a cell holds. Of a formula the value that was stored beside it; None where none was."""

    value: Value = None
    is_formula: bool = False
    is_percent: bool = False
    is_error: bool = False  # #REF! and the like; `value` is its name

    @property
    def is_blank(self) -> bool:
        """Nothing in it, or only blanks."""
        return not self.is_formula and (self.value is None or not str(self.value).strip())


BLANK = Cell()


@dataclass(frozen=True)
class ReadSheet:
    """The cells of a sheet from its first row on; rows are as long as they are filled."""

    name: str
    rows: Sequence[Sequence[Cell]]


def read_workbook(file: IO[bytes]) -> list[ReadSheet]:
    """The sheets of a workbook, at most MOST_SHEETS × MOST_ROWS × MOST_COLUMNS cells; raises NotAWorkbook."""
    check_workbook(file)
    with _opened(file, values=False) as book:
        sheets = [ReadSheet(sheet.title, list(_rows(sheet))) for sheet in book.worksheets[:MOST_SHEETS]]
    if not any(cell.is_formula for sheet in sheets for row in sheet.rows for cell in row):
        return sheets
    with _opened(file, values=True) as book:
        values = [list(_rows(sheet)) for sheet in book.worksheets[:MOST_SHEETS]]
    return [
        ReadSheet(sheet.name, [_with_values(*rows) for rows in zip(sheet.rows, stored, strict=True)])
        for sheet, stored in zip(sheets, values, strict=True)
    ]


def with_remarks(file: IO[bytes], sheet: str, remarks: Mapping[str, str], author: str) -> bytes:
    """A copy of the workbook in which the cells of `remarks` (address → words) are coloured and commented.

    Raises NotAWorkbook.
    """
    check_workbook(file)
    with _opened(file, values=False, whole=True) as book:
        for address, words in remarks.items():
            cell = book[sheet][address]
            cell.comment = Comment(words, author, height=120, width=320)
            cell.fill = PatternFill("solid", fgColor=REMARK_FILL)
        copy = BytesIO()
        book.save(copy)
    return copy.getvalue()


def address_of(row: int, column: int) -> str:
    """D7 for row 7 and column 3: rows count from 1 as people see them, columns from 0."""
    return f"{get_column_letter(column + 1)}{row}"


@contextmanager
def _opened(file: IO[bytes], *, values: bool, whole: bool = False) -> Iterator[Any]:
    """The workbook while it is read. Whatever the library stumbles over means that the file is damaged."""
    file.seek(0)
    book = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that are not read
            book = openpyxl.load_workbook(file, read_only=not whole, data_only=values, keep_links=False)
            yield book
    except NotAWorkbook:
        raise
    except Exception as error:  # the library promises no kind of error for parts that contradict each other
        raise NotAWorkbook("damaged") from error
    finally:
        if book is not None and not whole:
            book.close()
        file.seek(0)


def _rows(sheet: Any) -> Iterator[list[Cell]]:
    sheet.reset_dimensions()  # what a sheet says about its size is not believed
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS)):
        if number >= MOST_ROWS:
            raise NotAWorkbook("too_many_rows")
        cells = [_cell(cell) for cell in row]
        while cells and cells[-1] == BLANK:
            cells.pop()
        yield cells


def _cell(cell: Any) -> Cell:
    if cell.value is None:
        return BLANK
    if cell.data_type == "f":
        return Cell(is_formula=True, is_percent=_is_percent(cell))
    value = cell.value
    if isinstance(value, str):
        value = value.replace(_RETURN, "\n")
    elif not isinstance(value, int | float | bool | datetime | date | time):
        value = str(value)  # a span of time
    return Cell(value, is_percent=_is_percent(cell), is_error=cell.data_type == "e")


def _is_percent(cell: Any) -> bool:
    return bool(_PERCENT_FORMAT.search(_QUOTED.sub("", cell.number_format or "")))


def _with_values(cells: Sequence[Cell], stored: Sequence[Cell]) -> list[Cell]:
    """Formulas with the values that were stored beside them."""
    found = [*stored, *[BLANK] * (len(cells) - len(stored))]
    return [
        Cell(value.value, True, cell.is_percent, value.is_error) if cell.is_formula else cell
        for cell, value in zip(cells, found, strict=False)
    ]
