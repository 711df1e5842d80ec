"""A table of work items as typed rows, and what is wrong with it: the one way in which ledgers are read.

Pure functions. A .csv of ours names its columns itself, in Chinese or English, in any order; an office's own
ledger is mapped first (`rules.ledger_columns`). The words stand in ledger_words.json. What only the database
knows (units, regions, measures) is checked by the action.
"""

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from tasks_tracker.rules.days import Period, is_long_term, may_be_october, read_period, read_run
from tasks_tracker.rules.outline import UnreadableText, decode
from tasks_tracker.rules.schedule import Mark, plan_segments
from tasks_tracker.rules.weeks import FAR, FIRST

REQUIRED = ("code", "title", "measure", "region", "lead", "starts_on", "due_on")
TEXTS = ("title", "expected_result", "deliverable", "indicator", "target")
NAMES = ("key_task", "measure", "region", "lead", "industry")
HEAVIEST = 1000
_CODE = re.compile(r"[\w.-]+")
_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_MARK = re.compile(r"(\S+)\s+(\d{1,3})(?:\.(\d{1,2}))?\s*[%\uff05]\s*(.+)")
_BETWEEN_MARKS = re.compile("[;\uff1b\n]")
_BETWEEN_NAMES = re.compile("[\u3001;\uff1b,\uff0c\n]")
_WRAPPED = re.compile(r"(?<=[^\x00-\xff])\s*[\r\n]+\s*(?=[^\x00-\xff])")
_ERROR = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)")


