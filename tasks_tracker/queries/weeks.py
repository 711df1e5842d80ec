"""Which weeks there are, and the one that a page shows."""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from tasks_tracker.models import Plan, WeekRollup
from tasks_tracker.rules.weeks import ONE_WEEK, UnknownWeek, parse_week


@dataclass(frozen=True)
class ShownWeek:
    """The week of a page: its roll-up, the one before (None in the first week), and all there are."""

    plan: Plan
    rollup: WeekRollup
    previous: WeekRollup | None
    rollups: list[WeekRollup]  # all there are, newest first

    @property
    def week(self) -> date:
        """The Monday."""
        return self.rollup.week

    @cached_property
    def weeks(self) -> list[date]:
        """All weeks to choose from, newest first."""
        return [rollup.week for rollup in self.rollups]

    @property
    def is_latest(self) -> bool:
        """True for the newest week there is."""
        return self.week == self.weeks[0]

    def at(self, week: date) -> "ShownWeek":
        """The same for another of the weeks; raises KeyError for one that was never rolled up."""
        rollups = {rollup.week: rollup for rollup in self.rollups}
        return replace(self, rollup=rollups[week], previous=rollups.get(week - ONE_WEEK))

    def neighbour(self, step: int) -> date | None:
        """The next week there is (1), or the one before (-1)."""
        place = self.weeks.index(self.week) - step
        return self.weeks[place] if 0 <= place < len(self.weeks) else None


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
        rollups=[rollups[week] for week in sorted(rollups, reverse=True)],
    )
