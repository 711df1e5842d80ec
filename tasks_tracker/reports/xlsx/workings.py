"""The sheet of workings: from the ledger's rows to measures, key tasks, the total and the regions.

Every line has the same columns. Sums (H–L) come from the ledger or from the level below; shares (M–P) are
sums ÷ Σ weight; what a line hands to the level above (Q–U) is its own weight, and its shares times that
weight.
"""

from dataclasses import dataclass
from typing import Any

from tasks_tracker.reports.document import Kind, Line, Sums, Value, Workbook
from tasks_tracker.reports.xlsx.cells import Pen, span

HEADS = (
    ("region", "region_code", 8),
    ("region", "region", 10),
    ("measure", "measure_no", 7),
    ("key_task", "task_no", 7),
    ("code", "code", 7),
    ("title", "title", 30),
    ("own_weight", "own_weight", 8),
    ("sum_weight", "weight", 10),
    ("sum_known", "known", 10),
    ("sum_stale", "stale", 10),
    ("sum_earned", "earned", 11),
    ("sum_planned", "planned", 11),
    ("coverage", "coverage", 9),
    ("lower", "lower", 9),
    ("planned", "planned_share", 9),
    ("stale", "stale_share", 9),
    ("counting_weight", "counting", 9),
    ("times_coverage", "up_coverage", 10),
    ("times_lower", "up_lower", 10),
    ("times_planned", "up_planned", 10),
    ("times_stale", "up_stale", 10),
)
COLUMN = {key: number for number, (_word, key, _width) in enumerate(HEADS)}
REGION, TASK, COUNTING = COLUMN["region_code"], COLUMN["task_no"], COLUMN["counting"]
# The sums of a level above, in the order of Sums: which column of the level below each adds up.
HANDED_UP = tuple(COLUMN[key] for key in ("counting", "up_coverage", "up_stale", "up_lower", "up_planned"))


@dataclass(frozen=True)
class Block:
    """Consecutive lines, rows counted from 0; a block without lines is one empty row."""

    first: int
    count: int

    @property
    def rows(self) -> range:
        """The rows of the lines."""
        return range(self.first, self.first + self.count)

    def column(self, number: int) -> str:
        """The block's part of a column."""
        return span(self.first, self.first + max(self.count, 1) - 1, number)


@dataclass(frozen=True)
class Places:
    """Where the lines stand that the summary refers to."""

    measures: Block
    tasks: Block
    whole: int
    supporting: int
    regions: Block
    history: Block


def write_workings(pen: Pen, document: Workbook) -> Places:
    """Write all levels, each below the one that it adds up."""
    return _Workings(pen, document).write()


