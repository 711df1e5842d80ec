"""Deciding on what was handed in: what waits for the own signature, one report beside the week before.

A reviewer signs for the own unit, a supervisor accepts; both do it here, each with what waits for them.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions import progress
from tasks_tracker.actions.progress import EntryRefused
from tasks_tracker.forms.progress import CONFLICTS, refusal_text
from tasks_tracker.forms.reviews import ReturnForm, WantedForm
from tasks_tracker.models import Plan, ProgressReport, ReportStatus, Role
from tasks_tracker.permissions import can_decide, check_can_decide, has_review_desk
from tasks_tracker.queries.problems import stated_problems
from tasks_tracker.queries.reviews import (
    ASKS_FOR_A_LOOK,
    comparison,
    count_waiting,
    examined,
    places,
    waiting_for,
    waiting_reports,
)
from tasks_tracker.tables.pages import page_of
from tasks_tracker.tables.reviews import ReviewTable, flag_words
from tasks_tracker.templatetags.formats import labelled, percent_sign, week_label
from tasks_tracker.templatetags.shapes import Entry, Reply
from tasks_tracker.views.doorbell import ring_roll_up
from tasks_tracker.views.signatures import decision, moment, signatures, waits_for

NAMED_FAILURES = 10
MOST_AT_ONCE = 500  # reports in one batch


def _plan(request: HttpRequest) -> Plan:
    """The plan; raises PermissionDenied for everybody but reviewers and supervisors."""
    if not has_review_desk(request.user):
        raise PermissionDenied(_("Only reviewers sign for their unit, and supervisors accept."))
    return Plan.objects.current()


def _signs_for_unit(request: HttpRequest) -> bool:
    """A reviewer's signature comes first and moves no figure; a supervisor's is the last."""
    return bool(request.user.role == Role.REVIEWER)


@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """What waits for the own signature, filtered by the address."""
    plan = _plan(request)
    form = WantedForm(request.GET, plan=plan, user=request.user)
    waiting = waiting_reports(plan, request.user, form.wanted)
    table = page_of(ReviewTable(waiting, link_query=request.GET.urlencode()), request)
    shown = [row.record for row in table.paginated_rows]
    for report, place in places(plan, shown, timezone.localtime()):
        report.place = place
        report.variance = report.percent - place.planned if place else None
    for report, flags in examined(shown):
        report.flags = flag_words(flags)
    chosen = [(words, _without(request, name)) for name, words in form.chosen]
    context = {
        "table": table,
        "form": form,
        "chosen": chosen,
        "found": table.paginator.count,
        "waiting": count_waiting(plan, request.user) if chosen else table.paginator.count,
        "kept": _filters(request),
        "for_unit": _signs_for_unit(request),
    }
    return render(request, "progress/reviews.html", context)


def _without(request: HttpRequest, name: str) -> str:
    """The query of this page without one condition, from the first page on."""
    query = request.GET.copy()
    query.pop(name, None)
    query.pop("page", None)
    return query.urlencode()


def _filters(request: HttpRequest) -> list[tuple[str, str]]:
    """The conditions of the address, as fields of a form."""
    names = WantedForm.base_fields
    return [(name, value) for name in names for value in request.GET.getlist(name)]


@require_safe
def reviews_batch(request: HttpRequest) -> HttpResponse:
    """What a batch would sign, and what it leaves out and why; nothing is signed yet.

    With `chosen` in the address what was ticked there is taken, else all that fits the filters but what asks
    for a look.
    """
    plan = _plan(request)
    form = WantedForm(request.GET, plan=plan, user=request.user)
    waiting = waiting_reports(plan, request.user, form.wanted)
    ticked = set(request.GET.getlist("report")) if "chosen" in request.GET else None
    taken, left = [], []
    for report, flags in examined(waiting[:MOST_AT_ONCE]):
        report.flags = flag_words(flags)
        asks = not ASKS_FOR_A_LOOK.isdisjoint(flags)
        is_taken = str(report.pk) in ticked if ticked is not None else not asks
        (taken if is_taken else left).append(report)
    context = {
        "groups": [(False, left), (True, taken)],
        "taken": taken,
        "left": left,
        "beyond": max(0, waiting.count() - MOST_AT_ONCE),
        "accept_url": _with_query(reverse("reviews_accept"), _only_filters(request)),
        "list_url": _with_query(reverse("reviews"), _only_filters(request)),
        "for_unit": _signs_for_unit(request),
    }
    return render(request, "progress/reviews_batch.html", context)


def _only_filters(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("report", None)
    query.pop("chosen", None)
    return query.urlencode()


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One report beside the last accepted one, with the decision."""
    plan = _plan(request)
    return _page(request, plan, _report(request, plan, pk), ReturnForm(label_suffix=""))


