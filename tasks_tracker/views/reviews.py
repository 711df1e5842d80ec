"""Deciding on what was handed in: the list of waiting reports, one report beside the week before."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions import progress
from tasks_tracker.actions.progress import EntryRefused
from tasks_tracker.forms.progress import refusal_text
from tasks_tracker.forms.reviews import ReturnForm, WantedForm
from tasks_tracker.models import Plan, ProgressReport, ReportStatus
from tasks_tracker.permissions import can_decide, can_review, check_can_decide
from tasks_tracker.queries.reviews import comparison, count_waiting, places, waiting_reports
from tasks_tracker.tables.pages import page_of
from tasks_tracker.tables.reviews import ReviewTable
from tasks_tracker.templatetags.formats import labelled, percent_sign, week_label
from tasks_tracker.templatetags.shapes import Entry, Reply
from tasks_tracker.views.doorbell import ring_roll_up

NAMED_FAILURES = 10
WHEN = "Y-m-d H:i"


def _plan(request: HttpRequest) -> Plan:
    """The plan; raises PermissionDenied for everybody but supervisors."""
    if not can_review(request.user):
        raise PermissionDenied(_("Only supervisors accept and return reports."))
    return Plan.objects.current()


@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """What waits in the own scope, filtered by the address."""
    plan = _plan(request)
    form = WantedForm(request.GET, plan=plan, user=request.user)
    waiting = waiting_reports(plan, request.user, form.wanted)
    table = page_of(ReviewTable(waiting, link_query=request.GET.urlencode()), request)
    shown = [row.record for row in table.paginated_rows]
    for report, place in places(plan, shown, timezone.localtime()):
        report.place = place
        report.variance = report.percent - place.planned if place else None
    chosen = [(words, _without(request, name)) for name, words in form.chosen]
    return render(
        request,
        "progress/reviews.html",
        {
            "table": table,
            "form": form,
            "chosen": chosen,
            "found": table.paginator.count,
            "waiting": count_waiting(plan, request.user) if chosen else table.paginator.count,
        },
    )


def _without(request: HttpRequest, name: str) -> str:
    """The query of this page without one condition, from the first page on."""
    query = request.GET.copy()
    query.pop(name, None)
    query.pop("page", None)
    return query.urlencode()


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One report beside the last accepted one, with the decision."""
    plan = _plan(request)
    return _page(request, plan, _report(request, plan, pk), ReturnForm(label_suffix=""))


@require_POST
def review_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept one report, then show the next one that waits."""
    plan = _plan(request)
    report = _report(request, plan, pk)
    check_can_decide(request.user, report)
    try:
        progress.accept_report(report=report, by=request.user, now=timezone.localtime())
    except EntryRefused as refused:
        return _refused(request, plan, report, refused)
    ring_roll_up()
    messages.success(request, _("“%(item)s” is accepted.") % {"item": report.item.title})
    return _next(request, plan)


@require_POST
def review_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Return one report with a reason, then show the next one that waits."""
    plan = _plan(request)
    report = _report(request, plan, pk)
    check_can_decide(request.user, report)
    form = ReturnForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _page(request, plan, report, form, status=422)
    reason = form.cleaned_data["reason"]
    try:
        progress.return_report(report=report, by=request.user, reason=reason, now=timezone.localtime())
    except EntryRefused as refused:
        return _refused(request, plan, report, refused, form)
    ring_roll_up()
    messages.success(request, _("“%(item)s” is returned.") % {"item": report.item.title})
    return _next(request, plan)


@require_POST
def reviews_accept(request: HttpRequest) -> HttpResponse:
    """Accept the ticked reports, each by itself; say which could not be accepted and why."""
    plan = _plan(request)
    numbers = [int(text) for text in request.POST.getlist("report") if text.isascii() and text.isdigit()]
    visible = ProgressReport.objects.visible_to(request.user).filter(item__plan=plan, pk__in=numbers)
    reports = list(visible.select_related("item__plan", "decided_by").order_by("submitted_at", "pk"))
    now = timezone.localtime()
    failures = [failure for report in reports if (failure := _try_to_accept(request, report, now))]
    accepted = len(reports) - len(failures)
    if accepted:
        ring_roll_up()
        said = ngettext("%(n)d report accepted.", "%(n)d reports accepted.", accepted)
        messages.success(request, said % {"n": accepted})
    if missing := len(set(numbers)) - len(reports):
        failures.append(ngettext("%(n)d is not there.", "%(n)d are not there.", missing) % {"n": missing})
    for failure in failures[:NAMED_FAILURES]:
        messages.warning(request, failure)
    if not numbers:
        messages.info(request, _("No report was chosen."))
    return redirect(_with_query(reverse("reviews"), request))


