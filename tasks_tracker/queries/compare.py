"""What changed between two weeks: a part of the plan, and the bridge of its progress.

The database groups, no row per item is read. Rules: docs/numbers.md, "What changed". Values in hundredths.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Count, F, Q, Sum

from tasks_tracker.models import (
    KeyTask,
    Measure,
    Standing,
    User,
    WeightChange,
)
from tasks_tracker.queries.figures import Outline
from tasks_tracker.queries.items import SEVEN, SUPPORTING
from tasks_tracker.queries.pairs import (
    CAME,
    CANCELLED,
    LEFT,
    STAYED,
    Pair,
    beside,
    kind_of,
    led_by,
)
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.bridge import Bridge, Change, Move, State, Tree, bridge
from tasks_tracker.rules.rollup import Sums
from tasks_tracker.rules.weeks import AsOf


@dataclass(frozen=True)
class Part:
    """The part of the plan that is compared: codes as in the list of work items, "" for all.

    `key_task` is a number, `seven` or `supporting`; a measure stands for itself whatever the key task.
    """

    key_task: str = SEVEN
    measure: str = ""
    region: str = ""
    lead: str = ""

    def conditions(self, to_measure: str, to_region: str) -> Q:
        """On rows whose measure and region lie at these lookups; the lead is a matter of the week."""
        asked = Q()
        if self.measure:
            asked &= Q(**{f"{to_measure}__code": self.measure})
        elif self.key_task in (SEVEN, SUPPORTING):
            asked &= Q(**{f"{to_measure}__key_task__isnull": self.key_task == SUPPORTING})
        else:
            asked &= Q(**{f"{to_measure}__key_task__number": int(self.key_task)})
        return asked & Q(**{f"{to_region}__code": self.region}) if self.region else asked

    def tree(self, outline: Outline) -> Tree:
        """What is averaged, with the weights of the outline's week; what is not the plan is one branch."""
        if self.measure:
            return _branch([(m.pk, 1) for m in outline.measures if m.code == self.measure])
        if self.key_task == SUPPORTING:
            return _branch([(m.pk, m.weight) for m in outline.supporting])
        tasks = outline.key_tasks
        if self.key_task != SEVEN:
            return _branch([(m.pk, m.weight) for t in self.tasks(outline) for m in outline.under(t)])
        return Tree(tuple((t.weight, tuple((m.pk, m.weight) for m in outline.under(t))) for t in tasks))

    def tasks(self, outline: Outline) -> list[KeyTask]:
        """The key tasks that the part is made of; none for a measure or the supporting ones."""
        if self.measure or self.key_task == SUPPORTING:
            return []
        return [t for t in outline.key_tasks if self.key_task in (SEVEN, str(t.number))]


def _branch(leaves: list[tuple[int, int]]) -> Tree:
    return Tree(((1, tuple(leaves)),))


@dataclass(frozen=True)
class Reweighting:
    """A key task or measure whose weight is another one in the later week, with the reasons on record."""

    subject: KeyTask | Measure
    then: int
    now: int
    reasons: list[WeightChange]


@dataclass(frozen=True)
class Steps:
    """The bridge with what its steps consist of; always from the earlier week to the later one.

    `items` counts the items of each kind of change, `reasons` why items are counted in one week only.
    """

    bridge: Bridge
    states: list[State]  # before the first change and after each
    items: dict[str, int]
    reasons: dict[str, int]


@dataclass(frozen=True)
class TwoWeeks:
    """An earlier and a later week, through whose eyes, and the part that is looked at."""

    then: ShownWeek
    now: ShownWeek
    user: User
    part: Part
    outline: Outline

    @property
    def pair(self) -> Pair:
        """The later week beside the earlier one."""
        return Pair(self.now.rollup.point, self.then.rollup.point)

    @property
    def trees(self) -> tuple[Tree, Tree]:
        """The part with the weights of then and of now."""
        then, now = (self.part.tree(self.outline.at(shown.week)) for shown in (self.then, self.now))
        return then, now

    @property
    def within(self) -> Q:
        """What the user sees and the part holds, whatever the lead."""
        scope = self.user.scope
        seen = self.part.conditions("item__measure", "item__region")
        if scope.nothing:
            seen &= Q(pk__in=())
        if scope.key_tasks:
            seen &= Q(item__measure__key_task__in=scope.key_tasks)
        if scope.regions:
            seen &= Q(item__region__in=scope.regions)
        return seen

    def standings(self) -> Any:
        """The later week's standings of the part, beside the earlier week; leads decide in each week."""
        there = Standing.objects.in_force(self.now.plan, self.now.week).filter(self.within)
        return beside(there, self.pair, led_by(self.user.scope, self.part.lead))

    def lit(self, point: AsOf) -> Any:
        """The standings that count in one of the weeks, with their light."""
        place = led_by(self.user.scope, self.part.lead)
        return Standing.objects.at(self.now.plan, point).counted().filter(self.within, place(""))


# --- the bridge ---------------------------------------------------------------------------------------------
def steps_between(weeks: TwoWeeks) -> Steps:
    """The bridge from the earlier to the later week. One query, grouped in the database."""
    rows = list(_grouped(weeks.standings().exclude(why="")))
    then, now = weeks.trees
    start = State(then, _sums(rows, lambda row: row.why in (STAYED, *LEFT, CANCELLED), _then))
    moves = list(_moves(rows, now))
    states = list(_states(start, moves))
    counts = {str(change): sum(getattr(row, f"n_{change}") for row in rows) for change in _COUNTED}
    reasons: Counter[str] = Counter()
    for row in rows:
        reasons[row.why] += row.n
    counts |= {
        str(Change.ADDED): sum(reasons[why] for why in CAME),
        str(Change.REMOVED): sum(reasons[why] for why in LEFT),
        str(Change.CANCELLED): reasons[CANCELLED],
    }
    return Steps(bridge(start, moves), states, counts, dict(reasons))


