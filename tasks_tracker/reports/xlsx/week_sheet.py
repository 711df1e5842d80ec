"""Writes the week of a unit as a workbook to be filled in: locked but for the entry cells, with drop-downs.

Only what Excel, WPS and LibreOffice share: no tables, no dynamic arrays, lists written out in their rules.
"""

from datetime import date
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from tasks_tracker.reports.colours import ACCENT, HEAD, INK, LINE, MUTED
from tasks_tracker.reports.document import Column, Kind, Mark, Value
from tasks_tracker.reports.week_sheet import (
    HIDDEN,
    LONGEST,
    MARK,
    SheetColumn,
    SheetRow,
    WeekSheet,
    held,
    seal,
    signed_identity,
)
from tasks_tracker.reports.xlsx.cells import FONT, Formats, Pen, quoted

KEY_ROW = 4  # counted from 0; the heads stand below it, then the rows
FIRST_ROW = KEY_ROW + 2
FROZEN_COLUMNS = 2
A3 = 8
LOCKED_FILL, ENTRY_FILL, ENTRY_HEAD = "#F3F5F8", "#FFFDF2", "#FBE9B7"
ABOUT = "_about"
MOST_TITLE, MOST_PROMPT = 32, 255


def write_week_sheet(document: WeekSheet, stream: IO[bytes]) -> None:
    """Write the workbook into the seekable `stream`."""
    options = {"in_memory": True, "default_format_properties": FONT}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties(
            {"title": document.title, "subject": document.subtitle, "author": document.author}
        )
        formats = Formats(book)
        names = (document.words["table"], document.words["help"])
        table, instructions = (Pen(book.add_worksheet(name), formats, document) for name in names)
        about = book.add_worksheet(ABOUT)
        _write_table(table, document)
        _write_help(instructions, document)
        _write_about(book, about, document)
        table.sheet.activate()


def _write_table(pen: Pen, document: WeekSheet) -> None:
    sheet, formats = pen.sheet, pen.formats
    sheet.set_paper(A3)
    pen.text(0, 0, document.title, formats.title())
    pen.text(1, 0, document.subtitle, formats.get(font_size=11, font_color=INK))
    for row, note in enumerate(document.notes, 2):
        pen.text(row, 0, note, formats.note())
    sheet.set_row(KEY_ROW, None, None, {"hidden": True})
    for number, column in enumerate(document.columns):
        sheet.set_column(number, number, column.width, None, {"hidden": column.is_hidden})
        pen.text(KEY_ROW, number, column.key, formats.note())
    sheet.set_row(KEY_ROW + 1, 34)
    for number, column in enumerate(document.columns):
        pen.text(KEY_ROW + 1, number, column.title, _head(formats, column))
    for row, line in enumerate(document.rows, FIRST_ROW):
        _write_row(pen, document, row, line)
    last = max(FIRST_ROW, FIRST_ROW + len(document.rows) - 1)
    if not document.rows:
        pen.text(FIRST_ROW, 0, document.words["empty"], formats.note())
    for number, column in enumerate(document.columns):
        if column.is_entry:
            sheet.data_validation(FIRST_ROW, number, last, number, _rule(column, document))
    visible = sum(not column.is_hidden for column in document.columns)
    sheet.freeze_panes(FIRST_ROW, FROZEN_COLUMNS)
    sheet.autofilter(KEY_ROW + 1, 0, last, visible - 1)
    sheet.repeat_rows(KEY_ROW + 1)
    sheet.print_area(0, 0, last, visible - 1)
    sheet.fit_to_pages(1, 0)
    allowed = ("format_columns", "format_rows", "autofilter", "sort", "select_locked_cells")
    sheet.protect("", dict.fromkeys(allowed, True))


def _write_row(pen: Pen, document: WeekSheet, row: int, line: SheetRow) -> None:
    hidden = {"item": str(line.item_id), "seen": line.seen, "seal": seal(document.identity, line)}
    texts: list[str | None] = []
    pen.sheet.set_row(row, 30)
    for number, column in enumerate(document.columns):
        is_open = column.is_entry and line.is_open
        style = pen.formats.cell(
            column.kind, locked=not is_open, bg_color=ENTRY_FILL if is_open else LOCKED_FILL
        )
        if column.key in HIDDEN:
            pen.text(row, number, hidden[column.key], style)
        elif column.is_entry:
            text = held(line.values.get(column.key, ""))
            text = document.kinds.get(text, text) if column.key == "kind" else text
            _write_entry(pen, row, number, column, text, is_open)
            texts.append(text)
        else:
            value = line.shown.get(column.key)
            _write_shown(pen, row, number, value, style)
            texts.append(value if isinstance(value, str) else None)
    shown = tuple(Column(c.key, "", c.width, c.kind) for c in document.columns if not c.is_hidden)
    pen.fit(row, shown, tuple(texts))


