"""The course that an item takes: how it ends, when it runs, and how far it keeps to its plan.

Days are ordinals, offsets are hundredths of a percent point; nothing here knows the database.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from random import Random

from tasks_tracker.rules.weeks import week_of

WEEK = 7
POINT = 100  # hundredths


class Fate(Enum):
    """How the item stands in the running week."""

    DONE = auto()
    ON_TRACK = auto()
    NOT_STARTED = auto()
    BEHIND = auto()
    AT_RISK = auto()
    OVERDUE = auto()
    SILENT = auto()
    REQUESTED = auto()
    SUSPENDED = auto()
    CANCELLED = auto()
    NEW = auto()


SHARES = {  # of a hundred items
    Fate.DONE: 29.5,
    Fate.ON_TRACK: 36.6,
    Fate.NOT_STARTED: 9.5,
    Fate.BEHIND: 7.0,
    Fate.AT_RISK: 8.5,
    Fate.OVERDUE: 2.8,
    Fate.SILENT: 2.0,
    Fate.REQUESTED: 1.0,
    Fate.SUSPENDED: 1.5,
    Fate.CANCELLED: 1.4,
    Fate.NEW: 0.6,
}
SLOW = {Fate.BEHIND, Fate.AT_RISK, Fate.OVERDUE}


@dataclass(frozen=True)
class Span:
    """The days that the items of a plan may use: its run, and the Mondays of the history."""

    starts: int
    ends: int
    first: int
    until: int


@dataclass(frozen=True)
class Run:
    """Start and due day of an item, and the Monday of the week in which it is closed (0 = never)."""

    start: int
    due: int
    closed: int = 0


def draw_fate(rng: Random, drag: float) -> Fate:
    """A fate; where things go slowly more items end behind, and fewer on track."""
    weights = [share * (drag if fate in SLOW else 1.0) for fate, share in SHARES.items()]
    return rng.choices(list(SHARES), weights=weights)[0]


def draw_run(rng: Random, fate: Fate, span: Span) -> Run:
    """Days that suit the fate, inside the run of the plan; a run has 16 weeks at least."""
    if fate is Fate.DONE:
        return _closed_run(rng, span)
    if fate is Fate.NOT_STARTED:
        start = _between(rng, span.until + 8, min(span.until + 44 * WEEK, span.ends - 20 * WEEK))
        return Run(start, _due(rng, start + 16 * WEEK, span.ends))
    if fate is Fate.NEW:
        start = _between(rng, max(span.first, span.until - 10 * WEEK), span.until - WEEK)
        return Run(start, _due(rng, start + 26 * WEEK, span.ends))
    if fate is Fate.OVERDUE:
        due = span.until - _between(rng, 3, 12 * WEEK)
        return Run(max(span.starts, due - _between(rng, 30 * WEEK, 78 * WEEK)), due)
    if fate is Fate.REQUESTED:
        due = _between(rng, span.until + 8, span.until + 9 * WEEK)
        return Run(max(span.starts, due - _between(rng, 40 * WEEK, 78 * WEEK)), due)
    room = span.until - 14 * WEEK - span.starts
    start = span.starts + int(max(room, 0) * rng.random() ** (2.2 if fate in SLOW else 1.5))
    return Run(start, _due(rng, max(span.until + 3 * WEEK, start + 34 * WEEK), span.ends))


def _closed_run(rng: Random, span: Span) -> Run:
    earliest = span.starts + 20 * WEEK
    closed = _between(rng, earliest, span.until - WEEK)
    closed -= (closed - 1) % WEEK  # ordinals of Mondays are 1 modulo 7
    late = rng.random() < 0.2  # some are closed after their due day
    due = closed - _between(rng, 4, 6 * WEEK) if late else _month_end(closed + _between(rng, 0, 5 * WEEK))
    start = max(span.starts, closed - _between(rng, 24 * WEEK, 70 * WEEK))
    return Run(start, min(max(due, start + 16 * WEEK), span.ends), closed)


def _between(rng: Random, low: int, high: int) -> int:
    return low + int(rng.random() * (max(high - low, 0) + 1))


def _due(rng: Random, low: int, high: int) -> int:
    """A due day, mostly the last of a month, sooner rather than later."""
    day = low + int((max(high - low, 0)) * rng.random() ** 1.3)
    end = _month_end(day)
    return end if end <= high and rng.random() < 0.8 else day


def _month_end(ordinal: int) -> int:
    day = date.fromordinal(ordinal)
    return day.replace(day=monthrange(day.year, day.month)[1]).toordinal()


@dataclass
class Course:
    """How far the item is from its plan, week by week."""

    fate: Fate
    closed: int
    due: int
    early: int
    late: int
    slips_from: int
    slips_for: int
    ceiling: int
    dip: int
    dip_at: int
    setback: int = 0  # what decreases have taken away

    def aim(self, week: int, planned: int) -> int:
        """Where the work really stands in `week` (ordinal of its Monday) while the plan says `planned`."""
        if self.fate is Fate.DONE or self.fate is Fate.REQUESTED:
            if self.closed - 2 * WEEK <= week:
                return 100 * POINT
            return min(planned + self.early - self.setback, 96 * POINT)
        if self.fate is Fate.OVERDUE:
            crept = max(0, week - self.due) // WEEK * 20
            return min(planned * self.ceiling // (100 * POINT) + crept, 98 * POINT) - self.setback
        share = min(max((week - self.slips_from) / self.slips_for, 0.0), 1.0)
        offset = self.early + int((self.late - self.early) * share)
        if abs(week - self.dip_at) < 5 * WEEK:
            offset += self.dip * (5 * WEEK - abs(week - self.dip_at)) // (5 * WEEK)
        return max(0, min(planned + offset - self.setback, 97 * POINT))


def draw_course(rng: Random, fate: Fate, run: Run, span: Span, pace: float, bias: int) -> Course:
    """A course towards the fate. `pace` is the plan's rise per week, `bias` shifts the offsets."""
    early = int(rng.triangular(-250, 400, 120)) + bias
    reach = max(span.until - run.start, WEEK) / WEEK * pace  # about where the plan stands now
    late = {Fate.BEHIND: _behind(rng), Fate.AT_RISK: -_between(rng, 600, 890)}.get(fate)
    late = int(rng.triangular(-330, 480, 60)) + bias if late is None else -min(-late, int(0.8 * reach))
    weeks = max(6.0, 1.2 * abs(late - early) / max(pace, 20))
    slips_for = int(min(weeks, max(4, (span.until - run.start) / WEEK - 4)) * WEEK)
    return Course(
        fate=fate,
        closed=run.closed or (span.until - WEEK * _between(rng, 0, 1) if fate is Fate.REQUESTED else 0),
        due=run.due,
        early=early,
        late=late,
        slips_from=span.until - slips_for - _between(rng, 1, 9) * WEEK,
        slips_for=slips_for,
        ceiling=_between(rng, 78, 95) * POINT,
        dip=-_between(rng, 900, 2000) if fate is Fate.ON_TRACK and rng.random() < 0.22 else 0,
        dip_at=span.first + _between(rng, 0, max(span.until - span.first - 9 * WEEK, 0)),
    )


def _behind(rng: Random) -> int:
    """A variance behind the plan; one in ten severely."""
    return -_between(rng, 3150, 3800) if rng.random() < 0.1 else -int(rng.triangular(1150, 2600, 1350))


def monday_of(ordinal: int) -> date:
    """The week that contains the day."""
    return week_of(date.fromordinal(ordinal))
