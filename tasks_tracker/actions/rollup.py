"""Rolling a week up into cells, keeping the cells fresh, and freezing a week that is over.

Everything is recomputed, never incremented, so doing it twice changes nothing. Roll-ups take turns on the
row of the plan, and only in such a turn does a week come into being; acceptances and the close of a week
take turns on the row of the week (see `open_week_for`). Who needs both takes the plan first. On SQLite a
transaction holds the only write lock, which gives the same order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, Sum

from tasks_tracker.actions import audit
from tasks_tracker.actions.bulk import insert_numbers
from tasks_tracker.models import (
    GIVEN,
    WAITING,
    Cell,
    Light,
    Plan,
    ReportStatus,
    StaleCell,
    Standing,
    State,
    User,
    WeekRollup,
)
from tasks_tracker.models.cutoffs import look_at
from tasks_tracker.models.standing import StandingQuerySet
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf, week_of, weeks_between

Key = tuple[int, int, int]  # measure, region, lead
Columns = dict[str, int]  # the numbers of a cell, in the order of CELL_COLUMNS
STALE_BATCH = 200
BATCH = 500  # rows of one statement
CELL_KEY = ("measure_id", "region_id", "lead_id")
CELL_COLUMNS = tuple(
    field.name for field in Cell._meta.concrete_fields if field.is_relation is False and not field.primary_key
)
FILINGS = ("accepted", "submitted", "returned", "no_change", "late")


class WeekIsFrozen(Exception):
    """The week is closed: its figures are stored and never computed again."""


class WeekIsNotOver(Exception):
    """A week is closed only after its Sunday."""


def point_of(plan: Plan, week: date, now: datetime) -> AsOf:
    """The point from which `week` is looked at, at the local time `now`."""
    return replace(look_at(plan, week, now), limits=plan.limits)


@transaction.atomic
def roll_up_week(*, plan: Plan, week: date, now: datetime) -> WeekRollup:
    """Compute all cells of an open week anew. Raises WeekIsFrozen."""
    _take_turn(plan)
    return _roll_up(plan, point_of(plan, week, now), now)


@transaction.atomic
def roll_up_stale_cells(*, plan: Plan, now: datetime) -> int:
    """Recompute the cells that changes have made stale, in every open week; returns the notes it cleared.

    An open week that is not looked at from the right day yet (the running one from today, one that is over
    from its Sunday) is rolled up as a whole.
    """
    _take_turn(plan)
    _look_again(plan, now)
    notes = list(StaleCell.objects.order_by("pk")[:STALE_BATCH])
    for rollup in plan.weeks.filter(frozen_at=None).order_by("week") if notes else ():
        keys = {(n.measure_id, n.region_id, n.lead_id) for n in notes if n.week <= rollup.week}
        if keys:
            _replace_cells(rollup, keys)
            WeekRollup.objects.filter(pk=rollup.pk).update(
                computed_at=now, times_computed=F("times_computed") + 1
            )
    StaleCell.objects.filter(pk__in=[note.pk for note in notes]).delete()
    return len(notes)


def _look_again(plan: Plan, now: datetime) -> None:
    running = week_of(now.date())
    there = {rollup.week: rollup for rollup in plan.weeks.filter(Q(frozen_at=None) | Q(week=running))}
    for week in sorted(there.keys() | {running}):
        rollup, point = there.get(week), point_of(plan, week, now)
        if rollup is None or (not rollup.is_frozen and rollup.point != point and week <= running):
            _roll_up(plan, point, now)


def close_week(*, plan: Plan, week: date, now: datetime, by: User | None) -> list[WeekRollup]:
    """Freeze `week` and any earlier week still open, oldest first; returns the weeks that it froze.

    Closing a closed week again does nothing. Raises WeekIsNotOver for the running week or a later one.
    """
    if week >= week_of(now.date()):
        raise WeekIsNotOver(week)
    frozen = (_freeze(plan=plan, week=each, now=now, by=by) for each in _weeks_to_close(plan, week))
    return [rollup for rollup in frozen if rollup]


def _weeks_to_close(plan: Plan, last: date) -> list[date]:
    """The weeks up to `last` that are open, or were passed over since the first week that is rolled up."""
    first = plan.weeks.filter(frozen_at=None, week__lte=last).aggregate(week=Min("week"))["week"]
    frozen = plan.weeks.exclude(frozen_at=None).filter(week__lte=last).aggregate(week=Max("week"))["week"]
    begin = min(first or last, frozen + ONE_WEEK if frozen else last)
    return weeks_between(begin, last)


@transaction.atomic
def _freeze(*, plan: Plan, week: date, now: datetime, by: User | None) -> WeekRollup | None:
    _take_turn(plan)
    rollup = _rolled_week(plan, week, now)
    # A frozen week stays frozen, so it is not locked. An open one is: the lock waits for the acceptances that
    # are on their way into this week; later ones find it frozen.
    if rollup.is_frozen or _held(rollup).is_frozen:
        return None
    rollup = _roll_up(plan, point_of(plan, week, now), now)
    rollup.frozen_at, rollup.frozen_by = now, by
    rollup.save(update_fields=["frozen_at", "frozen_by"])
    audit.record(by=by, action="close_week", obj=rollup, after={"week": week.isoformat()}, at=now)
    return rollup


def open_week_for(*, plan: Plan, week: date, now: datetime) -> WeekRollup:
    """The first open week not before `week`, held open until the caller's transaction ends.

    The row lock makes acceptance and close take turns: what counts in a week is in its frozen figures.
    Whoever comes first in a new week rolls it up: no page ever shows a week that was not computed.
    """
    while True:
        rollup = plan.weeks.filter(week=week).first()
        if rollup is None:
            _take_turn(plan)
            rollup = _rolled_week(plan, week, now)
        if not rollup.is_frozen and not _held(rollup).is_frozen:
            return rollup
        week += ONE_WEEK


def _rolled_week(plan: Plan, week: date, now: datetime) -> WeekRollup:
    """The roll-up of a week, computed now where there is none yet; in the caller's turn."""
    return plan.weeks.filter(week=week).first() or _roll_up(plan, point_of(plan, week, now), now)


