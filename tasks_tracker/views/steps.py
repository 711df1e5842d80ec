"""The steps of the life cycle that a user may take on an item now, as the page of the item offers them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks_tracker.actions import lifecycle, requests
from tasks_tracker.actions.replan import OVER
from tasks_tracker.forms.lifecycle import CompletionForm, ExtensionForm, ReasonForm, StepForm
from tasks_tracker.models import CompletionRequest, Decision, ExtensionRequest, State, WorkItem
from tasks_tracker.permissions import can_answer_for, can_direct
from tasks_tracker.queries.history import ItemPage
from tasks_tracker.queries.requests import last_state_change, requests_of


@dataclass(frozen=True)
class Step:
    """One step: its words, its form, in which states who takes it, and the action."""

    label: Promise
    hint: Promise
    said: Promise
    form: type[StepForm]
    act: Callable[..., Any]
    states: tuple[str, ...]
    by_lead: bool = False
    weighty: bool = False


STEPS: dict[str, Step] = {
    "item_accept": Step(
        _("Sign for it"),
        _("Your unit takes the work item on. Its name and yours stand in the records."),
        _("Your unit has signed for “%(item)s”."),
        StepForm,
        lifecycle.accept_item,
        (State.ASSIGNED,),
        by_lead=True,
    ),
    "item_completion": Step(
        _("Ask for completion"),
        _("A supervisor decides. Until then the item runs on and reports are owed as before."),
        _("Completion of “%(item)s” is asked for. A supervisor decides."),
        CompletionForm,
        requests.request_completion,
        requests.MAY_BE_COMPLETED,
        by_lead=True,
    ),
    "item_extension": Step(
        _("Ask for an extension"),
        _("A supervisor decides. Until then the due day stays."),
        _("An extension of “%(item)s” is asked for. A supervisor decides."),
        ExtensionForm,
        requests.request_extension,
        requests.MAY_BE_EXTENDED,
        by_lead=True,
    ),
    "item_assign": Step(
        _("Assign the draft"),
        _("From this week on it counts in the figures, and its lead is asked to sign for it."),
        _("“%(item)s” is assigned."),
        ReasonForm,
        lifecycle.assign_draft,
        (State.DRAFT,),
    ),
    "item_resume": Step(
        _("Resume"),
        _("From this week on it counts in the figures again, with the dates it has."),
        _("“%(item)s” is resumed."),
        ReasonForm,
        lifecycle.resume_item,
        (State.SUSPENDED,),
    ),
    "item_reopen": Step(
        _("Reopen after a look back"),
        _("From this week on it stands at its last accepted percent again, and reports are owed."),
        _("“%(item)s” is reopened."),
        ReasonForm,
        lifecycle.reopen_item,
        (State.CLOSED,),
        weighty=True,
    ),
    "item_suspend": Step(
        _("Suspend"),
        _("From this week on it is in no figure, listed apart, and no report is owed."),
        _("“%(item)s” is suspended."),
        ReasonForm,
        lifecycle.suspend_item,
        lifecycle.SUSPENDABLE,
        weighty=True,
    ),
    "item_cancel": Step(
        _("Cancel the item"),
        _("From this week on it is in no figure. This cannot be taken back; earlier weeks stay as they are."),
        _("“%(item)s” is cancelled."),
        ReasonForm,
        lifecycle.cancel_item,
        lifecycle.CANCELLABLE,
        weighty=True,
    ),
}


@dataclass(frozen=True)
class Offer:
    """A step that may be taken now, with its form; `tried` when it was refused and stands open."""

    name: str
    step: Step
    form: forms.Form
    url: str
    tried: bool


def _offers(
    item: WorkItem, leads: bool, directs: bool, extending: bool, tried: tuple[str, StepForm] | None
) -> list[Offer]:
    """The steps of the lead and of its supervisor in this state; a refused form comes back as typed."""
    found = []
    for name, step in STEPS.items():
        is_tried = tried is not None and tried[0] == name
        allowed = leads if step.by_lead else directs
        if name == "item_extension" and extending and not is_tried:
            continue
        if (allowed and item.state in step.states) or is_tried:
            form = tried[1] if tried and is_tried else step.form(prefix=name)
            found.append(Offer(name, step, form, reverse(name, args=[item.code]), is_tried))
    return found


def steps_of(
    request: HttpRequest, page: ItemPage, tried: tuple[str, StepForm] | None = None
) -> dict[str, Any]:
    """Context of the panel: offers, what was asked and decided, why the state is what it is."""
    item, user = page.item, request.user
    newest = page.shown.is_latest
    asked = requests_of(item)
    waiting = [one for one in asked if one.decision == Decision.OPEN]
    leads, directs = newest and can_answer_for(user, item), newest and can_direct(user, item)
    extending = any(isinstance(one, ExtensionRequest) for one in waiting)
    return {
        "offers": _offers(item, leads, directs, extending, tried),
        "asked": [(one, isinstance(one, CompletionRequest)) for one in asked],
        "to_decide": directs and any(one.asked_by_id != user.pk for one in waiting),
        "why_so": last_state_change(item) if item.state in (State.SUSPENDED, State.CANCELLED) else None,
        "may_plan": directs and item.state not in OVER,
        "may_edit": directs,
        "may_split": (leads or directs) and item.state in lifecycle.SUSPENDABLE,
        "slippage": page.slippage,
    }
