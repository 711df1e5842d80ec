"""The summary: the total, the charts, and tables by key task, region and measure; every figure a formula."""

from typing import Any

from tasks_tracker.reports.document import Counts, Kind, Line, Workbook
from tasks_tracker.reports.xlsx.cells import Pen, literal, quoted
from tasks_tracker.reports.xlsx.charts import Charts, Table
from tasks_tracker.reports.xlsx.workings import Places, shares_of

SHARES = ("progress", "planned", "variance", "coverage", "lower", "upper", "stale")
HEAD_HEIGHT = 46
TOP = 4  # the row of the first heads; all tables have the same


def write_summary(pen: Pen, document: Workbook, places: Places, book: Any) -> None:
    """Write the sheet from top to bottom; the charts stand between the total and the tables."""
    _Summary(pen, document, places).write(book)


class _Summary:
    def __init__(self, pen: Pen, document: Workbook, places: Places) -> None:
        self.pen = pen
        self.document = document
        self.places = places
        self.words = document.words
        self.workings = quoted(self.words["workings"])
        self.row = 0
        self.first_light = len(SHARES) + 2
        self.head = 0
        self.breaks: list[int] = []

    def write(self, book: Any) -> None:
        levels, places, words = self.document.levels, self.places, self.words
        self._top()
        self._heads("")  # repeated on every printed page, above all tables
        self._line(levels.whole, places.whole, ("ledger_task", '">0"'), strong=True)
        self._line(levels.supporting, places.supporting, ("ledger_task", "0"))
        self.pen.text(self.row, 0, words["supporting_apart"], self.pen.formats.note())
        self.row += 2
        charts_at = self.row
        self.row += Charts.ROWS
        tasks = self._table("by_task", "key_task", levels.tasks, places.tasks.rows, self._of_task)
        regions = self._table("by_region", "region", levels.regions, places.regions.rows, self._of_region)
        self._table("by_measure", "measure", levels.measures, places.measures.rows, self._of_measure)
        Charts(book, self.pen, self.document, self.first_light).insert(
            charts_at, tasks, regions, places.history
        )
        self.pen.sheet.repeat_rows(TOP)
        self.pen.sheet.set_h_pagebreaks(self.breaks)
        self.pen.sheet.fit_to_pages(1, 0)

    def _top(self) -> None:
        pen, document = self.pen, self.document
        pen.sheet.set_column(0, 0, 27)
        pen.sheet.set_column(1, self.first_light + len(document.lights) + 2, 9.3)
        pen.text(0, 0, document.title, pen.formats.title())
        pen.text(1, 0, document.subtitle, pen.formats.get(bold=True))
        facts = "    ".join(
            self.words["fact"] % {"label": name, "value": value} for name, value in document.facts
        )
        pen.text(2, 0, facts, pen.formats.note())
        pen.sheet.freeze_panes(3, 1)
        self.row = TOP

    def _heads(self, first: str) -> None:
        """The heads; the words of the lights in them are what the formulas count."""
        words, pen = self.words, self.pen
        titles = [first, *(words[name] for name in SHARES), words["items"]]
        pen.sheet.set_row(self.row, HEAD_HEIGHT)
        for column, title in enumerate(titles):
            pen.text(self.row, column, title, pen.formats.head())
        for column, mark in enumerate(self.document.lights, self.first_light):
            pen.text(self.row, column, mark.text, pen.formats.head())
        last = self.first_light + len(self.document.lights)
        for column, word in enumerate(("owed", "given", "filled_in"), last):
            pen.text(self.row, column, words[word], pen.formats.head())
        self.head = self.row
        self.row += 1

    def _table(self, title: str, head: str, lines: tuple[Line, ...], rows: range, where: Any) -> Table:
        if title != "by_task":
            self.breaks.append(self.row)
        self.pen.text(self.row, 0, self.words[title], self.pen.formats.section())
        self.row += 1
        self._heads(self.words[head])
        first = self.row
        for line, place in zip(lines, rows, strict=True):
            self._line(line, place, where(place))
        self.row += 1
        return Table(head=self.head, first=first, lines=lines)

    def _of_task(self, place: int) -> tuple[str, str]:
        return ("ledger_task", self._cell("D", place))

    def _of_region(self, place: int) -> tuple[str, ...]:
        return ("ledger_region", self._cell("A", place), "ledger_task", '">0"')

    def _of_measure(self, place: int) -> tuple[str, str]:
        return ("ledger_measure", self._cell("C", place))

    def _cell(self, letter: str, place: int) -> str:
        return f"{self.workings}!${letter}${place + 1}"

    def _line(self, line: Line, place: int, where: tuple[str, ...], *, strong: bool = False) -> None:
        more: dict[str, Any] = {"bold": True, "font_size": 12} if strong else {}
        title = f"{line.code} {line.title}".strip()
        self.pen.text(self.row, 0, title, self.pen.formats.cell(Kind.LONG, **more))
        self._shares(line, place, more)
        if line.counts:
            self._counts(line.counts, ",".join(where), more)
        if strong:
            self.pen.sheet.set_row(self.row, 24)
        self.row += 1

    def _shares(self, line: Line, place: int, more: dict[str, Any]) -> None:
        coverage, lower, planned, stale = (self._cell(letter, place) for letter in "MNOP")
        none, here = literal(self.pen.no_data), self.row + 1
        formulas = (
            f"=IF(N({coverage})>0,{lower}/{coverage},{none})",
            f"=IF(ISNUMBER({planned}),{planned},{none})",
            f"=IF(AND(ISNUMBER(B{here}),ISNUMBER(C{here})),(B{here}-C{here})*100,{none})",
            f"=IF(ISNUMBER({coverage}),{coverage},{none})",
            f"=IF(ISNUMBER({lower}),{lower},{none})",
            f"=IF(ISNUMBER({coverage}),{lower}+1-{coverage},{none})",
            f"=IF(ISNUMBER({stale}),{stale},{none})",
        )
        for column, (formula, value) in enumerate(zip(formulas, _figures(line), strict=True), 1):
            kind = Kind.POINTS if column == SHARES.index("variance") + 1 else Kind.PERCENT
            style = self.pen.formats.cell(kind, align="right", **more)
            self.pen.formula(self.row, column, formula, value, style)

    def _counts(self, counts: Counts, where: str, more: dict[str, Any]) -> None:
        style = self.pen.formats.cell(Kind.INTEGER, **more)
        column = len(SHARES) + 1
        self._count(column, f"=COUNTIFS(ledger_counted,1,{where})", counts.items, style)
        for column, number in enumerate(counts.lights, self.first_light):
            head = f"{_letter(column)}${self.head + 1}"
            self._count(column, f"=COUNTIFS(ledger_light,{head},{where})", number, style)
        owed, given = column + 1, column + 2
        self._count(owed, f"=COUNTIFS(ledger_owed,1,{where})", counts.owed, style)
        self._count(given, f"=COUNTIFS(ledger_owed,1,ledger_given,1,{where})", counts.given, style)
        here = self.row + 1
        rate = f"{_letter(given)}{here}/{_letter(owed)}{here}"
        formula = f"=IF({_letter(owed)}{here}>0,{rate},{literal(self.pen.no_data)})"
        value = counts.given / counts.owed if counts.owed else None
        percent = self.pen.formats.cell(Kind.PERCENT, align="right", **more)
        self.pen.formula(self.row, given + 1, formula, value, percent)

    def _count(self, column: int, formula: str, value: int, style: Any) -> None:
        self.pen.formula(self.row, column, formula, value, style)


def _figures(line: Line) -> tuple[float | None, ...]:
    """The values of the seven shares, in the order of SHARES."""
    coverage, lower, planned, stale = shares_of(line.sums)
    if coverage is None or lower is None or planned is None:
        return (None,) * len(SHARES)
    progress = lower / coverage if coverage else None
    variance = None if progress is None else (progress - planned) * 100
    return (progress, planned, variance, coverage, lower, lower + 1 - coverage, stale)


def _letter(column: int) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column]
