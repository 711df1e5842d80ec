"""What changed between two weeks, with the named cast: each kind of change, and what is not told."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from tasks_tracker.actions import rollup, standing
from tasks_tracker.models import (
    KeyTask,
    Measure,
    State,
    WeightChange,
    WorkItem,
)
from tasks_tracker.queries.compare import Part, reweighted, steps_between
from tasks_tracker.queries.items import Conditions, listed
from tasks_tracker.queries.movers import lights_of, movers, places_moved, turned
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import ONE_WEEK
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
from tests.queries.bridges import weeks_between

pytestmark = pytest.mark.django_db
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 18)


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
