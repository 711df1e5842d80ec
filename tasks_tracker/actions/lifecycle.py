"""The life cycle of a work item: assigned, accepted, suspended, resumed, cancelled, reopened.

Each step is one transaction on the item as it is by then: of two people who act at the same moment one wins,
and the other gets `state_changed`. Steps that move what is counted are plan changes on record; the others are
in the audit log. Asking for completion and extension: actions/requests.py.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from tasks_tracker.actions import audit, standing
from tasks_tracker.actions.replan import StepRefused, check_reason, held, move
from tasks_tracker.models import (
    RUNNING_STATES,
    CompletionRequest,
    Decision,
    ExtensionRequest,
    PlanChange,
    State,
    User,
    WorkItem,
)
from tasks_tracker.permissions import check_can_answer_for, check_can_direct

SUSPENDABLE = (State.ASSIGNED, State.ACCEPTED, State.IN_PROGRESS)
CANCELLABLE = (State.DRAFT, *RUNNING_STATES, State.SUSPENDED)
STILL_OPEN = (*RUNNING_STATES, State.SUSPENDED)


@transaction.atomic
def assign_draft(*, item: WorkItem, reason: str, by: User, now: datetime) -> WorkItem:
    """Let a draft enter the plan: from the open week on it counts, and its lead is asked to sign for it."""
    item, before = _directed(item, (State.DRAFT,), State.ASSIGNED, reason, by, now)
    audit.record(by=by, action="assign_draft", obj=item, before=before, after=_after(item, reason))
    return item


@transaction.atomic
def accept_item(*, item: WorkItem, by: User, now: datetime) -> WorkItem:
    """The lead unit signs for an item that was assigned to it."""
    check_can_answer_for(by, item)
    item, week = held(item, now)
    check_can_answer_for(by, item)  # the lead may have changed meanwhile
    _check_state(item, (State.ASSIGNED,))
    item.state = State.ACCEPTED
    item.save(update_fields=["state"])
    standing.advance(item, week, state=State.ACCEPTED)
    audit.record(
        by=by,
        action="accept_item",
        obj=item,
        before={"item": item.code, "state": State.ASSIGNED},
        after={"state": State.ACCEPTED},
    )
    return item


@transaction.atomic
def accept_items(*, items: Iterable[WorkItem], by: User, now: datetime) -> int:
    """Sign for all of them that still wait for it; returns how many that were."""
    waiting = items if isinstance(items, list) else list(items)
    return sum(_accepted(item, by, now) for item in waiting)


def _accepted(item: WorkItem, by: User, now: datetime) -> bool:
    try:
        accept_item(item=item, by=by, now=now)
    except StepRefused:
        return False
    return True


@transaction.atomic
def suspend_item(*, item: WorkItem, reason: str, by: User, now: datetime) -> WorkItem:
    """Take an item out of the figures for a while; it is listed apart and asks for no report."""
    item, before = _directed(item, SUSPENDABLE, State.SUSPENDED, reason, by, now)
    audit.record(by=by, action="suspend_item", obj=item, before=before, after=_after(item, reason))
    return item


@transaction.atomic
def resume_item(*, item: WorkItem, reason: str, by: User, now: datetime) -> WorkItem:
    """Let a suspended item go on in the state in which it was suspended."""
    suspensions = PlanChange.objects.filter(
        item=item, field=PlanChange.Field.STATE, new_value=State.SUSPENDED
    )
    last = suspensions.order_by("-at", "-pk").values_list("old_value", flat=True).first()
    state = State(last) if last in SUSPENDABLE else State.IN_PROGRESS
    item, before = _directed(item, (State.SUSPENDED,), state, reason, by, now)
    audit.record(by=by, action="resume_item", obj=item, before=before, after=_after(item, reason))
    return item


@transaction.atomic
def cancel_item(*, item: WorkItem, reason: str, by: User, now: datetime) -> WorkItem:
    """Take an item out of the figures for good; requests about it lapse."""
    item, before = _directed(item, CANCELLABLE, State.CANCELLED, reason, by, now)
    audit.record(by=by, action="cancel_item", obj=item, before=before, after=_after(item, reason))
    lapse_requests(item, by, now)
    return item


@transaction.atomic
def reopen_item(*, item: WorkItem, reason: str, by: User, now: datetime) -> WorkItem:
    """Look back: a closed item that does not hold what was stated goes on from its last accepted percent."""
    if item.parent and item.parent.state == State.CLOSED:
        raise StepRefused("whole_closed")
    item, before = _directed(item, (State.CLOSED,), State.IN_PROGRESS, reason, by, now, closed_on=None)
    audit.record(by=by, action="reopen_item", obj=item, before=before, after=_after(item, reason))
    return item


def _directed(
    item: WorkItem,
    allowed: tuple[State, ...],
    state: State,
    reason: str,
    by: User,
    now: datetime,
    **also: Any,
) -> tuple[WorkItem, dict[str, Any]]:
    """A step that a supervisor takes with a reason, on record as a change of the plan.

    Returns the item as it is now, and what the audit log says of it before.
    """
    check_can_direct(by, item)
    check_reason(reason)
    item, week = held(item, now)
    _check_state(item, allowed)
    if state in (State.SUSPENDED, State.CANCELLED):
        check_parts(item)
    before = {"item": item.code, "state": item.state}
    change_state(item, week, state, reason=reason, asked_by=by, approved_by=by, now=now, **also)
    return item, before


def _after(item: WorkItem, reason: str) -> dict[str, Any]:
    return {"state": item.state, "reason": reason.strip()}


def change_state(item: WorkItem, week: Any, state: State, **named: Any) -> None:
    """Record the change of state of an item that is `held`; `closed_on` goes with it."""
    if "closed_on" in named:
        closed_on = named.pop("closed_on")
        WorkItem.objects.filter(pk=item.pk).update(state=state, closed_on=closed_on)
        item.closed_on = closed_on
    move(item, week, {"state": state}, **named)


def check_parts(item: WorkItem) -> None:
    """Raises StepRefused while parts of a decomposed item still run: they are dealt with first."""
    if item.decomposed and item.children.filter(state__in=STILL_OPEN).exists():
        raise StepRefused("parts_running")


def lapse_requests(item: WorkItem, by: User, now: datetime) -> None:
    """What was asked about the item and not decided yet has no object any more."""
    for model in (CompletionRequest, ExtensionRequest):
        waiting = model.objects.filter(item=item, decision=Decision.OPEN)
        waiting.update(decision=Decision.LAPSED, decided_by=by, decided_at=now)


def _check_state(item: WorkItem, allowed: tuple[State, ...]) -> None:
    if item.state not in allowed:
        raise StepRefused("state_changed")
