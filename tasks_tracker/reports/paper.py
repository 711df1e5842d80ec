"""A report on paper before it has a file format: what it says, in which order, in the reader's language.

Frozen dataclasses of plain values, no database. The writers (Word, PDF, Excel) only read it. It goes to JSON
and comes back equal, so that an issue that is published is frozen as it stands and can be written again.

Percentages in pictures are in hundredths; everything else is words as they are to be read.
"""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """The place of a line in the outline of the paper: three levels of headings, then running text."""

    PART = "part"
    SECTION = "section"
    POINT = "point"
    TEXT = "text"


@dataclass(frozen=True)
class Line:
    """A heading or a paragraph. `lead` are its first words, set in the type of a section."""

    text: str
    level: Level = Level.TEXT
    lead: str = ""


@dataclass(frozen=True)
class Mark:
    """A cell that shows a light: its code chooses the fill, the text holds the character and the word."""

    light: str
    text: str


@dataclass(frozen=True)
class Heading:
    """A column of a table. `share` of the width of all columns; numbers stand at the end of their cell."""

    text: str
    share: float
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """A table that fills the width of the page; `empty` is said instead where there is no row."""

    caption: str
    columns: tuple[Heading, ...]
    rows: tuple[tuple[str | Mark, ...], ...]
    empty: str = ""
    note: str = ""
    has_total: bool = False  # the last row is the total


@dataclass(frozen=True)
class Bar:
    """A key task in the picture: items by light, progress and plan; None where nothing is known."""

    label: str
    counts: tuple[int, ...]  # in the order of `Tasks.lights`
    progress: int | None
    planned: int | None


@dataclass(frozen=True)
class Tasks:
    """The key tasks: a stacked bar of items by light each, with progress and plan."""

    caption: str
    lights: tuple[Mark, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Tile:
    """A region on the tile grid. `band` 0 = furthest behind … 4 = on plan or ahead; None = no data."""

    name: str
    column: int
    row: int
    text: str
    band: int | None
    is_outside: bool = False  # not in this plan: Hong Kong, Macao, Taiwan


@dataclass(frozen=True)
class TileMap:
    """The regions by variance; `bands` say what each band means."""

    caption: str
    tiles: tuple[Tile, ...]
    bands: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True)
class Point:
    """A week of the curve; None where nothing is known, or the week is still to come."""

    week: str
    planned: int | None
    actual: int | None = None
    lower: int | None = None
    upper: int | None = None


@dataclass(frozen=True)
class Curve:
    """Planned against actual over the weeks."""

    caption: str
    points: tuple[Point, ...]
    planned: str  # the words beside the lines
    actual: str


Block = Line | Table | Tasks | TileMap | Curve


@dataclass(frozen=True)
class Part:
    """One of the seven sections, or an annex."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Paper:
    """A whole report. `serial` is its number in the year, or says that it is a draft; `remark` beside it."""

    title: str
    serial: str
    office: str
    dated: str
    subtitle: str
    remark: str
    language: str
    parts: tuple[Part, ...]
    annexes: tuple[Part, ...] = ()
    signer: str = ""
    facts: tuple[tuple[str, str], ...] = field(default=())  # scope, week, as of, computed at, digest …


_KINDS = {kind.__name__: kind for kind in (Line, Table, Tasks, TileMap, Curve)}


def written(paper: Paper) -> str:
    """The paper as JSON: the same paper is the same text, byte for byte."""
    return json.dumps(_plain(paper), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read(text: str) -> Paper:
    """What `written` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    plain = json.loads(text)
    for name in ("parts", "annexes"):
        plain[name] = tuple(
            Part(part["key"], part["title"], tuple(_block(block) for block in part["blocks"]))
            for part in plain[name]
        )
    plain["facts"] = tuple((name, value) for name, value in plain["facts"])
    return Paper(**plain)


def _plain(paper: Paper) -> dict[str, Any]:
    plain = asdict(paper)
    for name in ("parts", "annexes"):
        for part, its in zip(plain[name], getattr(paper, name), strict=True):
            for block, kind in zip(part["blocks"], its.blocks, strict=True):
                block["kind"] = type(kind).__name__
    return plain


def _block(plain: dict[str, Any]) -> Block:
    kind = plain.pop("kind")
    match kind:
        case "Line":
            plain["level"] = Level(plain["level"])
        case "Table":
            plain["columns"] = tuple(Heading(**column) for column in plain["columns"])
            plain["rows"] = tuple(tuple(_cell(cell) for cell in row) for row in plain["rows"])
        case "Tasks":
            plain["lights"] = tuple(Mark(**mark) for mark in plain["lights"])
            plain["bars"] = tuple(Bar(**bar | {"counts": tuple(bar["counts"])}) for bar in plain["bars"])
        case "TileMap":
            plain["tiles"] = tuple(Tile(**tile) for tile in plain["tiles"])
            plain["bands"] = tuple(plain["bands"])
        case "Curve":
            plain["points"] = tuple(Point(**point) for point in plain["points"])
    block: Block = _KINDS[kind](**plain)
    return block


def _cell(cell: str | dict[str, str]) -> str | Mark:
    return Mark(**cell) if isinstance(cell, dict) else cell
