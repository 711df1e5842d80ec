"""What the rules of early signals find in a week, from the weekly history as it was known in that week.

Set-based: the number of queries depends on the number of weeks, and on that of items only by the chunk.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import Max, Min

from tasks_tracker.models import (
    RUNNING_STATES,
    Plan,
    PlanSegment,
    SignalCode,
    SignalRule,
    Standing,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.queries.sighting_sets import SETS, SetSighting
from tasks_tracker.queries.told import Told
from tasks_tracker.rules import signals as rules
from tasks_tracker.rules.rollup import WHOLE
from tasks_tracker.rules.signals import OF_SETS
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf, format_week, sunday_of, week_of

CHUNK = 20_000  # items held in memory at a time
POINT = 100  # hundredths
Evidence = dict[str, Any]
Rules = Mapping[str, SignalRule]


class Row(NamedTuple):
    """A running, begun item in a week; percentages in hundredths, None where nothing is known."""

    percent: int | None
    planned: int
    due_on: date
    reported_week: date | None


Sheet = dict[int, Row]  # by the row number of the item


@dataclass(frozen=True)
class Sighting:
    """The condition of a rule holds for a subject in a week, with the figures from which that follows."""

    code: str
    subject: str
    fields: dict[str, Any]  # of EarlySignal: what it is about
    evidence: Evidence
    members: frozenset[int] = frozenset()

    @property
    def key(self) -> tuple[str, str]:
        """Of which signal it is a sighting."""
        return self.code, self.subject


class Chunk:
    """The weekly sheets of the items of one range of row numbers, each read once."""

    def __init__(self, plan: Plan, first: int, last: int) -> None:
        self.plan, self.first, self.last = plan, first, last
        self._sheets: dict[tuple[date, date], Sheet] = {}

    def sheet(self, point: AsOf) -> Sheet:
        """The week of `point`, looked at from its day. One query, or none."""
        key = (point.week, point.day)
        if key not in self._sheets:
            found: Any = Standing.objects.planned_at(self.plan, point).filter(
                item__gte=self.first,
                item__lte=self.last,
                state__in=RUNNING_STATES,
                decomposed=False,
                starts_on__lte=point.day,
            )
            rows = found.order_by().values_list("item", "percent", "planned", "due_on", "reported_week")
            self._sheets[key] = {item: Row(*row) for item, *row in rows}
        return self._sheets[key]

    def before(self, point: AsOf, weeks: int) -> Sheet:
        """The sheet of so many weeks earlier, looked at from its Sunday; that of the week itself for 0."""
        if weeks == 0:
            return self.sheet(point)
        week = point.week - weeks * ONE_WEEK
        return self.sheet(AsOf(week, sunday_of(week), cutoff_passed=True))

    def deadlines(self, point: AsOf, since: date, until: date) -> dict[int, list[date]]:
        """By item: due day and milestones of the plan in force, between two days. One query."""
        segments = PlanSegment.objects.filter(
            item__plan=self.plan,
            item__gte=self.first,
            item__lte=self.last,
            since__lte=point.week,
            until__gt=point.week,
            until_day__range=(since.toordinal(), until.toordinal()),
        )
        found: dict[int, list[date]] = defaultdict(list)
        for item, day in segments.order_by("until_day").values_list("item", "until_day"):
            found[item].append(date.fromordinal(day))
        return found


@dataclass
class Look:
    """A chunk in a week, with what was told by then."""

    chunk: Chunk
    point: AsOf
    told: Told
    now: Sheet = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.chunk.sheet(self.point)

    def series(self, item: int, weeks: int) -> list[Row | None]:
        """The rows of an item in so many weeks up to now, oldest first."""
        return [self.chunk.before(self.point, back).get(item) for back in range(weeks - 1, -1, -1)]

    def known(self, item: int, weeks: int) -> list[Row] | None:
        """The same where the item was running with a percent in all of them."""
        found = [row for row in self.series(item, weeks) if row is not None and row.percent is not None]
        return found if len(found) == weeks else None


def _percents(rows: Sequence[Row | None]) -> list[int | None]:
    return [row.percent if row else None for row in rows]


def _whole(rows: Sequence[Row]) -> list[int]:
    return [row.percent or 0 for row in rows]


def _will_be_late(look: Look, numbers: Mapping[str, int]) -> Iterator[tuple[int, Evidence]]:
    day, late = look.point.day, numbers["late"]
    farthest = day + numbers["ahead"] * ONE_WEEK
    for item, row in look.now.items():
        if row.percent is None or row.percent >= WHOLE or not day < row.due_on <= farthest:
            continue
        series = look.series(item, numbers["weeks"] + 1)
        reports = {each.reported_week for each in series if each and each.reported_week}
        range_ = rules.forecast(_percents(series))
        if range_ is None or len(reports) < rules.LEAST_REPORTS:
            continue
        limit = (row.due_on + late * ONE_WEEK - day).days
        if range_.earliest is None or range_.earliest * 7 > limit:
            yield (
                item,
                {
                    "due_on": row.due_on.isoformat(),
                    "percents": [percent for percent in _percents(series) if percent is not None],
                    "earliest": _week_after(day, range_.earliest),
                    "latest": _week_after(day, range_.latest),
                    "needed": _needed(row, day),
                },
            )


def _week_after(day: date, weeks: int | None) -> str | None:
    return None if weeks is None else format_week(week_of(day + weeks * ONE_WEEK))


def _needed(row: Row, day: date) -> int | None:
    """The pace to the due day in hundredths of a point per week, for display."""
    pace = rules.pace_needed(row.percent or 0, (row.due_on - day).days)
    return None if pace is None else round(pace)


def _losing_pace(look: Look, numbers: Mapping[str, int]) -> Iterator[tuple[int, Evidence]]:
    weeks = numbers["weeks"]
    for item, row in look.now.items():
        if row.percent is None or row.percent >= row.planned:
            continue
        rows = look.known(item, weeks + 1)
        if rows is None or len({each.reported_week for each in rows}) <= weeks:
            continue  # a week without a report of its own says nothing about pace
        planned = [each.planned for each in rows]
        lost = rules.lost(_whole(rows), planned)
        if lost is not None and lost >= numbers["points"] * POINT:
            yield (
                item,
                {
                    "percents": _whole(rows),
                    "planned": planned,
                    "lost": lost,
                    "needed": _needed(row, look.point.day),
                },
            )


def _stuck(look: Look, numbers: Mapping[str, int]) -> Iterator[tuple[int, Evidence]]:
    weeks = numbers["weeks"]
    since = look.point.week - weeks * ONE_WEEK
    for item, row in look.now.items():
        if row.percent is None or row.percent < numbers["percent"] * POINT or row.percent >= WHOLE:
            continue
        if row.reported_week is None or row.reported_week <= since:
            continue  # nobody has said since that it still stands there
        series = _percents(look.series(item, weeks + 1))
        if rules.is_stuck(series, numbers["percent"] * POINT):
            yield item, {"percents": series, "reported_week": format_week(row.reported_week)}


def _late_jump(look: Look, numbers: Mapping[str, int]) -> Iterator[tuple[int, Evidence]]:
    weeks, week = numbers["weeks"], look.point.week
    first = week - (weeks - 1) * ONE_WEEK
    horizon = timedelta(days=numbers["days"])
    deadlines = look.chunk.deadlines(look.point, first, sunday_of(week) + horizon)
    for item, days in deadlines.items():
        if item not in look.now:
            continue
        series = _percents(look.series(item, weeks + 1))
        for back, (before, after) in enumerate(pairwise(series)):
            jumped = first + back * ONE_WEEK
            near = [day for day in days if jumped <= day <= sunday_of(jumped) + horizon]
            if before is None or after is None or after - before < numbers["points"] * POINT or not near:
                continue
            yield (
                item,
                {
                    "week": format_week(jumped),
                    "percents": [before, after],
                    "deadline": near[0].isoformat(),
                },
            )
            break


def _from_told(name: str) -> Callable[[Look, Mapping[str, int]], Iterator[tuple[int, Evidence]]]:
    def find(look: Look, numbers: Mapping[str, int]) -> Iterator[tuple[int, Evidence]]:
        for item, evidence in getattr(look.told, name)(look.point.week, numbers).items():
            if item in look.now:
                yield item, evidence

    return find


ITEM_RULES: dict[str, Callable[[Look, Mapping[str, int]], Iterator[tuple[int, Evidence]]]] = {
    SignalCode.WILL_BE_LATE: _will_be_late,
    SignalCode.LOSING_PACE: _losing_pace,
    SignalCode.EXTENDED_AGAIN: _from_told("extended_again"),
    SignalCode.STUCK: _stuck,
    SignalCode.LATE_JUMP: _late_jump,
    SignalCode.NO_CHANGE: _from_told("no_change"),
    SignalCode.COPIED: _from_told("copied"),
}


def chunks(plan: Plan) -> Iterator[Chunk]:
    """The items of the plan in ranges of row numbers. One query."""
    ends = WorkItem.objects.filter(plan=plan).aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is not None:
        for first in range(ends["first"], ends["last"] + 1, CHUNK):
            yield Chunk(plan, first, first + CHUNK - 1)


def item_sightings(look: Look, in_force: Rules) -> Iterator[tuple[str, int, Evidence]]:
    """What the rules about single items find: (rule, item, evidence)."""
    for code, find in ITEM_RULES.items():
        if code in in_force and in_force[code].is_on:
            for item, evidence in find(look, in_force[code].parameters):
                yield str(code), item, evidence


def set_sightings(plan: Plan, rollup: WeekRollup, in_force: Rules) -> Iterator[Sighting]:
    """What the rules about several items find."""
    for code in OF_SETS:
        if code in in_force and in_force[code].is_on:
            for found in SETS[code](plan, rollup, in_force[code].parameters):
                yield _of_set(code, found)


def _of_set(code: str, found: SetSighting) -> Sighting:
    return Sighting(code, found.subject, found.fields, found.evidence, found.members)


def sightings(
    plan: Plan, rollups: Sequence[WeekRollup], in_force: Rules
) -> dict[date, dict[tuple[str, str], Sighting]]:
    """What the rules find in each of the weeks, by the signal that it belongs to."""
    found: dict[date, dict[tuple[str, str], Sighting]] = {rollup.week: {} for rollup in rollups}
    if not rollups:
        return found
    told = Told(plan, in_force, since=min(found), until=max(found))
    for chunk in chunks(plan):
        for rollup in rollups:
            for code, item, evidence in item_sightings(Look(chunk, rollup.point, told), in_force):
                seen = Sighting(code, f"item:{item}", {"item_id": item}, evidence)
                found[rollup.week][seen.key] = seen
    for rollup in rollups:
        for seen in set_sightings(plan, rollup, in_force):
            found[rollup.week][seen.key] = seen
    return found
