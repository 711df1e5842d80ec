"""Reports that a week owes and does not have, unit by unit, and whom to tell about them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from tasks_tracker.models import UNIT_ROLES, Actor, Plan, Role, Slip, Standing, User
from tasks_tracker.queries.reviews import count_waiting
from tasks_tracker.rules.weeks import AsOf

NOT_GIVEN = {"due": True, "reported": False}


@dataclass(frozen=True)
class OwedItem:
    """An item whose report is owed and not given."""

    item_id: int
    code: str
    title: str
    due_on: date
    light: str


def owed_items(plan: Plan, point: AsOf) -> dict[int, list[OwedItem]]:
    """By the row number of the lead: what it owes in the week and has not handed in. One query."""
    standings: Any = Standing.objects.at(plan, point)
    columns = ("lead_id", "item_id", "item__code", "item__title", "due_on", "light")
    owed: dict[int, list[OwedItem]] = defaultdict(list)
    for lead, *values in standings.filter(**NOT_GIVEN).order_by("item__code").values_list(*columns):
        owed[lead].append(OwedItem(*values))
    return dict(owed)


def people_of(units: Collection[int]) -> dict[int, list[User]]:
    """By unit: its reporters, or where it has none its reviewers. Whoever is switched off is left out.

    One query.
    """
    users = User.objects.filter(is_active=True, role__in=UNIT_ROLES, actor__in=units).order_by("pk")
    by_role: dict[tuple[int | None, str], list[User]] = defaultdict(list)
    for user in users:
        by_role[user.actor_id, user.role].append(user)
    people = {
        unit: by_role.get((unit, Role.REPORTER)) or by_role.get((unit, Role.REVIEWER), []) for unit in units
    }
    return {unit: found for unit, found in people.items() if found}


def all_of(unit: Actor) -> list[User]:
    """Reporters and reviewers of a unit: who reads a slip to it. One query."""
    return list(User.objects.filter(is_active=True, role__in=UNIT_ROLES, actor=unit).order_by("pk"))


@dataclass(frozen=True)
class Desk:
    """What waits for a supervisor in the own scope."""

    reports: int
    answers: int
    missing: int  # reports owed and not given

    @property
    def is_empty(self) -> bool:
        """Nothing is to be done."""
        return not (self.reports or self.answers or self.missing)


def desk_of(plan: Plan, user: User, point: AsOf) -> Desk:
    """Counts in the scope of a supervisor: three queries, and those of the scope itself."""
    standings: Any = Standing.objects.at(plan, point)
    scope = user.scope
    if scope.key_tasks:
        standings = standings.filter(item__measure__key_task__in=scope.key_tasks)
    if scope.regions:
        standings = standings.filter(item__region__in=scope.regions)
    return Desk(
        reports=count_waiting(plan, user),
        answers=Slip.objects.visible_to(user).filter(plan=plan, status=Slip.Status.ANSWERED).count(),
        missing=standings.filter(**NOT_GIVEN).count(),
    )
