"""Weeks of reports for tests of early signals, and the look at a week that finds them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tasks_tracker.actions import progress, rollup
from tasks_tracker.actions.signals import find_signals
from tasks_tracker.models import EarlySignal, SignalRun, User, WorkItem
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import THIS_WEEK, make_plan, moment, report_and_accept

FRIDAY_EVENING = timedelta(days=4)


def reported(item: WorkItem, percents: Sequence[int | None], until: date = THIS_WEEK) -> None:
    """A report accepted in each of the weeks up to `until`; None: silence in that week. In hundredths."""
    first = until - (len(percents) - 1) * ONE_WEEK
    for number, percent in enumerate(percents):
        if percent is not None:
            report_and_accept(item, percent, first + number * ONE_WEEK)


def said(item: WorkItem, note: str, by: User, decider: User, week: date = THIS_WEEK, hour: int = 10) -> None:
    """A report with that note at 95 %, accepted on the Thursday of the week."""
    entry = progress.Entry(percent=95_00, progress_note=note, next_steps="下周继续推进。")
    now = moment(week + timedelta(days=3), hour)
    report = progress.submit_report(item=item, week=week, entry=entry, by=by, now=now)
    progress.accept_report(report=report, by=decider, now=moment(week + timedelta(days=3), 18))


def evening(week: date = THIS_WEEK) -> datetime:
    """After the cut-off, on Friday."""
    return moment(week + FRIDAY_EVENING, 19)


def look(week: date = THIS_WEEK, *, close: bool = False) -> SignalRun:
    """Roll the week up after its cut-off (or close it on the Monday after it) and look for signals."""
    plan, now = make_plan(), evening(week)
    if close:
        now = moment(week + ONE_WEEK, 9)
        rollup.close_week(plan=plan, week=week, now=now, by=None)
    else:
        rollup.roll_up_week(plan=plan, week=week, now=now)
    return find_signals(plan=plan, week=week, now=now)


def found(code: str = "", **about: Any) -> list[str]:
    """The rules of which there is a signal, or the codes of the items of one rule; in order."""
    signals = EarlySignal.objects.exclude(state=EarlySignal.State.CEASED).filter(**about)
    if code:
        return sorted(signals.filter(code=code).values_list("item__code", flat=True))
    return sorted(signals.values_list("code", flat=True))
