"""A frozen week stays as it was, in its cells and in the lists behind them, whatever happens later."""

from collections import Counter
from datetime import timedelta

import pytest

from tasks_tracker.actions import progress, rollup
from tasks_tracker.models import Cell, Standing, WeekRollup
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, make_user, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
MONDAY = moment(THIS_WEEK, 9)
TUESDAY = moment(THIS_WEEK + timedelta(days=1), 10)


def in_the_list(week: WeekRollup) -> tuple[Counter[str], Counter[str]]:
    """The lights and the filings of the week's list, counted."""
    standings = Standing.objects.at(week.plan, week.point).with_filing(week.point).counted()
    rows = list(standings.values_list("light", "filing"))
    return Counter(light for light, _ in rows), Counter(filing for _, filing in rows)


def in_the_cells(week: WeekRollup) -> dict[str, int]:
    """The same from the cells."""
    names = ("on_track", "at_risk", "behind", "overdue", "accepted", "submitted")
    return {name: sum(getattr(cell, name) for cell in Cell.objects.filter(rollup=week)) for name in names}


def a_frozen_week_with_a_waiting_report(cast: Cast) -> tuple[WeekRollup, progress.ProgressReport]:
    item = make_item(lead=cast.hubei, is_key=True)
    entry = progress.Entry(percent=8_700, progress_note="已完成试点建设。")
    thursday = moment(LAST_WEEK + timedelta(days=3))
    report = progress.submit_report(item=item, week=LAST_WEEK, entry=entry, by=cast.chen, now=thursday)
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=MONDAY, by=None)
    return make_plan().weeks.get(week=LAST_WEEK), report


def test_a_report_returned_after_the_freeze_was_waiting_then(cast: Cast) -> None:
    week, report = a_frozen_week_with_a_waiting_report(cast)
    before = in_the_list(week)
    assert before[1] == {"submitted": 1}
    progress.return_report(report=report, by=cast.li, reason="请补充台账。", now=TUESDAY)
    assert in_the_list(week) == before
    assert in_the_cells(week)["submitted"] == 1


def test_a_report_accepted_after_the_freeze_was_waiting_then(cast: Cast) -> None:
    week, report = a_frozen_week_with_a_waiting_report(cast)
    before = in_the_list(week)
    progress.accept_report(report=report, by=cast.li, now=TUESDAY)
    assert in_the_list(week) == before
    assert report.counted_week == THIS_WEEK


def test_changed_thresholds_leave_frozen_weeks_alone(cast: Cast) -> None:
    item = make_item(lead=cast.hubei)
    progress.accept_report(
        report=progress.submit_report(
            item=item,
            week=LAST_WEEK,
            entry=progress.Entry(percent=8_000, progress_note="进展正常。"),
            by=cast.chen,
            now=moment(LAST_WEEK + timedelta(days=2)),
        ),
        by=make_user("supervisor"),
        now=moment(LAST_WEEK + timedelta(days=2), 15),
    )
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=MONDAY, by=None)
    week = plan.weeks.get(week=LAST_WEEK)
    before = in_the_list(week)
    assert before[0] == {"at_risk": 1}
    plan.severely_behind_below, plan.behind_below, plan.at_risk_below = -300, -200, -100
    plan.save()
    assert in_the_list(plan.weeks.get(week=LAST_WEEK)) == before
    now = rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=TUESDAY)
    assert in_the_list(now)[0] == {"behind": 1}
