"""Rolling up, keeping cells fresh, and freezing: from accepted reports to the figure."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db.models import Q

from tasks_tracker.actions import progress, rollup, standing
from tasks_tracker.actions.rollup import WeekIsFrozen, WeekIsNotOver
from tasks_tracker.models import AuditEntry, Cell, Plan, PlanChange, StaleCell, State, WeekRollup, WorkItem
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.rollup import Figure, Sums, figure_of, rounded
from tasks_tracker.rules.weeks import ONE_WEEK, sunday_of
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_actor,
    make_item,
    make_measure,
    make_plan,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
NEXT_WEEK = THIS_WEEK + ONE_WEEK
FRIDAY_MORNING = moment(THIS_WEEK + timedelta(days=4), 9)
MONDAY_AFTER = moment(NEXT_WEEK, 9)


@pytest.fixture
def plan() -> Plan:
    return make_plan()


def cancel(item: WorkItem, week: date = THIS_WEEK) -> None:
    change(item, week, PlanChange.Field.STATE, item.state, State.CANCELLED)


def change(item: WorkItem, week: date, field: PlanChange.Field, old: Any, new: Any) -> None:
    """A recorded change of the plan, as it is to be made: journal, item and standing."""
    PlanChange.objects.create(
        item=item,
        week=week,
        field=field,
        old_value=getattr(old, "code", str(old)),
        new_value=getattr(new, "code", str(new)),
        reason="领导小组会议决定",
        at=moment(week),
    )
    setattr(item, field, new)
    item.save()
    name = "lead_id" if field == PlanChange.Field.LEAD else str(field)
    standing.advance(item, week, **{name: getattr(item, name)})


def figure(week: date = THIS_WEEK, **narrowed: Any) -> Figure | None:
    cells = Cell.objects.filter(rollup__week=week, **narrowed)
    return figure_of(sum((cell.sums for cell in cells), Sums()))


def shown(week: date = THIS_WEEK) -> int | None:
    seen = figure(week)
    return rounded(seen.progress) if seen else None


def cells_of(week: date = THIS_WEEK) -> list[dict[str, Any]]:
    names = [f.name for f in Cell._meta.concrete_fields if f.name != "id"]
    cells = Cell.objects.filter(rollup__week=week).order_by("measure", "region", "lead")
    return list(cells.values(*names))


def verified(week: date = THIS_WEEK) -> list[str]:
    return [str(difference) for difference in verify_week(WeekRollup.objects.get(week=week))]


# --- the figure ---------------------------------------------------------------------------------------------
def test_the_worked_example_end_to_end(plan: Plan, cast: Cast) -> None:
    report_and_accept(make_item("A", weight=3), 100_00)
    report_and_accept(make_item("B", weight=1), 50_00)
    make_item("C", weight=1)
    cancel(make_item("D", weight=1))
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    seen = figure()
    assert seen is not None
    assert rounded(seen.progress) == 87_50
    assert seen.coverage == Fraction(80, 100)
    assert (rounded(seen.lower), rounded(seen.upper)) == (70_00, 90_00)
    cell = Cell.objects.get()
    assert (cell.items, cell.unknown_items, cell.cancelled_items, cell.cancelled_weight) == (3, 1, 1, 1)
    assert verified() == []


def test_an_accepted_report_moves_the_figure_by_exactly_its_share(plan: Plan, cast: Cast) -> None:
    items = [make_item(weight=weight) for weight in (5, 2, 3)]
    for item in items:
        report_and_accept(item, 40_00, LAST_WEEK)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    assert shown() == 40_00
    report_and_accept(items[1], 55_00)
    assert shown() == 40_00  # nothing moves before the job has run
    rollup.roll_up_stale_cells(plan=plan, now=FRIDAY_MORNING)
    assert shown() == 43_00  # 15 points × weight 2 of 10


def test_what_is_not_counted_is_counted_apart(plan: Plan, cast: Cast) -> None:
    for state in (State.SUSPENDED, State.CANCELLED):
        change(make_item(weight=7), THIS_WEEK, PlanChange.Field.STATE, State.IN_PROGRESS, state)
    make_item(state=State.DRAFT)
    make_item(decomposed=True)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    cell = Cell.objects.get()
    assert (cell.items, cell.weight, cell.suspended_items, cell.cancelled_items) == (0, 0, 1, 1)
    assert (cell.suspended_weight, cell.cancelled_weight) == (7, 7)
    assert figure() is None
    assert verified() == []


def test_items_without_weight_are_listed_and_weigh_nothing(plan: Plan, cast: Cast) -> None:
    report_and_accept(make_item(weight=0), 50_00)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    assert Cell.objects.get().items == 1
    assert figure() is None


def test_a_closed_item_is_known_at_100_and_a_future_one_at_0(plan: Plan) -> None:
    closed_on = THIS_WEEK + timedelta(days=1)
    make_item(state=State.CLOSED, closed_on=closed_on)
    ahead = make_item(starts_on=date(2027, 3, 1), due_on=date(2027, 12, 1))
    ahead.standings.update(since=THIS_WEEK)  # in the plan long before it starts
    ahead.segments.update(since=THIS_WEEK)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    cell = Cell.objects.get()
    assert (cell.done, cell.not_started, cell.known_weight, cell.earned) == (1, 1, 2, 100_00)
    assert shown() == 50_00
    assert verified() == []


# --- doing it twice, in parts, or again ---------------------------------------------------------------------
def test_rolling_up_twice_changes_nothing(plan: Plan, cast: Cast) -> None:
    for weight in (1, 2):
        report_and_accept(make_item(weight=weight, measure=make_measure(f"{weight}.1")), 30_00)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    before = cells_of()
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    assert cells_of() == before


def test_the_stale_cells_alone_give_what_the_whole_week_gives(plan: Plan, cast: Cast) -> None:
    """With several standings, versions and weeks behind every item."""
    items = [make_item(measure=make_measure(code), is_key=True) for code in ("1.1", "1.1", "2.1")]
    rollup.roll_up_week(plan=plan, week=LAST_WEEK, now=moment(LAST_WEEK))
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    for week, percent in ((LAST_WEEK - ONE_WEEK, 20_00), (LAST_WEEK, 30_00), (THIS_WEEK, 35_00)):
        for item in items:
            report_and_accept(item, percent, week)
    report_and_accept(items[0], 36_00)  # a correction: the version before is superseded
    change(items[1], THIS_WEEK, PlanChange.Field.LEAD, items[1].lead, make_actor("jiangsu"))
    while rollup.roll_up_stale_cells(plan=plan, now=FRIDAY_MORNING):
        pass
    in_parts = {week: cells_of(week) for week in (LAST_WEEK, THIS_WEEK)}
    assert verified() == []
    for week, cells in in_parts.items():
        rollup.roll_up_week(plan=plan, week=week, now=FRIDAY_MORNING)
        assert cells_of(week) == cells
    assert Cell.objects.get(rollup__week=THIS_WEEK, lead__code="jiangsu").accepted == 1


def test_notes_are_cleared_once_and_the_second_run_does_nothing(plan: Plan, cast: Cast) -> None:
    report_and_accept(make_item(), 30_00)
    assert rollup.roll_up_stale_cells(plan=plan, now=FRIDAY_MORNING) > 0
    assert not StaleCell.objects.exists()
    before = cells_of()
    assert rollup.roll_up_stale_cells(plan=plan, now=FRIDAY_MORNING) == 0
    assert cells_of() == before


def test_a_cell_that_lost_its_items_is_gone(plan: Plan, cast: Cast) -> None:
    item = make_item()
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    change(item, THIS_WEEK, PlanChange.Field.LEAD, item.lead, cast.jiangsu)
    rollup.roll_up_stale_cells(plan=plan, now=FRIDAY_MORNING)
    assert [cell.lead for cell in Cell.objects.all()] == [cast.jiangsu]
    assert verified() == []


def test_time_alone_changes_lights(plan: Plan, cast: Cast) -> None:
    item = make_item(due_on=THIS_WEEK + timedelta(days=2))
    report_and_accept(item, 100_00, LAST_WEEK)
    this_week = Cell.objects.filter(rollup__week=THIS_WEEK)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=2)))
    assert list(this_week.values_list("on_track", "overdue")) == [(1, 0)]
    rollup.roll_up_stale_cells(plan=plan, now=moment(THIS_WEEK + timedelta(days=3)))
    assert list(this_week.values_list("on_track", "overdue")) == [(0, 1)]


def test_who_comes_first_in_a_new_week_finds_it_complete(plan: Plan, cast: Cast) -> None:
    """The first report of a week must not leave the cells of all others empty."""
    for code in ("1.1", "2.1", "3.1"):
        make_item(measure=make_measure(code))
    report_and_accept(make_item(), 30_00)
    assert Cell.objects.filter(rollup__week=THIS_WEEK).count() == 3
    rollup.roll_up_stale_cells(plan=plan, now=moment(THIS_WEEK + timedelta(days=3), 11))
    assert Cell.objects.filter(rollup__week=THIS_WEEK).count() == 3
    assert verified() == []


# --- which week a report counts in --------------------------------------------------------------------------
def test_last_weeks_report_counts_in_last_week_while_it_is_open(plan: Plan, cast: Cast) -> None:
    item = make_item()
    report_and_accept(item, 30_00, LAST_WEEK)
    rollup.roll_up_week(plan=plan, week=LAST_WEEK, now=FRIDAY_MORNING)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    assert (shown(LAST_WEEK), shown(THIS_WEEK)) == (30_00, 30_00)


def test_it_does_so_even_when_this_weeks_report_came_first(plan: Plan, cast: Cast) -> None:
    item = make_item()
    report_and_accept(item, 45_00, THIS_WEEK)
    report_and_accept(item, 30_00, LAST_WEEK)
    for week in (LAST_WEEK, THIS_WEEK):
        rollup.roll_up_week(plan=plan, week=week, now=FRIDAY_MORNING)
    assert (shown(LAST_WEEK), shown(THIS_WEEK)) == (30_00, 45_00)
    assert verified(LAST_WEEK) == verified(THIS_WEEK) == []


def test_it_does_so_even_when_the_plan_changed_in_between(plan: Plan, cast: Cast) -> None:
    item = make_item(weight=2)
    change(item, THIS_WEEK, PlanChange.Field.WEIGHT, 2, 5)
    report_and_accept(item, 30_00, LAST_WEEK)
    for week in (LAST_WEEK, THIS_WEEK):
        rollup.roll_up_week(plan=plan, week=week, now=FRIDAY_MORNING)
        assert shown(week) == 30_00
    assert Cell.objects.get(rollup__week=LAST_WEEK).weight == 2
    assert Cell.objects.get(rollup__week=THIS_WEEK).weight == 5
    assert verified(LAST_WEEK) == verified(THIS_WEEK) == []


def test_a_late_acceptance_counts_in_the_open_week_and_not_in_the_frozen_one(plan: Plan, cast: Cast) -> None:
    item = make_item()
    report_and_accept(item, 30_00, LAST_WEEK)
    entry = progress.Entry(
        percent=45_00,
        progress_note="完成两项",
        problems=[progress.ProblemEntry(kind="funds", description="资金未到位")],
    )
    late = progress.submit_report(item=item, week=THIS_WEEK, entry=entry, by=cast.chen, now=FRIDAY_MORNING)
    rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)
    frozen = cells_of(THIS_WEEK)
    accepted = progress.accept_report(report=late, by=cast.li, now=MONDAY_AFTER + timedelta(hours=1))
    assert accepted.counted_week == NEXT_WEEK
    while rollup.roll_up_stale_cells(plan=plan, now=MONDAY_AFTER + timedelta(hours=1)):
        pass
    assert (shown(THIS_WEEK), shown(NEXT_WEEK)) == (30_00, 45_00)
    assert cells_of(THIS_WEEK) == frozen
    assert (frozen[0]["submitted"], frozen[0]["accepted"]) == (1, 0)
    assert verified(THIS_WEEK) == verified(NEXT_WEEK) == []


def test_a_return_after_the_close_leaves_the_frozen_week_as_it_was(plan: Plan, cast: Cast) -> None:
    item = make_item()
    entry = progress.Entry(
        percent=95_00, progress_note="完成两项", problems=[progress.ProblemEntry("funds", "资金未到位")]
    )
    report = progress.submit_report(item=item, week=THIS_WEEK, entry=entry, by=cast.chen, now=FRIDAY_MORNING)
    rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)
    progress.return_report(
        report=report, by=cast.li, reason="请补充数据", now=MONDAY_AFTER + timedelta(hours=1)
    )
    assert (Cell.objects.get().submitted, Cell.objects.get().returned) == (1, 0)
    assert verified() == []


# --- freezing -----------------------------------------------------------------------------------------------
def test_a_frozen_week_is_signed_looked_at_from_its_sunday_and_on_record(plan: Plan, cast: Cast) -> None:
    make_item()
    (frozen,) = rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=cast.li)
    assert frozen.is_frozen
    assert (frozen.frozen_by, frozen.frozen_at) == (cast.li, MONDAY_AFTER)
    assert (frozen.as_of, frozen.cutoff_passed) == (sunday_of(THIS_WEEK), True)
    assert frozen.rule_version == plan.rule_version
    assert AuditEntry.objects.get(action="close_week").by == cast.li


def test_a_frozen_week_is_never_computed_again(plan: Plan, cast: Cast) -> None:
    item = make_item()
    rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)
    before = cells_of()
    standing.mark_stale(item, THIS_WEEK)
    with pytest.raises(WeekIsFrozen):
        rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER)
    rollup.roll_up_stale_cells(plan=plan, now=MONDAY_AFTER)
    assert cells_of() == before


def test_closing_twice_does_nothing_the_second_time(plan: Plan) -> None:
    make_item()
    assert len(rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)) == 1
    assert rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None) == []


@pytest.mark.parametrize("week", [THIS_WEEK, NEXT_WEEK])
def test_a_week_that_is_not_over_cannot_be_closed(plan: Plan, week: date) -> None:
    with pytest.raises(WeekIsNotOver):
        rollup.close_week(plan=plan, week=week, now=FRIDAY_MORNING, by=None)
    assert not WeekRollup.objects.exists()


def test_weeks_that_were_left_open_or_passed_over_are_closed_first(plan: Plan) -> None:
    make_item()
    four_ago = THIS_WEEK - 4 * ONE_WEEK
    rollup.close_week(plan=plan, week=four_ago, now=moment(four_ago + ONE_WEEK), by=None)
    rollup.roll_up_week(
        plan=plan, week=LAST_WEEK, now=moment(LAST_WEEK)
    )  # two weeks between: nobody was there
    closed = rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)
    assert [each.week for each in closed] == [four_ago + n * ONE_WEEK for n in (1, 2, 3, 4)]
    assert not WeekRollup.objects.filter(Q(frozen_at=None)).exists()


def test_a_past_week_stays_as_it_was(plan: Plan, cast: Cast) -> None:
    item = make_item(weight=2)
    report_and_accept(item, 30_00, LAST_WEEK)
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK), by=None)
    before = cells_of(LAST_WEEK)
    change(item, THIS_WEEK, PlanChange.Field.WEIGHT, 2, 9)
    change(item, THIS_WEEK, PlanChange.Field.LEAD, cast.hubei, cast.jiangsu)
    cancel(item)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY_MORNING)
    assert cells_of(LAST_WEEK) == before
    assert verified(LAST_WEEK) == verified(THIS_WEEK) == []
