"""Slips: issuing one to a unit, the register, the paper itself, its answer and its close."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks_tracker.actions import rollup
from tasks_tracker.actions.slips import SlipRefused, answer_slip, close_slip, issue_slip
from tasks_tracker.forms.slips import CONFLICTS, AnswerForm, CloseForm, SlipFilter, SlipForm, refusal_text
from tasks_tracker.models import Actor, Level, Slip, WorkItem
from tasks_tracker.permissions import can_answer, can_close, check_can_urge
from tasks_tracker.queries import slips as query
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.tables.pages import page_of
from tasks_tracker.tables.slips import SlipTable
from tasks_tracker.views.filing import is_open
from tasks_tracker.views.weeks import address, week_of_page

PREVIEW, ISSUE, CHANGE = "preview", "issue", "change"


# --- issuing ------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def urge_unit(request: HttpRequest, code: str) -> HttpResponse:
    """Demand what a unit owes: choose and write, look at the paper, issue it."""
    check_can_urge(request.user, ())
    shown, now = week_of_page(request), timezone.localtime()
    unit = get_object_or_404(Actor, code=code)
    point = rollup.point_of(shown.plan, shown.week, now)
    found = query.candidates(shown.plan, request.user, unit, point)
    if not found and not WorkItem.objects.visible_to(request.user).filter(lead=unit).exists():
        raise Http404
    kind = request.GET.get("kind", "")
    form = SlipForm(
        request.POST if request.method == "POST" else None,
        candidates=found,
        words=_usual_words(shown),
        kind=kind if kind in dict(Slip.KINDS) else Level.URGE,
    )
    context = {"shown": shown, "unit": unit, "form": form, "is_open": is_open(shown.plan, shown.week, now)}
    if request.method != "POST" or request.POST.get("action") == CHANGE:
        return _form_page(request, context)
    if not form.is_valid():
        return _form_page(request, context, 422)
    if request.POST.get("action") == ISSUE:
        return _issue(request, context, now)
    return _preview(request, context, now)


def _usual_words(shown: ShownWeek) -> str:
    words = _("Week %(week)s: hand in the reports listed below at once, and say why they are missing.")
    return words % {"week": format_week(shown.week)}


def _form_page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "supervision/urge.html", context, status=status)


def _preview(request: HttpRequest, context: dict[str, Any], now: datetime) -> HttpResponse:
    """The paper as it will look; its number is given when it is issued."""
    form = context["form"]
    typed = form.cleaned_data
    slip = Slip(
        kind=typed["kind"],
        plan=context["shown"].plan,
        week=context["shown"].week,
        unit=context["unit"],
        words=typed["words"],
        answer_by=typed["answer_by"],
        issued_by=request.user,
        issued_at=now,
    )
    return render(request, "supervision/urge_preview.html", context | {"slip": slip, "items": form.chosen})


def _issue(request: HttpRequest, context: dict[str, Any], now: datetime) -> HttpResponse:
    form, shown = context["form"], context["shown"]
    typed = form.cleaned_data
    try:
        slip = issue_slip(
            plan=shown.plan,
            week=shown.week,
            unit=context["unit"],
            kind=Level(typed["kind"]),
            items=[candidate.item for candidate in form.chosen],
            words=typed["words"],
            answer_by=typed["answer_by"],
            by=request.user,
            now=now,
        )
    except SlipRefused as refused:
        form.refuse(refused)
        return _form_page(request, context, 409 if refused.code in CONFLICTS else 422)
    words = _("%(slip)s is issued; the people of %(unit)s are told.")
    messages.success(request, words % {"slip": slip, "unit": slip.unit})
    return redirect("slip", slip.pk)


# --- reading ------------------------------------------------------------------------------------------------
@require_safe
def slips(request: HttpRequest) -> HttpResponse:
    """The register, narrowed by its filters."""
    shown, today = week_of_page(request), timezone.localdate()
    form = SlipFilter(request.GET, query.years_of(shown.plan, request.user))
    found = query.register(shown.plan, request.user, form.wanted, today)
    table = SlipTable(found)
    table.today = today
    table = page_of(table, request)
    context = {
        "form": form,
        "chips": form.chips(),
        "table": table,
        "number": table.paginator.count,
        "all_url": address("slips", shown),
    }
    return render(request, "supervision/slips.html", context)


@require_safe
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper, its answers, and what can be done about it."""
    return _slip_page(request, _slip(request, pk))


def _slip(request: HttpRequest, pk: int) -> Slip:
    """A slip of the own scope. Raises Http404 for any other."""
    plan = week_of_page(request).plan
    found = Slip.objects.visible_to(request.user).filter(plan=plan)
    return get_object_or_404(found.select_related("unit", "issued_by", "closed_by", "plan"), pk=pk)


def _slip_page(
    request: HttpRequest,
    found: Slip,
    *,
    answer_form: AnswerForm | None = None,
    close_form: CloseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.localtime()
    today = now.date()
    is_closed = found.status == Slip.Status.CLOSED
    may_close = not is_closed and can_close(request.user, found)
    may_answer = not is_closed and can_answer(request.user, found)
    context = {
        "slip": found,
        "items": query.urgings_on(found, request.user),
        "answers": list(found.answers.select_related("by")),
        "is_overdue": found.is_overdue(today),
        "answer_form": answer_form or (AnswerForm(today=today) if may_answer else None),
        "close_form": close_form or (CloseForm() if may_close else None),
        "raise_url": _raise_url(found, now) if may_close else "",
    }
    return render(request, "supervision/slip.html", context, status=status)


def _raise_url(found: Slip, now: datetime) -> str:
    """From an urging slip to a supervision slip on what is still owed, while reports can be handed in."""
    if found.kind != Level.URGE or not is_open(found.plan, found.week, now):
        return ""
    query = urlencode({"week": format_week(found.week), "kind": Level.SUPERVISE})
    return f"{reverse('urge_unit', args=[found.unit.code])}?{query}"


# --- answering and closing ----------------------------------------------------------------------------------
@require_POST
def slip_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Measures taken and a promised day; what is refused stands in the form again."""
    found, now = _slip(request, pk), timezone.localtime()
    form = AnswerForm(request.POST, today=now.date())
    status = 422
    if form.is_valid():
        try:
            answer_slip(slip=found, by=request.user, now=now, **form.cleaned_data)
        except SlipRefused as refused:
            form.refuse(refused)
            status = 409 if refused.code in CONFLICTS else 422
        else:
            messages.success(request, _("The answer is on record; the supervisor is told."))
            return redirect("slip", pk)
    return _slip_page(request, found, answer_form=form, status=status)


@require_POST
def slip_close(request: HttpRequest, pk: int) -> HttpResponse:
    """The matter is settled."""
    found = _slip(request, pk)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return _slip_page(request, found, close_form=form, status=422)
    try:
        close_slip(slip=found, note=form.cleaned_data["note"], by=request.user, now=timezone.localtime())
    except SlipRefused as refused:
        messages.warning(request, refusal_text(refused))
        found.refresh_from_db()
        return _slip_page(request, found, status=409)
    messages.success(request, _("%(slip)s is closed.") % {"slip": found})
    return redirect("slip", pk)
