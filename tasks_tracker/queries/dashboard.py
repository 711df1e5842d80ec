"""What the dashboards show, as frozen dataclasses: figures from cells, with constant query counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import islice

from django.db.models import QuerySet

from tasks_tracker.models import (
    RUNNING_STATES,
    Actor,
    Cell,
    KeyTask,
    Measure,
    ProgressReport,
    Region,
    RegionGroup,
    ReportStatus,
    Standing,
    User,
    WorkItem,
)
from tasks_tracker.queries.figures import (
    Outline,
    Point,
    Rolled,
    Slice,
    Tally,
    folded,
    history,
    outline_of,
    plan_ahead,
    rolled,
    tallies,
)
from tasks_tracker.queries.places import Place, cells_in, counted_for
from tasks_tracker.queries.remembered import WeekFigures, planned_ahead, week_figures, week_history
from tasks_tracker.queries.sections import Sections, sections
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import figure_of
from tasks_tracker.rules.weeks import FAR, ONE_WEEK


@dataclass(frozen=True)
class Compared:
    """A slice now and a week before."""

    now: Slice
    before: Slice

    @property
    def gain(self) -> Fraction | None:
        """Change of progress since the week before, in hundredths of a point."""
        return _difference(self.now.progress, self.before.progress)

    @property
    def widening(self) -> Fraction | None:
        """Change of the variance since the week before, in hundredths of a point."""
        return _difference(self.now.variance, self.before.variance)


@dataclass(frozen=True)
class TaskLine:
    """A key task and where it stands; `reference` is the national slice beside a region's."""

    key_task: KeyTask
    slice: Compared
    reference: Slice


@dataclass(frozen=True)
class MeasureLine:
    """A measure and where it stands."""

    measure: Measure
    slice: Compared


@dataclass(frozen=True)
class RegionLine:
    """A region and where it stands."""

    region: Region
    slice: Compared


@dataclass(frozen=True)
class Spot:
    """A measure in a region: the smallest place that the dashboards name."""

    measure: Measure
    region: Region
    slice: Slice


@dataclass(frozen=True)
class Board:
    """What the national page, a key task page and a region page have in common."""

    shown: ShownWeek
    outline: Outline
    whole: Compared
    supporting: Slice
    points: list[Point]
    ahead: list[tuple[date, Fraction]]  # the plan over its whole run; empty for a unit's own view


@dataclass(frozen=True)
class NationalBoard(Board):
    """The plan as a whole, as far as the user sees it."""

    @property
    def key_measures(self) -> int:
        """How many measures the seven key tasks have."""
        return sum(1 for measure in self.outline.measures if measure.key_task_id)

    tasks: list[TaskLine]
    measures: list[MeasureLine]
    regions: list[RegionLine]
    matrix: dict[tuple[int, int], Slice]  # (key task, region)
    weakest: list[Spot]
    overdue: list[Standing]


@dataclass(frozen=True)
class TaskBoard(Board):
    """One key task."""

    key_task: KeyTask
    measures: list[MeasureLine]
    regions: list[RegionLine]
    matrix: dict[tuple[int, int], Slice]  # (measure, region)
    sections: Sections
    reports: list[ProgressReport]


@dataclass(frozen=True)
class RegionBoard(Board):
    """One region, beside the national figures of what the user sees."""

    region: Region
    tasks: list[TaskLine]
    others: list[RegionLine]
    national: list[Point]
    sections: Sections


@dataclass(frozen=True)
class MeasureBoard(Board):
    """One measure, and where it is carried out."""

    measure: Measure
    regions: list[RegionLine]
    sections: Sections


@dataclass(frozen=True)
class UnitBoard(Board):
    """A unit with all below it, beside the same key tasks in all that the user sees."""

    unit: Actor
    tasks: list[TaskLine]
    sections: Sections


def _difference(now: Fraction | None, before: Fraction | None) -> Fraction | None:
    return None if now is None or before is None else now - before


def outline_before(shown: ShownWeek, outline: Outline) -> Outline:
    """The outline with the weights of the week before."""
    return outline.at(shown.week - ONE_WEEK)


