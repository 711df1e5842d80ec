"""Weights of key tasks and measures: a change holds from a week on, and a past week shows what it showed."""

from datetime import date, timedelta
from fractions import Fraction
from random import Random

import pytest
from django.core.exceptions import PermissionDenied

from tasks_tracker.actions import rollup
from tasks_tracker.actions.editing import EditRefused, StaleEdit, plain
from tasks_tracker.actions.policy import edit_outline_row
from tasks_tracker.models import AuditEntry, Cell, KeyTask, Measure, Plan, WeightChange
from tasks_tracker.queries.dashboard import national_board
from tasks_tracker.queries.figures import history, outline_of
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.queries.weeks import shown_week
from tasks_tracker.rules.weeks import ONE_WEEK, format_week
from tasks_tracker.rules.weights import Reweighted, broken_links, weight_in
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_plan,
    make_user,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
THURSDAY = moment(THIS_WEEK + timedelta(days=3), 15)
REASON = "领导小组会议明确加大推进力度。"


def reweigh(
    row: KeyTask | Measure, weight: int, cast: Cast, *, at: date = THIS_WEEK, **changes: object
) -> bool:
    row.refresh_from_db()
    arguments = {"reason": REASON, "by": cast.li, "seen": plain(row, ("weight",))} | changes
    now = moment(at + timedelta(days=3), 15)
    return edit_outline_row(row=row, plan=make_plan(), values={"weight": weight}, now=now, **arguments)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """Measure 1.1 stands at 20 %, 1.2 at 80 %, 2.1 at 40 %; last week is frozen, this week open."""
    for code, percent in (("1.1", 2_000), ("1.2", 8_000), ("2.1", 4_000)):
        item = make_item(code, measure=make_measure(code), lead=cast.hubei, region=cast.hubei_region)
        report_and_accept(item, percent, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=THURSDAY)
    return plan


def progress(cast: Cast, week: date) -> tuple[Fraction | None, ...]:
    """The whole, and the first key task, as the dashboard of the week shows them."""
    board = national_board(shown_week(format_week(week)), cast.li)
    return board.whole.now.progress, board.tasks[0].slice.now.progress


def test_a_new_weight_holds_from_the_running_week_and_the_frozen_one_shows_what_it_showed(
    plan: Plan, cast: Cast
) -> None:
    before = progress(cast, LAST_WEEK)
    assert before == (4_500, 5_000)
    reweigh(make_measure("1.2"), 3, cast)
    assert progress(cast, LAST_WEEK) == before
    assert progress(cast, THIS_WEEK) == (Fraction(6_500 + 4_000, 2), 6_500)


def test_the_weight_of_a_key_task_too(plan: Plan, cast: Cast) -> None:
    reweigh(make_measure("2.1").key_task, 4, cast)
    assert progress(cast, LAST_WEEK)[0] == 4_500
    assert progress(cast, THIS_WEEK)[0] == Fraction(5_000 + 4 * 4_000, 5)


def test_each_point_of_a_curve_has_the_weights_of_its_week(plan: Plan, cast: Cast) -> None:
    reweigh(make_measure("1.2"), 3, cast)
    points = history(Cell.objects.all(), plan.weeks.get(week=THIS_WEEK), outline_of(plan))
    assert [point.slice.progress for point in points] == [4_500, 5_250]


def test_the_change_since_last_week_compares_with_what_last_week_showed(plan: Plan, cast: Cast) -> None:
    reweigh(make_measure("1.2"), 3, cast)
    assert national_board(shown_week(None), cast.li).whole.gain == 750


def test_verification_finds_a_weight_that_moved_past_the_record(plan: Plan, cast: Cast) -> None:
    measure = make_measure("1.2")
    reweigh(measure, 3, cast)
    reweigh(measure, 5, cast)
    for week in plan.weeks.all():
        assert verify_week(week) == []
    Measure.objects.filter(pk=measure.pk).update(weight=9)
    found = verify_week(plan.weeks.get(week=LAST_WEEK))
    assert [str(difference) for difference in found] == [
        "weight of measure 1.2: weight stored 9, recomputed 5"
    ]


