"""Which weeks there are, and the one that a page shows."""

from dataclasses import dataclass
from datetime import date

from tasks_tracker.models import Plan, WeekRollup
from tasks_tracker.rules.weeks import ONE_WEEK, UnknownWeek, parse_week


@dataclass(frozen=True)
class ShownWeek:
    """The week of a page: its roll-up, the one before (None in the first week), and all to choose from."""

    plan: Plan
    rollup: WeekRollup
    previous: WeekRollup | None
    weeks: list[date]  # newest first
    stamp: tuple[int, ...]  # how often each week was computed: another one after every change of cells

    @property
    def week(self) -> date:
        """The Monday."""
        return self.rollup.week

    @property
    def is_latest(self) -> bool:
        """True for the newest week there is."""
        return self.week == self.weeks[0]


class NothingRolledUp(Exception):
    """No week has been rolled up yet."""


def shown_week(text: str | None) -> ShownWeek:
    """The week written in the address (`2026-W47`), or the newest.

    Raises UnknownWeek for a text that is no week or a week that was never rolled up, NothingRolledUp before
    the first roll-up, Plan.DoesNotExist before any plan. Two queries.
    """
    plan = Plan.objects.current()
    rollups = {r.week: r for r in WeekRollup.objects.filter(plan=plan).select_related("frozen_by")}
    if not rollups:
        raise NothingRolledUp
    week = parse_week(text) if text else max(rollups)
    if week not in rollups:
        raise UnknownWeek(text)
    return ShownWeek(
        plan=plan,
        rollup=rollups[week],
        previous=rollups.get(week - ONE_WEEK),
        weeks=sorted(rollups, reverse=True),
        stamp=tuple(rollups[week].times_computed for week in sorted(rollups)),
    )