def _held(rollup: WeekRollup) -> WeekRollup:
    return WeekRollup.objects.select_for_update(no_key=True).get(pk=rollup.pk)


def _take_turn(plan: Plan) -> None:
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)


def _fresh(plan: Plan, point: AsOf, now: datetime) -> dict[str, Any]:
    return {
        "as_of": point.day,
        "cutoff_passed": point.cutoff_passed,
        "computed_at": now,
        "rule_version": plan.rule_version,
        **asdict(plan.limits),
    }


def _roll_up(plan: Plan, point: AsOf, now: datetime) -> WeekRollup:
    rollup, _made = WeekRollup.objects.get_or_create(
        plan=plan, week=point.week, defaults=_fresh(plan, point, now)
    )
    if rollup.is_frozen:
        raise WeekIsFrozen(point.week)
    for name, value in _fresh(plan, point, now).items():
        setattr(rollup, name, value)
    rollup.times_computed += 1
    rollup.save()
    _replace_cells(rollup)
    return rollup


def _replace_cells(rollup: WeekRollup, keys: Iterable[Key] | None = None) -> None:
    """Bring the stored cells to what the standings say now; what is right already is not written again."""
    stored, wanted = Cell.objects.filter(rollup=rollup), None if keys is None else list(keys)
    if wanted is not None:
        stored = stored.filter(reduce(or_, (Q(measure=m, region=r, lead=a) for m, r, a in wanted)))
    cells = compute_cells(rollup.plan, rollup.point, wanted)
    wrong = []
    for pk, *key_and_columns in stored.values_list("pk", *CELL_KEY, *CELL_COLUMNS):
        key, columns = tuple(key_and_columns[:3]), key_and_columns[3:]
        if key in cells and list(cells[key].values()) == columns:
            del cells[key]
        else:
            wrong.append(pk)
    for first in range(0, len(wrong), BATCH):
        Cell.objects.filter(pk__in=wrong[first : first + BATCH]).delete()
    rows = [(rollup.pk, *key, *columns.values()) for key, columns in cells.items()]
    insert_numbers(Cell, ("rollup_id", *CELL_KEY, *CELL_COLUMNS), rows)


