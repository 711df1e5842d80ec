"""Figures of a week that every page rolls up alike, remembered by each process until cells change.

The key holds how often each week of the plan was computed: nothing here outlives its cells.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from tasks_tracker.models import Cell, Scope, WeekRollup
from tasks_tracker.queries.figures import (
    Outline,
    Point,
    Rolled,
    Tallies,
    Tally,
    by_measure,
    folded,
    history,
    rolled,
    tallies,
)
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import figure_of


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
    figure = figure_of(tally.sums)
    return float(figure.variance or 0) if figure else 0.0


def week_figures(shown: ShownWeek, scope: Scope, outline: Outline) -> WeekFigures:
    """The shown week as `scope` sees it. One query, or none."""
    return _week_figures(shown.rollup.pk, shown.stamp, scope, outline)


def week_history(shown: ShownWeek, scope: Scope, outline: Outline) -> list[Point]:
    """The curve of all that `scope` sees up to the shown week. One query, or none."""
    return _week_history(shown.rollup.plan_id, shown.week, shown.stamp, scope, outline)


def forget() -> None:
    """Drop what is remembered; only for tests, which roll the database back under it."""
    _week_figures.cache_clear()
    _week_history.cache_clear()


@lru_cache(maxsize=8)
def _week_figures(rollup: int, stamp: tuple[int, ...], scope: Scope, outline: Outline) -> WeekFigures:
    cells = tallies(Cell.objects.within(scope).filter(rollup=rollup), "measure", "region")
    return WeekFigures(
        cells=cells,
        whole=rolled(by_measure(cells), outline),
        by_region={region: rolled(own, outline) for region, own in folded(cells, 1, 0).items()},
    )


@lru_cache(maxsize=32)
def _week_history(
    plan: int, week: date, stamp: tuple[int, ...], scope: Scope, outline: Outline
) -> list[Point]:
    return history(Cell.objects.within(scope), WeekRollup(plan_id=plan, week=week), outline)
