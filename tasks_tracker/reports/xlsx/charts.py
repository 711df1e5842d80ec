"""Native charts of the summary: they follow the cells when the ledger is changed."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from tasks_tracker.reports.colours import ACCENT, FILLS, INK, LINE, MUTED, PLAN
from tasks_tracker.reports.document import Line, Workbook
from tasks_tracker.reports.xlsx.cells import FONT, Pen
from tasks_tracker.reports.xlsx.workings import Block, shares_of

WIDTH, HEIGHT, GAP = 730, 330, 14
ROW_PIXELS = 20
CURVE_LABELS = 8


@dataclass(frozen=True)
class Table:
    """Where a table of the summary stands: the row of its heads and its first line, counted from 0."""

    head: int
    first: int
    lines: tuple[Line, ...]


class Charts:
    """Four charts in two rows, side by side."""

    ROWS = 2 * (HEIGHT + GAP) // ROW_PIXELS + 2

    def __init__(self, book: Any, pen: Pen, document: Workbook, first_light: int) -> None:
        self.book = book
        self.pen = pen
        self.document = document
        self.words = document.words
        self.summary = document.words["summary"]
        self.first_light = first_light

    def insert(self, row: int, tasks: Table, regions: Table, history: Block) -> None:
        """Put the charts that have something to show at `row`."""
        below = HEIGHT + GAP
        if tasks.lines:
            bars = self._status("bar", tasks, "status_by_task", labels=True)
            bars.set_y_axis(self._axis(reverse=True, crossing="max"))
            self._put(bars, row, 0, 0, "status_by_task")
            self._put(self._progress(tasks), row, WIDTH + GAP, 0, "progress_and_planned")
        if regions.lines:
            columns = self._status("column", regions, "status_by_region", labels=False)
            columns.set_x_axis(self._axis(rotation=-90 if len(regions.lines) > 12 else 0))
            self._put(columns, row, 0, below, "status_by_region")
        if history.count > 1:
            self._put(self._curve(history), row, WIDTH + GAP, below, "curve")

    def _put(self, chart: Any, row: int, x: int, y: int, word: str) -> None:
        chart.set_title({"name": self.words[word], "name_font": self._font(11, bold=True), "overlay": False})
        chart.set_legend({"position": "bottom", "font": self._font(9)})
        chart.set_chartarea({"border": {"color": LINE}})
        chart.set_size({"width": WIDTH, "height": HEIGHT})
        options = {"x_offset": x, "y_offset": y, "object_position": 2, "description": self.words[word]}
        self.pen.sheet.insert_chart(row, 0, chart, options)

    def _status(self, kind: str, table: Table, word: str, *, labels: bool) -> Any:
        """Numbers of items by light, stacked."""
        chart = self.book.add_chart({"type": kind, "subtype": "stacked"})
        last = table.first + len(table.lines) - 1
        titles = [line.title for line in table.lines]
        for number, mark in enumerate(self.document.lights[:-1]):
            column = self.first_light + number
            fill, ink = FILLS[mark.code]
            series: dict[str, Any] = {
                "name": [self.summary, table.head, column],
                "categories": [self.summary, table.first, 0, last, 0],
                "values": [self.summary, table.first, column, last, column],
                "categories_data": titles,
                "values_data": [line.counts.lights[number] if line.counts else 0 for line in table.lines],
                "fill": {"color": fill},
                "border": {"color": MUTED if mark.code == "not_started" else fill, "width": 0.5},
                "gap": 45,
            }
            if mark.code == "suspended":
                series["pattern"] = {"pattern": "wide_upward_diagonal", "fg_color": MUTED, "bg_color": fill}
                series.pop("fill")
            if labels:
                series["data_labels"] = {
                    "value": True,
                    "num_format": "#,##0;;",
                    "font": {**self._font(8), "color": ink},
                }
            chart.add_series(series)
        value_axis = self._axis(num_format="#,##0")
        chart.set_x_axis(value_axis) if kind == "bar" else chart.set_y_axis(value_axis)
        return chart

    def _progress(self, table: Table) -> Any:
        """Progress beside planned, one pair of bars per key task."""
        chart = self.book.add_chart({"type": "bar"})
        last = table.first + len(table.lines) - 1
        shares = [shares_of(line.sums) for line in table.lines]
        progress = [lower / coverage if coverage and lower else 0 for coverage, lower, *_ in shares]
        planned = [share[2] or 0 for share in shares]
        for column, colour, data in ((1, ACCENT, progress), (2, PLAN, planned)):
            chart.add_series(
                {
                    "name": [self.summary, table.head, column],
                    "categories": [self.summary, table.first, 0, last, 0],
                    "values": [self.summary, table.first, column, last, column],
                    "categories_data": [line.title for line in table.lines],
                    "values_data": data,
                    "fill": {"color": colour},
                    "gap": 60,
                    "overlap": 0,
                    "data_labels": {"value": True, "num_format": "0.0%;;", "font": self._font(8)},
                }
            )
        chart.set_x_axis(self._axis(num_format="0%", min=0, max=1))
        chart.set_y_axis(self._axis(reverse=True, crossing="max"))
        return chart

    def _curve(self, history: Block) -> Any:
        """Progress and planned over the weeks."""
        chart = self.book.add_chart({"type": "line"})
        sheet, first, last = self.words["workings"], history.first, history.first + history.count - 1
        moments = self.document.history
        lines = (
            (6, ACCENT, "solid", [moment.progress for moment in moments]),
            (7, PLAN, "dash", [moment.planned for moment in moments]),
        )
        for column, colour, dash, data in lines:
            chart.add_series(
                {
                    "name": [sheet, first - 1, column],
                    "categories": [sheet, first, 5, last, 5],
                    "values": [sheet, first, column, last, column],
                    "categories_data": [moment.week for moment in moments],
                    "values_data": ["" if value is None else value for value in data],
                    "line": {"color": colour, "width": 2.25, "dash_type": dash},
                }
            )
        chart.show_blanks_as("gap")
        low, high = _zoom(
            [value for moment in moments for value in (moment.progress, moment.planned) if value is not None]
        )
        chart.set_y_axis(self._axis(num_format="0%", min=low, max=high))
        chart.set_x_axis(self._axis(interval_unit=max(1, history.count // CURVE_LABELS)))
        return chart

    def _axis(self, *, rotation: int = 0, **options: Any) -> dict[str, Any]:
        font = self._font(9) | ({"rotation": rotation} if rotation else {})
        grid = {"visible": "num_format" in options, "line": {"color": LINE, "width": 0.5}}
        return {"num_font": font, "line": {"color": LINE}, "major_gridlines": grid, **options}

    def _font(self, size: int, *, bold: bool = False) -> dict[str, Any]:
        return {"name": FONT["font_name"], "size": size, "bold": bold, "color": INK}


def _zoom(values: list[float]) -> tuple[float, float]:
    """Whole tens of percent around the values: a line may be looked at closely, bars always begin at 0."""
    if not values:
        return 0, 1
    low = floor(min(values) * 10) / 10
    return low, max(ceil(max(values) * 10) / 10, low + 0.1)