def test_who_when_old_new_and_why_are_on_record(plan: Plan, cast: Cast) -> None:
    reweigh(make_measure("1.2"), 3, cast)
    change = WeightChange.objects.get()
    assert (change.week, change.old_weight, change.new_weight) == (THIS_WEEK, 1, 3)
    assert (change.by, change.reason, change.at) == (cast.li, REASON, THURSDAY)
    entry = AuditEntry.objects.get(action="change_measure")
    assert entry.before == {"weight": 1}
    assert entry.after == {"weight": 3, "week": "2026-11-16", "reason": REASON}


def test_without_a_reason_no_weight_changes(plan: Plan, cast: Cast) -> None:
    with pytest.raises(EditRefused, match="reason_missing"):
        reweigh(make_measure("1.2"), 3, cast, reason="  ")
    assert Measure.objects.get(code="1.2").weight == 1
    assert not WeightChange.objects.exists()


def test_the_same_weight_is_no_change(plan: Plan, cast: Cast) -> None:
    assert reweigh(make_measure("1.2"), 1, cast) is False
    assert not WeightChange.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(plan: Plan, cast: Cast) -> None:
    measure = make_measure("1.2")
    seen = plain(measure, ("weight", "title"))
    reweigh(measure, 7, cast)
    with pytest.raises(StaleEdit) as stale:
        reweigh(measure, 2, cast, seen=seen)
    assert stale.value.now == {"weight": 7}
    assert Measure.objects.get(code="1.2").weight == 7


def test_only_supervisors_in_charge_change_weights(plan: Plan, cast: Cast) -> None:
    first = make_user("supervisor", username="first")
    first.key_tasks.add(make_measure("1.1").key_task)
    assert reweigh(make_measure("1.2"), 2, cast, by=first)
    for row, user in (
        (make_measure("2.1"), first),
        (make_measure("1.1").key_task, first),
        (make_measure("1.1"), cast.sun),
        (make_measure("1.1"), cast.zhao),
        (make_measure("1.1"), cast.chen),
        (make_measure("1.1"), cast.security_admin),
    ):
        with pytest.raises(PermissionDenied):
            reweigh(row, 9, cast, by=user)


def test_random_changes_over_weeks_leave_every_frozen_week_as_it_was(plan: Plan, cast: Cast) -> None:
    """Whatever is reweighed: each week goes on showing what it showed when it was frozen."""
    rng = Random(20)
    rows: list[KeyTask | Measure] = [*Measure.objects.all(), *KeyTask.objects.all()]
    shown = {LAST_WEEK: progress(cast, LAST_WEEK)}
    week = THIS_WEEK
    for _n in range(6):
        for row in rng.sample(rows, rng.randint(2, len(rows))):
            reweigh(row, rng.randint(0, 9), cast, at=week)
        shown[week] = progress(cast, week)
        rollup.close_week(plan=plan, week=week, now=moment(week + ONE_WEEK, 9), by=None)
        week += ONE_WEEK
        rollup.roll_up_week(plan=plan, week=week, now=moment(week, 10))
        assert {then: progress(cast, then) for then in shown} == shown
    assert len(set(shown.values())) > 3
    assert [d for frozen in plan.weeks.all() for d in verify_week(frozen)] == []


def test_the_weight_in_a_week_is_read_off_the_record_alone() -> None:
    """Against a list of the weights week by week, on random records."""
    for seed in range(200):
        rng = Random(seed)
        weeks = [THIS_WEEK + n * ONE_WEEK for n in range(8)]
        weight, changes, expected = rng.randint(0, 9), [], {}
        for week in weeks:
            for _n in range(rng.choice((0, 0, 1, 2))):
                changes.append(Reweighted(week, weight, rng.randint(0, 9)))
                weight = changes[-1].new
            expected[week] = weight
        assert {week: weight_in(week, weight, changes) for week in weeks} == expected
        assert broken_links(weight, changes) == []


def test_weight_changes_of_another_week_are_no_secret_to_the_cache(plan: Plan, cast: Cast) -> None:
    """Remembered figures are those of their weights: a new weight shows without a roll-up."""
    progress(cast, THIS_WEEK)
    reweigh(make_measure("1.2"), 3, cast)
    assert progress(cast, THIS_WEEK)[1] == 6_500