def national_board(shown: ShownWeek, user: User) -> NationalBoard:
    """Everything on the national page."""
    outline = outline_of(shown.plan, shown.week)
    now = week_figures(shown.rollup, user.scope, outline)
    then = week_figures(shown.previous, user.scope, outline_before(shown, outline))
    before = then.whole
    regions = _regions(_wholes(now), _wholes(then))
    return NationalBoard(
        shown=shown,
        outline=outline,
        whole=Compared(now.whole.whole, before.whole),
        supporting=now.whole.supporting,
        points=week_history(shown, user.scope, outline),
        ahead=planned_ahead(shown.plan, outline) if user.scope.is_national else [],
        tasks=_tasks(outline, now.whole, before, now.whole),
        measures=_measures(outline.measures, now.whole, before),
        regions=regions,
        matrix={
            (task, region): part
            for region, own in now.by_region.items()
            for task, part in own.by_task.items()
            if part.tally.items
        },
        weakest=weakest_spots(now, outline, [line.region for line in regions]),
        overdue=list(overdue_items(shown, user)[:8]),
    )


def task_board(shown: ShownWeek, user: User, key_task: KeyTask) -> TaskBoard:
    """Everything on the page of a key task."""
    outline = outline_of(shown.plan, shown.week)
    mine, place = outline.under(key_task), Place(key_task=key_task)
    week = week_figures(shown.rollup, user.scope, outline)
    then = week_figures(shown.previous, user.scope, outline_before(shown, outline))
    now, before = week.whole, then.whole
    measures = {measure.pk for measure in mine}
    items = WorkItem.objects.led_within(user).filter(measure__in=mine)
    points = history(cells_in(shown, user, place), shown.rollup, outline, key_task)
    return TaskBoard(
        shown=shown,
        outline=outline,
        whole=Compared(now.by_task[key_task.pk], before.by_task[key_task.pk]),
        supporting=now.supporting,
        points=points,
        ahead=plan_ahead(shown.plan, outline, part=key_task) if user.scope.is_national else [],
        key_task=key_task,
        measures=_measures(mine, now, before),
        regions=_regions({pk: part.by_task[key_task.pk] for pk, part in week.by_region.items()}),
        matrix={key: _flat(tally) for key, tally in week.cells.items() if key[0] in measures},
        sections=sections(shown, user, place, points),
        reports=recent_reports(shown, items),
    )


def region_board(shown: ShownWeek, user: User, region: Region) -> RegionBoard:
    """Everything on the page of a region."""
    outline = outline_of(shown.plan, shown.week)
    place = Place(region=region)
    week = week_figures(shown.rollup, user.scope, outline)
    then = week_figures(shown.previous, user.scope, outline_before(shown, outline))
    own_now, own_before = (each.by_region.get(region.pk) or rolled({}, outline) for each in (week, then))
    points = history(cells_in(shown, user, place), shown.rollup, outline)
    return RegionBoard(
        shown=shown,
        outline=outline,
        whole=Compared(own_now.whole, own_before.whole),
        supporting=own_now.supporting,
        points=points,
        ahead=plan_ahead(shown.plan, outline, region=region) if user.scope.is_national else [],
        region=region,
        tasks=_tasks(outline, own_now, own_before, week.whole),
        others=_regions(_wholes(week), _wholes(then)),
        national=week_history(shown, user.scope, outline),
        sections=sections(shown, user, place, points),
    )


def measure_board(shown: ShownWeek, user: User, measure: Measure) -> MeasureBoard:
    """Everything on the page of a measure."""
    outline = outline_of(shown.plan, shown.week)
    place, empty = Place(measure=measure), Slice()
    now = week_figures(shown.rollup, user.scope, outline)
    then = week_figures(shown.previous, user.scope, outline_before(shown, outline))
    points = history(cells_in(shown, user, place), shown.rollup, outline, measure)
    return MeasureBoard(
        shown=shown,
        outline=outline,
        whole=Compared(now.whole.part(measure), then.whole.part(measure)),
        supporting=empty,
        points=points,
        ahead=plan_ahead(shown.plan, outline, part=measure) if user.scope.is_national else [],
        measure=measure,
        regions=_regions(*(_in_regions(week, measure) for week in (now, then))),
        sections=sections(shown, user, place, points),
    )


def _in_regions(week: WeekFigures, measure: Measure) -> dict[int, Slice]:
    return {region: _flat(tally) for (row, region), tally in week.cells.items() if row == measure.pk}


