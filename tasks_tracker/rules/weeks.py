"""Reporting weeks: ISO weeks, Monday to Sunday, stored as their Monday and written 2026-W47.

Pure functions over dates; the clock is always an argument. Rules: docs/numbers.md, "The week".
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

ONE_WEEK = timedelta(weeks=1)
FIRST = date(1900, 1, 1)  # a Monday before any plan
FAR = date(9999, 1, 4)  # the Monday that no week reaches: "until further notice"
_WRITTEN = re.compile(r"(\d{4})-?W(\d{2})")


class UnknownWeek(ValueError):
    """The text is not a week of the ISO calendar."""


def week_of(day: date) -> date:
    """The Monday of the week that contains `day`."""
    return day - timedelta(days=day.weekday())


def parse_week(text: str) -> date:
    """`2026-W47` (or `2026W47`) → its Monday. Raises UnknownWeek."""
    match = _WRITTEN.fullmatch(text.strip().upper())
    if not match:
        raise UnknownWeek(text)
    try:
        week = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError as error:
        raise UnknownWeek(text) from error
    if not FIRST <= week < FAR:  # room for the arithmetic of dates on both sides
        raise UnknownWeek(text)
    return week


def format_week(week: date) -> str:
    """A Monday → `2026-W47`."""
    year, number, _ = week.isocalendar()
    return f"{year}-W{number:02d}"


def sunday_of(week: date) -> date:
    """The last day of the week."""
    return week + timedelta(days=6)


def weeks_between(first: date, last: date) -> list[date]:
    """All Mondays from `first` to `last`, both included; empty when `last` lies before `first`."""
    return [first + n * ONE_WEEK for n in range((last - first).days // 7 + 1)]


def is_month_end_week(week: date) -> bool:
    """True when the week holds the last Friday of a month: monthly reports fall due in it."""
    friday = week + timedelta(days=4)
    return (friday + ONE_WEEK).month != friday.month


def last_month_end_week(week: date) -> date:
    """The latest month-end week that is not after `week`."""
    while not is_month_end_week(week):
        week -= ONE_WEEK
    return week


def cutoff_day(week: date, weekday: int) -> date:
    """The day of the cut-off in `week`; `weekday` counts from Monday = 0."""
    return week + timedelta(days=weekday)


@dataclass(frozen=True)
class Limits:
    """The thresholds of the lights: variances in hundredths of a point, and days."""

    severely_behind_below: int
    behind_below: int
    at_risk_below: int
    due_soon_days: int


@dataclass(frozen=True)
class AsOf:
    """The point from which a week is looked at.

    `day` is the day on which planned progress and lights are taken: today for the running week, the Sunday
    for a week that is over. `cutoff_passed` says whether a missing report is late already. A week that is
    frozen is looked at as it was at `frozen_at`, by the `limits` of then; None means the plan's of today.
    """

    week: date
    day: date
    cutoff_passed: bool
    frozen_at: datetime | None = None
    limits: Limits | None = None
    cutoff: datetime | None = field(default=None, compare=False)

    @property
    def month_end(self) -> date:
        """The week in which the last monthly report fell due."""
        return last_month_end_week(self.week)


def usual_cutoff(week: date, weekday: int, at: time, zone: tzinfo | None) -> datetime:
    """The moment of the cut-off in `week` when nobody moved it."""
    return datetime.combine(cutoff_day(week, weekday), at, tzinfo=zone)


def as_of(
    week: date, now: datetime, cutoff_weekday: int, cutoff_time: time, moved: datetime | None = None
) -> AsOf:
    """Look at `week` from the moment `now` (local wall time); `moved` is its cut-off where it was moved."""
    cutoff = (
        moved.astimezone(now.tzinfo) if moved else usual_cutoff(week, cutoff_weekday, cutoff_time, now.tzinfo)
    )
    return AsOf(week=week, day=min(now.date(), sunday_of(week)), cutoff_passed=now >= cutoff, cutoff=cutoff)
