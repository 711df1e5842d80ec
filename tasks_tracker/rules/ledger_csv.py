"""A table of work items (.csv) as typed rows, and what is wrong with it.

Pure functions over bytes. The header names the columns in Chinese or English, in any order; the words stand
in ledger_words.json. What only the database knows (units, regions, measures) is checked by the action.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import StringIO
from pathlib import Path

from tasks_tracker.rules.outline import UnreadableText, decode
from tasks_tracker.rules.schedule import Mark, plan_segments
from tasks_tracker.rules.weeks import FAR, FIRST

REQUIRED = ("code", "title", "measure", "region", "lead", "starts_on", "due_on")
TEXTS = ("title", "measure", "region", "lead", "expected_result", "deliverable")
HEAVIEST = 1000
_CODE = re.compile(r"[\w.-]+")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_MARK = re.compile(r"(\S+)\s+(\d{1,3})(?:\.(\d{1,2}))?\s*[%\uff05]\s*(.+)")
_BETWEEN_MARKS = re.compile("[;\uff1b\n]")
_BETWEEN_NAMES = re.compile("[\u3001;\uff1b]")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell: `row` as a spreadsheet counts (header = 1), `column` by its English name.

    Codes of this module: column_unknown, column_missing, column_twice, no_rows, missing, bad_code,
    bad_weight, bad_day, bad_word, bad_milestone, milestones_out_of_order, due_before_start. `value` is what
    stands there.
    """

    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True)
class Row:
    """One work item as written; measure, region, lead and supporting are codes or names.

    Where a cell is at fault the row holds something harmless, so that its other cells can still be checked.
    """

    number: int
    code: str
    title: str
    measure: str
    region: str
    lead: str
    weight: int
    starts_on: date
    due_on: date
    commitment: str
    is_key: bool
    expected_result: str
    deliverable: str
    supporting: tuple[str, ...]
    milestones: tuple[Mark, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, and the faults found while reading it."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def read_sheet(content: bytes) -> Sheet:
    """Read a table in UTF-8 or GB18030. Raises outline.UnreadableText for what is no text at all."""
    text = decode(content).text
    try:
        lines = list(csv.reader(StringIO(text, newline="")))
    except csv.Error as error:  # a cell that no spreadsheet could hold
        raise UnreadableText("binary") from error
    names, faults = _header(lines[0])
    if faults:
        return Sheet((), tuple(faults))
    rows = []
    for number, cells in enumerate(lines[1:], 2):
        if any(cell.strip() for cell in cells):
            row, wrong = _Reader(number, dict(zip(names, map(str.strip, cells), strict=False))).row()
            rows.append(row)
            faults += wrong
    if not rows:
        faults.append(Fault(2, "code", "no_rows"))
    return Sheet(tuple(rows), tuple(faults))


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """From the top down, in the order of the columns; what is no column of ours comes last."""
    columns = list(_words()["columns"])
    return sorted(
        faults,
        key=lambda f: (f.row, columns.index(f.column) if f.column in columns else len(columns), f.column),
    )


def column_name(name: str, *, english: bool) -> str:
    """How the column is headed; what is no column of ours stays as it is."""
    chinese_word, english_word = _words()["columns"].get(name, (name, name))
    return english_word if english else chinese_word


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    content: dict[str, dict[str, list[str]]] = json.loads(
        Path(__file__).with_name("ledger_words.json").read_text("utf-8")
    )
    return content


def _meaning(group: str, word: str) -> str | None:
    """The code behind a word in either language."""
    return next((code for code, words in _words()[group].items() if word.lower() in words), None)


def _header(cells: list[str]) -> tuple[list[str], list[Fault]]:
    known = [(_meaning("columns", cell.strip()), cell.strip()) for cell in cells]
    faults = [Fault(1, cell, "column_unknown", cell) for name, cell in known if name is None and cell]
    names = [name or "" for name, _cell in known]
    faults += [Fault(1, name, "column_twice") for name, n in Counter(filter(None, names)).items() if n > 1]
    faults += [Fault(1, name, "column_missing") for name in REQUIRED if name not in names]
    return names, faults


class _Reader:
    """Reads the cells of one row and notes what is wrong with them."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number, self.cells = number, cells
        self.faults: list[Fault] = []

    def row(self) -> tuple[Row, list[Fault]]:
        texts = {name: self._text(name) for name in TEXTS}
        starts_on, due_on = self._day("starts_on", FIRST), self._day("due_on", FAR)
        if due_on <= starts_on:
            self._note("due_on", "due_before_start")
        row = Row(
            number=self.number,
            code=self._code(),
            weight=self._weight(),
            starts_on=starts_on,
            due_on=due_on,
            commitment=self._word("commitment", "anticipatory"),
            is_key=self._word("is_key", "no") == "yes",
            supporting=tuple(filter(None, map(str.strip, _BETWEEN_NAMES.split(self._text("supporting"))))),
            milestones=self._milestones(starts_on, due_on),
            **texts,
        )
        return row, self.faults

    def _note(self, column: str, code: str) -> None:
        self.faults.append(Fault(self.number, column, code, self.cells.get(column, "")))

    def _text(self, column: str) -> str:
        text = self.cells.get(column, "")
        if not text and column in REQUIRED:
            self._note(column, "missing")
        return text

    def _code(self) -> str:
        code = self._text("code")
        if code and not _CODE.fullmatch(code):  # it becomes part of an address
            self._note("code", "bad_code")
        return code

    def _weight(self) -> int:
        text = self.cells.get("weight") or "1"
        if re.fullmatch(r"[0-9]{1,4}", text) and 1 <= int(text) <= HEAVIEST:
            return int(text)
        self._note("weight", "bad_weight")
        return 1

    def _day(self, column: str, otherwise: date) -> date:
        text = self._text(column)
        day = _day(text)
        if text and day is None:
            self._note(column, "bad_day")
        return day or otherwise

    def _word(self, column: str, otherwise: str) -> str:
        meaning = _meaning(column, self.cells.get(column, ""))
        if meaning is None:
            self._note(column, "bad_word")
        return meaning or otherwise

    def _milestones(self, starts_on: date, due_on: date) -> tuple[Mark, ...]:
        found = typed_marks(self.cells.get("milestones", ""))
        if found is None:
            self._note("milestones", "bad_milestone")
            return ()
        if due_on <= starts_on:  # a fault of the days, noted there
            return found
        if not in_the_run(found, starts_on, due_on):
            self._note("milestones", "milestones_out_of_order")
            return ()
        return found


def typed_marks(text: str) -> tuple[Mark, ...] | None:
    """Milestones as typed, `2026-06-30 50% title`, in lines or parted by semicolons; None when unclear."""
    marks = [_mark(part) for part in filter(None, map(str.strip, _BETWEEN_MARKS.split(text)))]
    return None if None in marks else tuple(mark for mark in marks if mark)


def in_the_run(marks: Iterable[Mark], starts_on: date, due_on: date) -> bool:
    """True when the milestones lie inside the run, one after the other, none below the one before."""
    try:
        plan_segments(starts_on, due_on, [(mark.due_on, mark.percent) for mark in marks])
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    """`2026-06-30`, as spreadsheets write it too (2026/6/30); None for anything else."""
    match = _DAY.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _mark(text: str) -> Mark | None:
    """`2026-06-30 50% title` → a milestone; None for anything else."""
    match = _MARK.fullmatch(text)
    day = _day(match[1]) if match else None
    if match is None or day is None:
        return None
    return Mark(day, int(match[2]) * 100 + int((match[3] or "").ljust(2, "0")), match[4].strip())