def unit_board(shown: ShownWeek, user: User, unit: Actor) -> UnitBoard:
    """Everything on the page of a unit. No plan ahead: planned points know no leads."""
    outline = outline_of(shown.plan, shown.week)
    place = Place(unit=unit)
    mine = Cell.objects.visible_to(user).filter(lead__path__startswith=unit.path)
    now = rolled(tallies(mine.filter(rollup=shown.rollup), "measure"), outline)
    earlier = tallies(mine.filter(rollup=shown.previous), "measure") if shown.previous else {}
    before = rolled(earlier, outline_before(shown, outline))
    points = history(cells_in(shown, user, place), shown.rollup, outline)
    return UnitBoard(
        shown=shown,
        outline=outline,
        whole=Compared(now.whole, before.whole),
        supporting=now.supporting,
        points=points,
        ahead=[],
        unit=unit,
        tasks=_tasks(outline, now, before, week_figures(shown.rollup, user.scope, outline).whole),
        sections=sections(shown, user, place, points),
    )


def _tasks(outline: Outline, now: Rolled, before: Rolled, reference: Rolled) -> list[TaskLine]:
    return [
        TaskLine(task, Compared(now.by_task[task.pk], before.by_task[task.pk]), reference.by_task[task.pk])
        for task in outline.in_use(reference)
    ]


def _measures(measures: Iterable[Measure], now: Rolled, before: Rolled) -> list[MeasureLine]:
    empty = Slice()
    return [
        MeasureLine(measure, Compared(now.by_measure[measure.pk], before.by_measure.get(measure.pk, empty)))
        for measure in measures
        if measure.pk in now.by_measure
    ]


def _wholes(week: WeekFigures) -> dict[int, Slice]:
    return {region: part.whole for region, part in week.by_region.items()}


def _regions(now: Mapping[int, Slice], before: Mapping[int, Slice] | None = None) -> list[RegionLine]:
    """Every region of the map; one without items has an empty slice."""
    empty, then = Slice(), before or {}
    return [
        RegionLine(region, Compared(now.get(region.pk, empty), then.get(region.pk, empty)))
        for region in Region.objects.all()
    ]


def _flat(tally: Tally) -> Slice:
    """The slice of a flat set: one measure in one region."""
    return Slice(tally, figure_of(tally.sums))


def weakest_spots(
    week: WeekFigures, outline: Outline, regions: Iterable[Region], limit: int = 9
) -> list[Spot]:
    """The places of the seven key tasks furthest behind plan, among those with an item behind or overdue."""
    by_pk = {region.pk: region for region in regions}
    measures = {m.pk: m for m in outline.measures if m.key_task_id}
    places = (key for key in week.falling_behind if key[0] in measures)
    return [
        Spot(measures[measure], by_pk[region], _flat(week.cells[measure, region]))
        for measure, region in islice(places, limit)
    ]


def group_slices(shown: ShownWeek, user: User, outline: Outline) -> list[tuple[RegionGroup, Slice]]:
    """Each region group with the slice of all its members; groups without items in scope are left out."""
    cells = Cell.objects.visible_to(user).filter(rollup=shown.rollup)
    grouped = folded(tallies(cells.filter(region__groups__isnull=False), "region__groups", "measure"), 0, 1)
    slices = {group: rolled(own, outline).whole for group, own in grouped.items()}
    return [(group, slices[group.pk]) for group in RegionGroup.objects.all() if group.pk in slices]


def overdue_items(shown: ShownWeek, user: User) -> QuerySet[Standing]:
    """Items of the seven whose due day has passed, the longest first.

    In the newest week a partial index finds them.
    """
    standings = Standing.objects.filter(
        item__plan=shown.plan,
        item__measure__key_task__isnull=False,
        decomposed=False,
        since__lte=shown.week,
        state__in=RUNNING_STATES,
        due_on__lt=shown.rollup.as_of,
    )
    standings = standings.filter(until=FAR) if shown.is_latest else standings.filter(until__gt=shown.week)
    return (
        counted_for(standings, user)
        .select_related("item", "item__region", "lead")
        .order_by("due_on", "item__code")
    )


def recent_reports(shown: ShownWeek, items: QuerySet[WorkItem], limit: int = 5) -> list[ProgressReport]:
    """This week's accepted reports that say something, those with problems first."""
    reports = ProgressReport.objects.filter(
        item__in=items, week=shown.week, status=ReportStatus.ACCEPTED, no_change=False
    )
    return list(
        reports.select_related("item", "item__region")
        .prefetch_related("problems")
        .order_by("-decided_at", "pk")[:limit]
    )
