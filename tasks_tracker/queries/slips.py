"""Slips: the register, one of them with its items, and the ladder of one work item."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from tasks_tracker.models import Actor, Level, Plan, Slip, Standing, Urging, User, WorkItem
from tasks_tracker.queries.owed import NOT_GIVEN
from tasks_tracker.rules.weeks import AsOf

LADDER_SHOWN = 12


@dataclass(frozen=True)
class Wanted:
    """What the register is narrowed to; "" asks nothing. `q` is looked for in unit, demand and number."""

    q: str = ""
    kind: str = ""
    status: str = ""
    year: str = ""


def register(plan: Plan, user: User, wanted: Wanted, today: date) -> QuerySet[Slip]:
    """The slips of the plan that `user` sees, newest first; each with `items`, how many it is about."""
    slips: Any = Slip.objects.visible_to(user).filter(plan=plan)
    if wanted.kind:
        slips = slips.filter(kind=wanted.kind)
    if wanted.status == "overdue":
        slips = slips.filter(status=Slip.Status.OPEN, answer_by__lt=today)
    elif wanted.status:
        slips = slips.filter(status=wanted.status)
    if wanted.year:
        slips = slips.filter(year=int(wanted.year))
    for word in wanted.q.split():
        number = Q(number=int(word)) if word.isdecimal() and len(word) < 9 else Q()
        slips = slips.filter(
            number
            | Q(unit__name__icontains=word)
            | Q(unit__name_en__icontains=word)
            | Q(words__icontains=word)
        )
    found: QuerySet[Slip] = slips.select_related("unit", "issued_by").annotate(items=Count("urgings"))
    return found


def years_of(plan: Plan, user: User) -> list[int]:
    """In which years there are slips to see, the newest first. One query."""
    years = Slip.objects.visible_to(user).filter(plan=plan).order_by("-year")
    return list(years.values_list("year", flat=True).distinct())


def open_slips(unit: Actor) -> list[Slip]:
    """What a unit has on its desk: open or answered slips, supervision first, then the oldest. One query."""
    slips = Slip.objects.filter(unit=unit).exclude(status=Slip.Status.CLOSED)
    return list(slips.order_by("-kind", "issued_at"))


def urgings_on(slip: Slip, user: User) -> list[Urging]:
    """The items of a slip that `user` sees. One query."""
    seen = slip.urgings.filter(item__in=WorkItem.objects.visible_to(user))
    return list(seen.select_related("item__measure", "item__region").order_by("item__code"))


def ladder(item: WorkItem) -> list[Urging]:
    """How an item was asked for, the newest first. One query."""
    urgings = Urging.objects.filter(item=item).select_related("slip__issued_by")
    return list(urgings.order_by("-at", "-pk")[:LADDER_SHOWN])


@dataclass(frozen=True)
class Candidate:
    """An item that a slip can be about.

    `on_slip` names the slip of each kind that demands it already this week; `was_urged` says whether anybody,
    or the clock, has urged it before.
    """

    item: WorkItem
    light: str
    on_slip: dict[str, Slip]
    was_urged: bool


def candidates(plan: Plan, user: User, unit: Actor, point: AsOf) -> list[Candidate]:
    """What `unit` owes in the week, as far as `user` sees it. Three queries."""
    standings: Any = Standing.objects.at(plan, point)
    rows = standings.filter(**NOT_GIVEN, lead=unit, item__in=WorkItem.objects.visible_to(user))
    lights = dict(rows.values_list("item_id", "light"))
    items = WorkItem.objects.filter(pk__in=lights).select_related("measure", "region")
    on_slip, urged = _urged_before(lights, point.week)
    return [
        Candidate(item, lights[item.pk], on_slip.get(item.pk, {}), item.pk in urged)
        for item in items.order_by("code")
    ]


def _urged_before(items: Collection[int], week: date) -> tuple[dict[int, dict[str, Slip]], set[int]]:
    on_slip: dict[int, dict[str, Slip]] = {}
    urged = set()
    urgings = Urging.objects.filter(item__in=items).exclude(level=Level.REMIND).select_related("slip")
    for urging in urgings:
        urged.add(urging.item_id)
        if urging.slip and urging.week == week:
            on_slip.setdefault(urging.item_id, {})[urging.level] = urging.slip
    return on_slip, urged
