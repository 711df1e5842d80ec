"""What moved the progress of a part most between two weeks, and which lights turned.

Each takes one or two queries, whatever the number of items. Rules: docs/numbers.md, "What changed".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import Case, F, FloatField, OuterRef, QuerySet, Subquery, Value, When

from tasks_tracker.models import Cell, Light, ProgressReport, Region, Standing
from tasks_tracker.models.people import within_unit
from tasks_tracker.queries.compare import Part, Steps, TwoWeeks
from tasks_tracker.queries.figures import tallies
from tasks_tracker.queries.items import SEVEN
from tasks_tracker.queries.pairs import kind_of
from tasks_tracker.rules.bridge import Change, State
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
    sums: dict[tuple[int, int | None], dict[int, Sums]] = defaultdict(lambda: defaultdict(Sums))
    grouped = tallies(cells.filter(rollup__in=rollups), "rollup", "region", "measure")
    for (rollup, place, measure), tally in grouped.items():
        for region in (place, None):
            sums[rollup, region][measure] += tally.sums
    outlines = [weeks.outline.at(shown.week) for shown in (weeks.then, weeks.now)]

    def moved(subject: Any, own: Part, region: int | None = None) -> Moved:
        then, now = (
            State(own.tree(outline), sums[rollup, region]).progress
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


def _furthest(places: Iterable[Moved]) -> list[Moved]:
    moved = [(place.gain, place) for place in places if place.gain]
    return [place for _gain, place in sorted(moved, key=lambda pair: -abs(pair[0]))]


# --- lights that turned -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Lights:
    """The lights of the counted items in two weeks, by item."""

    then: dict[int, str]
    now: dict[int, str]
    codes: dict[int, str]

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        """(light then, light now) → items; "" where they are not counted in that week."""
        items = {*self.then, *self.now}
        return Counter((self.then.get(item, ""), self.now.get(item, "")) for item in items)

    @property
    def turned(self) -> list[int]:
        """The items counted in both weeks whose light is another one: what became worst comes first."""

        def order(item: int) -> tuple[int, int, str]:
            rank = SEVERITY[Light(self.now[item])]
            return SEVERITY[Light(self.then[item])] - rank, -rank, self.codes[item]

        both = self.then.keys() & self.now.keys()
        return sorted((item for item in both if self.then[item] != self.now[item]), key=order)


def lights_of(weeks: TwoWeeks, then: AsOf, now: AsOf) -> Lights:
    """The lights of the part in both weeks, in whichever order. Two queries, three words per item."""
    rows = [list(weeks.lit(point).values_list("item", "light", "item__code")) for point in (then, now)]
    before, after = ({item: light for item, light, _code in found} for found in rows)
    return Lights(before, after, {item: code for found in rows for item, _light, code in found})


def turned(weeks: TwoWeeks, lights: Lights, now: AsOf, limit: int) -> list[Any]:
    """The standings of the first `limit` items whose light turned, with `other_light`. One query."""
    chosen = lights.turned[:limit]
    found = weeks.lit(now).filter(item__in=chosen).select_related("item", "item__region", "lead")
    standings = {standing.item_id: standing for standing in found}
    for item, standing in standings.items():
        standing.other_light = lights.then[item]
    return [standings[item] for item in chosen]
