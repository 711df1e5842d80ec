"""The plan: what it is made of, setting it up, and editing it with its thresholds."""

from types import SimpleNamespace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tasks_tracker.actions.editing import plain
from tasks_tracker.actions.plan import PlanRefused, create_plan
from tasks_tracker.actions.plan_rules import RULES, edit_plan
from tasks_tracker.forms.plan import WEEKDAYS, NewPlanForm, PlanForm
from tasks_tracker.models import Actor, Light, Plan
from tasks_tracker.permissions import can_edit_plan
from tasks_tracker.queries.outline import outline_groups
from tasks_tracker.queries.plan_rules import Consequence, consequence_of
from tasks_tracker.views.doorbell import ring_open_week
from tasks_tracker.views.editing import (
    DONE,
    answer,
    attempt,
    plan_crumb,
    plan_for_supervisors,
    policy_to_edit,
)
from tasks_tracker.views.errors import Missing


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """What the plan is made of, each part with its page."""
    current = plan_for_supervisors(request)
    groups = outline_groups(policy_to_edit(current), request.user)
    context = {
        "plan": current,
        "may_edit": can_edit_plan(request.user),
        "groups": groups,
        "measures": sum(len(group.rows) for group in groups if group.key_task),
        "supporting": sum(len(group.rows) for group in groups if not group.key_task),
        "items": sum(group.items for group in groups),
        "actors": Actor.objects.filter(retired_on=None).count(),
        "cutoff_day": dict(WEEKDAYS)[current.cutoff_weekday] if current else "",
    }
    return render(request, "editing/plan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def plan_new(request: HttpRequest) -> HttpResponse:
    """Set up the plan where there is none yet."""
    if plan_for_supervisors(request, national=True):
        messages.warning(request, _("There is a plan already."))
        return redirect("plan")
    policy_to_edit(None)
    form = NewPlanForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = _set_up(request, form)
    return answer(
        request,
        form,
        status,
        reverse("plan"),
        crumbs=[plan_crumb()],
        title=_("Set up the plan"),
        submit=_("Set up"),
    )


def _set_up(request: HttpRequest, form: NewPlanForm) -> int:
    if not form.is_valid():
        return 422
    try:
        create_plan(**form.cleaned_data, first=True, by=request.user)
    except PlanRefused as refused:
        form.refuse(refused.code)
        return 422
    except ValidationError as error:
        form.add_error(None, error.messages)  # type: ignore[arg-type]
        return 422
    ring_open_week()
    return DONE


@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest) -> HttpResponse:
    """Edit the plan. Changed rules are saved only after their consequence was shown and confirmed."""
    current = plan_for_supervisors(request, national=True)
    if current is None:
        raise Missing(_("There is no plan yet."))
    title = current.label
    form = PlanForm(request.POST or None, instance=Plan.objects.get(pk=current.pk))
    status, consequence = 200, None
    if request.method == "POST":
        consequence = _unconfirmed(request, form, current)
        status = 200 if consequence else attempt(form, lambda: _save(request, form, current))
    return answer(
        request,
        form,
        status,
        reverse("plan"),
        template="editing/plan_form.html",
        crumbs=[plan_crumb()],
        title=_("Edit the plan"),
        lead=title,
        consequence=consequence,
        moves=_moves(consequence),
    )


def _save(request: HttpRequest, form: PlanForm, current: Plan) -> None:
    if edit_plan(plan=current, values=form.values, seen=form.seen_values, by=request.user):
        ring_open_week()


def _unconfirmed(request: HttpRequest, form: PlanForm, current: Plan) -> Consequence | None:
    """What changed rules would do, as long as nobody has confirmed just these; None when there is no need."""
    if not form.is_valid():
        return None
    rules = {name: form.values[name] for name in RULES}
    typed = plain(SimpleNamespace(**rules), RULES)
    changed = any(typed[name] != form.seen_values[name] for name in RULES)
    form.confirmation = "|".join(str(rules[name]) for name in RULES)  # type: ignore[attr-defined]
    if not changed or request.POST.get("confirmed") == form.confirmation:  # type: ignore[attr-defined]
        return None
    return consequence_of(current, rules, timezone.localtime())


def _moves(consequence: Consequence | None) -> list[dict[str, Any]]:
    order = [str(light) for light in Light]
    moves = (
        sorted(consequence.moves.items(), key=lambda move: [order.index(light) for light in move[0]])
        if consequence
        else []
    )
    return [{"before": before, "after": after, "items": items} for (before, after), items in moves]
