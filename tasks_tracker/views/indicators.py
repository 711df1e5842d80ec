"""Indicators: the page of one with its values, adding and editing one, recording and correcting values."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks_tracker.actions import indicators as actions
from tasks_tracker.actions.editing import EditRefused
from tasks_tracker.forms.indicators import IndicatorForm, ValueForm
from tasks_tracker.models import Indicator, IndicatorValue, Measure, TargetChange, WorkItem
from tasks_tracker.permissions import (
    can_edit_indicator,
    can_record_value,
    can_see_business_data,
    check_can_edit_indicator,
    check_can_record_value,
)
from tasks_tracker.queries.indicators import line_of
from tasks_tracker.views.editing import act_on_row, answer, attempt, plan_for_supervisors, policy_to_edit


@require_safe
def indicator(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an indicator stands, every value with its source, and what was changed of its target."""
    return _page(request, _indicator(request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def measure_indicator_new(request: HttpRequest, code: str) -> HttpResponse:
    """Add an indicator to a measure."""
    policy = policy_to_edit(plan_for_supervisors(request))
    measures = Measure.objects.filter(policy=policy).select_related("key_task")
    if only := request.user.scope.key_tasks:
        measures = measures.filter(key_task__in=only)
    measure = get_object_or_404(measures, code=code)
    return _new(request, Indicator(measure=measure))


@require_http_methods(["GET", "HEAD", "POST"])
def item_indicator_new(request: HttpRequest, code: str) -> HttpResponse:
    """Add an indicator to a work item."""
    plan_for_supervisors(request)
    item = get_object_or_404(WorkItem.objects.visible_to(request.user), code=code)
    return _new(request, Indicator(item=item))


@require_http_methods(["GET", "HEAD", "POST"])
def indicator_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit what an indicator measures and is to reach."""
    row = _indicator(request, pk)
    check_can_edit_indicator(request.user, row)
    form = IndicatorForm(request.POST or None, instance=Indicator.objects.get(pk=row.pk))
    status = 200
    if request.method == "POST":
        arguments = {"indicator": row, "by": request.user, "now": timezone.localtime()}
        status = attempt(
            form,
            lambda: actions.edit_indicator(
                **arguments,
                values=form.values,
                reason=form.cleaned_data["reason"],
                seen=form.seen_values,
            ),
        )
    back = reverse("indicator", args=[row.pk])
    return answer(request, form, status, back, title=row.label, crumbs=_crumbs(row))


@require_POST
def indicator_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an indicator out of use, or back."""
    row, retired = _indicator(request, pk), request.POST.get("retired") == "1"
    back = reverse("indicator", args=[row.pk])
    now = timezone.localtime()
    return act_on_row(
        request,
        lambda: actions.retire_indicator(indicator=row, retired=retired, by=request.user, now=now),
        done=(_("“%(row)s” is out of use.") if retired else _("“%(row)s” is in use again.")) % {"row": row},
        back=back,
        after=back,
    )


@require_POST
def indicator_value(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a value; what is refused stands in the form again."""
    row = _indicator(request, pk)
    check_can_record_value(request.user, row)
    form = ValueForm(request.POST, today=timezone.localdate())
    if _recorded(request, form, row):
        return redirect("indicator", row.pk)
    return _page(request, row, form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def indicator_correct(request: HttpRequest, pk: int, value: int) -> HttpResponse:
    """Put a value right: a new one takes its place, and both stay on record."""
    row = _indicator(request, pk)
    check_can_record_value(request.user, row)
    wrong = get_object_or_404(row.values, pk=value)
    form = ValueForm(request.POST or None, today=timezone.localdate(), correcting=wrong)
    back = reverse("indicator", args=[row.pk])
    status = 200 if wrong.is_current else 409
    if request.method == "POST":
        if _recorded(request, form, row, corrects=wrong):
            return redirect(back)
        status = 409 if form.has_error("__all__", "already_corrected") else 422
    crumbs = [*_crumbs(row), (back, row.label)]
    lead = _("The value of %(day)s stays on record; the new one takes its place.") % {"day": wrong.as_of}
    return answer(request, form, status, back, title=_("Correct a value"), lead=lead, crumbs=crumbs)


def _recorded(
    request: HttpRequest, form: ValueForm, row: Indicator, corrects: IndicatorValue | None = None
) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.record_value(
            indicator=row, corrects=corrects, by=request.user, now=timezone.localtime(), **form.cleaned_data
        )
    except EditRefused as refused:
        form.refuse(refused)
        return False
    messages.success(request, _("The value is recorded."))
    return True


def _indicator(request: HttpRequest, pk: int) -> Indicator:
    """An indicator of the own scope. Raises Http404 for any other."""
    if not can_see_business_data(request.user):
        raise PermissionDenied(_("Administrators see no business data."))
    rows = Indicator.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("measure__key_task", "item__measure"), pk=pk)


def _new(request: HttpRequest, row: Indicator) -> HttpResponse:
    check_can_edit_indicator(request.user, row)
    form = IndicatorForm(request.POST or None, instance=Indicator(measure=row.measure, item=row.item))
    status = 200
    if request.method == "POST":
        arguments = {"indicator": row, "by": request.user}
        status = attempt(form, lambda: actions.create_indicator(**arguments, values=form.values))
    back = _subject_url(row)
    return answer(request, form, status, back, title=_("Add an indicator"), crumbs=_crumbs(row))


def _subject_url(row: Indicator) -> str:
    if row.measure is not None:
        return reverse("measure", args=[row.measure.code])
    return reverse("item", args=[row.item.code])  # type: ignore[union-attr]


def _crumbs(row: Indicator) -> list[tuple[str, str]]:
    subject: Any = row.measure or row.item
    return [(_subject_url(row), str(subject))]


def _page(
    request: HttpRequest, row: Indicator, form: ValueForm | None = None, status: int = 200
) -> HttpResponse:
    values = list(row.values.select_related("recorded_by").order_by("-as_of", "-pk"))
    may_record = can_record_value(request.user, row) and not row.retired_on
    context = {
        "indicator": row,
        "line": line_of(row, [value for value in values if value.is_current]),
        "values": values,
        "changes": [_change(change) for change in row.changes.select_related("by").order_by("-pk")],
        "may_edit": can_edit_indicator(request.user, row),
        "form": (form or ValueForm(today=timezone.localdate())) if may_record else None,
        "crumbs": _crumbs(row),
    }
    return render(request, "editing/indicator.html", context, status=status)


def _change(change: TargetChange) -> dict[str, Any]:
    """One recorded change, its values in words."""
    words = dict(Indicator.Direction.choices)
    return {
        "change": change,
        "old": words.get(change.old_value, change.old_value) or "—",
        "new": words.get(change.new_value, change.new_value) or "—",
    }
