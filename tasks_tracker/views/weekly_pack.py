"""The pack of a week: its page with how far it is, its files, and who is told when it is complete."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from tasks_tracker.actions import pack_acts as actions
from tasks_tracker.actions.pack_acts import PackRefused
from tasks_tracker.forms.weekly_pack import ReaderForm, refusal_text
from tasks_tracker.forms.weekly_report import FAILURES
from tasks_tracker.models import PackFile, Plan, ReportScope, User
from tasks_tracker.permissions import can_edit_plan, can_supervise, check_can_edit_plan
from tasks_tracker.queries import packs as query
from tasks_tracker.queries.exports import subject_names
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.reports.writers import FORMATS
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.views.doorbell import ring_pack
from tasks_tracker.views.errors import Missing
from tasks_tracker.views.weeks import week_of_page


@require_safe
@vary_on_headers("HX-Request")
def weekly_pack(request: HttpRequest) -> HttpResponse:
    """The pack of `?week=`, else of the last closed week. While it is made, its part comes again."""
    return _page(request)


def _page(request: HttpRequest, form: ReaderForm | None = None, status: int = 200) -> HttpResponse:
    shown = _shown(request)
    found = query.shown_pack(shown.plan, shown.week, request.user)
    context = {"shown": shown, "found": found, "formats": FORMATS, "supervises": can_supervise(request.user)}
    if found:
        context["rows"] = _named(found.rows, shown.plan)
        context["failures"] = FAILURES
        context["has_workers"] = not settings.CELERY_TASK_ALWAYS_EAGER
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "reporting/_pack.html", context)
    if can_edit_plan(request.user):
        context["readers"] = list(query.readers_of(shown.plan))
        context["form"] = form or ReaderForm(users=query.may_be_reader(shown.plan))
    return render(request, "reporting/pack.html", context, status=status)


def _shown(request: HttpRequest) -> ShownWeek:
    shown = week_of_page(request)
    if not request.GET.get("week"):
        frozen = [rollup.week for rollup in shown.rollups if rollup.is_frozen]
        return shown.at(frozen[0]) if frozen else shown
    return shown


def _named(rows: list[query.PackRow], plan: Plan) -> list[tuple[str, query.PackRow]]:
    """Each row with the name of what it is about."""
    names = subject_names(rows, plan)
    return [(names.get((row.scope, row.subject)) or str(ReportScope(row.scope).label), row) for row in rows]


def _found(request: HttpRequest, pk: int) -> PackFile:
    """A file that the user may see. Raises Http404 for any other."""
    files = query.files_within(request.user, week_of_page(request).plan)
    return get_object_or_404(files.select_related("pack__plan", "issue"), pk=pk)


def _back(file: PackFile) -> HttpResponse:
    return redirect(f"{reverse('weekly_pack')}?week={format_week(file.pack.week)}")


@require_POST
def weekly_pack_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, as a download; on record, hence POST."""
    file = _found(request, pk)
    ((name, _row),) = _named([query.PackRow(file.scope, file.subject, [file])], file.pack.plan)
    try:
        given = actions.give_out_pack_file(file=file, name=name, by=request.user)
    except PackRefused as refused:
        messages.error(request, refusal_text(refused))
        return _back(file)
    response = HttpResponse(given.content, content_type=given.content_type)
    response["Content-Disposition"] = content_disposition_header(True, given.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def weekly_pack_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the formats of the same report that failed or expired made again."""
    file = _found(request, pk)
    try:
        number = actions.make_again(file=file, by=request.user, now=timezone.localtime())
    except PackRefused as refused:
        messages.error(request, refusal_text(refused))
    else:
        ring_pack()
        messages.success(request, _("Files to be made again: %(number)d") % {"number": number})
    return _back(file)


@require_POST
def weekly_pack_readers(request: HttpRequest) -> HttpResponse:
    """Put somebody on the list of those who are told, or take somebody off it (`remove`)."""
    plan = week_of_page(request).plan
    check_can_edit_plan(request.user)
    if remove := request.POST.get("remove"):
        return _remove(request, plan, remove)
    form = ReaderForm(request.POST, users=query.may_be_reader(plan))
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        actions.add_reader(plan=plan, user=form.cleaned_data["user"], by=request.user)
    except PackRefused as refused:
        form.add_error("user", refusal_text(refused))
        return _page(request, form, status=409)
    return redirect("weekly_pack")


def _remove(request: HttpRequest, plan: Plan, pk: str) -> HttpResponse:
    user = User.objects.filter(pk=pk).first() if pk.isdecimal() else None
    try:
        if user is None:
            raise PackRefused("no_reader")
        actions.remove_reader(plan=plan, user=user, by=request.user)
    except PackRefused as refused:
        raise Missing(refusal_text(refused)) from refused
    return redirect("weekly_pack")
