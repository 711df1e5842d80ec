"""Evidence: adding files to the report that is being written, taking them away, giving them out.

The form of the report travels along with a file, so what is typed is kept as a draft first, whatever becomes
of the file. A script gets the list of files back alone; without one the page comes again.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tasks_tracker.actions import evidence as actions
from tasks_tracker.actions import progress
from tasks_tracker.actions.progress import EntryRefused
from tasks_tracker.forms.progress import REFUSALS, ReportEntry, refusal_text
from tasks_tracker.models import Evidence, ProgressReport, WorkItem
from tasks_tracker.permissions import check_can_report
from tasks_tracker.queries.progress import item_week
from tasks_tracker.templatetags.formats import labelled
from tasks_tracker.views.desk import DRAFT, Desk, desk_of, done_words, hand_in, seen_token
from tasks_tracker.views.errors import Missing
from tasks_tracker.views.progress import evidence_of, form_again, led_item
from tasks_tracker.views.uploads import too_large

FOR_SCRIPTS = "fetch"  # what the script says in X-Requested-With


@require_POST
def evidence_add(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what is typed, then add the files one by one; each that is not taken is named with the reason."""
    return _with_draft(request, code, _add_all)


@require_POST
def evidence_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Keep what is typed, then take the file away from the draft; earlier versions keep theirs."""
    return _with_draft(request, code, partial(_remove, pk))


@require_POST
def evidence_download(request: HttpRequest, pk: int) -> FileResponse:
    """The content, to be saved and never shown by the browser; each download is on record, hence POST."""
    reports = ProgressReport.objects.visible_to(request.user)
    found = get_object_or_404(Evidence.objects.select_related("report__item"), pk=pk, report__in=reports)
    try:
        content = actions.give_out(evidence=found, by=request.user)
    except EntryRefused as refused:
        raise Missing(refusal_text(refused)) from refused
    response = FileResponse(content, as_attachment=True, filename=found.name, content_type=found.content_type)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _with_draft(request: HttpRequest, code: str, change: Callable[..., list[str]]) -> HttpResponse:
    """Save what the form says as the draft, then `change` its files; says which refusals that gave."""
    desk = desk_of(request)
    item = led_item(desk, code)
    check_can_report(request.user, item)
    latest = progress.latest_version(item, desk.week)
    entry = ReportEntry(request.POST, units=desk.units(latest), is_complete=False)
    outcome = hand_in(desk, item, DRAFT, entry, request.POST.get("seen", ""))
    if outcome.report is None:
        if not _is_script(request):
            return form_again(request, desk, item, outcome)
        why = outcome.refusal or _("Correct the fields of the report first.")
        return _files_alone(request, desk, item, [why], outcome.status)
    refusals = change(request, desk, outcome.report)
    if _is_script(request):
        return _files_alone(request, desk, item, refusals, 200, is_kept=True)
    for refusal in refusals:
        messages.error(request, refusal)
    messages.success(request, done_words(DRAFT) % {"item": item.title}, extra_tags=desk.draft_key(item.pk))
    return redirect(f"{desk.item_url(item.code)}#evidence")


def _add_all(request: HttpRequest, desk: Desk, report: ProgressReport) -> list[str]:
    """Add what was uploaded; what was not taken, and why."""
    files = request.FILES.getlist("evidence")
    refusals = [labelled(name, REFUSALS["file_too_large"]) for name in too_large(request)]
    for file in files:
        try:
            actions.add_evidence(report=report, file=file, by=request.user, now=desk.now)
        except EntryRefused as refused:
            refusals.append(labelled(file.name or "", refusal_text(refused)))
    return refusals if files or refusals else [_("Choose a file first.")]


def _remove(pk: int, request: HttpRequest, desk: Desk, report: ProgressReport) -> list[str]:
    """Take the file away from the draft, which may be the version that follows the one where it was seen."""
    chosen = get_object_or_404(Evidence, pk=pk, report__item=report.item, report__week=report.week)
    kept = report.evidence.filter(sha256=chosen.sha256).select_related("report__item__plan").first()
    try:
        if kept:
            actions.remove_evidence(evidence=kept, by=request.user, now=desk.now)
    except EntryRefused as refused:
        return [refusal_text(refused)]
    return []


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == FOR_SCRIPTS


def _files_alone(
    request: HttpRequest,
    desk: Desk,
    item: WorkItem,
    refusals: list[str],
    status: int,
    *,
    is_kept: bool = False,
) -> HttpResponse:
    """The files of the report. `is_kept`: the draft was saved, so the form must know its newest state."""
    found = item_week(item, desk.point)
    context: dict[str, Any] = {
        "evidence": evidence_of(desk, found, refusals),
        "item": item,
        "now_seen": seen_token(found.latest) if is_kept else "",
    }
    return render(request, "progress/_evidence.html", context, status=status)