def _try_to_accept(request: HttpRequest, report: ProgressReport, now: datetime) -> str:
    """Why it could not be accepted; empty when it was."""
    try:
        progress.accept_report(report=report, by=request.user, now=now)
    except EntryRefused:
        report.refresh_from_db()
        return labelled(report.item.title, decision(report))
    except PermissionDenied as denied:
        return labelled(report.item.title, denied)
    return ""


def _report(request: HttpRequest, plan: Plan, pk: int) -> ProgressReport:
    """A handed-in report of the own scope; raises Http404 for any other."""
    reports = ProgressReport.objects.visible_to(request.user).filter(item__plan=plan)
    reports = reports.exclude(status=ReportStatus.DRAFT).select_related(
        "item__plan", "item__measure", "item__region", "item__lead", "written_by", "decided_by"
    )
    return get_object_or_404(reports.prefetch_related("problems__needed_from"), pk=pk)


def _page(
    request: HttpRequest,
    plan: Plan,
    report: ProgressReport,
    form: ReturnForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    found = comparison(plan, report, timezone.localtime())
    context = {
        "found": found,
        "report": report,
        "item": report.item,
        "form": form,
        "may_decide": report.status == ReportStatus.SUBMITTED and can_decide(request.user, report),
        "decision": decision(report),
        "entries": [history_entry(each, report) for each in found.history],
        "accept_url": _with_query(reverse("review_accept", args=[report.pk]), request),
        "return_url": _with_query(reverse("review_return", args=[report.pk]), request),
        "list_url": _with_query(reverse("reviews"), request),
    }
    return render(request, "progress/review.html", context | more, status=status)


def _refused(
    request: HttpRequest,
    plan: Plan,
    report: ProgressReport,
    refused: EntryRefused,
    form: ReturnForm | None = None,
) -> HttpResponse:
    """Somebody was faster, or the reason is empty: nothing was written, and the page says what stands."""
    report = _report(request, plan, report.pk)
    said = decision(report) if refused.code == "already_decided" else refusal_text(refused)
    status = 409 if refused.code == "already_decided" else 422
    return _page(request, plan, report, form or ReturnForm(label_suffix=""), status=status, refusal=said)


def _next(request: HttpRequest, plan: Plan) -> HttpResponse:
    """The next waiting report under the same filters, or the list."""
    wanted = WantedForm(request.GET, plan=plan, user=request.user).wanted
    following = waiting_reports(plan, request.user, wanted).values_list("pk", flat=True).first()
    url = reverse("review", args=[following]) if following else reverse("reviews")
    return redirect(_with_query(url, request))


def _with_query(url: str, request: HttpRequest) -> str:
    return f"{url}?{request.GET.urlencode()}" if request.GET else url


def decision(report: ProgressReport) -> str:
    """Who decided what and when, in one sentence; empty while it waits."""
    if report.decided_by is None or report.decided_at is None:
        return ""
    who_and_when = {
        "who": str(report.decided_by),
        "when": date_format(timezone.localtime(report.decided_at), WHEN),
    }
    if report.status == ReportStatus.RETURNED:
        return _("Already returned by %(who)s, %(when)s.") % who_and_when
    return _("Already accepted by %(who)s, %(when)s.") % who_and_when


_TONES = {
    ReportStatus.ACCEPTED: "done",
    ReportStatus.RETURNED: "returned",
    ReportStatus.SUBMITTED: "waiting",
}


def history_entry(report: ProgressReport, current: ProgressReport) -> Entry:
    """One version as a line of the history."""
    facts = [(_("Progress note"), report.progress_note), (_("Next steps"), report.next_steps)]
    facts += [(_("Reason for the decrease"), report.decrease_reason)]
    facts += [(_("Problem"), problem.description) for problem in report.problems.all()]
    flags = [_("no change")] if report.no_change else []
    flags += [_("late")] if report.is_late else []
    reply = None
    if report.decided_by and report.decided_at:
        reply = Reply(
            text=report.return_reason or str(ReportStatus(report.status).label),
            who=str(report.decided_by),
            when=date_format(timezone.localtime(report.decided_at), WHEN),
            tone="returned" if report.status == ReportStatus.RETURNED else "done",
        )
    return Entry(
        heading=week_label(report.week),
        sub=_("version %(number)d") % {"number": report.version},
        tone=_TONES.get(ReportStatus(report.status), "plain"),
        status=str(ReportStatus(report.status).label),
        value=percent_sign(report.percent),
        by=str(report.written_by),
        facts=[fact for fact in facts if fact[1]],
        flag=" · ".join([*flags, *([_("this one")] if report.pk == current.pk else [])]),
        reply=reply,
    )
