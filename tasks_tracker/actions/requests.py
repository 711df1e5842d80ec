"""What a lead asks for, and what a supervisor decides: completion and extension.

Completion is never self-declared, and who asked does not decide. One decision wins; whoever comes second gets
`already_decided`.
"""

from datetime import date, datetime

from django.db import transaction

from tasks_tracker.actions import audit, standing
from tasks_tracker.actions.lifecycle import change_state, check_parts, lapse_requests
from tasks_tracker.actions.replan import StepRefused, check_reason, check_run, held, move
from tasks_tracker.models import (
    WHOLE,
    CompletionRequest,
    Decision,
    ExtensionRequest,
    Grade,
    State,
    User,
    WorkItem,
)
from tasks_tracker.permissions import check_can_answer_for, check_can_decide_request

MAY_BE_COMPLETED = (State.ACCEPTED, State.IN_PROGRESS)
MAY_BE_EXTENDED = (State.ASSIGNED, State.ACCEPTED, State.IN_PROGRESS)


@transaction.atomic
def request_completion(
    *, item: WorkItem, statement: str, shortfall: str = "", by: User, now: datetime
) -> CompletionRequest:
    """State that the work is done. Below 100 % the lead says why. Raises StepRefused and PermissionDenied."""
    check_can_answer_for(by, item)
    if not statement.strip():
        raise StepRefused("statement_missing", "statement")
    item, week = held(item, now)
    check_can_answer_for(by, item)
    if item.state not in MAY_BE_COMPLETED:
        raise StepRefused("state_changed")
    check_parts(item)
    percent = standing.open_standing(item).percent
    if not item.decomposed and percent != WHOLE and not shortfall.strip():
        raise StepRefused("shortfall_missing", "shortfall")
    asked = CompletionRequest.objects.create(
        item=item,
        statement=statement.strip(),
        percent=percent,
        shortfall=shortfall.strip(),
        asked_by=by,
        asked_at=now,
    )
    _set_state(item, week, State.COMPLETION_REQUESTED)
    audit.record(
        by=by,
        action="request_completion",
        obj=asked,
        after={"item": item.code, "percent": percent, "statement": asked.statement},
    )
    return asked


@transaction.atomic
def grant_completion(
    *, asked: CompletionRequest, grade: str, remark: str = "", by: User, now: datetime
) -> CompletionRequest:
    """Close the item with a grade; from the open week on it counts as done."""
    check_can_decide_request(by, asked)
    if grade not in Grade.values:
        raise StepRefused("grade_missing", "grade")
    item, week = held(asked.item, now)
    _decide(asked, Decision.GRANTED, by, now, remark, grade=grade)
    if item.state != State.COMPLETION_REQUESTED:
        raise StepRefused("state_changed")
    change_state(
        item,
        week,
        State.CLOSED,
        reason=asked.statement[:300],
        asked_by=asked.asked_by,
        approved_by=by,
        now=now,
        closed_on=now.date(),
    )
    lapse_requests(item, by, now)
    audit.record(
        by=by,
        action="grant_completion",
        obj=asked,
        before={"item": item.code, "state": State.COMPLETION_REQUESTED},
        after={"state": State.CLOSED, "grade": grade, "reason": remark.strip()},
    )
    return asked


@transaction.atomic
def return_completion(*, asked: CompletionRequest, reason: str, by: User, now: datetime) -> CompletionRequest:
    """Do not close the item; it goes on, and the lead may ask again."""
    check_can_decide_request(by, asked)
    check_reason(reason)
    item, week = held(asked.item, now)
    _decide(asked, Decision.REFUSED, by, now, reason)
    if item.state == State.COMPLETION_REQUESTED:
        _set_state(item, week, State.IN_PROGRESS)
    audit.record(
        by=by,
        action="return_completion",
        obj=asked,
        before={"item": item.code, "state": State.COMPLETION_REQUESTED},
        after={"state": item.state, "reason": reason.strip()},
    )
    return asked


