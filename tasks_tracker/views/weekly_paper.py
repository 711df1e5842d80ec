"""A paper as its page shows it: paragraphs with links behind their figures, tables, pictures as marks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tasks_tracker.models import ReportParagraph
from tasks_tracker.reports.drafted import Figure, key_of
from tasks_tracker.reports.paper import Curve, Level, Line, Part, Table, Tasks, TileMap
from tasks_tracker.reports.wording import percent_sign
from tasks_tracker.rules.tokens import filled, pieces
from tasks_tracker.templatetags import shapes

ROWS_SHOWN = 30  # of an annex, unless all are asked for
WIDTH, HEIGHT, EDGE = 640, 220, 34  # of the curve, in its own units


@dataclass(frozen=True)
class Bit:
    """Words, or a figure: with its address, and the name of its token where it may be moved."""

    text: str
    url: str = ""
    is_figure: bool = False


@dataclass(frozen=True)
class Shown:
    """A block as the template draws it; `kind` is line, gap, table, tasks, tiles or curve."""

    kind: str
    block: Any = None
    lines: Sequence[Sequence[Bit]] = ()
    paragraph: ReportParagraph | None = None
    more: int = 0


@dataclass(frozen=True)
class ShownPart:
    """A section or an annex; `edited` is how many of its paragraphs somebody wrote."""

    key: str
    title: str
    blocks: Sequence[Shown] = field(default_factory=list)
    edited: int = 0


def draft_parts(
    parts: Sequence[Part],
    paragraphs: Mapping[str, ReportParagraph],
    figures: Mapping[str, Figure],
    *,
    whole: bool,
) -> list[ShownPart]:
    """The parts of a draft, whose lines begin where its gaps are."""
    found = []
    for part in parts:
        blocks = [_of_draft(block, paragraphs, figures, whole) for block in part.blocks]
        edited = sum(1 for shown in blocks if shown.paragraph and shown.paragraph.is_edited)
        found.append(ShownPart(part.key, part.title, blocks, edited))
    return found


def _of_draft(
    block: Any, paragraphs: Mapping[str, ReportParagraph], figures: Mapping[str, Figure], whole: bool
) -> Shown:
    paragraph = paragraphs.get(key_of(block))
    if paragraph is None:
        return _data(block, whole)
    lines = [_bits(line, figures) for line in paragraph.text.splitlines()]
    return Shown("gap", block, lines, paragraph)


def _bits(text: str, figures: Mapping[str, Figure]) -> list[Bit]:
    """A line with its figures; one that is gone shows the name of its token."""
    gone = Figure("")
    return [
        Bit(
            figures.get(piece.token, gone).text or f"{{{piece.token}}}",
            figures.get(piece.token, gone).url,
            True,
        )
        if piece.token
        else Bit(piece.words)
        for piece in pieces(text)
    ]


def issue_parts(
    parts: Sequence[Part], texts: Mapping[str, str], plain: Mapping[str, Figure], *, whole: bool
) -> list[ShownPart]:
    """The parts of an issue as it was published: its own words, with the lists that were behind them."""
    shown = {name: figure.text for name, figure in plain.items()}
    lines = [line.strip() for text in texts.values() for line in text.splitlines()]
    known = {filled(line, shown): _bits(line, plain) for line in lines if line}
    return [
        ShownPart(part.key, part.title, [_of_issue(block, known, whole) for block in part.blocks])
        for part in parts
    ]


def _of_issue(block: Any, known: Mapping[str, list[Bit]], whole: bool) -> Shown:
    if isinstance(block, Line) and block.level == Level.TEXT:
        return Shown("gap", block, [known.get(block.text) or [Bit(block.text)]])
    return _data(block, whole)


def _data(block: Any, whole: bool) -> Shown:
    match block:
        case Line():
            return Shown("line", block)
        case Table():
            rows = block.rows if whole else block.rows[:ROWS_SHOWN]
            cells = [[_cell(cell) for cell in row] for row in rows]
            return Shown("table", {"table": block, "rows": cells}, more=len(block.rows) - len(rows))
        case Tasks():
            return Shown(
                "tasks", {"caption": block.caption, "bars": [_bar(block, bar) for bar in block.bars]}
            )
        case TileMap():
            return Shown("tiles", {"map": block, "tiles": [_tile(tile) for tile in block.tiles]})
        case Curve():
            return Shown("curve", {"curve": block} | curve_marks(block))
    raise TypeError(block)


def _cell(cell: Any) -> dict[str, str]:
    if isinstance(cell, str):
        return {"text": cell}
    return {"text": cell.text, "light": cell.light}


def _bar(tasks: Tasks, bar: Any) -> dict[str, Any]:
    counts = {mark.light: count for mark, count in zip(tasks.lights, bar.counts, strict=True)}
    return {
        "label": bar.label,
        "counts": counts,
        "progress": percent_sign(bar.progress),
        "planned": percent_sign(bar.planned),
    }


def _tile(tile: Any) -> shapes.Tile:
    return shapes.Tile(
        name=tile.name,
        column=tile.column,
        row=tile.row,
        text=tile.text,
        band="" if tile.band is None else f"d{4 - tile.band}",
        title=f"{tile.name} {tile.text}",
        reports=not tile.is_outside,
    )


def curve_marks(curve: Curve) -> dict[str, Any]:
    """The lines of a curve as SVG points from 0 to 100 %, with its first, its last and its present week."""
    last = max(len(curve.points) - 1, 1)

    def at(place: int, value: int) -> str:
        x = EDGE + place * (WIDTH - 2 * EDGE) / last
        y = HEIGHT - EDGE - value * (HEIGHT - 2 * EDGE) / 10_000
        return f"{x:.1f},{y:.1f}"

    def line(name: str) -> str:
        values = ((place, getattr(point, name)) for place, point in enumerate(curve.points))
        return " ".join(at(place, value) for place, value in values if value is not None)

    known = [place for place, point in enumerate(curve.points) if point.actual is not None]
    ticks = [(at(0, value).split(",")[1], f"{value // 100}%") for value in (0, 5_000, 10_000)]
    x, y = at(known[-1], curve.points[known[-1]].actual or 0).split(",") if known else ("", "")
    return {
        "planned": line("planned"),
        "actual": line("actual"),
        "ticks": ticks,
        "first": curve.points[0].week,
        "last": curve.points[-1].week,
        "now": curve.points[known[-1]].week if known else "",
        "x": x,
        "y": y,
        "size": (WIDTH, HEIGHT, EDGE, WIDTH - EDGE, HEIGHT - 10),
    }
