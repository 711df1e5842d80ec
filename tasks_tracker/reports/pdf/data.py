"""A paper as plain data for the templates: text that can be printed, colours looked up, places computed."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from tasks_tracker.reports import colours
from tasks_tracker.reports.colours import band_of, fill_of
from tasks_tracker.reports.layout import SHORT, SMALL, closing, is_broad, small_print
from tasks_tracker.reports.letters import printable
from tasks_tracker.reports.paper import (
    Block,
    Curve,
    Level,
    Line,
    Mark,
    Paper,
    Part,
    Point,
    Table,
    Tasks,
    TileMap,
)
from tasks_tracker.reports.pictures import Picture, described

LEVELS = {Level.TEXT: 0, Level.PART: 1, Level.SECTION: 2, Level.POINT: 3}
PAGE_WIDTH, CHARACTER = {False: 442, True: 638}, 10.5  # points
TALLEST = 25  # lines; what is higher may be cut over two pages, so that nothing is lost
WEEK_LABELS = 8
Cell = str | dict[str, str]
PALETTE = {
    "ink": colours.INK,
    "muted": colours.MUTED,
    "line": colours.LINE,
    "track": colours.HEAD,
    "accent": colours.ACCENT,
    "plan": colours.PLAN,
    "range": colours.RANGE,
}


def report(paper: Paper) -> dict[str, Any]:
    """The whole paper."""
    names = ("title", "serial", "office", "dated", "subtitle", "remark")
    return {
        "language": paper.language,
        "red": colours.MASTHEAD,
        "parts": [_part(part, last=closing(paper)) for part in paper.parts],
        "annexes": [_part(part, is_broad=is_broad(part)) for part in paper.annexes],
        "facts": [printable(line) for line in small_print(paper)],
    } | {name: printable(getattr(paper, name)) for name in names}


def sheet_of_pictures(pictures: Iterable[Picture], language: str) -> dict[str, Any]:
    """Pictures alone."""
    return {"language": language, "pictures": [_block(picture, broad=False) for picture in pictures]}


def _part(part: Part, *, is_broad: bool = False, last: Line | None = None) -> dict[str, Any]:
    blocks = [_block(block, broad=is_broad) | {"is_last": block is last} for block in part.blocks]
    return {"title": printable(part.title), "is_broad": is_broad, "blocks": blocks}


def _block(block: Block, *, broad: bool) -> dict[str, Any]:
    match block:
        case Line():
            said = {
                "text": printable(block.text),
                "lead": printable(block.lead),
                "level": LEVELS[block.level],
            }
        case Table():
            said = _table(block, PAGE_WIDTH[broad])
        case Tasks():
            said = _tasks(block)
        case TileMap():
            said = _tiles(block)
        case Curve():
            said = _curve(block)
    if not isinstance(block, Line):
        said["caption"] = printable(block.caption)
    if not isinstance(block, Line | Table):
        said |= {"alt": printable(described(block)), "colours": PALETTE}
    return said | {"kind": type(block).__name__}


def _table(table: Table, width: float) -> dict[str, Any]:
    whole = sum(column.share for column in table.columns)
    rooms = [max(1, int(width * column.share / whole / CHARACTER)) for column in table.columns]
    heights = [_height(row, rooms) for row in table.rows]
    last = len(table.rows) - 1
    cells: list[Cell] = []
    for number, row in enumerate(table.rows):
        is_total = table.has_total and number == last
        cells += _total(row) if is_total else _row(row, is_tall=heights[number] > TALLEST)
    heads = [{"kind": "head", "text": printable(each.text), "fill": colours.HEAD} for each in table.columns]
    return {
        "shares": [column.share for column in table.columns],
        "numbers": [column.is_number for column in table.columns],
        "heads": heads,
        "cells": cells,
        "empty": printable(table.empty),
        "note": printable(table.note),
        "is_short": len(table.rows) <= SHORT and sum(heights) <= TALLEST,
        "is_small": len(table.columns) > SMALL,
    }


def _height(row: tuple[str | Mark, ...], rooms: list[int]) -> int:
    """The lines of its highest cell, rather too many than too few."""
    texts = (cell.text if isinstance(cell, Mark) else cell for cell in row)
    return max(
        sum(-(-len(line) // room) or 1 for line in text.split("\n"))
        for text, room in zip(texts, rooms, strict=True)
    )


def _row(row: tuple[str | Mark, ...], *, is_tall: bool) -> list[Cell]:
    """The cells of a row; those of a very high one may be cut over two pages."""
    if is_tall:
        texts = (cell.text if isinstance(cell, Mark) else cell for cell in row)
        return [{"kind": "tall", "text": printable(text)} for text in texts]
    return [_mark(cell) if isinstance(cell, Mark) else printable(cell) for cell in row]


def _total(row: tuple[str | Mark, ...]) -> list[Cell]:
    texts = (cell.text if isinstance(cell, Mark) else cell for cell in row)
    return [{"kind": "total", "text": printable(text), "fill": colours.HEAD} for text in texts]


def _mark(mark: Mark) -> dict[str, str]:
    fill, ink = fill_of(mark.light)
    return {"kind": "mark", "text": printable(mark.text), "fill": fill, "ink": ink, "edge": _edge(fill)}


def _edge(fill: str) -> str:
    """White needs a line around it."""
    return colours.MUTED if fill in ("#FFFFFF", "#D3D9E0", "#ECEFF2") else fill


def _tasks(block: Tasks) -> dict[str, Any]:
    bars = [
        {
            "label": printable(bar.label),
            "counts": bar.counts,
            "progress": bar.progress,
            "planned": bar.planned,
        }
        for bar in block.bars
    ]
    words = {"progress": _("Progress"), "planned": _("Planned")}
    return {"lights": [_mark(mark) for mark in block.lights], "bars": bars, "words": words}


def _tiles(block: TileMap) -> dict[str, Any]:
    tiles = []
    for tile in block.tiles:
        fill, ink = band_of(None if tile.is_outside else tile.band)
        place = {"column": tile.column, "row": tile.row, "is_outside": tile.is_outside}
        texts = {"name": printable(tile.name), "text": printable(tile.text)}
        look = {"fill": fill, "ink": ink, "edge": colours.MUTED, "is_known": tile.band is not None}
        tiles.append(place | texts | look)
    bands = []
    for number, band in enumerate(block.bands):
        fill, ink = band_of(number)
        bands.append({"text": printable(band), "fill": fill, "ink": ink, "edge": _edge(fill)})
    return {"tiles": tiles, "bands": bands, "note": printable(block.note)}


def _curve(block: Curve) -> dict[str, Any]:
    points = [
        {
            "week": printable(point.week),
            "planned": point.planned,
            "actual": point.actual,
            "lower": point.lower,
            "upper": point.upper,
        }
        for point in block.points
    ]
    low, high = _zoom(block.points)
    ends = _ends(block, high - low)
    every = max(1, -(-len(points) // WEEK_LABELS))
    step = 10_00 if high - low <= 60_00 else 20_00
    return {
        "points": points,
        "low": low,
        "high": high,
        "ticks": list(range(low, high + 1, step)),
        "every": every,
        "ends": ends,
    }


def _zoom(points: tuple[Point, ...]) -> tuple[int, int]:
    """Whole tens of percent around everything that is drawn."""
    values = [
        value
        for point in points
        for value in (point.planned, point.actual, point.lower, point.upper)
        if value is not None
    ]
    if not values:
        return 0, 100_00
    low = min(values) // 10_00 * 10_00
    return low, max(-(-max(values) // 10_00) * 10_00, low + 10_00)


def _ends(block: Curve, span: int) -> list[dict[str, Any]]:
    """The words beside the last point of each line, moved apart where they would touch."""
    ends = []
    for name, word, ink in (
        ("planned", block.planned, colours.MUTED),
        ("actual", block.actual, colours.ACCENT),
    ):
        known = [(n, getattr(p, name)) for n, p in enumerate(block.points) if getattr(p, name) is not None]
        if known:
            index, at = known[-1]
            ends.append({"index": index, "at": at, "text": printable(word), "ink": ink})
    nearest = span * 8 // 100
    if len(ends) == 2 and abs(ends[0]["at"] - ends[1]["at"]) < nearest:
        upper, lower = sorted(ends, key=lambda end: -end["at"])
        middle = (upper["at"] + lower["at"]) // 2
        upper["at"], lower["at"] = middle + nearest // 2, middle - nearest // 2
    return ends
