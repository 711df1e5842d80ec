"""Key task × region, or the measures of one key task × region, from cells; totals as on the dashboards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tasks_tracker.models import KeyTask, Measure, Region, RegionGroup, User
from tasks_tracker.queries.figures import Outline, Rolled, Slice, by_measure, outline_of, rolled
from tasks_tracker.queries.remembered import WeekFigures, week_figures
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import figure_of

Row = KeyTask | Measure
SUPPORTING = "supporting"
Subject = KeyTask | str  # a key task, SUPPORTING, or "" for the seven


@dataclass(frozen=True)
class Line:
    """A row of the matrix, by region, and what it adds up to; None stands for a line of totals."""

    row: Row | None
    by_region: Mapping[int, Slice]
    total: Slice


@dataclass(frozen=True)
class Matrix:
    """The rows, the line of their totals, and apart from both the supporting measures.

    `regions` are those with anything in scope: the national level first, then the furthest behind.
    """

    shown: ShownWeek
    subject: Subject
    group: RegionGroup | None
    regions: Sequence[Region]
    lines: Sequence[Line]
    totals: Line
    apart: Line | None


def matrix(shown: ShownWeek, user: User, subject: Subject = "", group: RegionGroup | None = None) -> Matrix:
    """The matrix as `user` sees it, of all regions or those of a group. Five queries, six with a group."""
    outline = outline_of(shown.plan, shown.week)
    week = week_figures(shown.rollup, user.scope, outline)
    if group:
        week = _only(week, set(group.regions.values_list("pk", flat=True)), outline)
    totals = Line(
        None,
        {region: _whole(own, subject) for region, own in week.by_region.items()},
        _whole(week.whole, subject),
    )
    regions = [
        r for r in Region.objects.all() if r.pk in totals.by_region and _is_there(totals.by_region[r.pk])
    ]
    apart = Line(
        None,
        {region: own.supporting for region, own in week.by_region.items()},
        week.whole.supporting,
    )
    return Matrix(
        shown=shown,
        subject=subject,
        group=group,
        regions=sorted(regions, key=lambda region: _attention(region, totals.by_region[region.pk])),
        lines=_tasks(week, outline) if subject == "" else _measures(week, outline, subject),
        totals=totals,
        apart=apart if subject == "" and _is_there(apart.total) else None,
    )


def _is_there(part: Slice) -> bool:
    return part.tally.items > 0


def _attention(region: Region, part: Slice) -> tuple[bool, bool, object, int]:
    unknown = part.variance is None
    return (region.kind != Region.Kind.NATIONAL, unknown, part.variance or 0, region.order)


def _only(week: WeekFigures, regions: set[int], outline: Outline) -> WeekFigures:
    """The week of a group of regions: its members together are rolled up anew."""
    cells = {key: tally for key, tally in week.cells.items() if key[1] in regions}
    return WeekFigures(
        cells=cells,
        whole=rolled(by_measure(cells), outline),
        by_region={region: own for region, own in week.by_region.items() if region in regions},
    )


def _whole(part: Rolled, subject: Subject) -> Slice:
    if isinstance(subject, KeyTask):
        return part.by_task[subject.pk]
    return part.supporting if subject == SUPPORTING else part.whole


def _tasks(week: WeekFigures, outline: Outline) -> list[Line]:
    return [
        Line(
            task,
            {region: own.by_task[task.pk] for region, own in week.by_region.items()},
            week.whole.by_task[task.pk],
        )
        for task in outline.in_use(week.whole)
    ]


def _measures(week: WeekFigures, outline: Outline, subject: Subject) -> list[Line]:
    """Measures with anything in scope; a measure in a region is a flat set."""
    mine = outline.under(subject) if isinstance(subject, KeyTask) else outline.supporting
    return [
        Line(
            measure,
            {
                region: Slice(tally, figure_of(tally.sums))
                for region in week.by_region
                if (tally := week.cells.get((measure.pk, region))) is not None
            },
            week.whole.by_measure[measure.pk],
        )
        for measure in mine
        if measure.pk in week.whole.by_measure
    ]
