"""The two signatures: 周明远 reviews for 湖北, 李维 accepts; nobody signs an own report."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tasks_tracker.actions import rollup
from tasks_tracker.actions.progress import (
    Entry,
    EntryRefused,
    accept_report,
    return_report,
    review_report,
    save_draft,
    submit_report,
)
from tasks_tracker.models import (
    AuditEntry,
    Cell,
    Plan,
    ProgressReport,
    ReportStatus,
    Role,
    Standing,
    UnitReview,
    User,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.weeks import FAR, ONE_WEEK
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, make_report, make_user, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
THURSDAY = moment(THIS_WEEK + timedelta(days=3))
HOUR = timedelta(hours=1)
ENTRY = Entry(percent=90_00, progress_note="完成两项标准", next_steps="征求意见")


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    return make_item("A", plan=make_plan(unit_review=True))


def submitted(item: WorkItem, by: User, week: Any = THIS_WEEK) -> ProgressReport:
    return submit_report(item=item, week=week, entry=ENTRY, by=by, now=THURSDAY)


def refused(code: str, action: Any, **arguments: Any) -> None:
    before = list(ProgressReport.objects.order_by("pk").values())
    with pytest.raises(EntryRefused) as refusal:
        action(**arguments, now=THURSDAY)
    assert refusal.value.code == code
    assert list(ProgressReport.objects.order_by("pk").values()) == before


# --- the way of a report ------------------------------------------------------------------------------------
def test_a_report_is_signed_by_the_unit_and_then_accepted(item: WorkItem, cast: Cast) -> None:
    report = submitted(item, cast.chen)
    assert (report.status, report.unit_review) == (ReportStatus.SUBMITTED, UnitReview.NEEDED)
    review_report(report=report, by=cast.zhou, now=THURSDAY + HOUR)
    assert (report.status, report.reviewed_by, report.reviewed_at) == (
        ReportStatus.REVIEWED,
        cast.zhou,
        THURSDAY + HOUR,
    )
    assert Standing.objects.get(until=FAR).percent is None
    accept_report(report=report, by=cast.li, now=THURSDAY + 2 * HOUR)
    assert (report.status, report.reviewed_by, report.decided_by) == ("accepted", cast.zhou, cast.li)
    assert Standing.objects.get(until=FAR).percent == 90_00
    done = AuditEntry.objects.order_by("pk").values_list("action", "by", "after__status")
    assert list(done) == [
        ("submit_report", cast.chen.pk, None),
        ("review_report", cast.zhou.pk, "reviewed"),
        ("accept_report", cast.li.pk, "accepted"),
    ]


def test_the_supervisor_waits_for_the_unit(item: WorkItem, cast: Cast) -> None:
    report = submitted(item, cast.chen)
    refused("waits_for_unit", accept_report, report=report, by=cast.li)
    refused("waits_for_unit", return_report, report=report, by=cast.li, reason="请补充")


def test_the_unit_returns_a_report_and_the_supervisor_never_had_it(item: WorkItem, cast: Cast) -> None:
    report = return_report(report=submitted(item, cast.chen), by=cast.zhou, reason="数据不实", now=THURSDAY)
    assert (report.status, report.decided_by, report.returned_by_unit) == ("returned", cast.zhou, True)
    again = submitted(item, cast.chen)
    review_report(report=again, by=cast.zhou, now=THURSDAY)
    return_report(report=again, by=cast.li, reason="请补充", now=THURSDAY)
    assert not again.returned_by_unit
    assert submitted(item, cast.chen).version == 3


def test_what_is_signed_for_the_unit_is_signed_once(item: WorkItem, cast: Cast) -> None:
    report = review_report(report=submitted(item, cast.chen), by=cast.zhou, now=THURSDAY)
    refused("already_decided", review_report, report=report, by=cast.zhou)
    refused("already_decided", return_report, report=report, by=cast.zhou, reason="改变主意")
    for action in (save_draft, submit_report):
        refused("already_waiting", action, item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen)


# --- where nobody reviews -----------------------------------------------------------------------------------
def test_a_plan_may_switch_the_review_off(item: WorkItem, cast: Cast) -> None:
    Plan.objects.update(unit_review=False)
    item.plan.refresh_from_db()
    report = submitted(item, cast.chen)
    assert report.unit_review == UnitReview.SWITCHED_OFF
    refused("no_unit_review", review_report, report=report, by=cast.zhou)
    assert accept_report(report=report, by=cast.li, now=THURSDAY).reviewed_by is None


@pytest.mark.parametrize("is_active", [False, None])
def test_a_unit_without_an_active_reviewer_reports_straight_upwards(
    item: WorkItem, cast: Cast, is_active: bool | None
) -> None:
    if is_active is None:
        User.objects.filter(pk=cast.zhou.pk).update(role=Role.VIEWER)
    else:
        User.objects.filter(pk=cast.zhou.pk).update(is_active=False)
    report = submitted(item, cast.chen)
    assert report.unit_review == UnitReview.NO_REVIEWER
    assert accept_report(report=report, by=cast.li, now=THURSDAY).status == ReportStatus.ACCEPTED


def test_a_reviewer_of_the_unit_above_does_not_review_for_the_one_below(cast: Cast) -> None:
    below = make_item("W", lead=cast.wuhan, plan=make_plan(unit_review=True))
    report = submitted(below, cast.liu)
    assert report.unit_review == UnitReview.NO_REVIEWER
    with pytest.raises(PermissionDenied):
        review_report(report=report, by=cast.zhou, now=THURSDAY)


def test_whoever_wrote_it_is_no_reviewer_of_it_after_a_change_of_role(item: WorkItem, cast: Cast) -> None:
    save_draft(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    User.objects.filter(pk=cast.chen.pk).update(role=Role.REVIEWER)
    User.objects.filter(pk=cast.zhou.pk).update(is_active=False)
    colleague = make_user(username="colleague", actor=cast.hubei)
    report = submitted(item, colleague)
    assert (report.written_by, report.submitted_by) == (cast.chen, colleague)
    assert report.unit_review == UnitReview.NO_REVIEWER
    cast.chen.refresh_from_db()
    with pytest.raises(PermissionDenied):
        review_report(report=report, by=cast.chen, now=THURSDAY)


@pytest.mark.parametrize("lost", ["reviewer", "rule"])
def test_what_waits_for_a_unit_that_reviews_no_more_goes_to_the_supervisor(
    item: WorkItem, cast: Cast, lost: str
) -> None:
    report = submitted(item, cast.chen)
    assert not ProgressReport.objects.waiting_for_supervisor().exists()
    if lost == "reviewer":
        User.objects.filter(pk=cast.zhou.pk).update(is_active=False)
    else:
        Plan.objects.update(unit_review=False)
    assert ProgressReport.objects.waiting_for_supervisor().get() == report
    report = ProgressReport.objects.get()
    why = UnitReview.NO_REVIEWER if lost == "reviewer" else UnitReview.SWITCHED_OFF
    return_report(report=report, by=cast.li, reason="请补充", now=THURSDAY)
    assert (report.unit_review, report.returned_by_unit) == (why, False)
    again = submitted(item, cast.chen)
    ProgressReport.objects.filter(pk=again.pk).update(unit_review=UnitReview.NEEDED)
    accept_report(report=again, by=cast.li, now=THURSDAY)
    assert (again.status, again.unit_review) == (ReportStatus.ACCEPTED, why)


# --- nobody signs an own report -----------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["chen", "liu", "wang", "li", "sun", "zhao", "system_admin", "audit_admin"])
def test_only_a_reviewer_of_the_lead_signs_for_it(item: WorkItem, cast: Cast, who: str) -> None:
    report = submitted(item, cast.chen)
    with pytest.raises(PermissionDenied):
        review_report(report=report, by=getattr(cast, who), now=THURSDAY)


@pytest.mark.parametrize("signature", ["written_by", "submitted_by", "reviewed_by"])
def test_a_supervisor_does_not_accept_what_carries_an_own_signature(
    item: WorkItem, cast: Cast, signature: str
) -> None:
    report = make_report(item, written_by=cast.chen, unit_review=UnitReview.NO_REVIEWER)
    values = {signature: cast.li} | ({"reviewed_at": THURSDAY} if signature == "reviewed_by" else {})
    ProgressReport.objects.filter(pk=report.pk).update(**values)
    report.refresh_from_db()
    for action in (accept_report, return_report):
        with pytest.raises(PermissionDenied):
            action(
                report=report,
                by=cast.li,
                now=THURSDAY,
                **({"reason": "x"} if action is return_report else {}),
            )


@pytest.mark.parametrize(
    "values",
    [
        {"reviewed_by": "chen"},
        {"decided_by": "chen"},
        {"reviewed_by": "li", "decided_by": "li"},
        {"submitted_by": "zhou", "reviewed_by": "zhou"},
        {"submitted_by": "li", "decided_by": "li"},
        {"submitted_by": None},
        {"unit_review": ""},
        {"unit_review": "needed", "reviewed_by": None, "reviewed_at": None},
        {"reviewed_at": None, "reviewed_by": "zhou"},
    ],
)
def test_the_table_itself_refuses_such_signatures(item: WorkItem, cast: Cast, values: dict[str, Any]) -> None:
    report = review_report(report=submitted(item, cast.chen), by=cast.zhou, now=THURSDAY)
    accept_report(report=report, by=cast.li, now=THURSDAY)
    people = {
        k: getattr(cast, v) if isinstance(v, str) and k.endswith("_by") else v for k, v in values.items()
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressReport.objects.filter(pk=report.pk).update(**people)


def test_the_last_editor_is_not_taken_for_the_writer(item: WorkItem, cast: Cast) -> None:
    colleague = make_user(username="colleague", actor=cast.hubei)
    save_draft(item=item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    draft = save_draft(item=item, week=THIS_WEEK, entry=ENTRY, by=colleague, now=THURSDAY + HOUR)
    assert (draft.written_by, draft.saved_by, draft.submitted_by) == (cast.chen, colleague, None)
    report = submitted(item, colleague)
    assert (report.written_by, report.submitted_by) == (cast.chen, colleague)


def test_whoever_only_opened_an_empty_draft_is_not_its_writer(item: WorkItem, cast: Cast) -> None:
    colleague = make_user(username="colleague", actor=cast.hubei)
    save_draft(item=item, week=THIS_WEEK, entry=Entry(), by=colleague, now=THURSDAY)
    assert submitted(item, cast.chen).written_by == cast.chen


# --- the figures --------------------------------------------------------------------------------------------
def test_both_steps_are_waiting_in_the_figures_and_in_the_lists(item: WorkItem, cast: Cast) -> None:
    other = make_item("B", plan=item.plan)
    submitted(item, cast.chen)
    review_report(report=submitted(other, cast.chen), by=cast.zhou, now=THURSDAY)
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    cell = Cell.objects.get(rollup__week=THIS_WEEK)
    assert (cell.submitted, cell.accepted, cell.due_reported) == (2, 0, 2)
    assert ProgressReport.objects.filed(ReportStatus.SUBMITTED, THIS_WEEK).count() == 2
    assert verify_week(WeekRollup.objects.get(week=THIS_WEEK)) == []


def test_a_frozen_week_keeps_what_was_waiting_at_either_step(item: WorkItem, cast: Cast) -> None:
    other = make_item("B", plan=item.plan)
    first = submitted(item, cast.chen, LAST_WEEK)
    second = review_report(report=submitted(other, cast.chen, LAST_WEEK), by=cast.zhou, now=THURSDAY)
    rollup.close_week(plan=item.plan, week=LAST_WEEK, now=THURSDAY, by=None)
    later = THURSDAY + HOUR
    return_report(report=first, by=cast.zhou, reason="数据不实", now=later)
    accept_report(report=second, by=cast.li, now=later)
    frozen = WeekRollup.objects.get(week=LAST_WEEK)
    then = ProgressReport.objects.filed(ReportStatus.SUBMITTED, LAST_WEEK, frozen.frozen_at)
    assert set(then) == {first, second}
    assert second.counted_week == LAST_WEEK + ONE_WEEK
    while rollup.roll_up_stale_cells(plan=item.plan, now=later):
        pass
    assert Cell.objects.get(rollup=frozen).submitted == 2
    assert verify_week(frozen) == []
    assert verify_week(WeekRollup.objects.get(week=THIS_WEEK)) == []