def _states(start: State, moves: Iterable[Move]) -> Iterable[State]:
    yield start
    for move in moves:
        start = start.after(move)
        yield start


_COUNTED = (Change.PROGRESS, Change.REPORTED, Change.UNREPORTED, Change.WEIGHT)


def _grouped(standings: Any) -> Any:
    """A named tuple per measure and reason: the sums of then, of now, and of each change."""
    then_w, now_w = F("then_weight"), F("now_weight")
    then_earned, now_earned = then_w * F("then_percent"), then_w * F("now_percent")
    progress, reported, unreported = map(kind_of, (Change.PROGRESS, Change.REPORTED, Change.UNREPORTED))
    sums = {
        "then_w": (then_w, Q()),
        "then_known_w": (then_w, Q(then_known=True)),
        "then_earned": (then_earned, Q(then_known=True)),
        "now_w": (now_w, Q()),
        "now_known_w": (now_w, Q(now_known=True)),
        "now_earned": (now_w * F("now_percent"), Q(now_known=True)),
        "gained": (now_earned - then_earned, progress),
        "reported_w": (then_w, reported),
        "reported_earned": (now_earned, reported),
        "unreported_w": (then_w, unreported),
        "unreported_earned": (then_earned, unreported),
    }
    counts = {"n": Count("pk")} | {f"n_{change}": Count("pk", filter=kind_of(change)) for change in _COUNTED}
    columns = counts | {
        name: Sum(value, filter=when or None, default=0) for name, (value, when) in sums.items()
    }
    grouped = standings.values("item__measure", "why").annotate(**columns).order_by()
    return grouped.values_list("item__measure", "why", *columns, named=True)


def _of(weight: int, known: int, earned: int) -> Sums:
    return Sums(weight=weight, known_weight=known, earned=earned)


def _then(row: Any) -> Sums:
    return _of(row.then_w, row.then_known_w, row.then_earned)


def _now(row: Any) -> Sums:
    return _of(row.now_w, row.now_known_w, row.now_earned)


def _less(sums: Sums) -> Sums:
    return _of(-sums.weight, -sums.known_weight, -sums.earned)


def _progress(row: Any) -> Sums:
    return _of(0, 0, row.gained)


def _reported(row: Any) -> Sums:
    return _of(0, row.reported_w, row.reported_earned)


def _unreported(row: Any) -> Sums:
    return _of(0, -row.unreported_w, -row.unreported_earned)


def _weight(row: Any) -> Sums:
    """What is left between then with all that was learnt and now: the weights."""
    return reduce(
        add, (_now(row), *map(_less, (_then(row), _progress(row), _reported(row), _unreported(row))))
    )


def _moves(rows: list[Any], tree: Tree) -> Iterable[Move]:
    """The changes in their order; why this order: docs/decisions/0029."""
    for change, sums_of in (
        (Change.PROGRESS, _progress),
        (Change.REPORTED, _reported),
        (Change.UNREPORTED, _unreported),
        (Change.WEIGHT, _weight),
    ):
        yield Move(change, _sums(rows, lambda row: row.why == STAYED, sums_of))
    yield Move(Change.OUTLINE, tree=tree)
    yield Move(Change.ADDED, _sums(rows, lambda row: row.why in CAME, _now))
    yield Move(Change.REMOVED, _sums(rows, lambda row: row.why in LEFT, lambda row: _less(_then(row))))
    yield Move(Change.CANCELLED, _sums(rows, lambda row: row.why == CANCELLED, lambda row: _less(_then(row))))


def _sums(rows: Iterable[Any], chosen: Any, sums_of: Any) -> dict[int, Sums]:
    """The sums of the chosen rows, measure by measure."""
    total: dict[int, Sums] = defaultdict(Sums)
    for row in filter(chosen, rows):
        total[row.item__measure] += sums_of(row)
    return total


def reweighted(weeks: TwoWeeks) -> list[Reweighting]:
    """The key tasks and measures of the part whose weight changed between the weeks, with why. One query."""
    then, now = (weeks.outline.at(shown.week) for shown in (weeks.then, weeks.now))
    reasons: dict[tuple[int | None, int | None], list[WeightChange]] = defaultdict(list)
    made = WeightChange.objects.filter(week__gt=weeks.then.week, week__lte=weeks.now.week).select_related(
        "by"
    )
    for change in made:
        reasons[change.key_task_id, change.measure_id].append(change)
    whole_plan = weeks.part.key_task == SEVEN and not weeks.part.measure
    tasks = zip(then.key_tasks, now.key_tasks, strict=True) if whole_plan else ()
    leaves = {measure for _weight, branch in weeks.trees[1].branches for measure, _own in branch}
    measures = [(a, b) for a, b in zip(then.measures, now.measures, strict=True) if a.pk in leaves]
    if weeks.part.measure:
        measures = []  # a measure by itself is averaged with nothing
    pairs: list[tuple[Any, Any, tuple[int | None, int | None]]] = [
        *((a, b, (a.pk, None)) for a, b in tasks),
        *((a, b, (None, a.pk)) for a, b in measures),
    ]
    return [
        Reweighting(b, a.weight, b.weight, reasons[subject])
        for a, b, subject in pairs
        if a.weight != b.weight
    ]
