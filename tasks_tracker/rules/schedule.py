"""From milestones to straight pieces: the planned progress of an item over its run.

Pure functions over dates. Percentages are integers in hundredths of a percent. Rules: docs/numbers.md,
"Planned progress".
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

WHOLE = 10_000


class Mark(NamedTuple):
    """A milestone: by `due_on` the item should stand at `percent`."""

    due_on: date
    percent: int
    title: str


class Segment(NamedTuple):
    """A straight piece of the plan: days as ordinals (`date.toordinal()`), percent at its two ends."""

    from_day: int
    until_day: int
    from_percent: int
    until_percent: int


def plan_segments(
    starts_on: date, due_on: date, milestones: Iterable[tuple[date, int]] = ()
) -> list[Segment]:
    """The pieces that cover the run from `starts_on` to `due_on` without gap or overlap, oldest first.

    `milestones` are (due day, planned percent), in order: each day later than the one before, no percent
    below the one before. Planned progress leaves the start at 0 (or at the percent of a milestone then)
    and arrives at 100 % on the due day, whatever a milestone of that day says. Raises ValueError for an empty
    run, and for milestones out of order, falling, outside the run or not a percent.
    """
    if due_on <= starts_on:
        raise ValueError("The due day lies after the start.")
    marks = list(milestones)
    _check(marks, starts_on, due_on)
    at_start = [percent for day, percent in marks if day == starts_on] or [0]
    inner = [(day, percent) for day, percent in marks if starts_on < day < due_on]
    points = [(starts_on, at_start[0]), *inner, (due_on, WHOLE)]
    return [
        Segment(first.toordinal(), last.toordinal(), low, high)
        for (first, low), (last, high) in pairwise(points)
    ]


def day_planned(pieces: Sequence[Segment], percent: Fraction) -> Fraction | None:
    """The last day (ordinal) on which the plan stands at `percent`; None where it never does."""
    for piece in reversed(pieces):
        if piece.from_percent <= percent <= piece.until_percent:
            rise = piece.until_percent - piece.from_percent
            gone = Fraction(percent - piece.from_percent, rise) if rise else Fraction(1)
            return piece.from_day + gone * (piece.until_day - piece.from_day)
    return None


def written_marks(marks: Iterable[Mark]) -> str:
    """Milestones as one line of text, in which a recorded change keeps them."""
    rows = [[mark.due_on.isoformat(), mark.percent, mark.title] for mark in sorted(marks)]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def read_marks(text: str) -> list[Mark]:
    """What `written_marks` wrote; nothing for an empty text."""
    return [Mark(date.fromisoformat(day), percent, title) for day, percent, title in json.loads(text or "[]")]


def _check(marks: list[tuple[date, int]], starts_on: date, due_on: date) -> None:
    for day, percent in marks:
        if not starts_on <= day <= due_on:
            raise ValueError(f"Milestone {day} lies outside {starts_on} – {due_on}.")
        if not 0 <= percent <= WHOLE:
            raise ValueError(f"{percent} hundredths are not a percent.")
    for (day, percent), (next_day, next_percent) in pairwise(marks):
        if next_day <= day:
            raise ValueError(f"Milestone {next_day} does not follow {day}.")
        if next_percent < percent:
            raise ValueError(f"Planned percent falls from {percent} to {next_percent} on {next_day}.")
