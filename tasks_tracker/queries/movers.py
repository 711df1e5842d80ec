"""What moved the progress of a part most between two weeks, and which lights turned.

Each takes one or two queries, whatever the number of items. Rules: docs/numbers.md, "What changed".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import Case, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value, When

from tasks_tracker.models import Cell, Light, ProgressReport, Region, Standing
from tasks_tracker.models.people import within_unit
from tasks_tracker.queries.compare import Part, Steps, TwoWeeks
from tasks_tracker.queries.figures import Tally, tallies
from tasks_tracker.queries.items import SEVEN
from tasks_tracker.queries.pairs import LIGHT, kind_of
from tasks_tracker.rules.bridge import Change, State, Tree, added
from tasks_tracker.rules.rollup import Sums
from tasks_tracker.rules.weeks import AsOf

SEVERITY = {
    Light.DONE: 0,
    Light.ON_TRACK: 1,
    Light.NOT_STARTED: 1,
    Light.AT_RISK: 2,
    Light.BEHIND: 3,
    Light.OVERDUE: 4,
}


@dataclass(frozen=True)
class Moved:
    """A key task, measure or region and its progress in both weeks."""

    subject: Any
    then: Fraction | None
    now: Fraction | None

    @property
    def gain(self) -> Fraction | None:
        """Change of progress in hundredths of a point."""
        return None if self.then is None or self.now is None else self.now - self.then


@dataclass(frozen=True)
class Sorted:
    """The key tasks, measures and regions that moved, the furthest first."""

    key_tasks: list[Moved] = field(default_factory=list)
    measures: list[Moved] = field(default_factory=list)
    regions: list[Moved] = field(default_factory=list)


# --- items and places ---------------------------------------------------------------------------------------
def movers(weeks: TwoWeeks, steps: Steps) -> QuerySet[Standing] | None:
    """The items whose reports moved the figure, with `effect`, near enough to sort by; None without a bridge.

    Adds `reporter`, who handed the last counted report in.
    """
    if not steps.bridge.steps:
        return None
    found = weeks.standings().filter(kind_of(Change.PROGRESS) | kind_of(Change.REPORTED))
    counted = ProgressReport.objects.filter(
        item=OuterRef("item"), week=OuterRef("reported_week"), counted_week__lte=weeks.now.week
    ).order_by("-version")
    measure = [When(item__measure=pk, then=Value(float(share))) for pk, share in _shares(steps).items()]
    share = Case(*measure, default=Value(0.0), output_field=FloatField())
    middle, coverage_then, coverage = _middle(steps)
    effect = Case(
        When(then_known=True, then=F("now_percent") - F("then_percent") * 1.0),
        default=(F("now_percent") - Value(float(middle))) * Value(float(coverage_then / coverage)),
        output_field=FloatField(),
    )
    standings: QuerySet[Standing] = (
        found.annotate(
            effect=F("then_weight") * share * effect,
            reporter=Subquery(counted.values("submitted_by__display_name")[:1]),
        )
        .exclude(then_weight=0)
        .select_related("item", "item__region", "lead")
    )
    return standings


def _middle(steps: Steps) -> tuple[Fraction, Fraction, Fraction]:
    """Progress between the first two steps, the coverage before and after the second."""
    first, _done, second = (state.figure for state in steps.states[:3])
    middle = steps.states[1].progress
    if first is None or second is None or middle is None:
        raise ValueError("There is no bridge.")
    return middle, first.coverage, second.coverage


def _shares(steps: Steps) -> dict[int, Fraction]:
    """Measure → what a point on a unit of weight moves the figure by, in the first step."""
    start, (_middle_progress, coverage, _after) = steps.states[0], _middle(steps)
    return {measure: share / coverage for measure, share in start.tree.shares(start.sums).items()}


def effects(steps: Steps, rows: Iterable[Any]) -> list[Fraction]:
    """By how much each of the movers moved the figure: exact, all together the first two steps."""
    shares = _shares(steps)
    middle, coverage_then, coverage = _middle(steps)
    return [
        row.then_weight
        * shares.get(row.item.measure_id, Fraction(0))
        * (
            Fraction(row.now_percent - row.then_percent)
            if row.then_known
            else (row.now_percent - middle) * coverage_then / coverage
        )
        for row in rows
    ]


def places_moved(weeks: TwoWeeks, regions: list[Region]) -> tuple[Moved, Sorted]:
    """The part as the dashboards show it, and its key tasks, measures and regions. From cells, one query."""
    part, scope = weeks.part, weeks.user.scope
    cells = Cell.objects.within(scope).filter(part.conditions("measure", "region"))
    if part.lead:
        cells = cells.filter(within_unit("lead__path", part.lead))
    rollups = (weeks.then.rollup.pk, weeks.now.rollup.pk)
    grouped = tallies(cells.filter(rollup__in=rollups), "rollup", "region", "measure")
    outlines = [weeks.outline.at(shown.week) for shown in (weeks.then, weeks.now)]

    def moved(subject: Any, own: Part, region: int | None = None) -> Moved:
        then, now = (
            _progress_in(own.tree(outline), grouped, rollup, region)
            for outline, rollup in zip(outlines, rollups, strict=True)
        )
        return Moved(subject, then, now)

    tasks = part.tasks(outlines[1]) if part.key_task == SEVEN else []
    leaves = {measure for _weight, branch in part.tree(outlines[1]).branches for measure, _own in branch}
    measures = [m for m in outlines[1].measures if m.pk in leaves and not part.measure]
    found = Sorted(
        key_tasks=_furthest(moved(task, Part(key_task=str(task.number))) for task in tasks),
        measures=_furthest(moved(m, Part(measure=m.code)) for m in measures),
        regions=_furthest(moved(r, part, r.pk) for r in ([] if part.region else regions)),
    )
    return moved(None, part), found


def _progress_in(
    tree: Tree, grouped: Mapping[Any, Tally], rollup: int, region: int | None
) -> Fraction | None:
    sums: dict[int, Sums] = {}
    for (week, place, measure), tally in grouped.items():
        if week == rollup and region in (None, place):
            sums = added(sums, {measure: tally.sums})
    return State(tree, sums).progress


def _furthest(places: Iterable[Moved]) -> list[Moved]:
    moved = [(place.gain, place) for place in places if place.gain]
    return [place for _gain, place in sorted(moved, key=lambda pair: -abs(pair[0]))]


# --- lights that turned -------------------------------------------------------------------------------------
def light_counts(weeks: TwoWeeks) -> dict[tuple[str, str], int]:
    """(light then, light now) → items; "" where they are not counted in that week. Two queries."""
    pair = weeks.pair
    counts: dict[tuple[str, str], int] = {}
    for then, now, n in _by_lights(weeks.lit(pair.base, pair.other)):
        counts[then or "", now] = n
    gone = weeks.lit(pair.other, pair.base).filter(Q(other_light__isnull=True))
    for _now, then, n in _by_lights(gone):
        counts[then, ""] = n
    return counts


def _by_lights(standings: Any) -> Any:
    counted = standings.values("other_light", "light").annotate(n=Count("pk")).order_by()
    return counted.values_list("other_light", "light", "n")


def turned(weeks: TwoWeeks, base: AsOf, other: AsOf) -> QuerySet[Standing]:
    """The items whose light in `base` is not that of `other`: what became worst comes first."""
    found = weeks.lit(base, other).filter(kind_of(LIGHT))
    rank, before = (
        Case(*(When(Q(**{name: light}), then=Value(place)) for light, place in SEVERITY.items()))
        for name in ("light", "other_light")
    )
    ordered: QuerySet[Standing] = (
        found.annotate(rank=rank, worse=F("rank") - before)
        .select_related("item", "item__region", "lead")
        .order_by("-worse", "-rank", "item__code")
    )
    return ordered
