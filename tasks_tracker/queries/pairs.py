"""Two weeks side by side: what became of each item between them, as expressions on its standings.

Both the list of work items (of one week, compared with the other) and the bridge between the weeks ask here:
a step and the list behind it agree. Rules: docs/numbers.md, "What changed".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)

from tasks_tracker.models import Plan, Scope, Standing, State
from tasks_tracker.models.people import within_unit
from tasks_tracker.models.standing import StandingQuerySet, counted_percent, is_counted, is_known, yes
from tasks_tracker.rules.bridge import Change
from tasks_tracker.rules.weeks import AsOf

# Why an item is counted in one of the weeks only; STAYED in both.
STAYED = "stayed"
CAME = ("new", "part", "taken_over", "resumed", "revived")
LEFT = ("split", "suspended", "handed_over", "withdrawn")
CANCELLED = "cancelled"
LIGHT = "light"  # asked of the list beside the kinds of change: its light is another one
NOT_COUNTED = "none"  # asked as the light of the other week: it was not counted there
OTHER = "other__"

Place = Callable[[str], Q]  # where a standing stands (prefix) → whether it lies in what is looked at


class Pair(NamedTuple):
    """The week whose standings are looked at, and the other one, earlier or later."""

    base: AsOf
    other: AsOf

    @property
    def forward(self) -> bool:
        """True when the base is the later week."""
        return self.other.week <= self.base.week


@dataclass(frozen=True)
class _Side:
    """The standing of one of the weeks: where it stands, and when it is looked at."""

    at: str
    point: AsOf
    place: Place

    @property
    def inside(self) -> Q:
        """It lies in what is looked at, counted or not."""
        return self.place(self.at)

    @property
    def counted(self) -> Q:
        return is_counted(self.at) & self.inside

    def stands(self, state: State) -> Q:
        return self.inside & Q(**{f"{self.at}state": state})

    @property
    def split(self) -> Q:
        return self.inside & Q(**{f"{self.at}decomposed": True})


def anywhere(at: str) -> Q:
    """The place that holds everything."""
    return Q(**{f"{at}pk__isnull": False})


def beside(standings: StandingQuerySet, pair: Pair, place: Place = anywhere) -> Any:
    """The standings of the base week with what became of their items.

    Adds `why` (STAYED, one of CAME, LEFT or CANCELLED, "" when counted in neither week), and of both weeks
    `then_…` and `now_…`, the earlier and the later one: `weight`, `known`, `percent`.
    """
    week = pair.other.week
    joined = standings.alias(
        other=FilteredRelation(
            "item__standings",
            condition=Q(item__standings__since__lte=week, item__standings__until__gt=week),
        )
    )
    base, other = _Side("", pair.base, place), _Side(OTHER, pair.other, place)
    then, now = (other, base) if pair.forward else (base, other)
    return joined.annotate(
        why=_why(then, now),
        then_weight=F(f"{then.at}weight"),
        now_weight=F(f"{now.at}weight"),
        then_known=yes(is_known(then.point.day, then.at)),
        now_known=yes(is_known(now.point.day, now.at)),
        then_percent=counted_percent(then.point.day, then.at),
        now_percent=counted_percent(now.point.day, now.at),
        other_percent=Case(
            When(other.inside & is_known(pair.other.day, OTHER), then=counted_percent(pair.other.day, OTHER)),
            output_field=IntegerField(),
        ),
    )


def _why(then: _Side, now: _Side) -> Case:
    """The first that holds decides. A standing that lies elsewhere says nothing more than that."""
    not_yet = Q(**{f"{then.at}pk__isnull": True}) | Q(**{f"{then.at}state": State.DRAFT})
    came = Case(
        When(not_yet & Q(item__parent__isnull=False), then=Value("part")),
        When(not_yet, then=Value("new")),
        When(then.stands(State.SUSPENDED), then=Value("resumed")),
        When(then.inside, then=Value("revived")),
        default=Value("taken_over"),
    )
    left = Case(
        When(now.split, then=Value("split")),
        When(now.stands(State.CANCELLED), then=Value(CANCELLED)),
        When(now.stands(State.SUSPENDED), then=Value("suspended")),
        When(now.inside, then=Value("withdrawn")),
        default=Value("handed_over"),
    )
    return Case(
        When(then.counted & now.counted, then=Value(STAYED)),
        When(now.counted, then=came),
        When(then.counted, then=left),
        default=Value(""),
        output_field=CharField(),
    )


def kind_of(change: str) -> Q:
    """The condition on `beside` for items with that kind of change; an item may have several."""
    stayed = Q(why=STAYED)
    kinds = {
        Change.PROGRESS: stayed & Q(then_known=True, now_known=True) & ~Q(then_percent=F("now_percent")),
        Change.REPORTED: stayed & Q(then_known=False, now_known=True),
        Change.UNREPORTED: stayed & Q(then_known=True, now_known=False),
        Change.WEIGHT: stayed & ~Q(then_weight=F("now_weight")),
        Change.ADDED: Q(why__in=CAME),
        Change.REMOVED: Q(why__in=LEFT),
        Change.CANCELLED: Q(why=CANCELLED),
        LIGHT: stayed & ~Q(other_light=F("light")),
    }
    return kinds[change]


def changed(change: str, with_light: str) -> list[Q]:
    """The conditions on `with_lights` for a kind of change and a light in the other week; "" asks nothing."""
    asked = [kind_of(change)] if change else []
    if with_light == NOT_COUNTED:
        asked.append(Q(other_light__isnull=True))
    elif with_light:
        asked.append(Q(other_light=with_light))
    return asked


def with_lights(standings: StandingQuerySet, plan: Plan, pair: Pair, place: Place = anywhere) -> Any:
    """`beside` with `other_light`, the light in the other week; NULL where the item was not counted there."""
    there: Any = Standing.objects.at(plan, pair.other).filter(is_counted(), place(""))
    lights = there.filter(item=OuterRef("item")).values("light")
    return beside(standings, pair, place).annotate(other_light=Subquery(lights[:1]))


def led_by(scope: Scope, lead: str = "") -> Place:
    """The place of what the scope's subtree leads, and of it what `lead` with its subtree does."""

    def place(at: str) -> Q:
        inside = anywhere(at)
        if scope.path:
            inside &= Q(**{f"{at}lead__path__startswith": scope.path})
        return inside & within_unit(f"{at}lead__path", lead) if lead else inside

    return place
