"""The weekly report: register, draft with its paragraphs, issue, publishing, revising, downloading."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks_tracker.actions import issue_files
from tasks_tracker.actions import weekly_report as actions
from tasks_tracker.actions.weekly_report import ReportRefused
from tasks_tracker.forms.weekly_report import (
    FAILURES,
    ComposeForm,
    DraftForm,
    ParagraphForm,
    PublishForm,
    ReportForm,
    ReviseForm,
    refusal_text,
    status_of,
)
from tasks_tracker.models import Issue, ReportParagraph, WeeklyReport, WeekRollup
from tasks_tracker.permissions import can_supervise, can_write_report, check_can_write_report
from tasks_tracker.queries import weekly_reports as query
from tasks_tracker.queries.exports import choices_for, subject_names
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.reports.checks import checks_of
from tasks_tracker.reports.drafted import figures_from, length_of
from tasks_tracker.reports.paper import read
from tasks_tracker.reports.writers import FORMATS, NoChineseFont, UnknownFormat
from tasks_tracker.rules.tokens import tokens_of
from tasks_tracker.rules.weeks import UnknownWeek, format_week
from tasks_tracker.tables.pages import page_of
from tasks_tracker.tables.weekly_reports import WeeklyReportTable
from tasks_tracker.views.doorbell import ring_pack
from tasks_tracker.views.errors import Missing
from tasks_tracker.views.weekly_paper import draft_parts, issue_parts
from tasks_tracker.views.weeks import week_of_page

Tried = tuple[str, ReportForm]  # which form was sent, as it came back


# --- the register -----------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def weekly_reports(request: HttpRequest) -> HttpResponse:
    """GET: the register. POST: a new draft, for supervisors."""
    shown = week_of_page(request)
    form = None
    if can_supervise(request.user):
        form = DraftForm(
            request.POST if request.method == "POST" else None,
            user=request.user,
            weeks=shown.weeks,
            choices=choices_for(request.user, shown.rollup),
            initial={"week": format_week(shown.week), "about": request.GET.get("about", "")},
        )
    if request.method != "POST":
        return _register(request, shown, form)
    if form is None:
        raise PermissionDenied(_("Only supervisors write weekly reports."))
    status = 422
    if form.is_valid():
        try:
            return redirect("weekly_report", _draft(request, shown, form).pk)
        except ReportRefused as refused:
            form.add_error(None, refusal_text(refused))
            status = status_of(refused)
        except UnknownWeek:
            form.add_error("week", _("This week was never rolled up."))
    return _register(request, shown, form, status)


def _draft(request: HttpRequest, shown: ShownWeek, form: DraftForm) -> WeeklyReport:
    scope, code = form.cleaned_data["about"]
    return actions.draft_report(
        plan=shown.plan,
        week=form.cleaned_data["week"],
        scope=scope,
        subject=code,
        language=get_language() or settings.LANGUAGE_CODE,
        by=request.user,
        now=timezone.localtime(),
    )


def _register(request: HttpRequest, shown: ShownWeek, form: Any, status: int = 200) -> HttpResponse:
    table = page_of(WeeklyReportTable(query.register(shown.plan, request.user)), request)
    rows = [row.record for row in table.paginated_rows]
    names = subject_names(rows, shown.plan)
    for report in rows:
        report.subject_name = names.get((report.scope, report.subject), "")
    context = {"shown": shown, "form": form, "table": table, "number": table.paginator.count}
    return render(request, "reporting/weekly_reports.html", context, status=status)


# --- one report -------------------------------------------------------------------------------------------
@require_safe
def weekly_report(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft for those who write it; else the issue, or the revision that `?revision=` names."""
    return _page(request, _found(request, pk))


def _found(request: HttpRequest, pk: int) -> WeeklyReport:
    """A report that the user may read. Raises Http404 for any other."""
    plan = week_of_page(request).plan
    report = get_object_or_404(query.register(plan, request.user).defer(None), pk=pk)
    report.plan = plan
    return report


