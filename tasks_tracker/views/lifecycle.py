"""Taking a step of the life cycle, and the list of what a unit is to sign for."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions.lifecycle import accept_items
from tasks_tracker.actions.replan import StepRefused
from tasks_tracker.forms.lifecycle import status_of
from tasks_tracker.models import UNIT_ROLES, Actor, Plan, WorkItem
from tasks_tracker.permissions import check_can_answer_for, check_can_direct
from tasks_tracker.queries.requests import to_accept as waiting_for
from tasks_tracker.views.doorbell import ring_roll_up
from tasks_tracker.views.item import item_page_response
from tasks_tracker.views.steps import STEPS
from tasks_tracker.views.weeks import week_of_page

MOST_AT_ONCE = 200


@require_POST
def item_step(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Take the step; what is refused stands in its form again, beside what is so by now."""
    step = STEPS[name]
    item = own_item(request, code)
    (check_can_answer_for if step.by_lead else check_can_direct)(request.user, item)
    form = step.form(request.POST, prefix=name)
    status = 422
    if form.is_valid():
        try:
            step.act(item=item, by=request.user, now=timezone.localtime(), **form.cleaned_data)
        except StepRefused as refused:
            form.refuse(refused)
            status = status_of(refused)
        else:
            ring_roll_up()
            messages.success(request, step.said % {"item": item.title})
            return redirect("item", item.code)
    return item_page_response(request, code, tried=(name, form), status=status)


def own_item(request: HttpRequest, code: str) -> WorkItem:
    """An item that the user sees; raises Http404 for any other, PermissionDenied for administrators."""
    plan = week_of_page(request).plan
    items = WorkItem.objects.visible_to(request.user).filter(plan=plan)
    return get_object_or_404(items.select_related("plan", "lead", "region", "measure", "parent"), code=code)


def _unit(request: HttpRequest) -> Actor:
    if request.user.role not in UNIT_ROLES or request.user.actor is None:
        raise PermissionDenied(_("Only units that lead work items sign for them."))
    return request.user.actor


@require_safe
def to_accept(request: HttpRequest) -> HttpResponse:
    """What is assigned to the own unit and waits for its signature."""
    unit = _unit(request)
    items = waiting_for(Plan.objects.current(), unit)
    total = items.count()
    return render(request, "plan/to_accept.html", {"items": items[:MOST_AT_ONCE], "total": total})


@require_POST
def to_accept_all(request: HttpRequest) -> HttpResponse:
    """Sign for the items that were on the page, all in one transaction."""
    unit = _unit(request)
    waiting = waiting_for(Plan.objects.current(), unit).filter(code__in=request.POST.getlist("item"))
    items = list(waiting.select_related("plan", "lead"))
    number = accept_items(items=items, by=request.user, now=timezone.localtime())
    if number:
        ring_roll_up()
        said = ngettext("%(n)d work item signed for.", "%(n)d work items signed for.", number)
        messages.success(request, said % {"n": number})
    else:
        messages.info(request, _("Nothing waited for a signature any more."))
    return redirect("to_accept")