def compute_cells(plan: Plan, point: AsOf, keys: Sequence[Key] | None = None) -> dict[Key, Columns]:
    """The columns of the cells of a week (all, or those of `keys`) straight from the standings."""
    cells: dict[Key, Columns] = {}
    empty = dict.fromkeys(CELL_COLUMNS, 0)
    for row in grouped_standings(plan, point, keys):
        key = (row.item__measure, row.item__region, row.lead)
        _add(cells.setdefault(key, empty.copy()), row)
    for row in _filings(plan, point, keys):
        key = (row["item__measure"], row["item__region"], row["lead"])
        if key in cells:
            cells[key].update((name, row[name]) for name in FILINGS)
    return cells


def grouped_standings(plan: Plan, point: AsOf, keys: Sequence[Key] | None = None) -> Any:
    """One GROUP BY over the standings of the week: a named tuple per cell and light."""
    standings = Standing.objects.at(plan, point).filter(decomposed=False).exclude(state=State.DRAFT)
    group = ("item__measure", "item__region", "lead", "light")
    sums = {
        "n": Count("pk"),
        "w": Sum("weight"),
        "known_n": Count("pk", filter=Q(known=True)),
        "known_w": Sum("weight", filter=Q(known=True), default=0),
        "stale_n": Count("pk", filter=Q(stale=True)),
        "stale_w": Sum("weight", filter=Q(stale=True), default=0),
        "earned_w": Sum(F("weight") * F("counted_percent")),
        "planned_w": Sum(F("weight") * F("planned")),
        "due_n": Count("pk", filter=Q(due=True)),
        "due_reported_n": Count("pk", filter=Q(due=True, reported=True)),
    }
    grouped = _of_keys(standings, keys).values(*group).annotate(**sums).order_by()
    return grouped.values_list(*group, *sums, named=True)


def _add(cell: Columns, row: Any) -> None:
    """Fold one group into its cell; what is cancelled or suspended is counted apart."""
    if row.light == Light.SUSPENDED:
        cell["suspended_items"] += row.n
        cell["suspended_weight"] += row.w
    elif not row.light:
        cell["cancelled_items"] += row.n
        cell["cancelled_weight"] += row.w
    else:
        cell["items"] += row.n
        cell["weight"] += row.w
        cell["known_weight"] += row.known_w
        cell["stale_weight"] += row.stale_w
        cell["earned"] += row.earned_w
        cell["planned"] += row.planned_w
        cell["unknown_items"] += row.n - row.known_n
        cell["stale_items"] += row.stale_n
        cell[row.light] += row.n
        cell["due"] += row.due_n
        cell["due_reported"] += row.due_reported_n


def _filings(plan: Plan, point: AsOf, keys: Sequence[Key] | None) -> Any:
    """What became of the week's reports, per cell; every version counts."""
    standings = Standing.objects.in_force(plan, point.week).filter(
        decomposed=False, item__reports__week=point.week
    )
    status = "item__reports__status"
    given = Q(**{f"{status}__in": GIVEN})
    return (
        _of_keys(standings, keys)
        .values("item__measure", "item__region", "lead")
        .annotate(
            accepted=Count("pk", filter=Q(**{status: ReportStatus.ACCEPTED})),
            submitted=Count("pk", filter=Q(**{f"{status}__in": WAITING})),
            returned=Count("pk", filter=Q(**{status: ReportStatus.RETURNED})),
            no_change=Count("pk", filter=given & Q(item__reports__no_change=True)),
            late=Count("pk", filter=given & Q(item__reports__is_late=True)),
        )
        .order_by()
    )


def _of_keys(standings: StandingQuerySet, keys: Sequence[Key] | None) -> Any:
    if keys is None:
        return standings
    cells = (Q(item__measure=m, item__region=r, lead=a) for m, r, a in keys)
    return standings.filter(reduce(or_, cells))
