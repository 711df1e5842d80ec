"""Opening a workbook (.xlsx) or a table (.csv) that somebody supplies, as plain texts.

Files of others are not trusted. Before the library of the format sees a workbook, its container is looked
over: how much it claims to hold, what kind it is, and that no part begins with a document type declaration,
without which there are no entities. The sheet is then run through once without building anything, which
finds its size, hidden rows and columns and merged cells; only then are its values read. Nothing is unpacked
to disk, no formula is computed, and memory depends on the limits here and not on the file.
"""

import csv
import lzma
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from xml.parsers import expat

import openpyxl
from openpyxl.utils.cell import range_boundaries

from tasks_tracker.rules.grids import MOST_COLUMNS, MOST_ROWS, Grid, Line
from tasks_tracker.rules.outline import UnreadableText, decode

MOST_BYTES = 10 * 1024 * 1024
MOST_ENTRIES = 2_000
MOST_UNPACKED = 64 * 1024 * 1024  # bytes of a sheet
MOST_BESIDE = 24 * 1024 * 1024  # bytes of any other part that is read, such as the shared texts
MOST_ELEMENTS = 1_500_000  # of a sheet, counting rows and cells that hold nothing but their looks
MOST_MERGED = 20_000  # merged ranges of a sheet
MOST_REPEATED = 500_000  # places that they fill
LONGEST_TEXT = 4_000  # characters of a cell that are looked at
PIECE = 64 * 1024
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DELIMITERS = ",\t;"
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    expat.ExpatError,
    LookupError,
    EOFError,
    OSError,
    NotImplementedError,
    ValueError,
    RuntimeError,
)


def sheet_names(content: bytes) -> list[str]:
    """The sheets that hold cells, in their order; of a .csv one without a name.

    Raises UnreadableText: empty, too_large, binary, unknown_encoding; of workbooks also old_excel, encrypted,
    macros, damaged, bomb; on reading a sheet also too_many_rows.
    """
    if not _is_workbook(content):
        read_grid(content, "")
        return [""]
    with _opened(content) as book:
        names = [sheet.title for sheet in book.worksheets]
    if not names:
        raise UnreadableText("empty")
    return names


def read_grid(content: bytes, name: str, most: int = MOST_ROWS) -> Grid:
    """The filled lines of a sheet, down to row `most`.

    Raises UnreadableText like `sheet_names`, and with no_sheet.
    """
    if not _is_workbook(content):
        return _table(content, most)
    opened = _opened(content)
    with opened as book:
        sheet = next((one for one in book.worksheets if one.title == name), None)
        if sheet is None:
            raise UnreadableText("no_sheet")
        shape = opened.shapes[sheet._worksheet_path.lstrip("/")]
        return Grid(
            name, tuple(_lines(sheet, shape, most)), frozenset(shape.hidden_columns), tuple(shape.unknown)
        )


def _is_workbook(content: bytes) -> bool:
    """A workbook of ours, or a text; raises UnreadableText for any other kind of file."""
    if not content.strip():
        raise UnreadableText("empty")
    if len(content) > MOST_BYTES:
        raise UnreadableText("too_large")
    if content.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise UnreadableText("encrypted" if locked else "old_excel")
    return content.startswith(_ZIP)


# --- a table ----------------------------------------------------------------------------------------------
def _table(content: bytes, most: int) -> Grid:
    text = decode(content).text
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    lines = []
    try:
        for number, cells in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter), 1):
            line = Line(number, tuple(_clean(cell) for cell in cells[:MOST_COLUMNS]))
            if not line.is_blank:
                if number > MOST_ROWS:
                    raise UnreadableText("too_many_rows")
                if number <= most:
                    lines.append(line)
    except csv.Error as error:  # a cell that no spreadsheet could hold
        raise UnreadableText("binary") from error
    return Grid("", tuple(lines))


