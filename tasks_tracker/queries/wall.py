"""What the wall screen shows, read from cells alone: it costs the same however many items there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tasks_tracker.models import Cell, KeyTask, Region, User
from tasks_tracker.queries.dashboard import (
    Board,
    Compared,
    MeasureLine,
    RegionLine,
    Spot,
    TaskLine,
    outline_before,
)
from tasks_tracker.queries.figures import (
    Outline,
    Point,
    Rolled,
    Slice,
    history,
    outline_of,
    plan_ahead,
    rolled,
)
from tasks_tracker.queries.remembered import WeekFigures, planned_ahead, week_figures, week_history
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import figure_of

SPOTS = 18
MOVERS = 3


@dataclass(frozen=True)
class Wall(Board):
    """The plan, or one key task, one region, or one key task in one region, as far as the user sees it."""

    key_task: KeyTask | None
    region: Region | None
    tasks: list[TaskLine]  # of the whole plan; empty for one key task, which shows its measures
    measures: list[MeasureLine]
    regions: list[RegionLine]
    behind: list[Spot]  # measures in regions with an item behind or overdue, the furthest behind plan first
    overdue: list[Spot]  # those with the most overdue items first
    movers: list[MeasureLine]  # whose progress changed most since the week before


def wall_of(
    shown: ShownWeek, user: User, key_task: KeyTask | None = None, region: Region | None = None
) -> Wall:
    """Everything on the wall screen."""
    outline = outline_of(shown.plan, shown.week)
    now = week_figures(shown.rollup, user.scope, outline)
    then = week_figures(shown.previous, user.scope, outline_before(shown, outline))
    own, before = _within(now, region, outline), _within(then, region, outline)
    measures = _measures(outline, own, before, key_task)
    regions = list(Region.objects.all())
    places = _places(now, outline, key_task, [region] if region else regions)
    return Wall(
        shown=shown,
        outline=outline,
        whole=Compared(_of(own, key_task), _of(before, key_task)),
        supporting=own.supporting,
        points=_points(shown, user, outline, key_task, region),
        ahead=_ahead(shown, user, outline, key_task, region),
        key_task=key_task,
        region=region,
        tasks=[] if key_task else _tasks(outline, own, before, now),
        measures=measures,
        regions=[_region_line(each, now, then, key_task) for each in regions],
        behind=places[:SPOTS],
        overdue=_most_overdue(places)[:SPOTS],
        movers=_movers(measures),
    )


def _within(week: WeekFigures, region: Region | None, outline: Outline) -> Rolled:
    """The whole week, or a region's part of it."""
    return week.whole if region is None else week.by_region.get(region.pk) or rolled({}, outline)


def _of(part: Rolled, key_task: KeyTask | None) -> Slice:
    return part.by_task[key_task.pk] if key_task else part.whole


def _tasks(outline: Outline, own: Rolled, before: Rolled, now: WeekFigures) -> list[TaskLine]:
    return [
        TaskLine(task, Compared(own.by_task[task.pk], before.by_task[task.pk]), now.whole.by_task[task.pk])
        for task in outline.in_use(now.whole)
    ]


def _measures(outline: Outline, own: Rolled, before: Rolled, key_task: KeyTask | None) -> list[MeasureLine]:
    """The measures of the key task, or of all seven."""
    return [
        MeasureLine(each, Compared(own.by_measure[each.pk], before.by_measure.get(each.pk, Slice())))
        for each in (outline.under(key_task) if key_task else outline.measures)
        if each.key_task_id and each.pk in own.by_measure
    ]


def _region_line(region: Region, now: WeekFigures, then: WeekFigures, key_task: KeyTask | None) -> RegionLine:
    """A region of the map; one without items has an empty slice."""
    parts = (week.by_region.get(region.pk) for week in (now, then))
    return RegionLine(region, Compared(*(_of(part, key_task) if part else Slice() for part in parts)))


def _places(
    week: WeekFigures, outline: Outline, key_task: KeyTask | None, regions: Iterable[Region]
) -> list[Spot]:
    """Measures in regions with an item behind or overdue, the furthest behind plan first."""
    by_pk = {each.pk: each for each in regions}
    measures = {
        each.pk: each
        for each in outline.measures
        if each.key_task_id and (key_task is None or each.key_task_id == key_task.pk)
    }
    return [
        Spot(measures[measure], by_pk[region], Slice(tally, figure_of(tally.sums)))
        for measure, region in week.falling_behind
        if measure in measures and region in by_pk
        for tally in (week.cells[measure, region],)
    ]


def _most_overdue(places: list[Spot]) -> list[Spot]:
    late = [spot for spot in places if spot.slice.tally.overdue]
    return sorted(late, key=lambda spot: -spot.slice.tally.overdue)


def _movers(measures: list[MeasureLine]) -> list[MeasureLine]:
    moved = [(abs(gain), line) for line in measures if (gain := line.slice.gain)]
    return [line for _gain, line in sorted(moved, key=lambda pair: -pair[0])[:MOVERS]]


def _points(
    shown: ShownWeek, user: User, outline: Outline, key_task: KeyTask | None, region: Region | None
) -> list[Point]:
    """The curve up to the shown week. One query, or none."""
    if not (key_task or region):
        return week_history(shown, user.scope, outline)
    cells = Cell.objects.visible_to(user)
    cells = cells.filter(measure__key_task=key_task) if key_task else cells
    cells = cells.filter(region=region) if region else cells
    return history(cells, shown.rollup, outline, key_task)


def _ahead(
    shown: ShownWeek, user: User, outline: Outline, key_task: KeyTask | None, region: Region | None
) -> list[tuple[date, Fraction]]:
    """The plan over its whole run. One query, or none."""
    if not user.scope.is_national:
        return []
    if not (key_task or region):
        return planned_ahead(shown.plan, outline)
    return plan_ahead(shown.plan, outline, part=key_task, region=region)