class _Workings:
    def __init__(self, pen: Pen, document: Workbook) -> None:
        self.pen = pen
        self.document = document
        self.words = document.words
        self.row = 3
        self.regions = {line.region: line.title for line in document.levels.regions}

    def write(self) -> Places:
        levels = self.document.levels
        self._top()
        by_measure = ("ledger_measure", "measure_no")
        by_region = ("ledger_region", "region_code")
        measures = self._block("level_measures", levels.measures, _from_ledger(by_measure))
        tasks = self._block("level_tasks", levels.tasks, _from_level(measures, TASK))
        self._heading("level_whole")
        whole = self.row
        self._line(levels.whole, [f"=SUM({tasks.column(column)})" for column in HANDED_UP])
        supporting = self.row
        self._line(
            levels.supporting,
            [f"=SUMIFS({measures.column(column)},{measures.column(TASK)},0)" for column in HANDED_UP],
        )
        self.row += 1
        in_region = _from_ledger(by_region, by_measure)
        parts = self._block("level_region_measures", levels.region_measures, in_region)
        above = _from_level(parts, REGION, TASK)
        region_tasks = self._block("level_region_tasks", levels.region_tasks, above)
        regions = self._block("level_regions", levels.regions, _from_level(region_tasks, REGION))
        history = self._history(whole)
        return Places(measures, tasks, whole, supporting, regions, history)

    def _top(self) -> None:
        sheet = self.pen.sheet
        self.pen.text(0, 0, self.words["workings"], self.pen.formats.title())
        self.pen.text(1, 0, self.words["workings_note"], self.pen.formats.note())
        sheet.set_row(2, 46)
        for number, (word, key, width) in enumerate(HEADS):
            sheet.set_column(number, number, width)
            text = self.words[word]
            if key.endswith(("_no", "_code")):
                text = self.words["number_of"] % {"name": text}
            self.pen.text(2, number, text, self.pen.formats.head())
        sheet.freeze_panes(3, COLUMN["title"] + 1)
        sheet.repeat_rows(2)
        sheet.fit_to_pages(1, 0)

    def _heading(self, word: str) -> None:
        self.pen.text(self.row, 0, self.words[word], self.pen.formats.section())
        self.row += 1

    def _block(self, word: str, lines: tuple[Line, ...], sums: Any) -> Block:
        self._heading(word)
        block = Block(self.row, len(lines))
        for line in lines:
            self._line(line, sums(self.row))
        self.row += 1 if lines else 2
        return block

    def _line(self, line: Line, sums: list[str]) -> None:
        pen, row = self.pen, self.row
        names: tuple[tuple[Value, Kind], ...] = (
            (line.region, Kind.FLAG),
            ("" if line.region is None else self.regions.get(line.region, ""), Kind.TEXT),
            (line.measure or None, Kind.INTEGER),
            (line.task if line.task or line.measure else None, Kind.INTEGER),
            (line.code, Kind.TEXT),
            (line.title, Kind.TEXT),
            (line.weight, Kind.INTEGER),
        )
        for column, (value, kind) in enumerate(names):
            pen.value(row, column, value, kind)
        number = pen.formats.cell(Kind.INTEGER, num_format="#,##0.00")
        for column, formula, total in zip(range(7, 12), sums, line.sums, strict=True):
            pen.formula(row, column, formula, total, number)
        self._shares(line)
        self.row += 1

    def _shares(self, line: Line) -> None:
        """Shares of the line, and what it hands up."""
        pen, row = self.pen, self.row
        shares = shares_of(line.sums)
        percent, number = pen.formats.cell(Kind.PERCENT), pen.formats.cell(Kind.INTEGER, num_format="0.0000")
        here = row + 1
        for column, letter, share in zip(range(12, 16), "IKLJ", shares, strict=True):
            formula = f'=IF($H{here}>0,{letter}{here}/$H{here},"")'
            pen.formula(row, column, formula, "" if share is None else share, percent)
        counting = line.weight if line.sums.weight > 0 else 0
        pen.formula(row, COUNTING, f"=IF($H{here}>0,$G{here},0)", counting, pen.formats.cell(Kind.INTEGER))
        for column, letter, share in zip(range(17, 21), "MNOP", shares, strict=True):
            formula = f"=IF($Q{here}>0,$Q{here}*{letter}{here},0)"
            pen.formula(row, column, formula, counting * (share or 0), number)

    def _history(self, whole: int) -> Block:
        self._heading("history")
        for column, word in zip(range(5, 9), ("week", "progress", "planned", "coverage"), strict=True):
            self.pen.text(self.row, column, self.words[word], self.pen.formats.head())
        self.row += 1
        block = Block(self.row, len(self.document.history))
        style = self.pen.formats.cell(Kind.PERCENT)
        here = whole + 1
        for moment in self.document.history:
            self.pen.value(self.row, 5, moment.week, Kind.TEXT)
            values = (moment.progress, moment.planned, moment.coverage)
            now = (f'=IF(N(M{here})>0,N{here}/M{here},"")', f"=O{here}", f"=M{here}")
            for column, value, formula in zip(range(6, 9), values, now, strict=True):
                if moment.week == self.document.week:
                    self.pen.formula(self.row, column, formula, "" if value is None else value, style)
                elif value is not None:
                    self.pen.sheet.write_number(self.row, column, value, style)
            self.row += 1
        return block


def shares_of(sums: Sums) -> tuple[float | None, ...]:
    """Coverage, lower bound, planned and stale share; None where nothing has weight."""
    if sums.weight <= 0:
        return (None, None, None, None)
    return tuple(part / sums.weight for part in (sums.known, sums.earned, sums.planned, sums.stale))


def _from_ledger(*criteria: tuple[str, str]) -> Any:
    """The sums of a line over the ledger's counted rows; criteria are (name, column of the line)."""

    def formulas(row: int) -> list[str]:
        where = "".join(f",{name},${_letter(COLUMN[key])}{row + 1}" for name, key in criteria)
        return [
            f"=SUMIFS(ledger_weight{where},ledger_counted,1)",
            f"=SUMIFS(ledger_weight{where},ledger_counted,1,ledger_known,1)",
            f"=SUMIFS(ledger_weight{where},ledger_counted,1,ledger_stale,1)",
            f"=SUMIFS(ledger_earned{where})",
            f"=SUMIFS(ledger_planned{where})",
        ]

    return formulas


def _from_level(below: Block, *columns: int) -> Any:
    """The sums of a line over the lines of the level below that agree with it in `columns`."""

    def formulas(row: int) -> list[str]:
        where = "".join(f",{below.column(column)},${_letter(column)}{row + 1}" for column in columns)
        return [f"=SUMIFS({below.column(up)}{where})" for up in HANDED_UP]

    return formulas


def _letter(column: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTU"[column]
