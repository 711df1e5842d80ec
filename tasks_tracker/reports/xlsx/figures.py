"""Sheets of a paper: a table, and the figures of each picture with a native chart beside them."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from tasks_tracker.reports.colours import ACCENT, HEAD, INK, LINE, MUTED, PLAN, RANGE, band_of, fill_of
from tasks_tracker.reports.document import Kind
from tasks_tracker.reports.paper import Curve, Heading, Mark, Table, Tasks, TileMap
from tasks_tracker.reports.xlsx.cells import FONT, Pen, clean, height_of, literal

TOP = 2  # the row of the heads, counted from 0
WIDTH = 130  # characters of a table that fills the page
CHART, GAP = {"width": 500, "height": 380}, 12
NUMBER = re.compile(r"([+−-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]+)?(%?)")
LONGEST_NUMBER = 15  # digits that a spreadsheet keeps


@dataclass(frozen=True)
class Number:
    """A number as the paper says it: its value, and the format that shows the same text."""

    value: float
    shape: str
    is_whole: bool


def number_of(text: str) -> Number | None:
    """The number that the text says and nothing else; None for any other text."""
    found = NUMBER.fullmatch(text)
    if not found:
        return None
    sign, whole, fraction, percent = found.groups(default="")
    digits = whole.replace(",", "")
    if len(digits + fraction) > LONGEST_NUMBER or (len(digits) > 1 and digits[0] == "0"):
        return None
    value = float(digits + fraction) * (-1 if sign in ("−", "-") else 1)
    shape = (
        ("#,##0" if "," in whole else "0") + ("." + "0" * (len(fraction) - 1) if fraction else "") + percent
    )
    minus = sign if sign in ("−", "-") else "−"
    if value == 0 and sign in ("−", "-"):
        return None
    shapes = f"+{shape};{minus}{shape};{sign}{shape}" if sign == "+" else f"{shape};{minus}{shape};{shape}"
    is_whole = not fraction and not percent
    return Number(value / 100 if percent else value, shapes, is_whole)


# --- tables -----------------------------------------------------------------------------------------------
def write_table(pen: Pen, table: Table) -> None:
    """The table as it stands; of a total of whole numbers that adds up, the formula."""
    widths = _widths(table.columns)
    _heads(pen, [column.text for column in table.columns], widths)
    last = len(table.rows) - 1
    for number, row in enumerate(table.rows):
        is_total = table.has_total and number == last
        _row(pen, table, TOP + 1 + number, row, is_total=is_total)
        texts = [cell.text if isinstance(cell, Mark) else cell for cell in row]
        heights = [height_of(text, width, 15) for text, width in zip(texts, widths, strict=True)]
        pen.sheet.set_row(TOP + 1 + number, max(heights))
    after = TOP + 1 + max(len(table.rows), 1)
    if not table.rows:
        pen.text(TOP + 1, 0, table.empty, pen.formats.note())
    if table.note:
        pen.text(after + 1, 0, table.note, pen.formats.note())
    rows = len(table.rows) - (1 if table.has_total else 0)
    if rows > 0:
        pen.sheet.autofilter(TOP, 0, TOP + rows, len(table.columns) - 1)


def _row(pen: Pen, table: Table, at: int, row: tuple[str | Mark, ...], *, is_total: bool) -> None:
    look: dict[str, Any] = {"bold": True, "bg_color": HEAD} if is_total else {}
    for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        number = number_of(cell) if column.is_number and isinstance(cell, str) else None
        if isinstance(cell, Mark):
            pen.text(at, place, cell.text, pen.formats.light(cell.light))
        elif number is None:
            align = {"align": "right"} if column.is_number else {}
            pen.text(at, place, cell, pen.formats.cell(Kind.LONG, **align, **look))
        else:
            style = pen.formats.cell(Kind.INTEGER, num_format=number.shape, **look)
            if is_total and number.is_whole and _sum_above(table, place) == number.value:
                letter = xl_col_to_name(place)
                pen.formula(at, place, f"=SUM({letter}{TOP + 2}:{letter}{at})", number.value, style)
            else:
                pen.sheet.write_number(at, place, number.value, style)


def _sum_above(table: Table, place: int) -> float | None:
    """What the rows above the total add up to; None where one of them is no whole number."""
    numbers = [number_of(cell) if isinstance(cell := row[place], str) else None for row in table.rows[:-1]]
    if not numbers or not all(number and number.is_whole for number in numbers):
        return None
    return sum(number.value for number in numbers if number)


def _widths(columns: tuple[Heading, ...]) -> list[float]:
    whole = sum(column.share for column in columns)
    return [max(7.0, round(WIDTH * column.share / whole, 1)) for column in columns]


def _heads(pen: Pen, heads: list[str], widths: list[float], fixed: int = 1) -> None:
    """The heads, on every printed page, and in sight however far one scrolls."""
    for place, (head, width) in enumerate(zip(heads, widths, strict=True)):
        pen.sheet.set_column(place, place, width)
        pen.text(TOP, place, head, pen.formats.head())
    pen.sheet.set_row(TOP, 32)
    pen.sheet.freeze_panes(TOP + 1, fixed if len(heads) > 1 else 0)
    pen.sheet.repeat_rows(0, TOP)
    pen.sheet.fit_to_pages(1, 0)


# --- pictures ---------------------------------------------------------------------------------------------
def write_tasks(pen: Pen, block: Tasks, book: Any, name: str) -> None:
    """Items by light of each key task with their sums, progress, plan and variance; two charts."""
    lights = len(block.lights)
    heads = [_("Key task"), *(mark.text for mark in block.lights), _("Total"), _("Progress"), _("Planned")]
    _heads(pen, [*heads, _("Variance, points")], [24.0, *[10.0] * (lights + 4)])
    for place, mark in enumerate(block.lights, 1):
        fill, ink = fill_of(mark.light)
        pen.text(TOP, place, mark.text, pen.formats.get(**_HEAD, bg_color=fill, font_color=ink))
    first, after = TOP + 1, TOP + 1 + len(block.bars)
    for at, bar in enumerate(block.bars, first):
        pen.text(at, 0, bar.label, pen.formats.cell(Kind.LONG))
        for place, count in enumerate(bar.counts, 1):
            pen.value(at, place, count, Kind.INTEGER)
        span = f"B{at + 1}:{xl_col_to_name(lights)}{at + 1}"
        pen.formula(at, lights + 1, f"=SUM({span})", sum(bar.counts), pen.formats.cell(Kind.INTEGER))
        _shares(pen, at, lights + 2, bar.progress, bar.planned)
    if block.bars:
        bold = pen.formats.cell(Kind.INTEGER, bold=True, bg_color=HEAD)
        pen.text(after, 0, _("Total"), pen.formats.cell(Kind.TEXT, bold=True, bg_color=HEAD))
        sums = [sum(bar.counts[place] for bar in block.bars) for place in range(lights)]
        for place, total in enumerate([*sums, sum(sums)], 1):
            letter = xl_col_to_name(place)
            pen.formula(after, place, f"=SUM({letter}{first + 1}:{letter}{after})", total, bold)
        _charts_of_tasks(pen, block, book, name)


def _charts_of_tasks(pen: Pen, block: Tasks, book: Any, name: str) -> None:
    lights, first, last = len(block.lights), TOP + 1, TOP + len(block.bars)
    labels = [clean(bar.label) for bar in block.bars]
    items = book.add_chart({"type": "bar", "subtype": "stacked"})
    for place, mark in enumerate(block.lights):
        fill, ink = fill_of(mark.light)
        data = [bar.counts[place] for bar in block.bars]
        more = {
            "fill": {"color": fill},
            "border": {"color": MUTED if fill == "#FFFFFF" else fill, "width": 0.5},
            "gap": 45,
            "data_labels": {"value": True, "num_format": "#,##0;;", "font": {**_font(8), "color": ink}},
        }
        items.add_series(_series(name, first, last, place + 1, labels, data) | more)
    shares = book.add_chart({"type": "bar"})
    for place, colour, field in ((lights + 2, ACCENT, "progress"), (lights + 3, PLAN, "planned")):
        values = [getattr(bar, field) for bar in block.bars]
        known = ["" if value is None else value / 10_000 for value in values]
        labelled = {"value": True, "num_format": "0.0%", "font": _font(8)}
        more = {"fill": {"color": colour}, "gap": 60, "overlap": 0, "data_labels": labelled}
        shares.add_series(_series(name, first, last, place, labels, known) | more)
    shares.set_x_axis(_axis(num_format="0%", min=0, max=1))
    items.set_x_axis(_axis(num_format="#,##0"))
    for number, chart in enumerate((items, shares)):
        chart.set_y_axis(_axis(reverse=True, crossing="max"))
        chart.set_legend({"position": "bottom", "font": _font(9)})
        _put(pen, chart, last + 3, block.caption, dx=number * (CHART["width"] + GAP))


def write_tiles(pen: Pen, block: TileMap, book: Any, name: str) -> None:
    """The regions with their band in colour and word, furthest behind first; a chart."""
    _heads(pen, [_("Region"), _("Variance, points"), _("Band")], [24.0, 14.0, 34.0])
    tiles = [(number_of(tile.text), tile) for tile in block.tiles]
    tiles.sort(key=lambda each: (each[0] is None, each[1].is_outside, each[0].value if each[0] else 0))
    for at, (number, tile) in enumerate(tiles, TOP + 1):
        pen.text(at, 0, tile.name, pen.formats.cell(Kind.TEXT))
        if number is None:
            pen.text(at, 1, tile.text, pen.formats.no_data())
        else:
            pen.sheet.write_number(
                at, 1, number.value, pen.formats.cell(Kind.INTEGER, num_format=number.shape)
            )
        fill, ink = band_of(None if tile.is_outside else tile.band)
        band = "" if tile.band is None or tile.band >= len(block.bands) else block.bands[tile.band]
        pen.text(at, 2, band, pen.formats.cell(Kind.TEXT, bg_color=fill, font_color=ink))
    if block.note:
        pen.text(TOP + 2 + len(tiles), 0, block.note, pen.formats.note())
    known = [(number.value, tile) for number, tile in tiles if number]
    if known:
        chart = book.add_chart({"type": "column"})
        data = [value for value, _tile in known]
        points = [
            {"fill": {"color": band_of(tile.band)[0]}, "border": {"color": MUTED}} for _v, tile in known
        ]
        more = {"points": points, "gap": 40}
        labels = [clean(tile.name) for _v, tile in known]
        chart.add_series(_series(name, TOP + 1, TOP + len(known), 1, labels, data) | more)
        chart.set_x_axis(_axis(rotation=-90, label_position="low"))
        chart.set_y_axis(_axis(num_format="0.0"))
        chart.set_legend({"none": True})
        _put(pen, chart, TOP, block.caption, column=4, is_wide=True)


def write_curve(pen: Pen, block: Curve, book: Any, name: str) -> None:
    """The weeks with their variance; a line chart."""
    heads = [
        _("Week"),
        block.planned,
        block.actual,
        _("Lower bound"),
        _("Upper bound"),
        _("Variance, points"),
    ]
    _heads(pen, heads, [14.0, *[13.0] * 5])
    for at, point in enumerate(block.points, TOP + 1):
        pen.text(at, 0, point.week, pen.formats.cell(Kind.TEXT))
        for place, value in enumerate((point.planned, point.actual, point.lower, point.upper), 1):
            if value is None:
                pen.sheet.write_blank(at, place, None, pen.formats.cell(Kind.PERCENT))
            else:
                pen.sheet.write_number(at, place, value / 10_000, pen.formats.cell(Kind.PERCENT))
        _variance(pen, at, 5, ("C", point.actual), ("B", point.planned))
    if not block.points:
        return
    chart = book.add_chart({"type": "line"})
    labels = [clean(point.week) for point in block.points]
    for place, colour, field, dash in (
        (1, PLAN, "planned", "dash"),
        (2, ACCENT, "actual", "solid"),
        (3, RANGE, "lower", "round_dot"),
        (4, RANGE, "upper", "round_dot"),
    ):
        values = [getattr(point, field) for point in block.points]
        if all(value is None for value in values):
            continue
        data = ["" if value is None else value / 10_000 for value in values]
        more = {"line": {"color": colour, "width": 2.25 if place < 3 else 1, "dash_type": dash}}
        chart.add_series(_series(name, TOP + 1, TOP + len(labels), place, labels, data) | more)
    chart.show_blanks_as("gap")
    chart.set_legend({"position": "bottom", "font": _font(9)})
    chart.set_y_axis(_axis(num_format="0%"))
    chart.set_x_axis(_axis(interval_unit=max(1, len(labels) // 8)))
    _put(pen, chart, TOP, block.caption, column=7, is_wide=True)


# --- what they share --------------------------------------------------------------------------------------
_HEAD = {
    "bold": True,
    "font_size": 9,
    "text_wrap": True,
    "valign": "vcenter",
    "align": "center",
    "border": 1,
    "border_color": LINE,
}


def _shares(pen: Pen, at: int, place: int, progress: int | None, planned: int | None) -> None:
    for column, value in enumerate((progress, planned), place):
        pen.value(at, column, None if value is None else value / 10_000, Kind.PERCENT)
    _variance(pen, at, place + 2, (xl_col_to_name(place), progress), (xl_col_to_name(place + 1), planned))


def _variance(
    pen: Pen, at: int, place: int, actual: tuple[str, int | None], plan: tuple[str, int | None]
) -> None:
    """Actual less planned in points, as a formula."""
    (a, is_so), (p, should_be) = actual, plan
    known = is_so is not None and should_be is not None
    value = (is_so - should_be) / 100 if is_so is not None and should_be is not None else pen.no_data
    here = at + 1
    formula = (
        f"=IF(AND(ISNUMBER({a}{here}),ISNUMBER({p}{here})),({a}{here}-{p}{here})*100,{literal(pen.no_data)})"
    )
    style = pen.formats.cell(Kind.POINTS, align="right") if known else pen.formats.no_data()
    pen.formula(at, place, formula, value, style)


def _series(
    name: str, first: int, last: int, place: int, labels: list[str], data: list[Any]
) -> dict[str, Any]:
    return {
        "name": [name, TOP, place],
        "categories": [name, first, 0, last, 0],
        "values": [name, first, place, last, place],
        "categories_data": labels,
        "values_data": data,
    }


def _put(
    pen: Pen, chart: Any, row: int, caption: str, *, column: int = 0, dx: int = 0, is_wide: bool = False
) -> None:
    title = clean(caption)[:255]
    chart.set_title({"name": title, "name_font": {**_font(11), "bold": True}, "overlay": False})
    chart.set_chartarea({"border": {"color": LINE}})
    chart.set_size({**CHART, "width": CHART["width"] * (2 if is_wide else 1)})
    pen.sheet.insert_chart(row, column, chart, {"x_offset": dx, "object_position": 2, "description": title})


def _axis(*, rotation: int = 0, **options: Any) -> dict[str, Any]:
    font = _font(9) | ({"rotation": rotation} if rotation else {})
    grid = {"visible": "num_format" in options, "line": {"color": LINE, "width": 0.5}}
    return {"num_font": font, "line": {"color": LINE}, "major_gridlines": grid, **options}


def _font(size: int) -> dict[str, Any]:
    return {"name": FONT["font_name"], "size": size, "color": INK}
