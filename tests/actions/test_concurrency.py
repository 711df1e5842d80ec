"""Two people, or two workers, at the same moment: real connections, real row locks.

Only PostgreSQL runs writers side by side. On SQLite a transaction holds the only write lock from its first
statement, so there is nothing to interleave; these tests are then listed as skipped, with the reason.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from tasks_tracker.actions import requests, rollup, standing
from tasks_tracker.actions.problems import CaseRefused
from tasks_tracker.actions.progress import (
    Entry,
    EntryRefused,
    accept_report,
    return_report,
    save_draft,
    submit_report,
)
from tasks_tracker.actions.replan import StepRefused, Terms, change_plan
from tasks_tracker.actions.signal_acts import SignalRefused
from tasks_tracker.actions.signal_rules import RuleRefused
from tasks_tracker.actions.supervision import override_light
from tasks_tracker.actions.weekly_report import ReportRefused
from tasks_tracker.models import (
    Cell,
    LightOverride,
    ProgressReport,
    ReportStatus,
    Role,
    StaleCell,
    Standing,
    User,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.weeks import FAR, ONE_WEEK
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_measure, make_user, moment
from tests.factories.cast import Cast, make_cast

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="writers run side by side only on PostgreSQL"
    ),
]
THURSDAY = moment(THIS_WEEK + timedelta(days=3))
MONDAY_AFTER = moment(THIS_WEEK + ONE_WEEK, 9)
ENTRY = Entry(percent=99_00, progress_note="完成两项标准")
A_MOMENT = 0.4  # seconds in which something that is not blocked would long be done
ROUNDS = 5


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def on_own_connection(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connection.close()


def outcomes(threads: ThreadPoolExecutor, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment; what each returns, or the code of its refusal."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return call()
        except (EntryRefused, StepRefused, CaseRefused, SignalRefused, RuleRefused, ReportRefused) as refusal:
            return refusal.code

    futures = [threads.submit(on_own_connection, lambda call=call: run(call)) for call in calls]
    return [future.result(30) for future in futures]


@contextmanager
def in_flight(threads: ThreadPoolExecutor, call: Callable[[], Any]) -> Iterator[Future[Any]]:
    """While the block lasts `call` has done its work and not committed it yet."""
    done, go_on = Event(), Event()

    def run() -> Any:
        with transaction.atomic():
            result = call()
            done.set()
            go_on.wait(30)
        return result

    future = threads.submit(on_own_connection, run)
    try:
        assert done.wait(30), future.exception(1)
        yield future
    finally:
        go_on.set()
    future.result(30)


def waiting(item: WorkItem, cast: Cast, week: Any = THIS_WEEK) -> ProgressReport:
    return submit_report(item=item, week=week, entry=ENTRY, by=cast.chen, now=THURSDAY)


def is_blocked(future: Future[Any]) -> bool:
    try:
        future.result(A_MOMENT)
    except TimeoutError:
        return True
    return False


def proven(*weeks: Any) -> bool:
    return all(verify_week(WeekRollup.objects.get(week=week)) == [] for week in weeks)


# --- two people ---------------------------------------------------------------------------------------------
def test_of_two_supervisors_who_decide_at_once_one_wins_and_the_other_is_told(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    second = make_user("supervisor", "second")
    for number in range(ROUNDS):
        report = waiting(make_item(f"A{number}"), cast)
        seen = [ProgressReport.objects.get(pk=report.pk) for _ in range(2)]
        results = outcomes(
            threads,
            lambda seen=seen: accept_report(report=seen[0], by=cast.li, now=THURSDAY),
            lambda seen=seen: return_report(report=seen[1], by=second, reason="请补充数据", now=THURSDAY),
        )
        assert results.count("already_decided") == 1
        report.refresh_from_db()
        (winner,) = (result for result in results if result != "already_decided")
        assert (report.status, report.decided_by) == (winner.status, winner.decided_by)
        counts = Standing.objects.get(item=report.item, until=FAR).percent == 99_00
        assert counts is (report.status == ReportStatus.ACCEPTED)


def test_of_two_who_accept_at_once_one_accepts(cast: Cast, threads: ThreadPoolExecutor) -> None:
    report = waiting(make_item(), cast)
    seen = [ProgressReport.objects.get(pk=report.pk) for _ in range(2)]
    results = outcomes(
        threads,
        *(lambda each=each: accept_report(report=each, by=cast.li, now=THURSDAY) for each in seen),
    )
    assert results.count("already_decided") == 1
    report.refresh_from_db()
    assert report.status == ReportStatus.ACCEPTED


def test_of_two_colleagues_who_begin_a_report_at_once_one_is_told(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    colleague = make_user("reporter", "colleague", actor=cast.hubei)
    item = make_item()
    with in_flight(
        threads,
        lambda: save_draft(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY),
    ):
        second = threads.submit(
            on_own_connection,
            lambda: save_draft(item=item, week=THIS_WEEK, entry=Entry(percent=1), by=colleague, now=THURSDAY),
        )
        assert is_blocked(second)
    with pytest.raises(EntryRefused, match="changed_meanwhile"):
        second.result(30)
    assert ProgressReport.objects.get().percent == 99_00


def test_a_draft_does_not_undo_what_a_colleague_hands_in_meanwhile(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    colleague = make_user("reporter", "colleague", actor=cast.hubei)
    item = make_item()
    save_draft(item=item, week=THIS_WEEK, entry=Entry(percent=1), by=colleague, now=THURSDAY)
    with in_flight(threads, lambda: waiting(item, cast)):
        draft = threads.submit(
            on_own_connection,
            lambda: save_draft(item=item, week=THIS_WEEK, entry=Entry(percent=2), by=colleague, now=THURSDAY),
        )
        assert is_blocked(draft)
    with pytest.raises(EntryRefused, match="changed_meanwhile"):
        draft.result(30)
    report = ProgressReport.objects.get()
    assert (report.status, report.percent) == (ReportStatus.SUBMITTED, 99_00)


def test_reports_of_two_weeks_accepted_at_once_each_count_in_their_own(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    for number in range(ROUNDS):
        item = make_item(f"A{number}")
        reports = [waiting(item, cast, week) for week in (LAST_WEEK, THIS_WEEK)]
        outcomes(
            threads,
            *(lambda each=each: accept_report(report=each, by=cast.li, now=THURSDAY) for each in reports),
        )
    while rollup.roll_up_stale_cells(plan=item.plan, now=THURSDAY):
        pass
    assert Standing.objects.filter(until=FAR, reported_week=THIS_WEEK).count() == ROUNDS
    assert proven(LAST_WEEK, THIS_WEEK)


# --- the close of a week ------------------------------------------------------------------------------------
def test_the_close_waits_for_an_acceptance_that_is_on_its_way(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    report = waiting(make_item(), cast)
    with in_flight(threads, lambda: accept_report(report=report, by=cast.li, now=THURSDAY)):
        close = threads.submit(
            on_own_connection,
            lambda: rollup.close_week(plan=report.item.plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None),
        )
        assert is_blocked(close)
    (frozen,) = close.result(30)
    cell = frozen.cells.get()
    assert (cell.accepted, cell.earned) == (1, 99_00)
    assert proven(THIS_WEEK)


def test_an_acceptance_during_the_close_counts_in_the_next_week(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    report = waiting(make_item(), cast)
    plan = report.item.plan
    with in_flight(threads, lambda: rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)):
        acceptance = threads.submit(
            on_own_connection, lambda: accept_report(report=report, by=cast.li, now=MONDAY_AFTER)
        )
        assert is_blocked(acceptance)
    assert acceptance.result(30).counted_week == THIS_WEEK + ONE_WEEK
    cell = Cell.objects.get(rollup__week=THIS_WEEK)
    assert (cell.accepted, cell.submitted, cell.earned) == (0, 1, 0)
    assert proven(THIS_WEEK)


def test_what_is_handed_in_during_the_close_is_refused(cast: Cast, threads: ThreadPoolExecutor) -> None:
    item = make_item()
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    with in_flight(
        threads, lambda: rollup.close_week(plan=item.plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)
    ):
        entry = threads.submit(
            on_own_connection,
            lambda: submit_report(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=MONDAY_AFTER),
        )
        assert is_blocked(entry)
    with pytest.raises(EntryRefused, match="week_closed"):
        entry.result(30)
    assert not ProgressReport.objects.exists()


def test_two_closes_at_once_freeze_a_week_once(cast: Cast, threads: ThreadPoolExecutor) -> None:
    plan = make_item().plan
    results = outcomes(
        threads,
        *(lambda: rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None),) * 2,
    )
    assert sorted(len(frozen) for frozen in results) == [0, 1]


# --- two workers --------------------------------------------------------------------------------------------
def test_two_workers_who_roll_up_at_once_leave_each_cell_once_and_right(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    items = [make_item(measure=make_measure(f"{n}.1")) for n in range(1, 6)]
    plan = items[0].plan
    for _ in range(ROUNDS):
        for item in items:
            standing.mark_stale(item, THIS_WEEK)
        outcomes(
            threads,
            lambda: rollup.roll_up_stale_cells(plan=plan, now=THURSDAY),
            lambda: rollup.roll_up_stale_cells(plan=plan, now=THURSDAY),
            lambda: rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=THURSDAY),
        )
    assert not StaleCell.objects.exists()
    assert Cell.objects.count() == len(items)
    assert proven(THIS_WEEK)


def test_a_roll_up_beside_an_acceptance_leaves_its_note_for_the_next(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    report = waiting(make_item(), cast)
    plan = report.item.plan
    while rollup.roll_up_stale_cells(plan=plan, now=THURSDAY):
        pass
    with in_flight(threads, lambda: accept_report(report=report, by=cast.li, now=THURSDAY)):
        assert rollup.roll_up_stale_cells(plan=plan, now=THURSDAY) == 0
        assert Cell.objects.get().earned == 0
    assert rollup.roll_up_stale_cells(plan=plan, now=THURSDAY) == 1
    assert Cell.objects.get().earned == 99_00


def test_the_first_two_in_a_new_week_roll_it_up_once(cast: Cast, threads: ThreadPoolExecutor) -> None:
    items = [make_item(measure=make_measure(f"{n}.1")) for n in range(1, 4)]
    outcomes(threads, *(lambda item=item: waiting(item, cast) for item in items[:2]))
    assert WeekRollup.objects.count() == 1
    assert Cell.objects.count() == len(items)


# --- lights set by hand -------------------------------------------------------------------------------------
def test_of_two_lights_set_at_once_the_later_one_replaces_the_other(
    cast: Cast, threads: ThreadPoolExecutor
) -> None:
    item = make_item("A", is_key=True)
    other = make_user(Role.SUPERVISOR, "other", actor=cast.ministry)

    def set_light(light: str, by: User) -> Callable[[], LightOverride]:
        last_day = THIS_WEEK + 2 * ONE_WEEK
        return lambda: override_light(
            item=item, light=light, expires_on=last_day, reason="现场核实", by=by, now=THURSDAY
        )

    for _round in range(ROUNDS):
        outcomes(threads, set_light("at_risk", cast.li), set_light("overdue", other))
        in_force = LightOverride.objects.get(item=item, withdrawn_at=None)
        assert Standing.objects.get(item=item, until=FAR).override == in_force.light
    assert LightOverride.objects.count() == 2 * ROUNDS
    rollup.roll_up_stale_cells(plan=item.plan, now=THURSDAY)
    assert verify_week(WeekRollup.objects.get(week=THIS_WEEK)) == []


def test_of_two_decisions_on_a_request_one_wins(threads: ThreadPoolExecutor, cast: Cast) -> None:
    other = make_user(Role.SUPERVISOR)
    for number in range(ROUNDS):
        item = make_item(f"D{number}")
        asked = requests.request_completion(
            item=item, statement="已完成。", shortfall="验收中。", by=cast.chen, now=THURSDAY
        )
        told = outcomes(
            threads,
            lambda asked=asked: requests.grant_completion(
                asked=asked, grade="good", by=cast.li, now=THURSDAY
            ),
            lambda asked=asked: requests.return_completion(
                asked=asked, reason="材料不全。", by=other, now=THURSDAY
            ),
        )
        assert told.count("already_decided") == 1
        item.refresh_from_db()
        assert item.state == ("closed" if told[1] == "already_decided" else "in_progress")


def test_of_two_changes_of_a_plan_one_wins_and_the_week_can_be_proven(
    threads: ThreadPoolExecutor, cast: Cast
) -> None:
    item = make_item("A", weight=1)
    seen = Terms.of(item)
    wanted = [replace(seen, weight=weight) for weight in (5, 7)]
    calls = [
        lambda terms=terms: change_plan(
            item=item, terms=terms, seen=seen, reason="调整。", by=cast.li, now=THURSDAY
        )
        for terms in wanted
    ]
    assert outcomes(threads, *calls).count("changed_meanwhile") == 1
    item.refresh_from_db()
    assert Standing.objects.get(item=item, until=FAR).weight == item.weight
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    assert verify_week(WeekRollup.objects.get(week=THIS_WEEK)) == []
