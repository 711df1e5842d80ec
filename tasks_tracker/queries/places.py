"""A part of the plan that has a page of its own, and how each stage is asked for it."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from tasks_tracker.models import Actor, Cell, KeyTask, Measure, Region, Standing, User
from tasks_tracker.queries.items import SEVEN
from tasks_tracker.queries.weeks import ShownWeek


@dataclass(frozen=True)
class Place:
    """A key task, a measure, a region, or a unit with all below it: exactly one is given.

    The figures of a region and of a unit are those of the seven key tasks; supporting measures stand apart.
    """

    key_task: KeyTask | None = None
    measure: Measure | None = None
    region: Region | None = None
    unit: Actor | None = None

    @property
    def cells(self) -> Q:
        """The cells whose sums are the headline."""
        return self._where("measure", "region", "lead")

    @property
    def standings(self) -> Q:
        """The standings behind the headline; narrow them with `counted_for`."""
        return self._where("item__measure", "item__region", "lead")

    def _where(self, measure: str, region: str, lead: str) -> Q:
        if self.measure:
            return Q(**{measure: self.measure})
        if self.key_task:
            return Q(**{f"{measure}__key_task": self.key_task})
        seven = Q(**{f"{measure}__key_task__isnull": False})
        if self.region:
            return seven & Q(**{region: self.region})
        assert self.unit is not None
        return seven & Q(**{f"{lead}__path__startswith": self.unit.path})

    @property
    def filters(self) -> dict[str, str]:
        """What the list of work items is narrowed to: it holds what the headline counts."""
        if self.measure or self.key_task:
            return self.everything
        return {"key_task": SEVEN} | self.everything

    @property
    def everything(self) -> dict[str, str]:
        """The same with supporting measures: what the ledger of problems is narrowed to."""
        if self.measure:
            return {"measure": self.measure.code}
        if self.key_task:
            return {"key_task": str(self.key_task.number)}
        if self.region:
            return {"region": self.region.code}
        assert self.unit is not None
        return {"lead": self.unit.code}


def counted_for(standings: QuerySet[Standing], user: User) -> QuerySet[Standing]:
    """The standings that the user's cells count: by the lead of that week."""
    scope = user.scope
    if scope.path:
        standings = standings.filter(lead__path__startswith=scope.path)
    if scope.key_tasks:
        standings = standings.filter(item__measure__key_task__in=scope.key_tasks)
    if scope.regions:
        standings = standings.filter(item__region__in=scope.regions)
    return standings.none() if scope.nothing else standings


def standings_in(shown: ShownWeek, user: User, place: Place) -> QuerySet[Standing]:
    """What stood in the shown week in a place and counts for `user`, without what the rules say about it."""
    standings: Any = Standing.objects.in_force(shown.plan, shown.week)
    return counted_for(standings.filter(place.standings), user)


def cells_in(shown: ShownWeek, user: User, place: Place) -> QuerySet[Cell]:
    """The cells of a place in all weeks of the plan that `user` sees."""
    cells: Any = Cell.objects.visible_to(user)
    found: QuerySet[Cell] = cells.filter(place.cells, rollup__plan=shown.plan)
    return found