def _page(
    request: HttpRequest,
    report: WeeklyReport,
    tried: Tried | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    writes = can_write_report(request.user, report)
    is_draft = writes and report.is_open and not request.GET.get("revision")
    course = query.course_of(report, with_versions=writes)
    names = subject_names([report], report.plan)
    context = {
        "report": report,
        "subject_name": names.get((report.scope, report.subject), ""),
        "course": course,
        "writes": writes,
        "is_draft": is_draft,
        "whole": bool(request.GET.get("whole")),
        "formats": list(FORMATS),
        "conflict": conflict,
    }
    context |= _draft_of(request, report, tried) if is_draft else _issue_of(request, report, course, tried)
    return render(request, "reporting/weekly_report.html", context, status=status)


def _draft_of(request: HttpRequest, report: WeeklyReport, tried: Tried | None) -> dict[str, Any]:
    """The draft, its checks, and the form of the paragraph that is being edited."""
    paragraphs = query.paragraphs_of(report)
    figures = figures_from(report.figures)
    body = read(report.body)
    paper = actions.draft_of(report, paragraphs)
    rollup = WeekRollup.objects.get(plan=report.plan_id, week=report.week)
    length, longest = length_of(paper), settings.WEEKLY_REPORT_LENGTH
    by_key = {paragraph.key: paragraph for paragraph in paragraphs}
    whole = bool(request.GET.get("whole"))
    checks = checks_of(report, rollup, paper, paragraphs, length, longest)
    forms = {
        "publish": PublishForm(initial={"seen": report.revision, "signer": str(request.user)}),
        "compose": ComposeForm(initial={"seen": report.revision}),
    }
    return {
        "paper": paper,
        "parts": draft_parts(body.parts, by_key, figures, whole=True),
        "annexes": draft_parts(body.annexes, by_key, figures, whole=whole),
        "checks": checks,
        "may_publish": all(check.kind != "stop" for check in checks),
        "length": length,
        "longest": longest,
        "rollup": rollup,
        "gone": [each for each in paragraphs if each.is_edited and not each.is_used],
        "forms": forms | (dict([tried]) if tried else {}),
        "tried": tried[0] if tried else "",
        **_editing(request, by_key, figures, tried),
    }


def _editing(
    request: HttpRequest, by_key: dict[str, ReportParagraph], figures: dict[str, Any], tried: Tried | None
) -> dict[str, Any]:
    """The paragraph that `?edit=` names (or that was just sent), its form, and the figures it may use."""
    paragraph = by_key.get(request.GET.get("edit", ""))
    if paragraph is None:
        return {"edited": None}
    form: Any = tried[1] if tried and tried[0] == "edit" else None
    if form is None:
        form = ParagraphForm(initial={"text": paragraph.text, "seen": paragraph.version})
    names = dict.fromkeys((*tokens_of(paragraph.generated), *tokens_of(paragraph.text)))
    return {
        "edited": paragraph,
        "edit_form": form,
        "tokens": [(f"{{{name}}}", figures[name].text) for name in names if name in figures],
        "generated": [line for line in paragraph.generated.splitlines() if line],
    }


def _issue_of(
    request: HttpRequest, report: WeeklyReport, course: query.Course, tried: Tried | None
) -> dict[str, Any]:
    """The issue as it was published. Raises Missing for a revision that there is not."""
    wanted = request.GET.get("revision", "")
    issues: Any = report.issues
    chosen = issues.filter(revision=int(wanted)) if wanted.isdecimal() else issues.all()
    issue: Issue | None = chosen.select_related("published_by").first() if len(wanted) < 5 else None
    if issue is None:
        raise Missing(_("There is no such issue."))
    paper, figures = read(issue.paper), figures_from(issue.figures)
    whole = bool(request.GET.get("whole"))
    revise = ReviseForm(initial={"seen": report.revision})
    return {
        "issue": issue,
        "paper": paper,
        "parts": issue_parts(paper.parts, issue.texts, figures, whole=True),
        "annexes": issue_parts(paper.annexes, issue.texts, figures, whole=whole),
        "length": length_of(paper),
        "longest": settings.WEEKLY_REPORT_LENGTH,
        "is_last": issue.revision == course.issues[0].revision,
        "forms": {"revise": tried[1] if tried else revise},
        "tried": tried[0] if tried else "",
    }


# --- acts -------------------------------------------------------------------------------------------------
@require_POST
def weekly_compose(request: HttpRequest, pk: int) -> HttpResponse:
    """Generate the draft again from the figures as they are now."""

    def act(report: WeeklyReport, form: Any) -> str:
        keeps = not form.cleaned_data["drops_edits"]
        actions.compose_again(
            report=report,
            seen=form.cleaned_data["seen"],
            keeps_edits=keeps,
            by=request.user,
            now=timezone.localtime(),
        )
        return _("The report was generated from the figures as they are now.")

    return _act(request, pk, "compose", ComposeForm(request.POST), act)


@require_POST
def weekly_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the draft as an issue."""

    def act(report: WeeklyReport, form: Any) -> str:
        issue = actions.publish_report(
            report=report, by=request.user, now=timezone.localtime(), **form.cleaned_data
        )
        ring_pack()  # the draft in the pack of the week gives way to the issue
        return _("%(serial)s is published and frozen.") % {"serial": read(issue.paper).serial}

    return _act(request, pk, "publish", PublishForm(request.POST), act)


@require_POST
def weekly_revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a published report again."""

    def act(report: WeeklyReport, form: Any) -> str:
        actions.revise_report(report=report, by=request.user, now=timezone.localtime(), **form.cleaned_data)
        return _(
            "The draft is open again. The published issue stays as it is until the revision is published."
        )

    return _act(request, pk, "revise", ReviseForm(request.POST), act)


def _act(
    request: HttpRequest, pk: int, name: str, form: Any, act: Callable[[WeeklyReport, Any], str]
) -> HttpResponse:
    """Do it and say so; what is refused stands in its form again, beside what is so by now."""
    report = _found(request, pk)
    check_can_write_report(request.user, report)
    status, conflict = 422, ""
    if form.is_valid():
        try:
            messages.success(request, act(report, form))
            return redirect("weekly_report", pk)
        except ReportRefused as refused:
            form.refuse(refused)
            status, conflict = status_of(refused), refusal_text(refused)
    return _page(request, _found(request, pk), (name, form), conflict, status)


@require_http_methods(["GET", "HEAD", "POST"])
def weekly_paragraph(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """GET: the draft with the form of the paragraph in its place. POST: save it, or set it back."""
    report = _found(request, pk)
    check_can_write_report(request.user, report)
    paragraph = get_object_or_404(
        ReportParagraph.objects.select_related("report__plan"), report=report, key=key
    )
    request.GET = request.GET.copy()
    request.GET["edit"] = key
    if request.method != "POST":
        return _page(request, report) if report.is_open else redirect("weekly_report", pk)
    form = ParagraphForm(request.POST)
    status, conflict = 422, ""
    if form.is_valid():
        try:
            _save(request, paragraph, form)
            return redirect(f"{reverse('weekly_report', args=[pk])}#p-{key}")
        except ReportRefused as refused:
            form.refuse(refused)
            status = status_of(refused)
            conflict = refusal_text(refused) if status == 409 else ""
    return _page(request, _found(request, pk), ("edit", form), conflict, status)


def _save(request: HttpRequest, paragraph: ReportParagraph, form: ParagraphForm) -> None:
    common = {
        "paragraph": paragraph,
        "seen": form.cleaned_data["seen"],
        "by": request.user,
        "now": timezone.localtime(),
    }
    if "reset" in request.POST:
        actions.reset_paragraph(**common)
    else:
        actions.edit_paragraph(text=form.cleaned_data["text"], **common)


# --- files ------------------------------------------------------------------------------------------------
@require_POST
def weekly_file(request: HttpRequest, pk: int, format: str) -> HttpResponse:
    """A file of the issue (or of the revision sent along), or of the draft; on record, hence POST."""
    report = _found(request, pk)
    revision = request.POST.get("revision", "")
    try:
        if revision == "draft":
            given = issue_files.give_out_draft(report=report, format=format, by=request.user)
        else:
            issues = (
                report.issues.filter(revision=int(revision)) if revision.isdecimal() else report.issues.all()
            )
            issue = issues.select_related("report").first()
            if issue is None:
                raise Missing(_("There is no such issue."))
            given = issue_files.give_out_issue(
                issue=issue, format=format, by=request.user, now=timezone.localtime()
            )
    except (issue_files.NoSuchFile, UnknownFormat) as error:
        raise Missing(_("There is no file of this format.")) from error
    except NoChineseFont:
        messages.error(request, str(FAILURES["no_font"]))
        return redirect("weekly_report", pk)
    response = HttpResponse(given.content, content_type=given.content_type)
    response["Content-Disposition"] = content_disposition_header(True, given.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
