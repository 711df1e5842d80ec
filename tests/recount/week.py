"""One week as one user sees it, counted again: the subjects that lines of pages are about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from tasks_tracker.models import User, WeekRollup
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.recount.arithmetic import Count, Figure, count
from tests.recount.expected import Subject


@dataclass
class Week:
    """One week as one user sees it, counted again."""

    user: User
    rollup: WeekRollup
    earlier: dict[date, Count] = field(default_factory=dict)

    @cached_property
    def now(self) -> Count:
        return self.at(self.rollup.week)

    @cached_property
    def then(self) -> Count:
        """A week before; nothing where that week was never rolled up."""
        return self.at(self.rollup.week - ONE_WEEK)

    def at(self, week: date) -> Count:
        """Any week of the plan."""
        if week not in self.earlier:
            rollup = (
                WeekRollup.objects.select_related("plan").filter(plan=self.rollup.plan, week=week).first()
            )
            self.earlier[week] = count(rollup, self.user) if rollup else Count([], self.now.weights)
        return self.earlier[week]

    def weeks(self) -> list[date]:
        found = WeekRollup.objects.filter(plan=self.rollup.plan, week__lte=self.rollup.week)
        return sorted(found.values_list("week", flat=True))

    def subject(
        self, figure: Callable[[Count], Figure | None], holds: Callable[[Any], bool], **more: Any
    ) -> Subject:
        now, then = self.now.where(holds), self.then.where(holds)
        return Subject(now, figure(now), figure(then), then, **more)

    def whole(self, region: str = "") -> Subject:
        return self.subject(Count.plan, lambda i: i.task is not None and (not region or i.region == region))

    def of_task(self, task: int | None, region: str = "") -> Subject:
        return self.subject(
            lambda c: c.task(task), lambda i: i.task == task and (not region or i.region == region)
        )

    def of_measure(self, code: str, region: str = "") -> Subject:
        return self.subject(Count.flat, lambda i: i.measure == code and (not region or i.region == region))