def _write_shown(pen: Pen, row: int, number: int, value: Value, style: Any) -> None:
    if isinstance(value, Mark):
        pen.value(row, number, value, Kind.LIGHT)
    elif isinstance(value, str):
        pen.text(row, number, value, style)
    elif isinstance(value, date):
        pen.sheet.write_datetime(row, number, value, style)
    elif value is None:
        pen.sheet.write_blank(row, number, None, style)
    else:
        pen.sheet.write_number(row, number, value, style)


def _write_entry(pen: Pen, row: int, number: int, column: SheetColumn, text: str, is_open: bool) -> None:
    """An entry cell: text stays text whatever it begins with, also after somebody has typed over it."""
    fill = ENTRY_FILL if is_open else LOCKED_FILL
    more = {"locked": not is_open, "bg_color": fill, "border_color": MUTED if is_open else LINE}
    if column.kind is Kind.PERCENT:
        style = pen.formats.cell(column.kind, **more)
        if text:
            pen.sheet.write_number(row, number, float(Decimal(text) / 100), style)
            return
    else:
        quote = {"quote_prefix": True} if text[:1] in ("=", "+", "-", "@") and text else {}
        style = pen.formats.cell(column.kind, num_format="@", **more, **quote)
        if text:
            pen.text(row, number, text, style)
            return
    pen.sheet.write_blank(row, number, None, style)


def _head(formats: Formats, column: SheetColumn) -> Any:
    fill = ENTRY_HEAD if column.is_entry else HEAD
    frame = {
        "border": 1,
        "border_color": LINE,
        "bg_color": fill,
        "font_color": INK if column.is_entry else ACCENT,
    }
    return formats.get(bold=True, font_size=9, text_wrap=True, valign="vcenter", align="center", **frame)


def _rule(column: SheetColumn, document: WeekSheet) -> dict[str, Any]:
    """What may be typed, with the words that a spreadsheet program shows."""
    rule: dict[str, Any] = {
        "ignore_blank": True,
        "input_title": column.title[:MOST_TITLE],
        "input_message": column.prompt[:MOST_PROMPT],
        "error_title": column.title[:MOST_TITLE],
        "error_message": (document.words.get(f"wrong_{column.key}") or column.prompt)[:MOST_PROMPT],
    }
    if column.key == "percent":
        return rule | {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    if column.key in ("no_change", "kind"):
        source = [document.yes] if column.key == "no_change" else list(document.kinds.values())
        return rule | {"validate": "list", "source": source}
    return rule | {"validate": "length", "criteria": "<=", "value": LONGEST[column.key]}


def _write_help(pen: Pen, document: WeekSheet) -> None:
    pen.sheet.set_column(0, 0, 22)
    pen.sheet.set_column(1, 1, 100)
    pen.text(0, 0, document.words["help"], pen.formats.title())
    columns = (Column("what", "", 22, Kind.LONG), Column("text", "", 100, Kind.LONG))
    for row, (what, text) in enumerate(document.help, 2):
        pen.fit(row, columns, (what, text))
        pen.text(row, 0, what, pen.formats.cell(Kind.LONG, bold=True))
        pen.text(row, 1, text, pen.formats.cell(Kind.LONG))
    pen.sheet.freeze_panes(2, 0)
    pen.sheet.repeat_rows(0, 1)
    pen.sheet.fit_to_pages(1, 0)
    pen.sheet.protect("")


def _write_about(book: Any, sheet: Any, document: WeekSheet) -> None:
    """Which workbook it is: signed in the first row, and named so that people and programs find it."""
    identity = document.identity
    bound = dict(zip(("plan", "week", "unit"), identity.bound.split("|"), strict=True))
    rows = {MARK: signed_identity(identity), "format": "1", **bound}
    for row, (name, value) in enumerate(rows.items()):
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value)
        book.define_name(f"week_workbook_{name.replace('-', '_')}", f"={quoted(ABOUT)}!$B${row + 1}")
    sheet.protect("")
    sheet.very_hidden()
