"""The pages of a key task, a measure, a region and a unit: as the dashboards have it, and as it was."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tasks_tracker.actions import replan, rollup
from tasks_tracker.models import NEEDS_ATTENTION, ProblemCase, TargetChange, User, WorkItem
from tasks_tracker.queries.actors import actor_lines
from tasks_tracker.queries.dashboard import (
    measure_board,
    national_board,
    region_board,
    task_board,
    unit_board,
)
from tasks_tracker.queries.figures import Slice
from tasks_tracker.queries.indicators import indicators_in
from tasks_tracker.queries.items import Conditions, listed
from tasks_tracker.queries.places import Place
from tasks_tracker.queries.problems import UNSOLVED, Wanted, ledger, problems_in
from tasks_tracker.queries.sections import Sections
from tasks_tracker.queries.timeline import Bar, timeline
from tasks_tracker.queries.weeks import ShownWeek, shown_week
from tasks_tracker.rules.schedule import Mark
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_indicator,
    make_item,
    make_measure,
    make_plan,
    make_value,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.reports.random_plan import NOW, make_random_plan

pytestmark = pytest.mark.django_db
EMPTY = Slice()


def agrees(shown: ShownWeek, user: User, found: Sections, whole: Slice) -> None:
    """A page's sections stand on the items that its headline counts, and the list behind it has them too."""
    conditions = Conditions(**found.place.filters)
    rows = list(listed(shown.plan, shown.rollup.point, user, conditions))
    assert whole.tally.items == found.timeline.total == len(rows)
    assert {bar.standing.pk for bar in found.timeline.bars} <= {row.pk for row in rows}
    urgent = [row for row in rows if row.light in NEEDS_ATTENTION]
    assert len(found.timeline.attention) == min(11, len(urgent))
    assert sum(line.tally.due for line in found.filing.units) == whole.tally.due
    assert [point.slice for point in found.filing.weeks if point.week == shown.week] in ([], [whole])
    if shown.is_latest:
        wanted = Wanted(state=UNSOLVED, **found.place.everything)
        assert found.problems.unsolved == ledger(shown.plan, user, wanted, shown.week).count()


@pytest.mark.parametrize("week", ["", "2026-W45"])
def test_every_page_shows_the_figures_of_the_dashboards(week: str, cast: Cast) -> None:
    make_random_plan(cast, seed=5, items=40)
    shown = shown_week(week)
    for user in (cast.li, cast.chen):
        national = national_board(shown, user)
        for task in national.tasks:
            board = task_board(shown, user, task.key_task)
            assert board.whole == task.slice
            agrees(shown, user, board.sections, board.whole.now)
        for line in national.measures:
            of_measure = measure_board(shown, user, line.measure)
            assert of_measure.whole == line.slice
            agrees(shown, user, of_measure.sections, of_measure.whole.now)
        for place in [x for x in national.regions if x.slice.now.tally.items]:
            of_region = region_board(shown, user, place.region)
            assert of_region.whole == place.slice
            agrees(shown, user, of_region.sections, of_region.whole.now)
        for unit in actor_lines(shown, user):
            of_unit = unit_board(shown, user, unit.actor)
            assert (of_unit.whole.now, of_unit.whole.before) == (unit.seven, unit.before)
            assert of_unit.supporting == unit.supporting
            agrees(shown, user, of_unit.sections, of_unit.whole.now)


def roll_up() -> tuple[ShownWeek, ShownWeek]:
    """The newest week and the one before, which is frozen."""
    plan = make_plan()
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    return shown_week(""), shown_week("2026-W46")


def close_last_week() -> None:
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)


def bar_of(shown: ShownWeek, user: User, item: WorkItem) -> Bar:
    bars = timeline(shown, user, Place(measure=item.measure), total=1).bars
    return next(bar for bar in bars if bar.standing.item_id == item.pk)


