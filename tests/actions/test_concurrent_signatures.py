"""Signatures and files at the same moment: one wins, the other is told; nothing is lost or double.

On real connections, like the rest of what happens at once; see test_concurrency.py.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tasks_tracker.actions import rollup
from tasks_tracker.actions.evidence import add_evidence
from tasks_tracker.actions.progress import (
    Entry,
    accept_report,
    return_report,
    review_report,
    save_draft,
    submit_report,
)
from tasks_tracker.models import (
    AuditEntry,
    Cell,
    Evidence,
    ProgressReport,
    ReportStatus,
    Role,
    User,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.actions.test_concurrency import (  # noqa: F401 — fixtures
    cast,
    in_flight,
    is_blocked,
    on_own_connection,
    outcomes,
    threads,
)
from tests.factories import THIS_WEEK, make_item, make_plan, make_user, moment
from tests.factories.cast import Cast
from tests.factories.files import PNG, upload

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="writers run side by side only on PostgreSQL"
    ),
]
THURSDAY = moment(THIS_WEEK + timedelta(days=3))
MONDAY_AFTER = moment(THIS_WEEK + ONE_WEEK, 9)
ENTRY = Entry(percent=99_00, progress_note="完成两项标准")
ROUNDS = 12


@pytest.fixture
def second(cast: Cast) -> User:  # noqa: F811
    """Another reviewer of 湖北."""
    return make_user(Role.REVIEWER, "second", actor=cast.hubei)


def running(code: str) -> WorkItem:
    return make_item(code, plan=make_plan(unit_review=True))


def handed_in(item: WorkItem, by: User) -> ProgressReport:
    return submit_report(item=item, week=THIS_WEEK, entry=ENTRY, by=by, now=THURSDAY)


def seen(report: ProgressReport) -> ProgressReport:
    """As another person's page has read it."""
    return ProgressReport.objects.get(pk=report.pk)


def test_of_two_reviewers_at_once_one_signs_and_the_other_is_told(
    cast: Cast,  # noqa: F811
    second: User,
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    for number in range(ROUNDS):
        report = handed_in(running(f"A{number}"), cast.chen)
        one, other = seen(report), seen(report)
        results = outcomes(
            threads,
            lambda one=one: review_report(report=one, by=cast.zhou, now=THURSDAY),
            lambda other=other: return_report(report=other, by=second, reason="请补充", now=THURSDAY),
        )
        assert results.count("already_decided") == 1
        report.refresh_from_db()
        signed = AuditEntry.objects.filter(object_id=str(report.pk), object_type="progressreport")
        assert signed.exclude(action="submit_report").count() == 1
        assert (report.status == ReportStatus.REVIEWED) is (report.reviewed_by == cast.zhou)
        assert (report.status == ReportStatus.RETURNED) is (report.decided_by == second)


def test_a_supervisor_is_told_of_the_unit_and_accepts_after_it(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    report = handed_in(running("A"), cast.chen)
    with in_flight(threads, lambda: review_report(report=seen(report), by=cast.zhou, now=THURSDAY)):
        early = outcomes(threads, lambda: accept_report(report=seen(report), by=cast.li, now=THURSDAY))
        assert early == ["waits_for_unit"]
    accepted = accept_report(report=seen(report), by=cast.li, now=THURSDAY)
    assert (accepted.reviewed_by, accepted.decided_by) == (cast.zhou, cast.li)


def test_a_double_submit_hands_in_once(cast: Cast, threads: ThreadPoolExecutor) -> None:  # noqa: F811
    item = running("A")
    save_draft(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    results = outcomes(threads, *(lambda: handed_in(item, cast.chen),) * 2)
    refusals = [result for result in results if isinstance(result, str)]
    assert len(refusals) == 1
    assert refusals[0] in ("changed_meanwhile", "already_waiting")
    report = ProgressReport.objects.get()
    assert (report.status, report.version, report.submitted_by) == ("submitted", 1, cast.chen)
    assert AuditEntry.objects.filter(action="submit_report").count() == 1


def test_a_reviewer_who_returns_while_the_reporter_writes_loses_nothing(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    for number in range(ROUNDS):
        item = running(f"A{number}")
        report = handed_in(item, cast.chen)
        results = outcomes(
            threads,
            lambda report=report: return_report(
                report=seen(report), by=cast.zhou, reason="请补充", now=THURSDAY
            ),
            lambda item=item: save_draft(
                item=item, week=THIS_WEEK, entry=Entry(percent=1), by=cast.chen, now=THURSDAY
            ),
        )
        report.refresh_from_db()
        assert (report.status, report.percent) == (ReportStatus.RETURNED, 99_00)
        answers = item.reports.filter(version=2)
        assert answers.exists() is ("already_waiting" not in results)


def test_a_signature_during_the_close_leaves_the_frozen_week_right(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    report = handed_in(running("A"), cast.chen)
    plan = report.item.plan
    with in_flight(threads, lambda: rollup.close_week(plan=plan, week=THIS_WEEK, now=MONDAY_AFTER, by=None)):
        results = outcomes(
            threads, lambda: review_report(report=seen(report), by=cast.zhou, now=MONDAY_AFTER)
        )
        assert results[0].status == ReportStatus.REVIEWED
    assert accept_report(report=seen(report), by=cast.li, now=MONDAY_AFTER).counted_week > THIS_WEEK
    assert Cell.objects.get(rollup__week=THIS_WEEK).submitted == 1
    assert verify_week(WeekRollup.objects.get(week=THIS_WEEK)) == []


def test_a_file_that_comes_while_the_report_is_handed_in_is_in_it_or_refused(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
) -> None:
    draft = save_draft(item=running("A"), week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    with in_flight(threads, lambda: handed_in(draft.item, cast.chen)):
        late = threads.submit(
            on_own_connection,
            lambda: add_evidence(report=seen(draft), file=upload(), by=cast.chen, now=THURSDAY),
        )
        assert is_blocked(late)
    with pytest.raises(Exception, match="changed_meanwhile"):
        late.result(30)
    assert not Evidence.objects.exists()


def test_files_added_at_once_keep_to_the_number(
    cast: Cast,  # noqa: F811
    threads: ThreadPoolExecutor,  # noqa: F811
    settings: Any,
) -> None:
    settings.EVIDENCE_FILES = 1
    draft = save_draft(item=running("A"), week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    results = outcomes(
        threads,
        *(
            lambda file=file: add_evidence(report=seen(draft), file=file, by=cast.chen, now=THURSDAY)
            for file in (upload(), upload("b.png", PNG))
        ),
    )
    assert results.count("too_many_files") == 1
    assert Evidence.objects.count() == 1
