"""Bringing work items into the plan: one, or one per region of a measure."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from tasks_tracker.actions.assigning import assign_item, check_distribution, distribute_measure
from tasks_tracker.actions.item_rows import RowsRefused
from tasks_tracker.actions.plan import Checked
from tasks_tracker.actions.problems import CaseRefused, make_item_of_case
from tasks_tracker.actions.signal_acts import SignalRefused, make_item_of_signal
from tasks_tracker.forms.distribution import DistributionForm, Line, note_faults
from tasks_tracker.forms.item_plan import NewItemForm, reporting_actors
from tasks_tracker.forms.problems import problem_as_item, refusal_text
from tasks_tracker.forms.signals import refusal_text as signal_refusal_text
from tasks_tracker.forms.signals import signal_as_item
from tasks_tracker.models import OPEN_STATES, EarlySignal, Plan, ProblemCase, WorkItem
from tasks_tracker.permissions import can_handle_signal, can_steer, check_can_plan
from tasks_tracker.queries.problems import case_of
from tasks_tracker.queries.signals import signal_by
from tasks_tracker.reports.signal_words import signal_title
from tasks_tracker.views.doorbell import ring_roll_up

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


Origin = ProblemCase | EarlySignal | None  # of what an item is made, if of anything


@GET_OR_POST
def assign(request: HttpRequest) -> HttpResponse:
    """One new work item, assigned at once or kept as a draft.

    `?problem=` makes it of a problem, `?signal=` of an early signal.
    """
    check_can_plan(request.user)
    plan = Plan.objects.current()
    origin = _case(request, plan) or _signal(request, plan)
    if _is_settled(origin):
        return _made_already(request, origin)
    posted = request.POST if request.method == "POST" else None
    form = NewItemForm(
        posted, measures=plan.policy.measures.all(), user=request.user, initial=_initial(origin)
    )
    if posted is not None and form.is_valid():
        try:
            item = _assign(request, plan, form, origin)
        except RowsRefused as refused:
            for fault in refused.faults:
                form.fault(fault)
        except (CaseRefused, SignalRefused):
            return _made_already(request, origin)
        else:
            ring_roll_up()
            said = _("“%(item)s” is kept as a draft.") if "draft" in posted else _("“%(item)s” is assigned.")
            messages.success(request, said % {"item": item.title})
            return redirect("item", item.code)
    context = {"form": form} | _origin_words(origin)
    return render(request, "plan/assign.html", context, status=422 if posted is not None else 200)


def _case(request: HttpRequest, plan: Plan) -> ProblemCase | None:
    """The problem of which the item is made, if any. Raises Http404 where the user does not steer it."""
    asked = request.GET.get("problem", "")
    if not asked:
        return None
    found = case_of(plan, request.user, int(asked)) if _is_number(asked) else None
    if found is None or not can_steer(request.user, found):
        raise Http404(_("There is no such problem, or it is not yours to see."))
    return found


def _signal(request: HttpRequest, plan: Plan) -> EarlySignal | None:
    """The early signal of which the item is made, if any. Raises Http404 where it is not the user's."""
    asked = request.GET.get("signal", "")
    if not asked:
        return None
    found = signal_by(request.user, int(asked), plan) if _is_number(asked) else None
    if found is None or not can_handle_signal(request.user, found):
        raise Http404(_("There is no such early signal in this week, or it is not yours to see."))
    return found


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _is_settled(origin: Origin) -> bool:
    """No item is to be made of it any more."""
    if isinstance(origin, EarlySignal):
        return origin.state not in OPEN_STATES
    return origin is not None and bool(origin.is_solved or origin.made_item)


def _initial(origin: Origin) -> dict[str, Any]:
    today = timezone.localdate()
    if isinstance(origin, EarlySignal):
        title = f"{origin.get_code_display()}: {signal_title(origin)}"
        return signal_as_item(origin, title, today)
    return problem_as_item(origin, today) if origin else {}


def _origin_words(origin: Origin) -> dict[str, Any]:
    if isinstance(origin, EarlySignal):
        return {"signal": origin}
    return {"case": origin}


def _made_already(request: HttpRequest, origin: Origin) -> HttpResponse:
    """Somebody else was faster."""
    if isinstance(origin, EarlySignal):
        said = signal_refusal_text(SignalRefused("item_made"))
    else:
        said = refusal_text(CaseRefused("item_made"))
    context = {"form": None, "conflict": said} | _origin_words(origin)
    return render(request, "plan/assign.html", context, status=409)


def _assign(request: HttpRequest, plan: Plan, form: NewItemForm, origin: Origin) -> WorkItem:
    values: dict[str, Any] = {
        "plan": plan,
        "row": form.row(),
        "draft": "draft" in request.POST,
        "industry": form.cleaned_data["industry"],
        "by": request.user,
        "now": timezone.localtime(),
    }
    if isinstance(origin, EarlySignal):
        return make_item_of_signal(signal=origin, **values)
    return make_item_of_case(case=origin, **values) if origin else assign_item(**values)


@GET_OR_POST
def distribute(request: HttpRequest) -> HttpResponse:
    """Choose, look over every row with its faults, then write all rows or none."""
    check_can_plan(request.user)
    plan = Plan.objects.current()
    posted = request.POST if request.method == "POST" else None
    form = DistributionForm(
        posted,
        measures=plan.policy.measures.select_related("suggested_lead"),
        user=request.user,
        today=timezone.localdate(),
    )
    if posted is None:
        return _page(request, form)
    if not form.is_valid():
        return _page(request, form, status=422)
    lines = form.lines()
    try:
        checked = _check_or_write(request, plan, form, lines)
    except RowsRefused as refused:
        note_faults(lines, refused.faults)
        return _page(request, form, lines, status=422 if "confirm" in posted else 200)
    if "confirm" not in posted:
        return _page(request, form, lines, checked)
    ring_roll_up()
    _say(request, checked)
    measure = form.cleaned_data["measure"]
    return redirect(f"{reverse('items')}?measure={measure.code}")


def _check_or_write(request: HttpRequest, plan: Plan, form: DistributionForm, lines: list[Line]) -> Checked:
    sheet = form.sheet(lines)
    if "confirm" not in request.POST:
        return check_distribution(plan=plan, sheet=sheet, by=request.user)
    name = f"{form.cleaned_data['measure'].code} {form.cleaned_data['batch']}"
    now = timezone.localtime()
    return distribute_measure(plan=plan, sheet=sheet, name=name, by=request.user, now=now)


def _say(request: HttpRequest, checked: Checked) -> None:
    number = len(checked.wanted)
    if number:
        said = ngettext("%(n)d work item assigned.", "%(n)d work items assigned.", number)
        messages.success(request, said % {"n": number})
    if there := checked.already_there:
        said = ngettext(
            "%(n)d was there already and stays as it is.",
            "%(n)d were there already and stay as they are.",
            there,
        )
        messages.info(request, said % {"n": there})


def _page(
    request: HttpRequest,
    form: DistributionForm,
    lines: list[Line] | None = None,
    checked: Checked | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "lines": lines,
        "checked": checked,
        "faulty": sum(bool(line.faults) for line in lines or ()),
        "leads": reporting_actors() if lines else (),
    }
    return render(request, "plan/distribute.html", context, status=status)
