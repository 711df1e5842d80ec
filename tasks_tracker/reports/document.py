"""A weekly workbook before it has a file format: plain values and words in the reader's language.

Frozen dataclasses, no database. All shares are fractions of 1 (0.635 = 63.5 %), sums of earned and planned
progress are in units of weight, variances in points; None = no data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """How a column is written."""

    TEXT = "text"
    LONG = "long"  # wrapped
    INTEGER = "integer"
    PERCENT = "percent"
    POINTS = "points"
    DATE = "date"
    LIGHT = "light"
    FLAG = "flag"  # 1 or 0, or a number that stands for a name


class Mark(NamedTuple):
    """A light as it is written: its code chooses the fill, the text holds the character and the word."""

    code: str
    text: str


Value = str | int | float | date | Mark | None
Row = tuple[Value, ...]


@dataclass(frozen=True)
class Column:
    """A column of a list; `width` in characters of the default font."""

    key: str
    title: str
    width: float
    kind: Kind


@dataclass(frozen=True)
class Sheet:
    """A list with its headline; `rows` may be read once only. `empty` is said where there are no rows."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    empty: str
    notes: tuple[str, ...] = ()


class Sums(NamedTuple):
    """Σ weight of the children, then of what is known, stale, earned and planned."""

    weight: float = 0
    known: float = 0
    stale: float = 0
    earned: float = 0
    planned: float = 0


@dataclass(frozen=True)
class Counts:
    """Numbers of items: counted, per light (in the order of `Workbook.lights`), reports owed and given."""

    items: int
    lights: tuple[int, ...]
    owed: int
    given: int


@dataclass(frozen=True)
class Line:
    """A measure, a key task, a region or the whole: where it stands, and its weight in the level above.

    `measure`, `task` and `region` are the numbers by which the ledger's rows are found. No measure and no
    task is 0; no region is None, because a region's code may be 0.
    """

    title: str
    sums: Sums
    weight: int = 1
    code: str = ""
    measure: int = 0
    task: int = 0
    region: int | None = None
    counts: Counts | None = None


@dataclass(frozen=True)
class Moment:
    """A week of the curve."""

    week: str
    progress: float | None
    planned: float | None
    coverage: float | None


@dataclass(frozen=True)
class Levels:
    """The lines of the selection, level by level, and the same for each region."""

    measures: tuple[Line, ...]
    tasks: tuple[Line, ...]
    whole: Line
    supporting: Line
    regions: tuple[Line, ...]
    region_tasks: tuple[Line, ...]
    region_measures: tuple[Line, ...]


@dataclass(frozen=True)
class Workbook:
    """Everything that the writer needs. `words` are the fixed labels, translated."""

    title: str
    subtitle: str
    author: str
    week: str
    facts: tuple[tuple[str, str], ...]
    lights: tuple[Mark, ...]  # those that count, then suspended, then cancelled
    levels: Levels
    history: tuple[Moment, ...]
    ledger: Sheet
    behind: Sheet
    unreported: Sheet
    rules: tuple[tuple[str, str], ...]
    words: Mapping[str, str] = field(default_factory=dict)
