"""Figures from cells: rolled up along the outline, exact, and equal to what the rules say."""

from datetime import timedelta
from fractions import Fraction

import pytest

from tasks_tracker.actions import rollup
from tasks_tracker.models import Cell, Plan, State
from tasks_tracker.queries.figures import (
    Point,
    Slice,
    Tally,
    folded,
    history,
    outline_of,
    rolled,
    tallies,
    weeks_late,
)
from tasks_tracker.rules.rollup import Figure
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_plan,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)


def roll_up(plan: Plan) -> None:
    rollup.roll_up_week(plan=plan, week=LAST_WEEK, now=moment(LAST_WEEK + timedelta(days=6)))
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY)


def test_a_key_task_is_the_mean_of_its_measures_and_the_plan_the_mean_of_its_key_tasks(cast: Cast) -> None:
    heavy, light = make_measure("1.1", weight=3), make_measure("1.2", weight=1)
    other = make_measure("2.1")
    for measure, percent in ((heavy, 4000), (light, 8000), (other, 1000)):
        report_and_accept(make_item(measure=measure, lead=cast.hubei), percent)
    plan = make_plan()
    roll_up(plan)
    result = rolled(tallies(Cell.objects.filter(rollup__week=THIS_WEEK), "measure"), outline_of(plan))
    first, second = (result.by_task[task.pk].progress for task in outline_of(plan).key_tasks)
    assert first == Fraction(3 * 4000 + 8000, 4)
    assert second == 1000
    assert result.whole.progress == (Fraction(5000) + 1000) / 2


def test_the_worked_example_of_the_rules(cast: Cast) -> None:
    report_and_accept(make_item(lead=cast.hubei, weight=3), 10_000)
    report_and_accept(make_item(lead=cast.hubei), 5_000)
    make_item(lead=cast.hubei)
    make_item(lead=cast.hubei, state=State.CANCELLED)
    plan = make_plan()
    roll_up(plan)
    whole = rolled(tallies(Cell.objects.filter(rollup__week=THIS_WEEK), "measure"), outline_of(plan)).whole
    assert (whole.progress, whole.coverage, whole.lower, whole.upper) == (8_750, 8_000, 7_000, 9_000)
    assert (whole.tally.items, whole.tally.cancelled_items, whole.tally.unknown_items) == (3, 1, 1)


def test_supporting_measures_stand_apart_from_the_seven(cast: Cast) -> None:
    report_and_accept(make_item(lead=cast.hubei), 2_000)
    report_and_accept(make_item(lead=cast.hubei, measure=make_measure("S1.1")), 9_000)
    plan = make_plan()
    roll_up(plan)
    result = rolled(tallies(Cell.objects.filter(rollup__week=THIS_WEEK), "measure"), outline_of(plan))
    assert result.whole.progress == 2_000
    assert result.whole.tally.items == 1
    assert result.supporting.progress == 9_000


def test_nothing_reported_is_no_data_and_never_zero(cast: Cast) -> None:
    make_item(lead=cast.hubei)
    plan = make_plan()
    roll_up(plan)
    whole = rolled(tallies(Cell.objects.filter(rollup__week=THIS_WEEK), "measure"), outline_of(plan)).whole
    assert whole.progress is None
    assert whole.variance is None
    assert whole.coverage == 0


def test_the_history_has_a_point_for_every_rolled_up_week(cast: Cast) -> None:
    item = make_item(lead=cast.hubei)
    report_and_accept(item, 3_000, LAST_WEEK)
    report_and_accept(item, 4_500, THIS_WEEK)
    plan = make_plan()
    roll_up(plan)
    points = history(Cell.objects.all(), plan.weeks.get(week=THIS_WEEK), outline_of(plan))
    assert [(p.week, p.slice.progress) for p in points] == [(LAST_WEEK, 3_000), (THIS_WEEK, 4_500)]


def test_folding_keeps_every_tally() -> None:
    one = Tally.of(items=1)
    grouped = {(1, "a"): one, (2, "a"): one, (1, "b"): one}
    assert {key: len(inner) for key, inner in folded(grouped, 1, 0).items()} == {"a": 2, "b": 1}
    assert folded(grouped, 0)[1][()].items == 2


def plan_and_actual(*pairs: tuple[int, int]) -> list[Point]:
    return [
        Point(
            THIS_WEEK + timedelta(weeks=n),
            Slice(Tally(), Figure.of(1, 1, actual, planned, 0)),
        )
        for n, (planned, actual) in enumerate(pairs)
    ]


def test_lateness_in_weeks_is_read_off_the_plan() -> None:
    assert weeks_late(plan_and_actual((1000, 900), (2000, 1700), (3000, 2500))) == Fraction(1, 2)
    assert weeks_late(plan_and_actual((1000, 900), (2000, 1500), (3000, 1000))) == 2


def test_lateness_is_unknown_where_the_plan_never_stood_there() -> None:
    assert weeks_late(plan_and_actual((1000, 1000), (2000, 3000))) is None
    assert weeks_late([]) is None
