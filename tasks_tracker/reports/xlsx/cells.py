"""Cells: formats, colours, and text that is safe in every spreadsheet program."""

from collections.abc import Mapping
from datetime import date
from math import ceil
from typing import Any, Protocol

from xlsxwriter.utility import xl_col_to_name

from tasks_tracker.reports.colours import ACCENT, HEAD, INK, LINE, MUTED, fill_of
from tasks_tracker.reports.document import Column, Kind, Mark, Row, Value
from tasks_tracker.reports.letters import printable

FONT = {"font_name": "Microsoft YaHei", "font_size": 10}
LONGEST_TEXT = 32_767  # UTF-16 units in a cell
LAST_ROW = 1_048_575
CUT = "…"
A4 = 9
HIGHEST = 409  # points; what a row can be
LINE_HEIGHT, MOST_LINES = 15, 24  # points; no row is higher than half a page
NUMBERS = {
    Kind.PERCENT: "0.00%",
    Kind.POINTS: "+0.00;−0.00;0.00",
    Kind.INTEGER: "#,##0",
    Kind.DATE: "yyyy-mm-dd",
    Kind.FLAG: "0",
}


class Printed(Protocol):
    """What is printed above and below every sheet, and the words for it."""

    @property
    def title(self) -> str: ...

    @property
    def subtitle(self) -> str: ...

    @property
    def words(self) -> Mapping[str, str]: ...


class TooManyRows(Exception):
    """More rows than a sheet holds."""


def clean(text: str) -> str:
    """Text without characters that no spreadsheet may hold, cut with a mark where it is too long."""
    text = printable(text)
    if len(text) * 2 <= LONGEST_TEXT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_TEXT:
        return text
    return units[: 2 * (LONGEST_TEXT - 1)].decode("utf-16-le", "ignore") + CUT


def quoted(name: str) -> str:
    """A sheet's name as formulas write it."""
    return "'" + name.replace("'", "''") + "'"


def literal(text: str) -> str:
    """A text as formulas write it."""
    return '"' + text.replace('"', '""') + '"'


class Formats:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def get(self, **properties: Any) -> Any:
        """The format with these properties on top of the house's font."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(FONT | properties)
        return self._made[key]

    def cell(self, kind: Kind, **more: Any) -> Any:
        """The format of a value of a list."""
        properties: dict[str, Any] = {"valign": "top", "border": 1, "border_color": LINE, "font_color": INK}
        if kind in NUMBERS:
            properties["num_format"] = NUMBERS[kind]
        if kind in (Kind.TEXT, Kind.LONG):
            properties["indent"] = 1  # away from the number in the column before
        if kind is Kind.LONG:
            properties["text_wrap"] = True
        return self.get(**properties | more)

    def no_data(self) -> Any:
        """Where a number is not known."""
        return self.cell(Kind.INTEGER, align="right", font_color=MUTED)

    def light(self, code: str) -> Any:
        """The fill of a light."""
        fill, ink = fill_of(code)
        return self.cell(Kind.TEXT, bg_color=fill, font_color=ink)

    def head(self) -> Any:
        """The head of a column."""
        frame = {"border": 1, "border_color": LINE, "bg_color": HEAD}
        return self.get(bold=True, font_size=9, text_wrap=True, valign="vcenter", align="center", **frame)

    def title(self) -> Any:
        """The title of a sheet."""
        return self.get(bold=True, font_size=15, font_color=INK)

    def section(self) -> Any:
        """The heading of a table within a sheet."""
        return self.get(bold=True, font_size=12, font_color=ACCENT)

    def note(self) -> Any:
        """A line of small print."""
        return self.get(font_size=9, font_color=MUTED)


class Pen:
    """Writes values on one sheet in the formats of their kinds; text never becomes a formula."""

    def __init__(self, sheet: Any, formats: Formats, document: Printed) -> None:
        self.sheet = sheet
        self.formats = formats
        self.no_data = document.words["no_data"]
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        # The blank keeps a title that begins with a digit out of the font size.
        sheet.set_header(f"&L&9 {_printed(document.title)}&R&9 {_printed(document.subtitle)}")
        sheet.set_footer(f"&C&9 {document.words['page']}")
        sheet.hide_gridlines(2)
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def text(self, row: int, column: int, text: str, style: Any) -> None:
        """A text, whatever it begins with."""
        if row > LAST_ROW:
            raise TooManyRows
        self.sheet.write_string(row, column, clean(text), style)

    def value(self, row: int, column: int, value: Value, kind: Kind) -> None:
        """A value in the format of its kind; None in a column of numbers is said in words."""
        if value is None:
            if kind in (Kind.PERCENT, Kind.POINTS):
                self.text(row, column, self.no_data, self.formats.no_data())
            else:
                self.sheet.write_blank(row, column, None, self.formats.cell(kind))
        elif isinstance(value, Mark):
            self.text(row, column, value.text, self.formats.light(value.code))
        elif isinstance(value, str):
            self.text(row, column, value, self.formats.cell(kind))
        elif isinstance(value, date):
            self.sheet.write_datetime(row, column, value, self.formats.cell(kind))
        else:
            self.sheet.write_number(row, column, value, self.formats.cell(kind))

    def formula(self, row: int, column: int, formula: str, value: float | str | None, style: Any) -> None:
        """A formula with the value that it has now, for programs that do not compute."""
        self.sheet.write_formula(row, column, formula, style, self.no_data if value is None else value)

    def fit(self, row: int, columns: tuple[Column, ...], values: Row) -> None:
        """Make the row as high as its longest wrapped text needs; not every program does so by itself."""
        lines = 1
        for column, value in zip(columns, values, strict=False):
            if column.kind is Kind.LONG and isinstance(value, str):
                lines = max(lines, _lines(value, column.width))
        if lines > 1:
            self.sheet.set_row(row, min(lines, MOST_LINES) * LINE_HEIGHT + 3)

    def heads(self, row: int, columns: tuple[Column, ...]) -> None:
        """The heads of the columns, with their widths."""
        self.sheet.set_row(row, 46)
        for number, column in enumerate(columns):
            self.sheet.set_column(number, number, column.width)
            self.text(row, number, column.title, self.formats.head())


def span(first: int, last: int, column: int) -> str:
    """An absolute range within one column; rows counted from 0."""
    name = xl_col_to_name(column)
    return f"${name}${first + 1}:${name}${last + 1}"


def height_of(text: str, width: float, line: float) -> float:
    """Points that the wrapped text needs in a column of `width` characters, each line `line` points high."""
    return min(_lines(text, width) * line + 3, HIGHEST)


def _lines(text: str, width: float) -> int:
    """Lines that the text fills in a column of `width` characters; Chinese characters are two wide."""
    if len(text) * 2 <= width - 3 and "\n" not in text:
        return 1
    room = max(width - 3, 2)
    wide = (sum(1 if ord(character) < 0x2E80 else 2 for character in line) for line in text.split("\n"))
    return sum(max(1, ceil(each / room)) for each in wide)


def _printed(text: str) -> str:
    """In headers and footers an ampersand begins a code."""
    return clean(text).replace("&", "&&")[:100]
