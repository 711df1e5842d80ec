"""The bridge between two weeks a second time: in plain Python, from the rows, one item after the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from tasks_tracker.models import (
    KeyTask,
    Measure,
    Standing,
    User,
    WeightChange,
    WorkItem,
)
from tasks_tracker.queries.compare import Part, TwoWeeks
from tasks_tracker.queries.figures import outline_of
from tasks_tracker.queries.weeks import ShownWeek, shown_week
from tasks_tracker.rules.bridge import Change
from tasks_tracker.rules.weeks import format_week
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
)
from tests.reports.random_plan import MEASURES

STEPS = list(Change)

WHOLE = Part()


def weeks_between(user: User, part: Part = WHOLE, then: date = LAST_WEEK, now: date = THIS_WEEK) -> TwoWeeks:
    earlier, later = shown_week(format_week(then)), shown_week(format_week(now))
    return TwoWeeks(earlier, later, user, part, outline_of(later.plan))


@dataclass(frozen=True)
class Was:
    """One item in one week."""

    exists: bool
    inside: bool
    state: str
    decomposed: bool
    weight: int
    percent: int | None  # None: not known

    @property
    def counted(self) -> bool:
        running = {"assigned", "accepted", "in_progress", "completion_requested", "closed"}
        return self.inside and self.state in running and not self.decomposed


NEVER = Was(False, False, "draft", False, 0, None)


@dataclass(frozen=True)
class Rows:
    """What stands in the tables, read once."""

    standings: list[Standing]
    reweighted: list[WeightChange]
    key_tasks: list[KeyTask]
    measures: list[Measure]

    @classmethod
    def read(cls) -> "Rows":
        named = Standing.objects.select_related("lead", "item__measure__key_task", "item__region")
        changes = WeightChange.objects.order_by("-week", "-pk")
        return cls(list(named), list(changes), list(KeyTask.objects.all()), list(Measure.objects.all()))


def looked_up(rows: Rows, week: ShownWeek, user: User, part: Part) -> dict[int, Was]:
    """Every item of the part, as the rows say it stood in the week."""
    found = {}
    for row in rows.standings:
        item = row.item
        if not row.since <= week.week < row.until or not is_within(item, user, part):
            continue
        steps = row.lead.path.split("/")
        inside = row.lead.path.startswith(user.scope.path) and (not part.lead or part.lead in steps)
        percent = row.percent
        if row.starts_on > week.rollup.as_of:
            percent = 0
        if row.state == "closed":
            percent = 10_000
        found[item.pk] = Was(True, inside, row.state, row.decomposed, row.weight, percent)
    return found


def is_within(item: WorkItem, user: User, part: Part) -> bool:
    key_task = item.measure.key_task
    if user.scope.regions and item.region_id not in user.scope.regions:
        return False
    if part.region and item.region.code != part.region:
        return False
    if part.measure:
        return item.measure.code == part.measure
    if part.key_task == "supporting":
        return key_task is None
    return key_task is not None and part.key_task in ("seven", str(key_task.number))


Held = dict[int, tuple[int, int | None]]  # item → (weight, percent or None)


def naive_progress(held: Held, weights: dict[str, int], part: Part, measure_of: dict[int, str]) -> Any:
    """The rule of numbers.md in Fractions: items → measures → key tasks → plan."""

    def over(children: Iterable[tuple[int, tuple[Fraction, Fraction] | None]]) -> Any:
        there = [(weight, pair) for weight, pair in children if pair and weight > 0]
        whole = sum(weight for weight, _pair in there)
        if not whole:
            return None
        return tuple(sum(weight * pair[n] for weight, pair in there) / Fraction(whole) for n in (0, 1))

    def measure(code: str) -> Any:
        own = [pair for item, pair in held.items() if measure_of[item] == code]
        return over((w, (Fraction(p is not None), Fraction(p or 0))) for w, p in own)

    def branch(start: str) -> Any:
        return over((weights[code], measure(code)) for code in MEASURES if code.startswith(start))

    if part.measure:
        result = measure(part.measure)
    elif part.key_task == "supporting":
        result = branch("S")
    elif part.key_task == "seven":
        result = over((weights[str(n)], branch(f"{n}.")) for n in range(1, 8))
    else:
        result = branch(f"{part.key_task}.")
    return result[1] / result[0] if result and result[0] else None


def weights_in(rows: Rows, week: date) -> dict[str, int]:
    """Code of a measure or number of a key task → its weight, every later change undone."""
    names = {("measure", row.pk): row.code for row in rows.measures}
    names |= {("key_task", row.pk): str(row.number) for row in rows.key_tasks}
    found = {row.code: row.weight for row in rows.measures}
    found |= {str(row.number): row.weight for row in rows.key_tasks}
    for change in rows.reweighted:
        if change.week > week:
            subject = (
                ("measure", change.measure_id) if change.measure_id else ("key_task", change.key_task_id)
            )
            found[names[subject]] = change.old_weight
    return found


def naive_steps(weeks: TwoWeeks, rows: Rows) -> tuple[Any, list[Fraction], dict[str, set[int]]]:
    """(progress then, the steps, which items each step consists of), one item after the other."""
    old = looked_up(rows, weeks.then, weeks.user, weeks.part)
    new = looked_up(rows, weeks.now, weeks.user, weeks.part)
    pairs = {pk: (old.get(pk, NEVER), new.get(pk, NEVER)) for pk in {*old, *new}}
    stayed = {pk: pair for pk, pair in pairs.items() if pair[0].counted and pair[1].counted}
    gone = {pk: pair for pk, pair in pairs.items() if pair[0].counted and not pair[1].counted}
    cancelled = {
        pk for pk, (_a, b) in gone.items() if b.inside and b.state == "cancelled" and not b.decomposed
    }
    both = {pk for pk, (a, b) in stayed.items() if a.percent is not None and b.percent is not None}
    consists = {
        "progress": {pk for pk in both if stayed[pk][0].percent != stayed[pk][1].percent},
        "reported": {pk for pk, (a, b) in stayed.items() if a.percent is None and b.percent is not None},
        "unreported": {pk for pk, (a, b) in stayed.items() if a.percent is not None and b.percent is None},
        "weight": {pk for pk, (a, b) in stayed.items() if a.weight != b.weight},
        "outline": set(),
        "added": {pk for pk, (a, b) in pairs.items() if b.counted and not a.counted},
        "removed": gone.keys() - cancelled,
        "cancelled": cancelled,
    }
    measure_of = {row.item_id: row.item.measure.code for row in rows.standings}
    held: Held = {pk: (a.weight, a.percent) for pk, (a, _b) in pairs.items() if a.counted}
    weights = weights_in(rows, weeks.then.week)
    first = last = naive_progress(held, weights, weeks.part, measure_of)
    steps = []
    for change in STEPS:
        for pk in consists[change]:
            then, now = pairs[pk]
            if change in ("progress", "reported", "unreported"):
                held[pk] = (then.weight, now.percent)
            elif change == "weight" or change == "added":
                held[pk] = (now.weight, now.percent)
            else:
                del held[pk]
        if change == "outline":
            weights = weights_in(rows, weeks.now.week)
        here = naive_progress(held, weights, weeks.part, measure_of)
        after = last if here is None else here
        steps.append(None if last is None or after is None else after - last)
        last = after
    known = first is not None and here is not None
    return first, steps if known else [], consists