@dataclass(frozen=True)
class Fault:
    """What is wrong with one cell: `row` as a spreadsheet counts (header = 1), `column` by its English name.

    Codes of this module: column_unknown, column_missing, column_twice, no_rows, missing, bad_code,
    bad_weight, bad_day, bad_word, bad_milestone, milestones_out_of_order, due_before_start, bad_run,
    cell_error. `value` is what stands there, `others` are names that look like it.
    As a warning, where something was taken that does not stand there: year_taken, january, long_term,
    plan_start.
    """

    row: int
    column: str
    code: str
    value: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What holds for all rows of a table: which cells must be filled, and what is taken where one is empty.

    `year` is that of days that name none; `first` is the start and `last` the end where a row has none.
    """

    required: tuple[str, ...] = REQUIRED
    year: int | None = None
    first: date | None = None
    last: date | None = None
    texts: Mapping[str, str] = field(default_factory=dict)  # by column


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
    key_task: str = ""
    industry: str = ""
    indicator: str = ""
    target: str = ""


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, the faults found while reading it, and what was taken for granted."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()


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
    filled = (
        (number, dict(zip(names, map(str.strip, cells), strict=False)))
        for number, cells in enumerate(lines[1:], 2)
        if any(cell.strip() for cell in cells)
    )
    sheet = read_rows(filled, Terms())
    if sheet.rows:
        return sheet
    return Sheet((), (Fault(2, "code", "no_rows"),))


def read_rows(filled: Iterable[tuple[int, Mapping[str, str]]], terms: Terms) -> Sheet:
    """The rows of cells that are known by their columns: (number of the row, text by column)."""
    rows: list[Row] = []
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for number, cells in filled:
        reader = _Reader(number, cells, terms)
        rows.append(reader.row())
        faults += reader.faults
        warnings += reader.warnings
    return Sheet(tuple(rows), tuple(faults), tuple(warnings))


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """From the top down, in the order of the columns; what is no column of ours comes last."""
    columns = list(words()["columns"])
    return sorted(
        faults,
        key=lambda f: (f.row, columns.index(f.column) if f.column in columns else len(columns), f.column),
    )


def column_name(name: str, *, english: bool) -> str:
    """How the column is headed; what is no column of ours stays as it is."""
    chinese_word, english_word, *_others = words()["columns"].get(name, (name, name))
    return str(english_word if english else chinese_word)


@cache
def words() -> dict[str, Any]:
    """The words of ledgers: headers with their variants, and what may stand in some columns."""
    content: dict[str, Any] = json.loads(Path(__file__).with_name("ledger_words.json").read_text("utf-8"))
    return content


def one_width(text: str) -> str:
    """Digits and letters in one width, without the blanks around."""
    return unicodedata.normalize("NFKC", text).strip()


def unwrapped(text: str) -> str:
    """Without the line breaks that only fit a text into its cell."""
    return " ".join(_WRAPPED.sub("", text).split())


def _meaning(group: str, word: str) -> str | None:
    """The code behind a word in either language."""
    return next((code for code, known in words()[group].items() if word.lower() in known), None)


def _header(cells: list[str]) -> tuple[list[str], list[Fault]]:
    known = [(_meaning("columns", cell.strip()), cell.strip()) for cell in cells]
    faults = [Fault(1, cell, "column_unknown", cell) for name, cell in known if name is None and cell]
    names = [name or "" for name, _cell in known]
    faults += [Fault(1, name, "column_twice") for name, n in Counter(filter(None, names)).items() if n > 1]
    faults += [Fault(1, name, "column_missing") for name in REQUIRED if name not in names]
    return names, faults


class _Reader:
    """Reads the cells of one row and notes what is wrong with them."""

    def __init__(self, number: int, cells: Mapping[str, str], terms: Terms) -> None:
        self.number, self.terms, self.asked = number, terms, cells.keys()
        self.cells = {**terms.texts, **{name: text for name, text in cells.items() if text.strip()}}
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def row(self) -> Row:
        for column, text in self.cells.items():
            if _ERROR.match(text):  # what a spreadsheet shows where a formula failed
                self._note(column, "cell_error")
        texts = {name: unwrapped(self._text(name)) for name in TEXTS + NAMES}
        starts_on, due_on = self._run()
        return Row(
            number=self.number,
            code=self._code(),
            weight=self._weight(),
            starts_on=starts_on,
            due_on=due_on,
            commitment=self._word("commitment", "anticipatory"),
            is_key=self._word("is_key", "no") == "yes",
            supporting=self._supporting(),
            milestones=self._milestones(starts_on, due_on),
            **texts,
        )

    def _note(self, column: str, code: str) -> None:
        self.faults.append(Fault(self.number, column, code, self.cells.get(column, "")))

    def _warn(self, column: str, code: str, value: str) -> None:
        self.warnings.append(Fault(self.number, column, code, value))

    def _text(self, column: str) -> str:
        text = self.cells.get(column, "").strip()
        if not text and column in self.terms.required:
            self._note(column, "missing")
        return text

    def _code(self) -> str:
        code = one_width(self._text("code"))
        if code and not _CODE.fullmatch(code):  # it becomes part of an address
            self._note("code", "bad_code")
        return code

    def _weight(self) -> int:
        text = one_width(self.cells.get("weight", "")) or "1"
        if re.fullmatch(r"[0-9]{1,4}(\.0+)?", text) and 1 <= int(text.partition(".")[0]) <= HEAVIEST:
            return int(text.partition(".")[0])
        self._note("weight", "bad_weight")
        return 1

    def _run(self) -> tuple[date, date]:
        """The first and the last day; harmless ones where a cell is at fault."""
        run = read_run(self.cells.get("run", ""), self.terms.year)
        if self.cells.get("run") and run is None:
            self._note("run", "bad_run")
        if run and run.assumed:
            self._warn("run", "year_taken", f"{run.first} – {run.last}")
        starts_on = self._starts_on(run)
        due_on = self._due_on(run)
        if due_on <= starts_on:
            self._note("due_on" if self.cells.get("due_on") else "run", "due_before_start")
        return starts_on, due_on

    def _starts_on(self, run: Period | None) -> date:
        if not self.cells.get("starts_on"):
            if run:
                return run.first
            if self.terms.first:
                if self.asked & {"starts_on", "run"}:  # the cell is empty, not the column missing
                    self._warn("starts_on", "plan_start", self.terms.first.isoformat())
                return self.terms.first
        found = self._period("starts_on")
        return found.first if found else FIRST

    def _due_on(self, run: Period | None) -> date:
        text = self.cells.get("due_on", "")
        if not text and run:
            return run.last
        if self.terms.last and is_long_term(text):
            self._warn("due_on", "long_term", self.terms.last.isoformat())
            return self.terms.last
        found = self._period("due_on")
        return found.last if found else FAR

    def _period(self, column: str) -> Period | None:
        text = self._text(column)
        found = read_period(text, self.terms.year)
        if text and found is None:
            self._note(column, "bad_day")
        if found and (found.assumed or may_be_october(text)):
            taken = found.first if column == "starts_on" else found.last
            self._warn(column, "year_taken" if found.assumed else "january", taken.isoformat())
        return found

    def _supporting(self) -> tuple[str, ...]:
        names = (unwrapped(name) for name in _BETWEEN_NAMES.split(self._text("supporting")))
        return tuple(filter(None, (_without_others(name) for name in names)))

    def _word(self, column: str, otherwise: str) -> str:
        meaning = _meaning(column, one_width(self.cells.get(column, "")))
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


def _without_others(name: str) -> str:
    """Without the word that says that there are more."""
    return next(
        (name.removesuffix(word) for word in words()["and_others"] if name.endswith(word)), name
    ).strip()


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
