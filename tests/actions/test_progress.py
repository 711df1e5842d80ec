"""Logging progress: what may be written, when, by whom, and that nothing typed is lost."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tasks_tracker.actions import rollup
from tasks_tracker.actions.progress import (
    Entry,
    EntryRefused,
    ProblemEntry,
    accept_report,
    return_report,
    save_draft,
    sign_no_change,
    submit_report,
)
from tasks_tracker.models import (
    AuditEntry,
    ProgressReport,
    ReportStatus,
    StaleCell,
    Standing,
    State,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.rules.weeks import FAR, ONE_WEEK
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, moment, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
THURSDAY = moment(THIS_WEEK + timedelta(days=3))
ENTRY = Entry(percent=90_00, progress_note="完成两项标准", next_steps="征求意见")
FUNDS = ProblemEntry(kind="funds", description="配套资金尚未到位", needed="协调拨付")


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    return make_item("A")


def refused(code: str, action: Any, **arguments: Any) -> None:
    """The action is refused with `code`, and leaves no trace."""
    before = trace()
    with pytest.raises(EntryRefused) as refusal:
        action(**arguments)
    assert refusal.value.code == code
    assert trace() == before


def trace() -> tuple[Any, ...]:
    reports = list(ProgressReport.objects.order_by("pk").values())
    standings = list(Standing.objects.order_by("pk").values())
    return reports, standings, AuditEntry.objects.count(), StaleCell.objects.count()


def submitted(item: WorkItem, cast: Cast, week: date = THIS_WEEK, **typed: Any) -> ProgressReport:
    return submit_report(item=item, week=week, entry=replace(ENTRY, **typed), by=cast.chen, now=THURSDAY)


# --- drafts -------------------------------------------------------------------------------------------------
def test_a_draft_is_kept_as_typed_however_incomplete(item: WorkItem, cast: Cast) -> None:
    draft = save_draft(
        item=item, week=THIS_WEEK, entry=Entry(progress_note="写到一半"), by=cast.chen, now=THURSDAY
    )
    assert (draft.status, draft.percent, draft.progress_note) == (ReportStatus.DRAFT, None, "写到一半")
    again = save_draft(
        item=item, week=THIS_WEEK, entry=replace(ENTRY, problems=[FUNDS]), by=cast.chen, now=THURSDAY
    )
    assert (again.pk, again.version) == (draft.pk, 1)
    assert ProgressReport.objects.get().percent == 90_00
    assert [p.description for p in again.problems.all()] == [FUNDS.description]


def test_a_draft_moves_no_figure(item: WorkItem, cast: Cast) -> None:
    save_draft(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    assert not StaleCell.objects.exists()
    assert Standing.objects.get().percent is None


@pytest.mark.parametrize("percent", [-1, 100_01])
def test_a_percent_outside_0_to_100_is_refused_even_in_a_draft(
    item: WorkItem, cast: Cast, percent: int
) -> None:
    for action in (save_draft, submit_report):
        refused(
            "percent_out_of_range",
            action,
            item=item,
            week=THIS_WEEK,
            entry=replace(ENTRY, percent=percent),
            by=cast.chen,
            now=THURSDAY,
        )


def test_the_table_itself_refuses_such_a_percent(item: WorkItem, cast: Cast) -> None:
    draft = save_draft(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.filter(pk=draft.pk).update(percent=100_01)


# --- submitting ---------------------------------------------------------------------------------------------
def test_a_submitted_report_waits_and_moves_no_figure(item: WorkItem, cast: Cast) -> None:
    report = submitted(item, cast)
    assert (report.status, report.submitted_at, report.is_late) == (ReportStatus.SUBMITTED, THURSDAY, False)
    assert Standing.objects.get().percent is None
    assert StaleCell.objects.filter(week=THIS_WEEK).exists()  # for the number of reports that wait
    assert AuditEntry.objects.get(action="submit_report").by == cast.chen


def test_a_draft_becomes_the_submitted_report(item: WorkItem, cast: Cast) -> None:
    draft = save_draft(
        item=item, week=THIS_WEEK, entry=Entry(progress_note="写到一半"), by=cast.chen, now=THURSDAY
    )
    report = submitted(item, cast)
    assert (report.pk, report.progress_note) == (draft.pk, ENTRY.progress_note)


def test_after_the_cutoff_it_is_late(item: WorkItem, cast: Cast) -> None:
    friday = moment(THIS_WEEK + timedelta(days=4), 17)
    assert submit_report(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=friday).is_late


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"percent": None}, "percent_missing"),
        ({"progress_note": "  "}, "note_missing"),
        ({"percent": 10_00}, "problem_missing"),  # behind the plan
    ],
)
def test_what_a_report_must_say(item: WorkItem, cast: Cast, typed: dict[str, Any], code: str) -> None:
    refused(
        code,
        submit_report,
        item=item,
        week=THIS_WEEK,
        entry=replace(ENTRY, **typed),
        by=cast.chen,
        now=THURSDAY,
    )


def test_a_report_that_is_behind_states_a_problem(item: WorkItem, cast: Cast) -> None:
    report = submitted(item, cast, percent=10_00, problems=[FUNDS])
    assert report.problems.get().needed == "协调拨付"


def test_an_overdue_item_states_a_problem_however_far_it_is(cast: Cast) -> None:
    overdue = make_item("B", due_on=THIS_WEEK)
    refused(
        "problem_missing",
        submit_report,
        item=overdue,
        week=THIS_WEEK,
        entry=replace(ENTRY, percent=100_00),
        by=cast.chen,
        now=THURSDAY,
    )


def test_a_percent_that_falls_carries_a_reason(item: WorkItem, cast: Cast) -> None:
    report_and_accept(item, 95_00, LAST_WEEK)
    refused(
        "decrease_needs_reason",
        submit_report,
        item=item,
        week=THIS_WEEK,
        entry=ENTRY,
        by=cast.chen,
        now=THURSDAY,
    )
    report = submitted(item, cast, decrease_reason="复核后核减一项")
    assert (report.percent, report.decrease_reason) == (90_00, "复核后核减一项")


# --- no change ----------------------------------------------------------------------------------------------
def test_no_change_repeats_the_last_accepted_report(item: WorkItem, cast: Cast) -> None:
    report_and_accept(item, 90_00, LAST_WEEK)
    report = sign_no_change(item=item, week=THIS_WEEK, by=cast.chen, now=THURSDAY)
    assert (report.status, report.no_change, report.percent) == (ReportStatus.SUBMITTED, True, 90_00)
    before = ProgressReport.objects.get(week=LAST_WEEK).problems.get()
    assert [(p.kind, p.description) for p in report.problems.all()] == [(before.kind, before.description)]
    assert AuditEntry.objects.get(action="sign_no_change").by == cast.chen


def test_no_change_loses_nothing_that_was_typed_before(item: WorkItem, cast: Cast) -> None:
    report_and_accept(item, 90_00, LAST_WEEK)
    save_draft(item=item, week=THIS_WEEK, entry=Entry(progress_note="写到一半"), by=cast.chen, now=THURSDAY)
    assert sign_no_change(item=item, week=THIS_WEEK, by=cast.chen, now=THURSDAY).progress_note == "写到一半"


def test_without_an_earlier_report_there_is_nothing_to_repeat(item: WorkItem, cast: Cast) -> None:
    refused("nothing_to_repeat", sign_no_change, item=item, week=THIS_WEEK, by=cast.chen, now=THURSDAY)


def test_no_change_on_an_item_that_is_behind_needs_a_problem(item: WorkItem, cast: Cast) -> None:
    report = report_and_accept(item, 20_00, LAST_WEEK)
    report.problems.all().delete()
    refused("problem_missing", sign_no_change, item=item, week=THIS_WEEK, by=cast.chen, now=THURSDAY)


# --- which week, which item, who ----------------------------------------------------------------------------
@pytest.mark.parametrize("action", [save_draft, submit_report])
def test_the_future_and_what_is_closed_are_refused(item: WorkItem, cast: Cast, action: Any) -> None:
    rollup.close_week(plan=item.plan, week=LAST_WEEK, now=moment(THIS_WEEK), by=None)
    for code, week in [
        ("week_in_future", THIS_WEEK + ONE_WEEK),
        ("week_closed", LAST_WEEK),
        ("week_closed", LAST_WEEK - ONE_WEEK),
    ]:
        refused(code, action, item=item, week=week, entry=ENTRY, by=cast.chen, now=THURSDAY)


def test_last_week_is_open_until_it_is_closed(item: WorkItem, cast: Cast) -> None:
    report = submitted(item, cast, week=LAST_WEEK)
    assert (report.week, report.is_late) == (LAST_WEEK, True)


@pytest.mark.parametrize("state", [State.CLOSED, State.SUSPENDED, State.CANCELLED, State.DRAFT])
def test_what_does_not_run_is_not_reported_on(cast: Cast, state: State) -> None:
    closed_on = {"closed_on": LAST_WEEK} if state == State.CLOSED else {}
    still = make_item("S", state=state, **closed_on)
    refused("not_running", submit_report, item=still, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)


def test_a_decomposed_item_takes_its_percent_from_its_parts(cast: Cast) -> None:
    whole = make_item("W", decomposed=True)
    refused("not_running", submit_report, item=whole, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)


@pytest.mark.parametrize("who", ["wang", "liu", "zhou", "li", "zhao", "system_admin", "audit_admin"])
def test_only_a_reporter_of_the_lead_unit_logs_progress(item: WorkItem, cast: Cast, who: str) -> None:
    for action in (save_draft, submit_report):
        with pytest.raises(PermissionDenied):
            action(item=item, week=THIS_WEEK, entry=ENTRY, by=getattr(cast, who), now=THURSDAY)
    with pytest.raises(PermissionDenied):
        sign_no_change(item=item, week=THIS_WEEK, by=getattr(cast, who), now=THURSDAY)
    assert not ProgressReport.objects.exists()


# --- versions -----------------------------------------------------------------------------------------------
def test_what_waits_cannot_be_written_over(item: WorkItem, cast: Cast) -> None:
    submitted(item, cast)
    for action in (save_draft, submit_report):
        refused("already_waiting", action, item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)


def test_an_answer_to_a_return_is_a_new_version_and_the_old_one_stays(item: WorkItem, cast: Cast) -> None:
    first = return_report(report=submitted(item, cast), by=cast.li, reason="请补充数据", now=THURSDAY)
    second = submitted(item, cast, progress_note="完成两项标准,已附数据")
    assert (first.version, second.version) == (1, 2)
    first.refresh_from_db()
    assert (first.status, first.progress_note) == (ReportStatus.RETURNED, ENTRY.progress_note)


def test_a_correction_of_what_was_accepted_supersedes_it_when_it_is_accepted(
    item: WorkItem, cast: Cast
) -> None:
    first = accept_report(report=submitted(item, cast), by=cast.li, now=THURSDAY)
    second = submitted(item, cast, percent=91_00)
    first.refresh_from_db()
    assert first.status == ReportStatus.ACCEPTED  # it counts until the correction is accepted
    accept_report(report=second, by=cast.li, now=THURSDAY)
    first.refresh_from_db()
    assert (first.status, first.percent) == (ReportStatus.SUPERSEDED, 90_00)
    assert Standing.objects.get(until=FAR).percent == 91_00


def test_who_saw_an_older_version_is_told(item: WorkItem, cast: Cast) -> None:
    return_report(report=submitted(item, cast), by=cast.li, reason="请补充数据", now=THURSDAY)
    refused(
        "changed_meanwhile",
        submit_report,
        item=item,
        week=THIS_WEEK,
        entry=ENTRY,
        by=cast.chen,
        now=THURSDAY,
        seen_version=0,
    )
    assert (
        submit_report(
            item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY, seen_version=1
        ).version
        == 2
    )


# --- deciding -----------------------------------------------------------------------------------------------
def test_an_accepted_report_counts_from_its_week_on(item: WorkItem, cast: Cast) -> None:
    accepted = accept_report(report=submitted(item, cast), by=cast.li, now=THURSDAY)
    assert (accepted.status, accepted.counted_week) == (ReportStatus.ACCEPTED, THIS_WEEK)
    assert (accepted.decided_by, accepted.decided_at) == (cast.li, THURSDAY)
    now = Standing.objects.get(until=FAR)
    assert (now.since, now.percent, now.reported_week) == (THIS_WEEK, 90_00, THIS_WEEK)
    assert Standing.objects.get(until=THIS_WEEK).percent is None
    assert AuditEntry.objects.get(action="accept_report").after == {"status": "accepted", "percent": 90_00}


@pytest.mark.parametrize("state", [State.ASSIGNED, State.ACCEPTED])
def test_the_first_accepted_report_sets_the_item_going(cast: Cast, state: State) -> None:
    item = make_item(state=state)
    accept_report(report=submitted(item, cast), by=cast.li, now=THURSDAY)
    item.refresh_from_db()
    assert item.state == State.IN_PROGRESS
    assert Standing.objects.get(until=FAR).state == State.IN_PROGRESS


def test_an_acceptance_does_not_set_going_what_was_stopped_meanwhile(item: WorkItem, cast: Cast) -> None:
    report = submitted(item, cast)
    assert report.item.state == State.IN_PROGRESS  # as this supervisor's page has read it
    WorkItem.objects.update(state=State.SUSPENDED)
    Standing.objects.update(state=State.SUSPENDED)
    accept_report(report=report, by=cast.li, now=THURSDAY)
    assert set(Standing.objects.values_list("state", flat=True)) == {State.SUSPENDED}
    assert WorkItem.objects.get().state == State.SUSPENDED


def test_what_counts_is_what_was_handed_in_and_not_an_older_reading(item: WorkItem, cast: Cast) -> None:
    old_reading = save_draft(
        item=item, week=THIS_WEEK, entry=replace(ENTRY, percent=5_00), by=cast.chen, now=THURSDAY
    )
    submitted(item, cast)
    accept_report(report=old_reading, by=cast.li, now=THURSDAY)
    assert Standing.objects.get(until=FAR).percent == 90_00


def test_a_return_needs_a_reason(item: WorkItem, cast: Cast) -> None:
    refused(
        "reason_missing", return_report, report=submitted(item, cast), by=cast.li, reason=" ", now=THURSDAY
    )


def test_a_returned_report_moves_no_figure(item: WorkItem, cast: Cast) -> None:
    returned = return_report(report=submitted(item, cast), by=cast.li, reason=" 请补充数据 ", now=THURSDAY)
    assert (returned.status, returned.return_reason) == (ReportStatus.RETURNED, "请补充数据")
    assert Standing.objects.get().percent is None
    assert AuditEntry.objects.get(action="return_report").by == cast.li


def test_the_second_decision_is_told_that_it_comes_second(item: WorkItem, cast: Cast) -> None:
    report = submitted(item, cast)
    as_seen_by_the_second = ProgressReport.objects.get(pk=report.pk)
    accept_report(report=report, by=cast.li, now=THURSDAY)
    refused("already_decided", accept_report, report=as_seen_by_the_second, by=cast.li, now=THURSDAY)
    refused(
        "already_decided",
        return_report,
        report=as_seen_by_the_second,
        by=cast.li,
        reason="请补充数据",
        now=THURSDAY,
    )


@pytest.mark.parametrize("who", ["chen", "zhao", "sun", "system_admin", "security_admin"])
def test_only_a_supervisor_of_the_item_decides(item: WorkItem, cast: Cast, who: str) -> None:
    report = submitted(item, cast)
    with pytest.raises(PermissionDenied):
        accept_report(report=report, by=getattr(cast, who), now=THURSDAY)
    with pytest.raises(PermissionDenied):
        return_report(report=report, by=getattr(cast, who), reason="请补充数据", now=THURSDAY)
    assert ProgressReport.objects.get().status == ReportStatus.SUBMITTED


def test_a_refusal_leaves_no_week_behind_either(item: WorkItem, cast: Cast) -> None:
    refused(
        "note_missing",
        submit_report,
        item=item,
        week=THIS_WEEK,
        entry=Entry(percent=90_00),
        by=cast.chen,
        now=THURSDAY,
    )
    assert not WeekRollup.objects.exists()