def test_a_moved_due_day_leaves_a_ghost_and_an_earlier_week_knows_nothing_of_it(cast: Cast) -> None:
    item = make_item(lead=cast.hubei, milestones=[(date(2026, 6, 1), 4_000), (date(2026, 10, 1), 8_000)])
    report_and_accept(item, 5_000, LAST_WEEK)
    close_last_week()
    for days in (20, 60):
        item.refresh_from_db()
        seen = replan.Terms.of(item)
        marks = (Mark(date(2026, 6, 1), 4_000, "节点1"), Mark(date(2026, 12, 1), 9_000, "验收"))
        wanted = {**vars(seen), "due_on": date(2026, 12, 31) + timedelta(days=days), "milestones": marks}
        replan.change_plan(
            item=item, terms=replan.Terms(**wanted), seen=seen, reason="到货晚", by=cast.li, now=NOW
        )
    now, then = roll_up()
    moved, before = bar_of(now, cast.li, item), bar_of(then, cast.li, item)
    assert (moved.first_due_on, moved.standing.due_on) == (date(2026, 12, 31), date(2027, 3, 1))
    assert (moved.slippage.moved, moved.slippage.days) == (2, 60)
    assert [(mark.title, mark.tone) for mark in moved.marks] == [("节点1", "met"), ("验收", "coming")]
    assert (before.first_due_on, before.slippage.moved) == (date(2026, 12, 31), 0)
    assert [(mark.title, mark.tone) for mark in before.marks] == [("节点1", "met"), ("节点2", "missed")]


def test_the_timeline_begins_with_what_needs_attention(cast: Cast) -> None:
    fine = make_item("A", lead=cast.hubei)
    report_and_accept(fine, 9_000)
    behind, overdue = make_item("B", lead=cast.hubei), make_item("C", lead=cast.hubei, due_on=LAST_WEEK)
    for item in (behind, overdue):
        report_and_accept(item, 3_000)
    close_last_week()
    now, _then = roll_up()
    found = timeline(now, cast.li, Place(region=cast.hubei_region), total=3)
    assert [bar.standing.item.code for bar in found.bars] == ["C", "B", "A"]
    assert [standing.item.code for standing in found.attention] == ["C", "B"]


def test_an_indicator_shows_the_value_and_the_target_of_its_week(cast: Cast) -> None:
    indicator = make_indicator(target=Decimal(300))
    make_value(indicator, "130", recorded_at=moment(LAST_WEEK, 9))
    make_value(indicator, "150", as_of=date(2026, 11, 17), recorded_at=moment(THIS_WEEK, 9))
    for old, new in (("200", "250"), ("250", "300")):
        TargetChange.objects.create(
            indicator=indicator, field="target", old_value=old, new_value=new, reason="加码", at=NOW
        )
    make_item(lead=cast.hubei)
    close_last_week()
    now, then = roll_up()
    place = Place(key_task=indicator.measure.key_task)
    lines = [indicators_in(shown, cast.li, place).lines[0] for shown in (now, then)]
    assert [(line.value.value, line.indicator.target) for line in lines if line.value] == [
        (150, 300),
        (130, 200),
    ]
    assert [line.trend for line in lines] == [[1_300_000, 1_500_000], [1_300_000]]


def test_a_unit_sees_the_indicators_of_its_own_items_only(cast: Cast) -> None:
    for lead, region in ((cast.hubei, cast.hubei_region), (cast.jiangsu, cast.jiangsu_region)):
        make_indicator(item=make_item(lead=lead, region=region), name=lead.code)
    close_last_week()
    now, _then = roll_up()
    place = Place(key_task=make_measure().key_task)
    assert [line.indicator.name for line in indicators_in(now, cast.chen, place).lines] == ["hubei"]
    assert len(indicators_in(now, cast.li, place).lines) == 2


def test_a_problem_that_was_solved_later_is_open_in_the_week_before(cast: Cast) -> None:
    item = make_item(lead=cast.hubei)
    report_and_accept(item, 3_000, LAST_WEEK)
    close_last_week()
    now, then = roll_up()
    place = Place(unit=cast.hubei)
    assert [problems_in(shown, cast.li, place).unsolved for shown in (now, then)] == [1, 1]
    ProblemCase.objects.update(
        state="solved", solved_how="report", solved_week=THIS_WEEK, solved_at=NOW, last_stated_week=LAST_WEEK
    )
    assert [problems_in(shown, cast.li, place).unsolved for shown in (now, then)] == [0, 1]
    assert problems_in(then, cast.wang, place).unsolved == 0
