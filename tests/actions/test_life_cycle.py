"""The steps of the life cycle: who takes them, what they move, what is refused, and what is on record."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from tasks_tracker.actions import lifecycle, requests, rollup
from tasks_tracker.actions.item_words import Words, edit_item
from tasks_tracker.actions.replan import Terms, change_plan
from tasks_tracker.models import (
    AuditEntry,
    Cell,
    CompletionRequest,
    Decision,
    ExtensionRequest,
    Grade,
    PlanChange,
    PlanSegment,
    State,
    WorkItem,
)
from tasks_tracker.rules.schedule import Mark
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_actor,
    make_item,
    make_user,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.factories.proof import DUE, NOW, agreed, an_item_in_a_frozen_week, cell, compute, refusal

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    return an_item_in_a_frozen_week()


def terms(item: WorkItem, **changes: Any) -> tuple[Terms, Terms]:
    seen = Terms.of(item)
    return Terms(**{name: getattr(seen, name) for name in seen.written} | changes), seen


def change(item: WorkItem, cast: Cast, **changes: Any) -> list[PlanChange]:
    wanted, seen = terms(item, **changes)
    return change_plan(item=item, terms=wanted, seen=seen, reason="按部署调整。", by=cast.li, now=NOW)


# --- the plan on record -------------------------------------------------------------------------------------
def test_a_change_of_the_plan_holds_from_this_week_and_frozen_weeks_keep_theirs(
    item: WorkItem, cast: Cast
) -> None:
    stored = list(Cell.objects.filter(rollup__week=LAST_WEEK).values())
    marks = (Mark(date(2026, 9, 30), 50_00, "中期"),)
    later = DUE + 60 * DAY
    rows = change(item, cast, due_on=later, weight=5, is_key=True, milestones=marks)
    assert {(row.field, row.old_value) for row in rows} == {
        ("due_on", "2026-12-31"),
        ("weight", "3"),
        ("is_key", "0"),
        ("milestones", '[["2026-06-30",3000,"节点1"]]'),
    }
    assert {(row.asked_by, row.approved_by, row.reason, row.week) for row in rows} == {
        (cast.li, cast.li, "按部署调整。", THIS_WEEK)
    }
    then, now = agreed(item, LAST_WEEK), agreed(item, THIS_WEEK)
    assert (then.due_on, then.weight, then.is_key) == (DUE, 3, False)
    assert (now.due_on, now.weight, now.is_key) == (later, 5, True)
    pieces = PlanSegment.objects.filter(item=item)
    assert set(pieces.filter(until=THIS_WEEK).values_list("until_percent", flat=True)) == {30_00, 100_00}
    assert set(pieces.filter(since=THIS_WEEK).values_list("until_percent", flat=True)) == {50_00, 100_00}
    compute(item)
    assert list(Cell.objects.filter(rollup__week=LAST_WEEK).values()) == stored
    [entry] = AuditEntry.objects.filter(action="replan_item")
    assert (entry.by, entry.before["weight"], entry.after["weight"]) == (cast.li, "3", "5")


def test_a_new_lead_moves_the_cell_from_this_week_on(item: WorkItem, cast: Cast) -> None:
    change(item, cast, lead=cast.jiangsu)
    compute(item)
    assert (cell(LAST_WEEK).lead, cell().lead) == (cast.hubei, cast.jiangsu)


def test_a_stale_form_overwrites_nothing(item: WorkItem, cast: Cast) -> None:
    wanted, seen = terms(item, weight=9)
    change(item, cast, weight=5)
    arguments = {"item": item, "terms": wanted, "seen": seen, "reason": "调整。", "by": cast.li}
    assert refusal(change_plan, **arguments) == "changed_meanwhile"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "nothing_changed"),
        ({"due_on": date(2025, 12, 31)}, "due_before_start"),
        ({"due_on": date(2028, 1, 1)}, "outside_plan"),
        ({"due_on": date(2026, 6, 1)}, "milestones_out_of_order"),
        ({"weight": 0}, "bad_weight"),
        ({"milestones": tuple(Mark(date(2026, 1, 2) + n * DAY, n, "节点") for n in range(21))},
         "too_many_milestones"),
    ],
)  # fmt: skip
def test_what_cannot_hold_is_refused(changes: dict[str, Any], code: str, item: WorkItem, cast: Cast) -> None:
    wanted, seen = terms(item, **changes)
    arguments = {"item": item, "terms": wanted, "seen": seen, "by": cast.li}
    assert refusal(change_plan, reason="调整。", **arguments) == code


def test_a_change_says_why_and_its_lead_reports(item: WorkItem, cast: Cast) -> None:
    society = make_actor("society", kind="society")
    wanted, seen = terms(item, lead=society)
    arguments = {"item": item, "terms": wanted, "seen": seen, "by": cast.li}
    assert refusal(change_plan, reason=" ", **arguments) == "reason_missing"
    assert refusal(change_plan, reason="调整。", **arguments) == "does_not_report"


def test_only_supervisors_of_the_item_direct_it(item: WorkItem, cast: Cast) -> None:
    wanted, seen = terms(item, weight=9)
    for user in (cast.chen, cast.zhou, cast.zhao, cast.sun, cast.system_admin, cast.audit_admin):
        with pytest.raises(PermissionDenied):
            change_plan(item=item, terms=wanted, seen=seen, reason="调整。", by=user, now=NOW)
        with pytest.raises(PermissionDenied):
            edit_item(item=item, words=Words.of(item), seen=Words.of(item).written, by=user, now=NOW)
        for step in (lifecycle.suspend_item, lifecycle.cancel_item, lifecycle.reopen_item):
            with pytest.raises(PermissionDenied):
                step(item=item, reason="调整。", by=user, now=NOW)
    assert not PlanChange.objects.exists()


# --- words --------------------------------------------------------------------------------------------------
def test_words_are_edited_freely_and_on_record(item: WorkItem, cast: Cast) -> None:
    words = Words.of(item)
    new = Words(
        "新名称", "形成六条产业链", words.deliverable, "binding", cast.chen, None, (cast.jiangsu, cast.bureau)
    )
    changed = edit_item(item=item, words=new, seen=words.written, by=cast.li, now=NOW)
    item.refresh_from_db()
    assert (item.title, item.owner, set(item.supporting.all())) == (
        "新名称",
        cast.chen,
        {cast.jiangsu, cast.bureau},
    )
    [entry] = AuditEntry.objects.filter(action="edit_item")
    assert (entry.before["title"], entry.after["title"]) == ("工作事项A", "新名称")
    assert "deliverable" not in changed
    assert not PlanChange.objects.exists()
    stale = {"item": item, "words": new, "seen": words.written, "by": cast.li}
    assert refusal(edit_item, **stale) == "changed_meanwhile"


# --- states -------------------------------------------------------------------------------------------------
def test_the_lead_unit_signs_for_what_is_assigned_to_it(cast: Cast) -> None:
    items = [make_item(code, state=State.ASSIGNED) for code in ("A", "B")]
    running = make_item("C")
    assert lifecycle.accept_item(item=items[0], by=cast.zhou, now=NOW).state == State.ACCEPTED
    assert lifecycle.accept_items(items=[*items, running], by=cast.chen, now=NOW) == 1
    assert agreed(items[1], THIS_WEEK).state == State.ACCEPTED
    assert [entry.by for entry in AuditEntry.objects.filter(action="accept_item").order_by("pk")] == [
        cast.zhou,
        cast.chen,
    ]
    assert refusal(lifecycle.accept_item, item=items[0], by=cast.chen) == "state_changed"
    for user in (cast.liu, cast.wang, cast.li, cast.zhao):
        with pytest.raises(PermissionDenied):
            lifecycle.accept_item(item=items[0], by=user, now=NOW)


def test_suspended_it_is_in_no_figure_and_resumed_it_goes_on_where_it_was(item: WorkItem, cast: Cast) -> None:
    lifecycle.suspend_item(item=item, reason="等待批复。", by=cast.li, now=NOW)
    compute(item)
    assert (cell().items, cell().suspended_items, cell(LAST_WEEK).items) == (0, 1, 1)
    resumed = lifecycle.resume_item(item=item, reason="已批复。", by=cast.li, now=NOW)
    assert resumed.state == State.IN_PROGRESS
    compute(item)
    assert (cell().items, cell().suspended_items) == (1, 0)
    assert refusal(lifecycle.resume_item, item=item, reason="已批复。", by=cast.li) == "state_changed"


def test_cancelled_it_stays_cancelled_and_what_was_asked_lapses(item: WorkItem, cast: Cast) -> None:
    asked = ask_extension(item, cast)
    lifecycle.cancel_item(item=item, reason="任务并入。", by=cast.li, now=NOW)
    asked.refresh_from_db()
    assert (asked.decision, asked.decided_by) == (Decision.LAPSED, cast.li)
    compute(item)
    assert (cell().items, cell().cancelled_items) == (0, 1)
    for step in (lifecycle.resume_item, lifecycle.reopen_item, lifecycle.suspend_item):
        assert refusal(step, item=item, reason="再来。", by=cast.li) == "state_changed"


# --- completion ---------------------------------------------------------------------------------------------
def ask_completion(item: WorkItem, cast: Cast, **changes: Any) -> CompletionRequest:
    arguments = {"statement": "任务全部完成。", "shortfall": "验收中。", "by": cast.chen, "now": NOW}
    return requests.request_completion(item=item, **arguments | changes)


def test_completion_is_asked_for_granted_with_a_grade_and_looked_back_at(item: WorkItem, cast: Cast) -> None:
    asked = ask_completion(item, cast)
    assert (asked.percent, agreed(item, THIS_WEEK).state) == (40_00, State.COMPLETION_REQUESTED)
    compute(item)
    assert (cell().items, cell().done) == (1, 0)
    requests.grant_completion(asked=asked, grade=Grade.GOOD, remark="同意。", by=cast.li, now=NOW)
    item.refresh_from_db()
    assert (item.state, item.closed_on, asked.grade) == (State.CLOSED, NOW.date(), Grade.GOOD)
    compute(item)
    assert (cell().done, cell().earned) == (1, 3 * 100_00)
    lifecycle.reopen_item(item=item, reason="成果未落实。", by=cast.li, now=NOW)
    item.refresh_from_db()
    assert (item.state, item.closed_on) == (State.IN_PROGRESS, None)
    compute(item)
    assert (cell().done, cell().earned) == (0, 3 * 40_00)


def test_below_100_percent_the_lead_says_why(item: WorkItem, cast: Cast) -> None:
    assert refusal(ask_without, item=item, by=cast.chen, shortfall="") == "shortfall_missing"
    assert refusal(requests.request_completion, item=item, statement=" ", by=cast.chen) == "statement_missing"
    report_and_accept(item, 100_00, THIS_WEEK)
    assert ask_completion(item, cast, shortfall="").percent == 100_00


def ask_without(**arguments: Any) -> CompletionRequest:
    return requests.request_completion(statement="已完成。", **arguments)


def test_who_asked_does_not_decide_and_one_decision_wins(item: WorkItem, cast: Cast) -> None:
    asked = ask_completion(item, cast)
    assert refusal(ask_without, item=item, by=cast.chen, shortfall="x") == "state_changed"
    cast.chen.role = "supervisor"
    cast.chen.save()
    for user in (cast.chen, cast.zhou, cast.sun, cast.zhao):
        with pytest.raises(PermissionDenied):
            requests.grant_completion(asked=asked, grade=Grade.GOOD, by=user, now=NOW)
    requests.return_completion(asked=asked, reason="材料不全。", by=cast.li, now=NOW)
    item.refresh_from_db()
    assert item.state == State.IN_PROGRESS
    again = {"asked": asked, "by": make_user("supervisor")}
    assert refusal(requests.grant_completion, grade=Grade.GOOD, **again) == "already_decided"
    assert refusal(requests.return_completion, reason="再看。", **again) == "already_decided"
    assert refusal(requests.grant_completion, grade="", **again) == "grade_missing"


# --- extension ----------------------------------------------------------------------------------------------
def ask_extension(item: WorkItem, cast: Cast, **changes: Any) -> ExtensionRequest:
    arguments = {"due_on": DUE + 60 * DAY, "reason": "设备到货晚。", "catch_up": "倒排工期。", "now": NOW}
    return requests.request_extension(item=item, by=cast.chen, **arguments | changes)


def test_an_extension_moves_the_due_day_only_when_it_is_granted(item: WorkItem, cast: Cast) -> None:
    asked = ask_extension(item, cast)
    item.refresh_from_db()
    assert item.due_on == DUE
    requests.grant_extension(asked=asked, due_on=DUE + 30 * DAY, by=cast.li, now=NOW)
    item.refresh_from_db()
    assert (item.due_on, asked.granted_due_on) == (DUE + 30 * DAY, DUE + 30 * DAY)
    [row] = PlanChange.objects.all()
    assert (row.field, row.asked_by, row.approved_by, row.reason) == (
        "due_on",
        cast.chen,
        cast.li,
        "设备到货晚。",
    )
    compute(item)
    refused = ask_extension(item, cast, due_on=DUE + 90 * DAY)
    requests.refuse_extension(asked=refused, reason="请按期完成。", by=cast.li, now=NOW)
    item.refresh_from_db()
    assert item.due_on == DUE + 30 * DAY


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"due_on": DUE}, "not_later"),
        ({"due_on": date(2028, 1, 1)}, "outside_plan"),
        ({"reason": ""}, "reason_missing"),
        ({"catch_up": " "}, "catch_up_missing"),
    ],
)
def test_an_extension_must_be_asked_for_with_a_plan(
    changes: dict[str, Any], code: str, item: WorkItem, cast: Cast
) -> None:
    arguments = {"due_on": DUE + DAY, "reason": "设备。", "catch_up": "倒排。", "by": cast.chen} | changes
    assert refusal(requests.request_extension, item=item, **arguments) == code


def test_one_extension_waits_at_a_time(item: WorkItem, cast: Cast) -> None:
    ask_extension(item, cast)
    arguments = {"due_on": DUE + DAY, "reason": "设备。", "catch_up": "倒排。", "by": cast.zhou}
    assert refusal(requests.request_extension, item=item, **arguments) == "already_asked"


def test_a_change_while_last_week_is_still_open_leaves_last_week_alone(cast: Cast) -> None:
    item = make_item("A", weight=3)
    rollup.roll_up_week(plan=item.plan, week=LAST_WEEK, now=moment(LAST_WEEK))
    change(item, cast, weight=7)
    compute(item)
    assert (cell(LAST_WEEK).weight, cell().weight) == (3, 7)
    assert agreed(item, THIS_WEEK + ONE_WEEK).weight == 7
