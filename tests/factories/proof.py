"""A plan that changes while weeks run: an item in a frozen week, and what holds after a step."""

from datetime import date, timedelta
from typing import Any

import pytest

from tasks_tracker.actions import rollup
from tasks_tracker.actions.replan import StepRefused
from tasks_tracker.models import AuditEntry, Cell, PlanChange, Standing, WeekRollup, WorkItem
from tasks_tracker.queries.verification import verify_week
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, moment, report_and_accept

NOW = moment(THIS_WEEK + timedelta(days=2))
DUE = date(2026, 12, 31)


def an_item_in_a_frozen_week() -> WorkItem:
    """An item of 湖北 at 40 %, due on the last day of the year, with one milestone; last week is closed."""
    item = make_item("A", weight=3, milestones=[(date(2026, 6, 30), 30_00)])
    report_and_accept(item, 40_00, LAST_WEEK)
    item.refresh_from_db()
    rollup.close_week(plan=item.plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    return item


def agreed(item: WorkItem, week: date) -> Standing:
    return Standing.objects.get(item=item, since__lte=week, until__gt=week)


def cell(week: date = THIS_WEEK) -> Cell:
    return Cell.objects.get(rollup__week=week)


def compute(item: WorkItem) -> None:
    """Roll the stale cells up; every week can be proven."""
    rollup.roll_up_stale_cells(plan=item.plan, now=NOW)
    for week in WeekRollup.objects.all():
        assert verify_week(week) == []


def refusal(call: Any, **arguments: Any) -> str:
    before = (AuditEntry.objects.count(), PlanChange.objects.count(), list(WorkItem.objects.values()))
    with pytest.raises(StepRefused) as refused:
        call(now=NOW, **arguments)
    assert (AuditEntry.objects.count(), PlanChange.objects.count(), list(WorkItem.objects.values())) == before
    return refused.value.code