@transaction.atomic
def request_extension(
    *, item: WorkItem, due_on: date, reason: str, catch_up: str, by: User, now: datetime
) -> ExtensionRequest:
    """Ask for a later due day, with a plan. Nothing moves yet. Raises StepRefused and PermissionDenied."""
    check_can_answer_for(by, item)
    check_reason(reason)
    if not catch_up.strip():
        raise StepRefused("catch_up_missing", "catch_up")
    item, _week = held(item, now)
    check_can_answer_for(by, item)
    if item.state not in MAY_BE_EXTENDED:
        raise StepRefused("state_changed")
    if ExtensionRequest.objects.filter(item=item, decision=Decision.OPEN).exists():
        raise StepRefused("already_asked")
    _check_later(item, due_on, now.date())
    asked = ExtensionRequest.objects.create(
        item=item,
        due_on=item.due_on,
        asked_due_on=due_on,
        reason=reason.strip(),
        catch_up=catch_up.strip(),
        asked_by=by,
        asked_at=now,
    )
    audit.record(
        by=by,
        action="request_extension",
        obj=asked,
        before={"item": item.code, "due_on": item.due_on.isoformat()},
        after={"asked_due_on": due_on.isoformat(), "reason": asked.reason, "catch_up": asked.catch_up},
    )
    return asked


@transaction.atomic
def grant_extension(
    *, asked: ExtensionRequest, due_on: date, remark: str = "", by: User, now: datetime
) -> ExtensionRequest:
    """Move the due day, to the one asked for or another later one; the change is on record."""
    check_can_decide_request(by, asked)
    item, week = held(asked.item, now)
    _decide(asked, Decision.GRANTED, by, now, remark, granted_due_on=due_on)
    if item.state not in MAY_BE_EXTENDED:
        raise StepRefused("state_changed")
    before = item.due_on
    _check_later(item, due_on, now.date())
    move(
        item,
        week,
        {"due_on": due_on},
        reason=asked.reason,
        asked_by=asked.asked_by,
        approved_by=by,
        now=now,
    )
    audit.record(
        by=by,
        action="grant_extension",
        obj=asked,
        before={"item": item.code, "due_on": before.isoformat()},
        after={"due_on": due_on.isoformat(), "reason": remark.strip()},
    )
    return asked


@transaction.atomic
def refuse_extension(*, asked: ExtensionRequest, reason: str, by: User, now: datetime) -> ExtensionRequest:
    """The due day stays."""
    check_can_decide_request(by, asked)
    check_reason(reason)
    held(asked.item, now)
    _decide(asked, Decision.REFUSED, by, now, reason)
    audit.record(
        by=by,
        action="refuse_extension",
        obj=asked,
        before={"item": asked.item.code, "asked_due_on": asked.asked_due_on.isoformat()},
        after={"due_on": asked.item.due_on.isoformat(), "reason": reason.strip()},
    )
    return asked


def _check_later(item: WorkItem, due_on: date, today: date) -> None:
    if due_on <= max(item.due_on, today):
        raise StepRefused("not_later", "due_on")
    check_run(item, item.starts_on, due_on)


def _set_state(item: WorkItem, week: date, state: State) -> None:
    """Between running states: nothing that is counted moves, so it is no change of the plan."""
    item.state = state
    item.save(update_fields=["state"])
    standing.advance(item, week, state=state)


def _decide(
    asked: CompletionRequest | ExtensionRequest,
    decision: Decision,
    by: User,
    now: datetime,
    reason: str,
    **values: object,
) -> None:
    """One decision wins; whoever comes second is told."""
    waiting = type(asked).objects.filter(pk=asked.pk, decision=Decision.OPEN)
    if not waiting.update(
        decision=decision, decided_by=by, decided_at=now, decision_reason=reason.strip(), **values
    ):
        raise StepRefused("already_decided")
    asked.refresh_from_db()
