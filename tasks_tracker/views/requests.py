"""Requests that wait for a supervisor: completion and extension, decided one by one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions import requests as actions
from tasks_tracker.actions.replan import StepRefused
from tasks_tracker.forms.lifecycle import GradeForm, GrantForm, ReasonForm, StepForm, refusal_text, status_of
from tasks_tracker.models import CompletionRequest, ExtensionRequest, Plan, User
from tasks_tracker.permissions import can_plan, check_can_decide_request
from tasks_tracker.queries.requests import completions, decided, extensions, slipped
from tasks_tracker.rules.weeks import week_of
from tasks_tracker.views.doorbell import ring_roll_up

KINDS = ("completion", "extension", "decided")
SHOWN = 50
# verb → kind, form, action, the argument that the form's text becomes, what is said
DECISIONS: dict[str, tuple[str, type[StepForm], Any, Any]] = {
    "grant_completion": (
        "completion",
        GradeForm,
        actions.grant_completion,
        gettext_lazy("“%(item)s” is closed."),
    ),
    "return_completion": (
        "completion",
        ReasonForm,
        actions.return_completion,
        gettext_lazy("“%(item)s” goes on; completion was not granted."),
    ),
    "grant_extension": (
        "extension",
        GrantForm,
        actions.grant_extension,
        gettext_lazy("The due day of “%(item)s” is moved."),
    ),
    "refuse_extension": (
        "extension",
        ReasonForm,
        actions.refuse_extension,
        gettext_lazy("The due day of “%(item)s” stays."),
    ),
}
Tried = tuple[str, int, StepForm]  # verb, number of the request, its form


def _plan(user: User) -> Plan:
    if not can_plan(user):
        raise PermissionDenied(_("Only supervisors decide on requests."))
    return Plan.objects.current()


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """What waits in the own scope, by kind, each with its forms; and what was decided lately."""
    return _page(request, _plan(request.user))


@require_POST
def request_decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Decide; what is refused stands in its form again, and who was faster is named."""
    plan = _plan(request.user)
    kind, form_class, act, said = DECISIONS[verb]
    model: Any = CompletionRequest if kind == "completion" else ExtensionRequest
    found = model.objects.all().visible_to(request.user).filter(item__plan=plan)
    asked = get_object_or_404(found.select_related("item__plan", "decided_by"), pk=pk)
    check_can_decide_request(request.user, asked)
    form = form_class(request.POST, prefix=f"{verb}-{pk}")
    if not form.is_valid():
        return _page(request, plan, tried=(verb, pk, form), status=422)
    try:
        act(asked=asked, by=request.user, now=timezone.localtime(), **form.cleaned_data)
    except StepRefused as refused:
        return _refused(request, plan, asked, refused, (verb, pk, form))
    ring_roll_up()
    messages.success(request, said % {"item": asked.item.title})
    return redirect(f"{reverse('requests')}?kind={kind}")


def _refused(
    request: HttpRequest, plan: Plan, asked: Any, refused: StepRefused, tried: Tried
) -> HttpResponse:
    asked.refresh_from_db()
    tried[2].refuse(refused)
    who = ""
    if asked.decided_by and asked.decided_at:
        when = date_format(timezone.localtime(asked.decided_at), "Y-m-d H:i")
        words = _("“%(item)s”: decided by %(who)s, %(when)s — %(decision)s. Yours was not written.")
        who = words % {
            "item": asked.item.title,
            "who": asked.decided_by,
            "when": when,
            "decision": asked.get_decision_display(),
        }
    return _page(request, plan, tried=tried, status=status_of(refused), conflict=who or refusal_text(refused))


def _page(
    request: HttpRequest, plan: Plan, *, tried: Tried | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    waiting: dict[str, Any] = {
        "completion": completions(plan, request.user),
        "extension": extensions(plan, request.user),
    }
    numbers = {kind: found.count() for kind, found in waiting.items()}
    kind = DECISIONS[tried[0]][0] if tried else request.GET.get("kind", "")
    if kind not in KINDS:
        kind = "extension" if numbers["extension"] and not numbers["completion"] else "completion"
    rows = [] if kind == "decided" else list(waiting[kind][:SHOWN])
    slips = slipped(rows, week_of(timezone.localdate()))
    words = {"completion": _("Completion"), "extension": _("Extension")}
    options = [(name, f"{words[name]} {numbers[name]}") for name in words]
    context = {
        "kind": kind,
        "kinds": [*options, ("decided", _("Decided"))],
        "cards": [_card(asked, kind, request.user, slips.get(asked.item_id), tried) for asked in rows],
        "hidden": max(0, numbers.get(kind, 0) - SHOWN),
        "waiting": sum(numbers.values()),
        "settled": decided(plan, request.user) if kind == "decided" else [],
    }
    return render(request, "supervision/requests.html", context | more, status=status)


def _card(asked: Any, kind: str, user: User, slip: Any, tried: Tried | None) -> dict[str, Any]:
    """One request with the forms that decide it; who asked gets none."""
    yes, no = [verb for verb, decision in DECISIONS.items() if decision[0] == kind]
    forms = {}
    for name, verb in (("yes", yes), ("no", no)):
        if tried and tried[:2] == (verb, asked.pk):
            forms[name] = tried[2]
        else:
            more = {"asked_for": asked.asked_due_on} if verb == "grant_extension" else {}
            forms[name] = DECISIONS[verb][1](prefix=f"{verb}-{asked.pk}", **more)
    return {
        "asked": asked,
        "item": asked.item,
        "slip": slip,
        "may_decide": asked.asked_by_id != user.pk,
        "yes_url": reverse(yes, args=[asked.pk]),
        "no_url": reverse(no, args=[asked.pk]),
        "days": (asked.asked_due_on - asked.item.due_on).days if kind == "extension" else None,
        **forms,
    }
