"""What pages hand to the components: small frozen records of ready values, no database objects.

Percentages, points and limits are integers in hundredths of a percent; None means "no data".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tasks_tracker.rules.lights import REGION_CUTS

ITEM_CUTS = (-1500, -1000, -500, 300)
_ZOOM_STEP = 500
_WHOLE = 10_000


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One region on the tile grid; `text` is the value as shown, `band` one of d0 … d4 or "" for no data.

    `url` is its page, `why` the explanation of its figure.
    """

    name: str
    column: int
    row: int
    text: str = ""
    band: str = ""
    url: str = ""
    title: str = ""
    overdue: int = 0
    kind: str = "province"
    reports: bool = True
    current: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class HeatColumn:
    """The head of a column; `strong` draws a rule to its right."""

    label: str
    url: str = ""
    title: str = ""
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class HeatCell:
    """One cell; `kind` is value | done | not_started | none | no_data.

    A value is coloured by a `band`, or by a `light` that is drawn beside it. Corners say that something in
    the cell is overdue or stale, a dotted line that something was never reported (`unknown`). `words` say
    all of it to a screen reader; without them each sign has its own word.
    """

    text: str = ""
    band: str = ""
    light: str = ""
    url: str = ""
    title: str = ""
    words: str = ""
    overdue: int = 0
    stale: int = 0
    unknown: int = 0
    kind: str = "value"


@dataclass(frozen=True, kw_only=True)
class HeatRow:
    """One row; `strong` marks a total."""

    label: str
    cells: Sequence[HeatCell]
    url: str = ""
    title: str = ""
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What somebody decided or answered; `tone` is done | returned | plain."""

    text: str
    who: str = ""
    when: str = ""
    tone: str = "plain"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One report in the history of an item; `tone` is done | returned | waiting | plain.

    `change` is in hundredths of a point; `facts` are (label, text) pairs; `signatures` say who signed and
    when; `files` are pieces of evidence.
    """

    heading: str
    sub: str = ""
    tone: str = "plain"
    status: str = ""
    value: str = ""
    change: int | None = None
    by: str = ""
    signatures: Sequence[str] = ()
    files: Sequence[Any] = ()
    facts: Sequence[tuple[str, str]] = ()
    flag: str = ""
    reply: Reply | None = None
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One milestone; `tone` is met | missed | coming | now."""

    name: str
    due: date
    tone: str = "coming"
    note: str = ""
    percent: int | None = None


@dataclass(frozen=True, kw_only=True)
class GanttMark:
    """A milestone on the bar; `place` is a CSS position, `tone` is met | missed | coming."""

    place: str
    tone: str
    title: str


@dataclass(frozen=True, kw_only=True)
class GanttRow:
    """One item: a bar from start to due day, filled up to its percent; `ghost` is what was agreed first.

    Positions are CSS percentages; `said` says everything that is drawn.
    """

    title: str
    sub: str
    url: str
    light: str
    place: str
    width: str
    filled: str
    ghost: tuple[str, str] | None
    marks: Sequence[GanttMark]
    said: str
    percent: int | None
    planned: int
    starts_on: date
    due_on: date
    first_due_on: date
    moved: int
    days: int
    milestones: str


@dataclass(frozen=True, kw_only=True)
class Gantt:
    """Rows on one axis; `ticks` are (place, text, is a year), `today` is the place of the day of the page."""

    rows: Sequence[GanttRow]
    ticks: Sequence[tuple[str, str, bool]]
    today: str
    today_text: str


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One of many on a strip; `level` lifts it above those that lie under it."""

    place: str
    level: int
    title: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """Where one stands among others; no places are counted."""

    label: str
    own: str
    own_place: str
    median: str
    median_place: str
    dots: Sequence[Dot]
    ticks: Sequence[tuple[str, str]]
    said: str


@dataclass(frozen=True, kw_only=True)
class Twin:
    """The table that says what a chart shows; the first cell of each row is its header."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""


def band(value: int | None, cuts: Sequence[int] = REGION_CUTS) -> str:
    """The band of a variance: below cuts[0] → d4, …, from cuts[3] on → d0; "" when there is no data."""
    if value is None:
        return ""
    return f"d{sum(value < cut for cut in cuts)}"


def zoom(values: Iterable[int | None]) -> tuple[int, int]:
    """Limits of a zoomed axis that holds all `values`, on multiples of 5 points; (0, 10000) for none."""
    known = [value for value in values if value is not None]
    if not known:
        return 0, _WHOLE
    low = min(known) // _ZOOM_STEP * _ZOOM_STEP
    high = -(-max(known) // _ZOOM_STEP) * _ZOOM_STEP
    if high - low < 2 * _ZOOM_STEP:
        low, high = low - _ZOOM_STEP, low + _ZOOM_STEP
    return max(low, 0), min(high, _WHOLE)
