"""The list of work items as it stood in a week: which items meet the conditions, and what they add up to.

Without a condition it lists exactly what the cells of the week count for the user, so that a number on a
dashboard and the list behind it agree. Rules: docs/numbers.md. Percentages in hundredths of a percent.
"""

from dataclasses import dataclass, fields, replace
from datetime import timedelta
from fractions import Fraction
from functools import reduce
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Sum, When

from tasks_tracker.models import (
    Actor,
    Cell,
    KeyTask,
    Measure,
    Plan,
    Region,
    RegionGroup,
    Role,
    Standing,
    State,
    User,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.models.people import within_unit
from tasks_tracker.queries.figures import Slice
from tasks_tracker.queries.pairs import Pair, anywhere, changed, led_by, with_lights
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import WHOLE, Sums, figure_of
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf, week_of

DECOMPOSED = "decomposed"  # listed on request like a state: its parts count, not the item itself
SEVEN = "seven"  # all key tasks, without the supporting measures
SUPPORTING = "supporting"


@dataclass(frozen=True)
class Conditions:
    """What is asked of the list, as written in the address; "" asks nothing.

    `key_task` is a number, `seven` or `supporting`; `measure`, `region`, `group` and `lead` are codes (a lead
    stands for its subtree); `lights` are alternatives; `role` says in which part the lead, or else the own
    unit, takes part: `led`, `supporting` or `all`. `changed` (a kind of change) and `with_light` (a light, or
    `none`) are about the week that it is compared with, `other`.
    """

    q: str = ""
    key_task: str = ""
    measure: str = ""
    region: str = ""
    group: str = ""
    lead: str = ""
    lights: tuple[str, ...] = ()
    state: str = ""
    due: str = ""
    filing: str = ""
    reported: str = ""
    known: str = ""
    key: str = ""
    owner: str = ""
    role: str = "led"
    changed: str = ""
    with_light: str = ""
    other: AsOf | None = None

    @property
    def active(self) -> list[str]:
        """The names of the conditions that ask something; the other week alone asks nothing."""
        empty = Conditions(other=self.other)
        return [f.name for f in fields(self) if getattr(self, f.name) != getattr(empty, f.name)]

    @property
    def compares(self) -> bool:
        """True when something is asked about the other week."""
        return bool(self.other and (self.changed or self.with_light))

    def without(self, name: str) -> "Conditions":
        """The same without one condition."""
        return replace(self, **{name: getattr(Conditions(), name)})

    @property
    def counts_apart(self) -> bool:
        """True when the list shows what no figure counts: another state, or items that are only supported."""
        return bool(self.state) or self.role != "led" or "suspended" in self.lights


@dataclass(frozen=True)
class Options:
    """What the user can choose from: five queries."""

    key_tasks: list[KeyTask]
    measures: list[Measure]
    regions: list[Region]
    groups: list[RegionGroup]
    leads: list[Actor]


@dataclass(frozen=True)
class TaskShare:
    """How many of the listed items a key task has; None stands for the supporting measures."""

    key_task: KeyTask | None
    items: int


@dataclass(frozen=True)
class Summary:
    """What the listed items add up to as one flat set."""

    items: int
    everything: int
    before: int | None
    sums: Sums
    by_task: list[TaskShare]

    @property
    def figure(self) -> Slice:
        """The figure by the rule of a flat set; without data where nothing listed is in scope."""
        return Slice(figure=figure_of(self.sums))

    @property
    def share(self) -> Fraction | None:
        """Share of all items that the user's figures count."""
        return Fraction(self.items * WHOLE, self.everything) if self.everything else None

    @property
    def change(self) -> int | None:
        """Items more or fewer than a week before; None in the first week, or where two weeks are compared."""
        return None if self.before is None else self.items - self.before


def options_for(plan: Plan, user: User) -> Options:
    """Key tasks, measures, regions and leads within the scope of `user`."""
    scope = user.scope
    key_tasks = plan.policy.key_tasks.all()
    measures = plan.policy.measures.all()
    regions = Region.objects.filter(Q(reports=True) | Q(kind=Region.Kind.NATIONAL))
    if scope.key_tasks:
        key_tasks = key_tasks.filter(pk__in=scope.key_tasks)
        measures = measures.filter(key_task__in=scope.key_tasks)
    if scope.regions:
        regions = regions.filter(pk__in=scope.regions)
    return Options(
        key_tasks=list(key_tasks),
        measures=list(measures),
        regions=list(regions),
        groups=list(RegionGroup.objects.all()),
        leads=list(_leads(user)),
    )


def _leads(user: User) -> QuerySet[Actor]:
    """The own subtree; for a narrower office the units that lead something in its view, and those above."""
    units = Actor.objects.filter(kind=Actor.Kind.GOVERNMENT)
    if user.scope.path or user.scope.is_national:
        return units.filter(path__startswith=user.scope.path)
    paths = Cell.objects.visible_to(user).order_by().values_list("lead__path", flat=True).distinct()
    return units.filter(code__in={code for path in paths for code in path.split("/")})


def listed(plan: Plan, point: AsOf, user: User, conditions: Conditions) -> QuerySet[Standing]:
    """The standings that `user` may list and that meet all conditions, annotated like `Standing.at`.

    Adds `filing`, `shown_percent` (NULL where nothing is known), `shown_variance` and `change` since the week
    before, in hundredths; with another week to compare with also what `with_lights` adds.
    """
    standings = Standing.objects.at(plan, point).with_filing(point)
    asked = [
        _part_taken(user, conditions),
        _counted(user, conditions),
        *_where(conditions),
        *_what(conditions, user),
        *_when(conditions, plan, point),
        *_reporting(conditions),
    ]
    if conditions.other:
        place = led_by(user.scope, conditions.lead) if conditions.role == "led" else anywhere
        standings = with_lights(standings, plan, Pair(point, conditions.other), place)
        asked += changed(conditions.changed, conditions.with_light)
    found: QuerySet[Standing] = with_shown_values(standings.filter(*asked))
    return found


def with_shown_values(standings: QuerySet[Standing]) -> QuerySet[Standing]:
    """Adds the percent that counts (100 % where closed), its variance, its change, and weight × percent."""
    return standings.annotate(
        shown_percent=Case(When(known=True, then=F("counted_percent")), output_field=IntegerField()),
        shown_variance=F("shown_percent") - F("planned"),
        change=F("percent") - F("opening_percent"),
        earned=F("weight") * F("counted_percent"),
    )


def _part_taken(user: User, conditions: Conditions) -> Q:
    """What the user may see, narrowed to what the lead asked for (or the own unit) leads or supports."""
    scope = user.scope
    if scope.nothing:
        return Q(pk__in=())
    seen = Q()
    if scope.key_tasks:
        seen &= Q(item__measure__key_task__in=scope.key_tasks)
    if scope.regions:
        seen &= Q(item__region__in=scope.regions)
    led = Q(lead__path__startswith=scope.path) if scope.path else Q()
    if conditions.role == "led":
        return seen & led & (within_unit("lead__path", conditions.lead) if conditions.lead else Q())
    if scope.path:
        seen &= led | _supported_by(Q(actor__path__startswith=scope.path))
    if conditions.lead:
        leads = within_unit("lead__path", conditions.lead)
        helps = _supported_by(within_unit("actor__path", conditions.lead))
    elif scope.path:
        leads, helps = led, _supported_by(Q(actor__path__startswith=scope.path))
    else:
        return seen
    return seen & (helps & ~leads if conditions.role == "supporting" else helps | leads)


def _supported_by(actors: Q) -> Q:
    through = WorkItem.supporting.through.objects.filter(actors, workitem=OuterRef("item"))
    return Q(Exists(through))


def _counted(user: User, conditions: Conditions) -> Q:
    """By default what the cells count; another state (drafts: supervisors only) only when asked for."""
    if conditions.state == DECOMPOSED:
        listed_items = Q(decomposed=True) & ~Q(state=State.DRAFT)
    elif conditions.state == State.DRAFT and user.role != Role.SUPERVISOR:
        listed_items = Q(pk__in=())
    elif conditions.state:
        listed_items = Q(decomposed=False, state=conditions.state)
    elif conditions.lights:
        listed_items = Q(decomposed=False) & ~Q(state=State.DRAFT)
    else:
        listed_items = Q(in_scope=True)
    return listed_items & Q(light__in=conditions.lights) if conditions.lights else listed_items


def _where(conditions: Conditions) -> list[Q]:
    asked = []
    if conditions.region:
        asked.append(Q(item__region__code=conditions.region))
    if conditions.group:
        asked.append(Q(item__region__groups__code=conditions.group))
    return asked


def _what(conditions: Conditions, user: User) -> list[Q]:
    asked = [_says(word) for word in conditions.q.split()]
    if conditions.key_task == SUPPORTING:
        asked.append(Q(item__measure__key_task__isnull=True))
    elif conditions.key_task == SEVEN:
        asked.append(Q(item__measure__key_task__isnull=False))
    elif conditions.key_task:
        asked.append(Q(item__measure__key_task__number=int(conditions.key_task)))
    if conditions.measure:
        asked.append(Q(item__measure__code=conditions.measure))
    if conditions.key:
        asked.append(Q(is_key=True))
    if conditions.owner:
        asked.append(Q(item__owner=user))
    return asked


def _says(word: str) -> Q:
    """The word stands in the title, the code, the lead's name or the measure's title."""
    places = (
        "item__title",
        "item__code",
        "lead__name",
        "lead__name_en",
        "item__measure__title",
        "item__measure__title_en",
    )
    found = Q(item__measure__code=word)
    for place in places:
        found |= Q(**{f"{place}__icontains": word})
    return found


def _when(conditions: Conditions, plan: Plan, point: AsOf) -> list[Q]:
    if not conditions.due:
        return []
    day = point.day
    month = day.replace(day=1)
    next_month = (month + timedelta(days=32)).replace(day=1)
    over_next = (next_month + timedelta(days=32)).replace(day=1)
    sunday = week_of(day) + timedelta(days=6)
    running = ~Q(state=State.CLOSED)
    windows = {
        "overdue": Q(due_on__lt=day) & running,
        "soon": Q(due_on__gte=day, due_on__lte=day + timedelta(days=plan.due_soon_days)) & running,
        "this_week": Q(due_on__gte=week_of(day), due_on__lte=sunday),
        "next_week": Q(due_on__gt=sunday, due_on__lte=sunday + ONE_WEEK) & running,
        "this_month": Q(due_on__gte=month, due_on__lt=next_month),
        "next_month": Q(due_on__gte=next_month, due_on__lt=over_next),
        "this_year": Q(due_on__year=day.year),
        "later": Q(due_on__year__gt=day.year),
    }
    return [windows[conditions.due]]


def _reporting(conditions: Conditions) -> list[Q]:
    """This week's report, whether one is owed, and how much is known at all."""
    asked = []
    if conditions.filing:
        asked.append(Q(filing="" if conditions.filing == "none" else conditions.filing))
    owed = {
        "due": Q(due=True),
        "given": Q(due=True, reported=True),
        "missing": Q(due=True, reported=False),
    }
    if conditions.reported:
        asked.append(owed[conditions.reported])
    if conditions.known:
        asked.append(Q(stale=True) if conditions.known == "stale" else Q(known=False))
    return asked


def summary(shown: ShownWeek, user: User, conditions: Conditions, options: Options) -> Summary:
    """What the list adds up to, beside everything and the same list a week before. Three queries."""
    rows = list(_grouped(listed(shown.plan, shown.rollup.point, user, conditions)))
    tasks = {task.number: task for task in options.key_tasks}
    counts = {row["item__measure__key_task__number"]: row["n"] for row in rows}
    return Summary(
        items=sum(counts.values()),
        everything=_everything(shown.rollup, user),
        before=None if conditions.compares else _number(shown.plan, shown.previous, user, conditions),
        sums=reduce(lambda total, row: total + _sums(row), rows, Sums()),
        by_task=[TaskShare(tasks.get(number), n) for number, n in sorted(counts.items(), key=_seven_first)],
    )


def _seven_first(entry: tuple[int | None, int]) -> int:
    return entry[0] or 99


def _grouped(standings: QuerySet[Standing]) -> Any:
    counted = Q(in_scope=True)
    return (
        standings.values("item__measure__key_task__number")
        .annotate(
            n=Count("pk"),
            scope_n=Count("pk", filter=counted),
            w=Sum("weight", filter=counted, default=0),
            known_w=Sum("weight", filter=counted & Q(known=True), default=0),
            stale_w=Sum("weight", filter=counted & Q(stale=True), default=0),
            earned_w=Sum(F("weight") * F("counted_percent"), filter=counted, default=0),
            planned_w=Sum(F("weight") * F("planned"), filter=counted, default=0),
        )
        .order_by()
    )


def _sums(row: dict[str, int]) -> Sums:
    return Sums(row["scope_n"], row["w"], row["known_w"], row["stale_w"], row["earned_w"], row["planned_w"])


def sums_of(standings: QuerySet[Standing]) -> Sums:
    """The integer sums of a flat set of annotated standings. One query."""
    return reduce(lambda total, row: total + _sums(row), _grouped(standings), Sums())


def _everything(rollup: WeekRollup, user: User) -> int:
    cells = Cell.objects.visible_to(user).filter(rollup=rollup)
    return int(cells.aggregate(items=Sum("items", default=0))["items"])


def _number(plan: Plan, rollup: WeekRollup | None, user: User, conditions: Conditions) -> int | None:
    return listed(plan, rollup.point, user, conditions).count() if rollup else None


def blocking(shown: ShownWeek, user: User, conditions: Conditions) -> list[tuple[str, int]]:
    """For an empty list: the conditions each of which alone empties it, with what would be there without it.

    One query per condition that asks something.
    """
    point = shown.rollup.point
    numbers = (
        (name, listed(shown.plan, point, user, conditions.without(name)).count())
        for name in conditions.active
    )
    return [(name, number) for name, number in numbers if number]