@require_POST
def review_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one report, for the unit or as its acceptance, then show the next one that waits."""
    plan = _plan(request)
    report = _report(request, plan, pk)
    check_can_decide(request.user, report)
    try:
        _sign(request)(report=report, by=request.user, now=timezone.localtime())
    except EntryRefused as refused:
        return _refused(request, plan, report, refused)
    ring_roll_up()
    words = (
        _("“%(item)s” is signed for the unit.") if _signs_for_unit(request) else _("“%(item)s” is accepted.")
    )
    messages.success(request, words % {"item": report.item.title})
    return _next(request, plan)


def _sign(request: HttpRequest) -> Callable[..., ProgressReport]:
    """The signature that the role gives."""
    return progress.review_report if _signs_for_unit(request) else progress.accept_report


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
    """Sign the ticked reports, each by itself; say which could not be signed and why."""
    plan = _plan(request)
    numbers = [int(text) for text in request.POST.getlist("report") if text.isascii() and text.isdigit()]
    visible = ProgressReport.objects.visible_to(request.user).filter(item__plan=plan, pk__in=numbers)
    visible = visible.with_signatures().select_related("item__plan")
    reports = list(visible.order_by("submitted_at", "pk"))
    now = timezone.localtime()
    failures = [failure for report in reports if (failure := _try_to_sign(request, report, now))]
    if signed := len(reports) - len(failures):
        ring_roll_up()
        messages.success(request, _signed_words(request, signed))
    if missing := len(set(numbers)) - len(reports):
        failures.append(ngettext("%(n)d is not there.", "%(n)d are not there.", missing) % {"n": missing})
    for failure in failures[:NAMED_FAILURES]:
        messages.warning(request, failure)
    if more := len(failures[NAMED_FAILURES:]):
        words = ngettext("%(n)d more was not signed.", "%(n)d more were not signed.", more)
        messages.warning(request, words % {"n": more})
    if not numbers:
        messages.info(request, _("No report was chosen."))
    return redirect(_with_query(reverse("reviews"), request.GET.urlencode()))


def _signed_words(request: HttpRequest, number: int) -> str:
    if _signs_for_unit(request):
        said = ngettext("%(n)d report signed for the unit.", "%(n)d reports signed for the unit.", number)
    else:
        said = ngettext("%(n)d report accepted.", "%(n)d reports accepted.", number)
    return said % {"n": number}


def _try_to_sign(request: HttpRequest, report: ProgressReport, now: datetime) -> str:
    """Why it could not be signed; empty when it was."""
    try:
        _sign(request)(report=report, by=request.user, now=now)
    except EntryRefused as refused:
        report.refresh_from_db()
        return labelled(report.item.title, _refusal_words(report, refused))
    except PermissionDenied as denied:
        return labelled(report.item.title, denied)
    return ""


def _refusal_words(report: ProgressReport, refused: EntryRefused) -> str:
    """Who was faster, where somebody was; else what stands in the way."""
    return (decision(report) if refused.code == "already_decided" else "") or refusal_text(refused)


def _report(request: HttpRequest, plan: Plan, pk: int) -> ProgressReport:
    """A handed-in report of the own scope; raises Http404 for any other."""
    reports = ProgressReport.objects.visible_to(request.user).filter(item__plan=plan)
    reports = reports.exclude(status=ReportStatus.DRAFT).with_signatures()
    reports = reports.select_related("item__plan", "item__measure", "item__region", "item__lead")
    return get_object_or_404(reports.prefetch_related(stated_problems(), "evidence"), pk=pk)


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
    waiting = list(_waiting_numbers(request, plan))
    context = {
        "found": found,
        "report": report,
        "item": report.item,
        "form": form,
        "flags": flag_words(found.flags),
        "signatures": signatures(report),
        "waits_for": waits_for(report),
        "may_decide": _may_decide(request, plan, report),
        "decision": decision(report),
        "for_unit": _signs_for_unit(request),
        "entries": [history_entry(each, report) for each in found.history],
        "accept_url": _with_query(reverse("review_accept", args=[report.pk]), request.GET.urlencode()),
        "return_url": _with_query(reverse("review_return", args=[report.pk]), request.GET.urlencode()),
        "list_url": _with_query(reverse("reviews"), request.GET.urlencode()),
    }
    return render(
        request, "progress/review.html", context | _neighbours(request, waiting, report) | more, status=status
    )


def _may_decide(request: HttpRequest, plan: Plan, report: ProgressReport) -> bool:
    """It is the turn of this user; whoever wrote or signed it already has none."""
    is_own_turn = waiting_for(request.user, plan).filter(pk=report.pk).exists()
    return is_own_turn and can_decide(request.user, report)


def _waiting_numbers(request: HttpRequest, plan: Plan) -> Any:
    """The row numbers of what waits under the same filters, in the order of the list."""
    wanted = WantedForm(request.GET, plan=plan, user=request.user).wanted
    return waiting_reports(plan, request.user, wanted).values_list("pk", flat=True)


def _neighbours(request: HttpRequest, waiting: list[int], report: ProgressReport) -> dict[str, Any]:
    """Where the report stands among those that wait, and the ways to the ones beside it."""
    place = waiting.index(report.pk) if report.pk in waiting else None

    def url(position: int) -> str:
        if not 0 <= position < len(waiting):
            return ""
        return _with_query(reverse("review", args=[waiting[position]]), request.GET.urlencode())

    return {
        "position": None if place is None else place + 1,
        "in_line": len(waiting),
        "before": "" if place is None else url(place - 1),
        "after": url(0) if place is None else url(place + 1),
    }


def _refused(
    request: HttpRequest,
    plan: Plan,
    report: ProgressReport,
    refused: EntryRefused,
    form: ReturnForm | None = None,
) -> HttpResponse:
    """Somebody was faster, or the reason is empty: nothing was written, and the page says what stands."""
    report = _report(request, plan, report.pk)
    said = _refusal_words(report, refused)
    status = 409 if refused.code in CONFLICTS else 422
    return _page(request, plan, report, form or ReturnForm(label_suffix=""), status=status, refusal=said)


def _next(request: HttpRequest, plan: Plan) -> HttpResponse:
    """The next waiting report under the same filters, or the list."""
    following = _waiting_numbers(request, plan).first()
    url = reverse("review", args=[following]) if following else reverse("reviews")
    return redirect(_with_query(url, request.GET.urlencode()))


def _with_query(url: str, query: str) -> str:
    return f"{url}?{query}" if query else url


_TONES = {
    ReportStatus.ACCEPTED: "done",
    ReportStatus.RETURNED: "returned",
    ReportStatus.SUBMITTED: "waiting",
    ReportStatus.REVIEWED: "waiting",
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
            when=moment(report.decided_at),
            tone="returned" if report.status == ReportStatus.RETURNED else "done",
        )
    return Entry(
        heading=week_label(report.week),
        sub=_("version %(number)d") % {"number": report.version},
        tone=_TONES.get(ReportStatus(report.status), "plain"),
        status=str(ReportStatus(report.status).label),
        value=percent_sign(report.percent),
        signatures=signatures(report),
        files=list(report.evidence.all()),
        facts=[fact for fact in facts if fact[1]],
        flag=" · ".join([*flags, *([_("this one")] if report.pk == current.pk else [])]),
        reply=reply,
    )