# --- the container of a workbook --------------------------------------------------------------------------
class _opened:  # noqa: N801 — used like a function
    """The workbook, read as it is asked for; whatever goes wrong inside is said as UnreadableText."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.book: Any = None
        self.shapes: dict[str, _Shape] = {}

    def __enter__(self) -> Any:
        try:
            with zipfile.ZipFile(BytesIO(self.content)) as archive:
                _look_over(archive)
                # The library runs through a sheet that does not say its size, whatever that may be.
                for path in filter(_is_sheet, archive.namelist()):
                    self.shapes[path] = _shape_of(archive, path)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what the library leaves out
                self.book = openpyxl.load_workbook(
                    BytesIO(self.content), read_only=True, data_only=True, keep_links=False
                )
        except UnreadableText:
            raise
        except Exception as error:  # the library promises nothing about files that are no workbooks
            raise UnreadableText("damaged") from error
        return self.book

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> None:
        self.book.close()
        if isinstance(error, Exception) and not isinstance(error, UnreadableText):
            raise UnreadableText("damaged") from error


def _look_over(archive: zipfile.ZipFile) -> None:
    """Raises UnreadableText for what is no plain workbook, before any part of it is built."""
    entries = archive.infolist()
    names = {entry.filename.lower() for entry in entries}
    if len(entries) > MOST_ENTRIES:
        raise UnreadableText("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableText("encrypted")
    if any(name.endswith(("vbaproject.bin", "vbaprojectsignature.bin")) for name in names):
        raise UnreadableText("macros")
    if "xl/workbook.bin" in names:
        raise UnreadableText("old_excel")
    if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UnreadableText("binary")
    for entry in entries:  # no more of a part is ever unpacked than it claims to be
        if entry.file_size > (MOST_UNPACKED if _is_sheet(entry.filename) else MOST_BESIDE):
            raise UnreadableText("bomb")
        if entry.filename.lower().endswith((".xml", ".rels")):
            _check_beginning(archive, entry)
    if b"macroenabled" in archive.read("[Content_Types].xml").lower():
        raise UnreadableText("macros")


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _check_beginning(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """No document type declaration, which stands before the first element if anywhere."""
    begun = False

    def begin(*_arguments: Any) -> None:
        nonlocal begun
        begun = True

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    parser.StartDoctypeDeclHandler = _refuse
    with archive.open(entry) as part:
        while not begun and (piece := part.read(PIECE)):
            parser.Parse(piece)


def _refuse(*_arguments: Any) -> None:
    raise UnreadableText("damaged")


# --- the shape of a sheet ---------------------------------------------------------------------------------
@dataclass
class _Shape:
    """What is found by running through a sheet once. Rows count from 1, columns from 0."""

    last_row: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first and last column, row
    unknown: list[str] = field(default_factory=list)


def _shape_of(archive: zipfile.ZipFile, path: str) -> _Shape:
    runner = _Runner()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = runner.start
    parser.EndElementHandler = runner.end
    parser.CharacterDataHandler = runner.characters
    parser.StartDoctypeDeclHandler = _refuse
    with archive.open(path) as part:
        while piece := part.read(PIECE):
            parser.Parse(piece)
    parser.Parse(b"", True)
    return runner.shape


class _Runner:
    """Notes the shape of a sheet while it runs by."""

    def __init__(self) -> None:
        self.shape = _Shape()
        self.row = 0
        self.cell = ""
        self.elements = 0
        self.has_formula = self.has_value = self.in_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise UnreadableText("too_many_rows")
        match name.rpartition(" ")[2]:
            case "row":
                self.row = int(attributes.get("r", self.row + 1))
                if _is_on(attributes.get("hidden")) or attributes.get("ht") == "0":
                    self.shape.hidden_rows.add(min(self.row, MOST_ROWS + 1))
            case "c":
                self.cell, self.has_formula, self.has_value = attributes.get("r", ""), False, False
            case "f":
                self.has_formula = True
            case "v" | "is":
                self.in_value = True
            case "col" if _is_on(attributes.get("hidden")):
                first, last = int(attributes["min"]), int(attributes["max"])
                self.shape.hidden_columns.update(range(first - 1, min(last, MOST_COLUMNS)))
            case "mergeCell":
                self._merge(attributes["ref"])

    def characters(self, text: str) -> None:
        if self.in_value and text:
            self.has_value = True

    def end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if local in ("v", "is"):
            self.in_value = False
        if local != "c":
            return
        if self.has_value:
            if self.row > MOST_ROWS:
                raise UnreadableText("too_many_rows")
            self.shape.last_row = max(self.shape.last_row, self.row)
        elif self.has_formula and len(self.shape.unknown) < MOST_COLUMNS:
            self.shape.unknown.append(self.cell)

    def _merge(self, ref: str) -> None:
        first_column, first_row, last_column, last_row = range_boundaries(ref)
        last = (min(last_column, MOST_COLUMNS), min(last_row, self.shape.last_row))
        self.shape.merged.append((first_column - 1, first_row, last[0] - 1, last[1]))
        if len(self.shape.merged) > MOST_MERGED:
            raise UnreadableText("bomb")


def _is_on(value: str | None) -> bool:
    return value in ("1", "true")


# --- the values -------------------------------------------------------------------------------------------
def _lines(sheet: Any, shape: _Shape, most: int) -> Iterator[Line]:
    if not shape.last_row:
        return
    sheet.reset_dimensions()  # what a file says about its size is often wrong
    places = _repeated(shape)
    said: dict[tuple[int, int], str] = {}  # what stands in the first cells of merged ranges
    origins = set(places.values())
    rows = sheet.iter_rows(max_row=min(shape.last_row, most), max_col=MOST_COLUMNS)
    for number, row in enumerate(rows, 1):
        cells = [_text_of(cell) for cell in row]
        cells += [""] * (MOST_COLUMNS - len(cells)) if number in places.rows else []
        for column in range(len(cells)):
            place = (number, column)
            if place in origins:
                said[place] = cells[column]
            elif place in places:
                cells[column] = said.get(places[place], "")
        while cells and not cells[-1]:
            del cells[-1]
        line = Line(number, tuple(cells), number in shape.hidden_rows)
        if not line.is_blank:
            yield line


class _Places(dict[tuple[int, int], tuple[int, int]]):
    """Place in a merged range → the first place of that range; `rows` in which there are any."""

    def __init__(self) -> None:
        self.rows: set[int] = set()


def _repeated(shape: _Shape) -> _Places:
    places = _Places()
    for first_column, first_row, last_column, last_row in shape.merged:
        width, height = last_column - first_column + 1, last_row - first_row + 1
        if width < 1 or height < 1:
            continue
        if width * height + len(places) > MOST_REPEATED:
            raise UnreadableText("bomb")
        for row in range(first_row, last_row + 1):
            places.rows.add(row)
            for column in range(first_column, last_column + 1):
                places[row, column] = (first_row, first_column)
    return places


def _text_of(cell: Any) -> str:
    """The value as a person reads it: days as 2026-03-31, whole numbers without a point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if not (value.hour or value.minute) else value.isoformat(" ")
    if isinstance(value, int | float):
        return _number(value, "%" in (cell.number_format or ""))
    return _clean(str(value))


def _number(value: float, is_percent: bool) -> str:
    number = Decimal(repr(value)) * (100 if is_percent else 1)
    text = format(number.normalize(), "f") if number.is_finite() else str(value)
    return f"{text}%" if is_percent else text


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)[:LONGEST_TEXT]
