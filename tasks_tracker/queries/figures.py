"""Figures for the dashboards, read from cells only: their cost does not grow with the items.

Rules: docs/numbers.md, "Roll-up". Percentages in hundredths of a percent, shares as Fractions.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from operator import add
from typing import Any, Self

from django.db.models import Q, QuerySet, Sum

from tasks_tracker.models import (
    COUNTED_LIGHTS,
    Cell,
    KeyTask,
    Light,
    Measure,
    Plan,
    PlannedPoint,
    Region,
    WeekRollup,
    WeightChange,
)
from tasks_tracker.rules.rollup import WHOLE, Figure, Sums, average, figure_of
from tasks_tracker.rules.weeks import FAR
from tasks_tracker.rules.weights import Reweighted, weight_in

SUMMED = (
    "items",
    "weight",
    "known_weight",
    "stale_weight",
    "earned",
    "planned",
    "unknown_items",
    "stale_items",
    "suspended_items",
    "suspended_weight",
    "cancelled_items",
    "cancelled_weight",
    "due",
    "due_reported",
    "accepted",
    "submitted",
    "returned",
    "no_change",
    "late",
    *(str(light) for light in COUNTED_LIGHTS),
)


_PLACES = {name: place for place, name in enumerate(SUMMED)}
_NOTHING = (0,) * len(SUMMED)
_SUMMANDS = len(fields(Sums))  # SUMMED begins with the summands of a figure, in their order


@dataclass(frozen=True, slots=True)
class Tally:
    """Integer sums over cells, in the order of SUMMED; each is an attribute. Tallies add up in any order."""

    numbers: tuple[int, ...] = _NOTHING

    @classmethod
    def of(cls, **values: int) -> Self:
        """A tally with these sums, the others 0."""
        return cls(tuple(values.get(name, 0) for name in SUMMED))

    def __add__(self, other: Self) -> Self:
        return type(self)(tuple(map(add, self.numbers, other.numbers)))

    def __getattr__(self, name: str) -> int:
        if name in _PLACES:
            return self.numbers[_PLACES[name]]
        raise AttributeError(name)

    @property
    def values(self) -> dict[str, int]:
        """All sums by name."""
        return dict(zip(SUMMED, self.numbers, strict=True))

    @property
    def sums(self) -> Sums:
        """The summands of a figure."""
        return Sums(*self.numbers[:_SUMMANDS])

    @property
    def lights(self) -> dict[str, int]:
        """Number of items per light, in the order of the lights."""
        counts = {str(light): self.numbers[_PLACES[light]] for light in COUNTED_LIGHTS}
        return counts | {str(Light.SUSPENDED): self.suspended_items}

    @property
    def missing(self) -> int:
        """Reports that are owed and not given."""
        return self.due - self.due_reported

    @property
    def filled_in(self) -> Fraction | None:
        """Share of the owed reports that were given, in hundredths of a percent; None when none is owed."""
        return Fraction(self.due_reported * WHOLE, self.due) if self.due else None


@dataclass(frozen=True)
class Slice:
    """A figure and the counts it stands on; `figure` is None where nothing is in scope.

    All properties are exact, in hundredths of a percent or point; None = no data. One rounding, at display.
    """

    tally: Tally = field(default_factory=Tally)
    figure: Figure | None = None

    @property
    def progress(self) -> Fraction | None:
        """Progress of what is reported."""
        return self.figure.progress if self.figure else None

    @property
    def planned(self) -> Fraction | None:
        """Planned progress."""
        return self.figure.planned if self.figure else None

    @property
    def variance(self) -> Fraction | None:
        """Progress − planned; negative = behind."""
        return self.figure.variance if self.figure else None

    @property
    def coverage(self) -> Fraction | None:
        """Share of the weight that is known."""
        return self.figure.coverage * WHOLE if self.figure else None

    @property
    def stale(self) -> Fraction | None:
        """Share of the weight whose last report is old."""
        return self.figure.stale * WHOLE if self.figure else None

    @property
    def lower(self) -> Fraction | None:
        """Progress if all that is unknown stood at 0."""
        return self.figure.lower if self.figure else None

    @property
    def upper(self) -> Fraction | None:
        """Progress if all that is unknown stood at 100 %."""
        return self.figure.upper if self.figure else None


Subject = tuple[int | None, int | None]  # row numbers of a key task or of a measure


@dataclass(frozen=True, eq=False)
class Outline:
    """The key tasks and measures of a plan with the weights of one week; equal when all weights are.

    `changes` holds every recorded change of a weight, in order, so that `at` gives any other week.
    """

    key_tasks: list[KeyTask]
    measures: list[Measure]
    changes: Mapping[Subject, tuple[Reweighted, ...]] = field(default_factory=dict)

    @cached_property
    def _weights(self) -> tuple[object, ...]:
        tasks = tuple((task.pk, None, task.weight) for task in self.key_tasks)
        measures = tuple((m.pk, m.key_task_id, m.weight) for m in self.measures)
        return tasks, measures, tuple(self.changes.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outline) and self._weights == other._weights

    def __hash__(self) -> int:
        return hash(self._weights)

    def at(self, week: date) -> "Outline":
        """The same with the weights that held in `week`: frozen figures keep the weights of then."""
        if not self.changes:
            return self
        return replace(
            self,
            key_tasks=[self._weighted(task, (task.pk, None), week) for task in self.key_tasks],
            measures=[self._weighted(measure, (None, measure.pk), week) for measure in self.measures],
        )

    def in_use(self, rolled: "Rolled") -> list[KeyTask]:
        """The key tasks, without retired ones on which nothing hangs."""
        return [task for task in self.key_tasks if not task.retired_on or rolled.by_task[task.pk].tally.items]

    def _weighted(self, row: Any, subject: Subject, week: date) -> Any:
        weight = weight_in(week, row.weight, self.changes.get(subject, ()))
        if weight == row.weight:
            return row
        then = copy(row)
        then.weight = weight
        return then

    @property
    def supporting(self) -> list[Measure]:
        """Measures that stand apart from the seven."""
        return self._by_task.get(None, [])

    def under(self, key_task: KeyTask) -> list[Measure]:
        """The measures of one key task."""
        return self._by_task.get(key_task.pk, [])

    @cached_property
    def _by_task(self) -> dict[int | None, list[Measure]]:
        by_task: dict[int | None, list[Measure]] = defaultdict(list)
        for measure in self.measures:
            by_task[measure.key_task_id].append(measure)
        return dict(by_task)


@dataclass(frozen=True)
class Rolled:
    """A set of cells rolled up along the outline: measures, key tasks, the whole; supporting ones apart."""

    whole: Slice
    supporting: Slice
    by_task: dict[int, Slice]
    by_measure: dict[int, Slice]

    def part(self, of: KeyTask | Measure | None) -> Slice:
        """A key task, a measure, or the whole; empty for a measure with nothing in scope."""
        if isinstance(of, KeyTask):
            return self.by_task[of.pk]
        return self.by_measure.get(of.pk, Slice()) if of else self.whole


Tallies = dict[tuple[Any, ...], Tally]


def outline_of(plan: Plan, week: date = FAR) -> Outline:
    """The outline with the weights of `week`, or of today. Three queries."""
    outline = Outline(
        key_tasks=list(plan.policy.key_tasks.all()),
        measures=list(plan.policy.measures.select_related("suggested_lead")),
        changes=weight_changes(plan),
    )
    return outline.at(week)


def weight_changes(plan: Plan) -> dict[Subject, tuple[Reweighted, ...]]:
    """Every recorded change of a weight, in order, by key task or measure. One query."""
    of_policy = Q(key_task__policy=plan.policy_id) | Q(measure__policy=plan.policy_id)
    rows = WeightChange.objects.filter(of_policy).values_list(
        "key_task", "measure", "week", "old_weight", "new_weight"
    )
    found: dict[Subject, tuple[Reweighted, ...]] = {}
    for key_task, measure, week, old, new in rows:
        found[key_task, measure] = (*found.get((key_task, measure), ()), Reweighted(week, old, new))
    return found


def tallies(cells: QuerySet[Cell], *dimensions: str) -> Tallies:
    """One GROUP BY over the cells: tallies by the given dimensions, e.g. `("measure", "region")`."""
    sums = {f"sum_{name}": Sum(name) for name in SUMMED}
    rows = cells.order_by().values(*dimensions).annotate(**sums).values_list(*dimensions, *sums)
    keys = len(dimensions)
    return {row[:keys]: Tally(row[keys:]) for row in rows}


def folded(grouped: Tallies, *positions: int) -> dict[Any, Tallies]:
    """Tallies regrouped: outer key = the first position, inner keys = the others."""
    outer, *inner = positions
    result: dict[Any, Tallies] = defaultdict(dict)
    for key, tally in grouped.items():
        inner_key = tuple(key[position] for position in inner)
        known = result[key[outer]].get(inner_key)
        result[key[outer]][inner_key] = known + tally if known else tally
    return dict(result)


def by_measure(grouped: Tallies) -> Tallies:
    """Tallies by (measure, region) → by (measure,)."""
    return {(measure,): total(parts.values()) for measure, parts in folded(grouped, 0, 1).items()}


def rolled(by_measure: Mapping[tuple[Any, ...], Tally], outline: Outline) -> Rolled:
    """Roll tallies keyed by `(measure,)` up to key tasks and the whole."""
    measures = {
        measure.pk: Slice(tally, figure_of(tally.sums))
        for measure in outline.measures
        if (tally := by_measure.get((measure.pk,))) is not None
    }
    by_task = {
        task.pk: _parent(
            [
                (measure.weight, measures[measure.pk])
                for measure in outline.under(task)
                if measure.pk in measures
            ]
        )
        for task in outline.key_tasks
    }
    return Rolled(
        whole=_parent([(task.weight, by_task[task.pk]) for task in outline.key_tasks]),
        supporting=_parent([(m.weight, measures[m.pk]) for m in outline.supporting if m.pk in measures]),
        by_task=by_task,
        by_measure=measures,
    )


def _parent(children: list[tuple[int, Slice]]) -> Slice:
    return Slice(
        tally=total(child.tally for _weight, child in children),
        figure=average((weight, child.figure) for weight, child in children),
    )


def total(parts: Iterable[Tally]) -> Tally:
    """The sum of tallies; all zeros for none."""
    columns = zip(*(part.numbers for part in parts), strict=True)
    return Tally(tuple(map(sum, columns)) or _NOTHING)


@dataclass(frozen=True)
class Point:
    """One week of a curve."""

    week: date
    slice: Slice


def history(
    cells: QuerySet[Cell],
    shown: WeekRollup,
    outline: Outline,
    part: KeyTask | Measure | None = None,
    weeks: int = 52,
) -> list[Point]:
    """The figure of the cells in up to `weeks` weeks up to the shown one, oldest first. One query.

    `cells` are narrowed to a scope but not to a week. With `part`, only that key task or measure is meant.
    """
    earlier = cells.filter(rollup__plan=shown.plan_id, rollup__week__lte=shown.week)
    by_week = folded(tallies(earlier, "rollup__week", "measure"), 0, 1)
    points = []
    for week in sorted(by_week)[-weeks:]:
        result = rolled(by_week[week], outline.at(week))
        points.append(Point(week, result.part(part)))
    return points


def plan_ahead(
    plan: Plan,
    outline: Outline,
    *,
    part: KeyTask | Measure | None = None,
    region: Region | None = None,
) -> list[tuple[date, Fraction]]:
    """Planned progress over the whole run of the plan, by plan and weights as they stand now. One query."""
    outline = outline.at(FAR)
    points = PlannedPoint.objects.filter(plan=plan)
    if part:
        points = points.filter(**{"measure__key_task" if isinstance(part, KeyTask) else "measure": part})
    if region:
        points = points.filter(region=region)
    rows = points.values_list("week", "measure").annotate(Sum("weight"), Sum("planned")).order_by()
    by_week: dict[date, Tallies] = defaultdict(dict)
    for week, measure, weight, planned in rows:
        by_week[week][(measure,)] = Tally.of(weight=weight, planned=planned)
    curve = ((week, rolled(by_measure, outline)) for week, by_measure in sorted(by_week.items()))
    slices = ((week, rolled_up.part(part)) for week, rolled_up in curve)
    return [(week, own.planned) for week, own in slices if own.planned is not None]


def weeks_late(points: list[Point]) -> Fraction | None:
    """Earned schedule: weeks between now and the day on which the plan stood where the actual stands now.

    Positive = late, linear between weeks. None when nothing is known or the plan never stood there within the
    weeks given.
    """
    if not points or points[-1].slice.figure is None or points[-1].slice.figure.progress is None:
        return None
    actual = points[-1].slice.figure.progress
    planned = [(n, p.slice.figure.planned) for n, p in enumerate(points) if p.slice.figure]
    for (n, low), (m, high) in reversed(list(pairwise(planned))):
        if low <= actual <= high:
            share = (actual - low) / (high - low) if high > low else Fraction(1)
            return len(points) - 1 - (n + share * (m - n))
    return None
