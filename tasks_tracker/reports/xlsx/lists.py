"""The sheets that are lists: ledger, behind schedule, non-reporters, rules."""

from typing import Any

from xlsxwriter.utility import xl_col_to_name

from tasks_tracker.reports.document import Column, Kind, Row, Sheet, Workbook
from tasks_tracker.reports.xlsx.cells import Pen, span

# Names by which formulas reach the ledger: defined name → key of the column.
NAMED = {
    "ledger_light": "light",
    "ledger_weight": "weight",
    "ledger_known": "known",
    "ledger_counted": "counted",
    "ledger_stale": "stale",
    "ledger_owed": "owed",
    "ledger_given": "given",
    "ledger_task": "task",
    "ledger_measure": "measure",
    "ledger_region": "region_code",
    "ledger_earned": "earned",
    "ledger_planned": "weighted_planned",
}
PRINTED_UP_TO = "note"
FROZEN_COLUMNS = 2


def write_list(pen: Pen, sheet: Sheet) -> None:
    """A list with frozen, repeated heads and a filter."""
    columns = sheet.columns
    head = _top(pen, sheet, columns)
    row = head
    for row, values in enumerate(sheet.rows, head + 1):
        pen.fit(row, columns, values)
        for number, (column, value) in enumerate(zip(sheet.columns, values, strict=True)):
            pen.value(row, number, value, column.kind)
    _bottom(pen, sheet, columns, head, row)
    pen.sheet.fit_to_pages(1, 0)


def write_ledger(pen: Pen, document: Workbook) -> tuple[int, dict[str, str]]:
    """The ledger; returns its number of rows and the ranges of the columns that formulas use."""
    sheet = document.ledger
    columns = (
        *sheet.columns,
        Column("earned", document.words["weighted_progress"], 10, Kind.PERCENT),
        Column("weighted_planned", document.words["weighted_planned"], 10, Kind.PERCENT),
    )
    at = {column.key: number for number, column in enumerate(columns)}
    head = _top(pen, sheet, columns)
    style = pen.formats.cell(Kind.INTEGER, num_format="0.0000")
    row = head
    for row, values in enumerate(sheet.rows, head + 1):
        pen.fit(row, columns, values)
        for number, (column, value) in enumerate(zip(sheet.columns, values, strict=True)):
            pen.value(row, number, value, column.kind)
        _weighted(pen, row, at, values, style)
    _bottom(pen, sheet, columns, head, row)
    last = max(row, head + 1)
    printed = at[PRINTED_UP_TO]
    pen.sheet.print_area(0, 0, last, printed)
    pen.sheet.repeat_columns(0, FROZEN_COLUMNS - 1)
    pen.sheet.fit_to_pages(2, 0)
    return row - head, {name: span(head + 1, last, at[key]) for name, key in NAMED.items()}


def _weighted(pen: Pen, row: int, at: dict[str, int], values: Row, style: Any) -> None:
    """Weight × percent of what is known and weight × planned, both 0 where the item is not counted."""
    keys = ("counted", "known", "weight", "percent", "planned")
    cell = {key: f"{xl_col_to_name(at[key])}{row + 1}" for key in keys}
    number: dict[str, Any] = {key: values[at[key]] for key in cell}
    earned = number["weight"] * number["percent"] if number["counted"] and number["known"] else 0
    planned = number["weight"] * number["planned"] if number["counted"] else 0
    counts = f"{cell['counted']}=1"
    pen.formula(
        row,
        at["earned"],
        f"=IF(AND({counts},{cell['known']}=1),{cell['weight']}*{cell['percent']},0)",
        earned,
        style,
    )
    pen.formula(
        row, at["weighted_planned"], f"=IF({counts},{cell['weight']}*{cell['planned']},0)", planned, style
    )


def write_rules(pen: Pen, document: Workbook) -> None:
    """What the figures mean, in words."""
    pen.sheet.set_column(0, 0, 22)
    pen.sheet.set_column(1, 1, 110)
    pen.text(0, 0, document.words["rules"], pen.formats.title())
    head = pen.formats.cell(Kind.LONG, bold=True)
    columns = (Column("rule", "", 22, Kind.LONG), Column("text", "", 110, Kind.LONG))
    for row, (title, text) in enumerate(document.rules, 2):
        pen.fit(row, columns, (title, text))
        pen.text(row, 0, title, head)
        pen.text(row, 1, text, pen.formats.cell(Kind.LONG))
    pen.sheet.freeze_panes(2, 0)
    pen.sheet.repeat_rows(0, 1)
    pen.sheet.fit_to_pages(1, 0)


def _top(pen: Pen, sheet: Sheet, columns: tuple[Column, ...]) -> int:
    """Title, notes and heads; returns the row of the heads."""
    pen.text(0, 0, sheet.title, pen.formats.title())
    for row, note in enumerate(sheet.notes, 1):
        pen.text(row, 0, note, pen.formats.note())
    head = len(sheet.notes) + 2
    pen.heads(head, columns)
    pen.sheet.freeze_panes(head + 1, FROZEN_COLUMNS)
    pen.sheet.repeat_rows(head)
    return head


def _bottom(pen: Pen, sheet: Sheet, columns: tuple[Column, ...], head: int, last: int) -> None:
    if last == head:
        pen.text(head + 1, 0, sheet.empty, pen.formats.note())
    pen.sheet.autofilter(head, 0, max(last, head + 1), len(columns) - 1)
