"""What changed between two weeks: the bridge says what plain Python finds in the rows, to the last digit."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from tasks_tracker.actions import rollup, standing
from tasks_tracker.models import (
    Cell,
    KeyTask,
    Measure,
    Standing,
    State,
    User,
    WeightChange,
    WorkItem,
)
from tasks_tracker.queries.compare import Part, TwoWeeks, reweighted, steps_between
from tasks_tracker.queries.figures import outline_of, rolled, tallies
from tasks_tracker.queries.items import Conditions, listed
from tasks_tracker.queries.movers import effects, lights_of, movers, places_moved, turned
from tasks_tracker.queries.pairs import LIGHT, NOT_COUNTED
from tasks_tracker.queries.weeks import ShownWeek, shown_week
from tasks_tracker.rules.bridge import Change
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf, format_week
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_key_task,
    make_measure,
    make_plan,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.reports.random_plan import MEASURES, WEEKS, make_random_plan

pytestmark = pytest.mark.django_db
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 18)
STEPS = list(Change)


WHOLE = Part()


def weeks_between(user: User, part: Part = WHOLE, then: date = LAST_WEEK, now: date = THIS_WEEK) -> TwoWeeks:
    earlier, later = shown_week(format_week(then)), shown_week(format_week(now))
    return TwoWeeks(earlier, later, user, part, outline_of(later.plan))


# --- the same, from the rows, in plain Python ---------------------------------------------------------------
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


# --- random plans -------------------------------------------------------------------------------------------
def parts() -> Iterator[Part]:
    yield Part()
    yield Part(key_task="supporting")
    yield Part(region="420000")
    yield Part(lead="hubei")
    yield Part(lead="jiangsu", region="320000")
    for number in (1, 2, 6, 7):
        yield Part(key_task=str(number))
    yield Part(key_task="1", lead="wuhan")
    for measure in ("1.10", "4.1", "S1.1"):
        yield Part(measure=measure)


ALL_WEEKS = [THIS_WEEK - n * ONE_WEEK for n in range(WEEKS)]
PAIRS = [(then, now) for now in ALL_WEEKS for then in ALL_WEEKS if then < now]


def looks(cast: Cast) -> Iterator[TwoWeeks]:
    """Every part and pair of weeks through national eyes, some of them through narrower ones."""
    for part in parts():
        for then, now in PAIRS:
            yield weeks_between(cast.li, part, then, now)
    for user in (cast.sun, cast.chen):
        for part in (WHOLE, Part(key_task="1"), Part(lead="wuhan")):
            for then in ALL_WEEKS[1:]:
                yield weeks_between(user, part, then)


@pytest.mark.parametrize("seed", [3, 29])
def test_plain_python_finds_the_same_steps_and_they_add_up_to_the_last_digit(seed: int, cast: Cast) -> None:
    make_random_plan(cast, seed, items=70, replanned=True)
    rows, seen = Rows.read(), dict.fromkeys(STEPS, 0)
    for weeks in looks(cast):
        first, expected, consists = naive_steps(weeks, rows)
        found = steps_between(weeks)
        bridge, place = found.bridge, (weeks.user.username, weeks.part, weeks.then.week, weeks.now.week)
        assert bridge.then == first, place
        assert [step.points for step in bridge.steps] == expected, place
        assert found.items == {c: len(consists[c]) for c in STEPS if c != "outline"}, place
        if bridge.steps:
            assert bridge.then + sum(step.points for step in bridge.steps) == bridge.now, place
            shown = sum(step.shown for step in bridge.steps)
            assert rounded(bridge.then) + shown == rounded(bridge.now), place
        for step in bridge.steps:
            seen[step.change] += bool(step.points)
    assert all(seen.values()), f"a kind of change never happens: {seen}"


@pytest.mark.parametrize("seed", [5, 17])
def test_the_ends_are_what_the_dashboards_show(seed: int, cast: Cast) -> None:
    plan = make_random_plan(cast, seed, items=70, replanned=True)
    for user in (cast.li, cast.chen, cast.sun):
        for then, now in PAIRS:
            weeks = weeks_between(user, Part(), then, now)
            bridge = steps_between(weeks).bridge
            whole, _sorted = places_moved(weeks, [])
            shown = []
            for week in (then, now):
                cells = Cell.objects.visible_to(user).filter(rollup__plan=plan, rollup__week=week)
                shown.append(rolled(tallies(cells, "measure"), outline_of(plan, week)).whole.progress)
            assert [bridge.then, bridge.now] == shown == [whole.then, whole.now]


def listed_codes(weeks: TwoWeeks, base: AsOf, asked: Conditions) -> set[int]:
    return set(listed(weeks.now.plan, base, weeks.user, asked).values_list("item", flat=True))


LISTS: list[tuple[str, dict[str, str]]] = [
    ("li", {}),
    ("li", {"lead": "hubei"}),
    ("chen", {"region": "420000"}),
]


@pytest.mark.parametrize(("username", "asked"), LISTS)
def test_every_step_is_a_list(username: str, asked: dict[str, str], cast: Cast) -> None:
    make_random_plan(cast, seed=5, items=70, replanned=True)
    weeks = weeks_between(User.objects.get(username=username), Part(**asked), ALL_WEEKS[2])
    _first, _steps, consists = naive_steps(weeks, Rows.read())
    then, now = weeks.then.rollup.point, weeks.now.rollup.point
    conditions = Conditions(key_task="seven", **asked)
    for change in [change for change in STEPS if change != Change.OUTLINE]:
        here = replace(conditions, changed=str(change))
        if change not in (Change.REMOVED, Change.CANCELLED):
            assert listed_codes(weeks, now, replace(here, other=then)) == consists[change], change
        if change != Change.ADDED:  # what stayed is listed in whichever week one looks at
            assert listed_codes(weeks, then, replace(here, other=now)) == consists[change], change


@pytest.mark.parametrize(("username", "asked"), LISTS)
def test_every_pair_of_lights_is_a_list(username: str, asked: dict[str, str], cast: Cast) -> None:
    make_random_plan(cast, seed=5, items=70, replanned=True)
    weeks = weeks_between(User.objects.get(username=username), Part(**asked), ALL_WEEKS[2])
    then, now = weeks.then.rollup.point, weeks.now.rollup.point
    conditions = Conditions(key_task="seven", **asked)
    lights = lights_of(weeks, then, now)
    counts = lights.counts
    for (before, after), n in counts.items():
        base, light, other = (now, after, then) if after else (then, before, now)
        with_light = before if before and after else NOT_COUNTED
        here = replace(conditions, lights=(light,), with_light=with_light, other=other)
        assert len(listed_codes(weeks, base, here)) == n, (before, after)
    there = set(lights.turned)
    assert listed_codes(weeks, now, replace(conditions, changed=LIGHT, other=then)) == there
    assert len(there) == sum(n for (a, b), n in counts.items() if a and b and a != b) > 0
    assert sum(n for (_a, b), n in counts.items() if b) == len(listed_codes(weeks, now, conditions))
    assert sum(n for (a, _b), n in counts.items() if a) == len(listed_codes(weeks, then, conditions))


@pytest.mark.parametrize("seed", [5, 17])
def test_what_the_movers_moved_is_the_first_two_steps(seed: int, cast: Cast) -> None:
    make_random_plan(cast, seed, items=70, replanned=True)
    for user in (cast.li, cast.chen):
        for part in (Part(), Part(key_task="1"), Part(region="420000"), Part(lead="hubei")):
            weeks = weeks_between(user, part, ALL_WEEKS[3])
            steps = steps_between(weeks)
            rows = list(movers(weeks, steps))
            exact = effects(steps, rows)
            progress, reported = steps.bridge.steps[:2]
            assert sum(exact) == progress.points + reported.points
            assert sum(e for e, row in zip(exact, rows, strict=True) if row.then_known) == progress.points
            for row, effect in zip(rows, exact, strict=True):
                assert row.effect == pytest.approx(float(effect), abs=1e-6)


# --- the named cast -----------------------------------------------------------------------------------------
@pytest.fixture
def items(cast: Cast) -> dict[str, WorkItem]:
    """湖北 and 武汉 under 1.1, 江苏 under 2.1; last week all but one are reported, and it is frozen."""
    made = {
        "base": make_item("HB-1", lead=cast.hubei, weight=2),
        "wuhan": make_item("WH-1", lead=cast.wuhan),
        "silent": make_item("HB-2", lead=cast.hubei),
        "jiangsu": make_item(
            "JS-1", lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("2.1")
        ),
        "put_off": make_item("WH-2", lead=cast.wuhan, measure=make_measure("2.1")),
        "suspended": make_item("WH-3", lead=cast.wuhan, state=State.SUSPENDED),
        "draft": make_item("WH-4", lead=cast.wuhan, state=State.DRAFT),
    }
    standing.advance(made["put_off"], LAST_WEEK, starts_on=THIS_WEEK + timedelta(days=2))
    report_and_accept(made["base"], 4_000, LAST_WEEK)
    report_and_accept(made["wuhan"], 6_000, LAST_WEEK)
    report_and_accept(made["jiangsu"], 5_000, LAST_WEEK)
    rollup.roll_up_week(plan=make_plan(), week=LAST_WEEK, now=moment(LAST_WEEK + timedelta(days=4)))
    standing.advance(made["put_off"], THIS_WEEK, starts_on=THIS_WEEK + ONE_WEEK)
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    return made


Items = dict[str, WorkItem]


def split(items: Items) -> None:
    standing.advance(items["wuhan"], THIS_WEEK, decomposed=True)
    make_item(parent=items["wuhan"], lead=items["wuhan"].lead, starts_on=THIS_WEEK)


def change_outline(items: Items) -> None:
    measure = items["jiangsu"].measure
    WeightChange.objects.create(
        measure=measure, week=THIS_WEEK, old_weight=1, new_weight=5, reason="调整", at=FRIDAY
    )
    Measure.objects.filter(pk=measure.pk).update(weight=5)
    task = make_key_task(1)
    WeightChange.objects.create(
        key_task=task, week=THIS_WEEK, old_weight=1, new_weight=3, reason="调整", at=FRIDAY
    )
    KeyTask.objects.filter(pk=task.pk).update(weight=3)


ALONE: dict[str, tuple[Callable[[Items], object], set[str], dict[str, int]]] = {
    "nothing": (lambda _i: None, set(), {}),
    "more": (lambda i: report_and_accept(i["base"], 4_500), {"progress"}, {}),
    "less": (lambda i: report_and_accept(i["base"], 3_500), {"progress"}, {}),
    "closed": (lambda i: standing.advance(i["wuhan"], THIS_WEEK, state=State.CLOSED), {"progress"}, {}),
    "first report": (lambda i: report_and_accept(i["silent"], 1_000), {"reported"}, {}),
    "late": (lambda i: report_and_accept_late(i["silent"]), {"reported"}, {}),
    "begun": (
        lambda i: standing.advance(i["put_off"], THIS_WEEK, starts_on=THIS_WEEK),
        {"unreported"},
        {},
    ),
    "weight": (lambda i: standing.advance(i["base"], THIS_WEEK, weight=9), {"weight"}, {}),
    "outline": (change_outline, {"outline"}, {}),
    "new": (lambda i: make_item(starts_on=THIS_WEEK, weight=3), {"added"}, {"new": 1}),
    "released": (
        lambda i: standing.advance(i["draft"], THIS_WEEK, state=State.ASSIGNED),
        {"added"},
        {"new": 1},
    ),
    "resumed": (
        lambda i: standing.advance(i["suspended"], THIS_WEEK, state=State.IN_PROGRESS),
        {"added"},
        {"resumed": 1},
    ),
    "suspended": (
        lambda i: standing.advance(i["wuhan"], THIS_WEEK, state=State.SUSPENDED),
        {"removed"},
        {"suspended": 1},
    ),
    "cancelled": (
        lambda i: standing.advance(i["wuhan"], THIS_WEEK, state=State.CANCELLED),
        {"cancelled"},
        {"cancelled": 1},
    ),
    "split": (split, {"added", "removed"}, {"split": 1, "part": 1}),
    "lead": (lambda i: standing.advance(i["wuhan"], THIS_WEEK, lead_id=i["base"].lead_id), set(), {}),
}


def report_and_accept_late(item: WorkItem) -> None:
    """About last week, which is frozen: it counts in this one."""
    standing.learn(item, THIS_WEEK, percent=2_000, reported_week=LAST_WEEK)


@pytest.mark.parametrize("case", ALONE)
def test_each_kind_of_change_moves_its_own_step_only(case: str, items: Items, cast: Cast) -> None:
    happens, moved, reasons = ALONE[case]
    before = steps_between(weeks_between(cast.li)).bridge.then
    happens(items)
    weeks = weeks_between(cast.li)
    found = steps_between(weeks)
    parts_are_unknown = case == "split"  # the new part is not reported: only the shares move
    touched = {change for change, n in found.items.items() if n} | (
        {"outline"} if reweighted(weeks) else set()
    )
    assert touched == moved
    assert {step.change for step in found.bridge.steps if step.points} <= moved
    assert parts_are_unknown or {step.change for step in found.bridge.steps if step.points} == moved
    assert {why: n for why, n in found.reasons.items() if why != "stayed"} == reasons
    assert found.bridge.then == before  # a frozen week stays as it was


def test_the_steps_of_the_worked_example(items: Items, cast: Cast) -> None:
    """docs/numbers.md does this by hand."""
    part = Part(measure="1.1")
    report_and_accept(items["base"], 5_500)
    report_and_accept(items["silent"], 1_000)
    standing.advance(items["wuhan"], THIS_WEEK, state=State.CANCELLED)
    bridge = steps_between(weeks_between(cast.li, part)).bridge
    # 2·40 + 1·60 of 3 known = 46.67; base at 55: 170 of 3; silent at 10: 180 of 4; without 武汉: 120 of 3
    assert bridge.then == Fraction(14_000, 3)
    points = {step.change: step.points for step in bridge.steps if step.points}
    assert points == {
        "progress": 1_000,
        "reported": 4_500 - Fraction(17_000, 3),
        "cancelled": 4_000 - 4_500,
    }
    assert [step.shown for step in bridge.steps if step.points] == [1_000, -1_167, -500]
    assert (rounded(bridge.then), bridge.now) == (4_667, 4_000)


def test_an_item_that_changes_hands_leaves_one_unit_and_enters_the_other(items: Items, cast: Cast) -> None:
    standing.advance(items["wuhan"], THIS_WEEK, lead_id=cast.jiangsu.pk)
    assert steps_between(weeks_between(cast.li)).reasons == {"stayed": 5}
    for user, part in ((cast.li, Part(lead="wuhan")), (cast.liu, Part())):
        left = steps_between(weeks_between(user, part))
        assert left.reasons == {"stayed": 1, "handed_over": 1}
        assert left.items["removed"] == 1
    for user, part in ((cast.li, Part(lead="jiangsu")), (cast.wang, Part())):
        entered = steps_between(weeks_between(user, part))
        assert entered.reasons == {"stayed": 1, "taken_over": 1}
        assert entered.items["added"] == 1


def test_what_became_of_an_item_at_another_unit_is_not_told(items: Items, cast: Cast) -> None:
    standing.advance(items["wuhan"], THIS_WEEK, lead_id=cast.jiangsu.pk, state=State.CANCELLED)
    assert steps_between(weeks_between(cast.liu)).reasons == {"stayed": 1, "handed_over": 1}
    weeks = weeks_between(cast.liu)
    conditions = Conditions(changed="removed", other=weeks.now.rollup.point)
    [row] = listed(weeks.now.plan, weeks.then.rollup.point, cast.liu, conditions)
    assert (row.item.code, row.other_percent, row.other_light) == ("WH-1", None, None)


def test_no_data_then_or_now_has_no_bridge_and_still_says_what_happened(items: Items, cast: Cast) -> None:
    part = Part(measure="3.1")
    item = make_item("HB-9", measure=make_measure("3.1"), lead=cast.hubei)
    report_and_accept(item, 3_000)
    found = steps_between(weeks_between(cast.li, part))
    assert (found.bridge.then, found.bridge.now, found.bridge.steps) == (None, 3_000, ())
    assert found.items["reported"] == 1
    assert movers(weeks_between(cast.li, part), found) is None
    standing.advance(item, THIS_WEEK, state=State.CANCELLED)
    assert steps_between(weeks_between(cast.li, part)).bridge.now is None


def test_a_week_compared_with_itself_has_not_changed(items: Items, cast: Cast) -> None:
    report_and_accept(items["base"], 5_500)
    found = steps_between(weeks_between(cast.li, then=THIS_WEEK))
    assert {step.points for step in found.bridge.steps} == {0}
    assert set(found.items.values()) == {0}
    weeks = weeks_between(cast.li, then=THIS_WEEK)
    assert not lights_of(weeks, weeks.then.rollup.point, weeks.now.rollup.point).turned


def test_weights_of_the_outline_come_with_their_reasons(items: Items, cast: Cast) -> None:
    change_outline(items)
    found = reweighted(weeks_between(cast.li))
    assert [(str(row.subject), row.then, row.now) for row in found] == [
        (str(make_key_task(1)), 1, 3),
        (str(make_measure("2.1")), 1, 5),
    ]
    assert [change.reason for row in found for change in row.reasons] == ["调整", "调整"]
    assert [row.now for row in reweighted(weeks_between(cast.li, Part(key_task="2")))] == [5]
    assert reweighted(weeks_between(cast.li, Part(measure="2.1"))) == []


def test_places_are_sorted_by_how_far_they_moved(items: Items, cast: Cast) -> None:
    report_and_accept(items["base"], 4_500)
    report_and_accept(items["jiangsu"], 2_000)
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    _whole, found = places_moved(weeks_between(cast.li), [cast.hubei_region, cast.jiangsu_region])
    assert [row.subject.number for row in found.key_tasks] == [2, 1]
    assert [(row.subject.code, row.gain) for row in found.measures] == [
        ("2.1", Fraction(-3_000, 2)),  # the other item of 2.1 has not begun: known at 0
        ("1.1", Fraction(1_000, 3)),
    ]
    assert [row.subject.code for row in found.regions] == ["320000", "420000"]


def test_lights_that_turned_come_worst_first(items: Items, cast: Cast) -> None:
    standing.advance(items["jiangsu"], THIS_WEEK, due_on=THIS_WEEK)  # overdue now
    standing.advance(items["wuhan"], THIS_WEEK, state=State.CLOSED)
    weeks = weeks_between(cast.li)
    now = weeks.now.rollup.point
    lights = lights_of(weeks, weeks.then.rollup.point, now)
    rows = turned(weeks, lights, now, 9)
    assert [row.item.code for row in rows][0 :: len(rows) - 1] == ["JS-1", "WH-1"]
    assert (rows[0].light, rows[0].other_light) == ("overdue", "behind")
    assert lights.counts["behind", "overdue"] == 1


def test_the_bridge_costs_one_query(items: Items, cast: Cast, django_assert_num_queries: Any) -> None:
    weeks = weeks_between(cast.li)
    assert weeks.user.scope.is_national
    with django_assert_num_queries(1):
        steps_between(weeks)
    for n in range(20):
        make_item(f"M-{n}", measure=make_measure(f"5.{n}"), lead=cast.wuhan)
    with django_assert_num_queries(1):
        steps_between(weeks)
