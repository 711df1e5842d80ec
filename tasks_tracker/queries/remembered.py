"""Figures of a week that every page rolls up alike, remembered by each process until cells change.

The key holds how often the week was computed, or the plan drawn: nothing here outlives its cells or points.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache

from tasks_tracker.models import Cell, Plan, Scope, WeekRollup
from tasks_tracker.queries.figures import (
    Outline,
    Point,
    Rolled,
    Slice,
    Tallies,
    Tally,
    by_measure,
    folded,
    history,
    plan_ahead,
    rolled,
    tallies,
)
from tasks_tracker.queries.weeks import ShownWeek

WEEKS_SHOWN = 52
POINTS_KEPT = 5_000


@dataclass(frozen=True)
class WeekFigures:
    """A week by measure and region: the tallies, all of it rolled up, and each region by itself."""

    cells: Tallies  # by (measure, region)
    whole: Rolled
    by_region: dict[int, Rolled]

    @cached_property
    def falling_behind(self) -> list[tuple[int, int]]:
        """The (measure, region) pairs with an item behind or overdue, the furthest behind plan first."""
        pairs = [key for key, tally in self.cells.items() if tally.behind + tally.overdue]
        return sorted(pairs, key=lambda key: (_variance(self.cells[key]), key))


def _variance(tally: Tally) -> float:
    """Near enough to sort by."""
    sums = tally.sums
    return sums.earned / sums.known_weight - sums.planned / sums.weight if sums.known_weight else 0.0


def week_figures(rollup: WeekRollup | None, scope: Scope, outline: Outline) -> WeekFigures:
    """A week as `scope` sees it; nothing for None, the week before the first. One query, or none."""
    if rollup is None:
        return WeekFigures(cells={}, whole=rolled({}, outline), by_region={})
    return _week_figures(rollup.pk, rollup.times_computed, scope, outline)


def week_history(shown: ShownWeek, scope: Scope, outline: Outline) -> list[Point]:
    """The curve of all that `scope` sees up to the shown week. One query, or none.

    Only the weeks that were computed again since the last look are read.
    """
    keys = {
        rollup.week: (rollup.pk, rollup.times_computed, scope, outline)
        for rollup in shown.rollups
        if rollup.week <= shown.week
    }
    if unread := [week for week, key in keys.items() if key not in _points]:
        cells = Cell.objects.within(scope).filter(rollup__week__in=unread)
        read = {point.week: point.slice for point in history(cells, shown.rollup, outline, weeks=len(unread))}
        if len(_points) > POINTS_KEPT:
            _points.clear()
        _points.update((keys[week], read.get(week)) for week in unread)
    points = ((week, _points[keys[week]]) for week in sorted(keys)[-WEEKS_SHOWN:])
    return [Point(week, part) for week, part in points if part]


def planned_ahead(plan: Plan, outline: Outline) -> list[tuple[date, Fraction]]:
    """Planned progress of the whole over the run of the plan. One query, or none."""
    return _planned_ahead(plan.pk, plan.times_drawn, outline)


def forget() -> None:
    """Drop what is remembered; only for tests, which roll the database back under it."""
    _week_figures.cache_clear()
    _planned_ahead.cache_clear()
    _points.clear()


_points: dict[tuple[int, int, Scope, Outline], Slice | None] = {}


@lru_cache(maxsize=16)
def _week_figures(rollup: int, times_computed: int, scope: Scope, outline: Outline) -> WeekFigures:
    cells = tallies(Cell.objects.within(scope).filter(rollup=rollup), "measure", "region")
    return WeekFigures(
        cells=cells,
        whole=rolled(by_measure(cells), outline),
        by_region={region: rolled(own, outline) for region, own in folded(cells, 1, 0).items()},
    )


@lru_cache(maxsize=8)
def _planned_ahead(plan: int, times_drawn: int, outline: Outline) -> list[tuple[date, Fraction]]:
    return plan_ahead(Plan(pk=plan), outline)
