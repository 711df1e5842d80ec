"""The week as a workbook: downloaded, filled in offline, uploaded, looked over, handed in."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions import progress
from tasks_tracker.actions import week_workbook as actions
from tasks_tracker.actions.handing_in import RowRefused
from tasks_tracker.actions.progress import EntryRefused
from tasks_tracker.actions.week_workbook import OutFile, UploadGone
from tasks_tracker.forms.progress import refusal_text
from tasks_tracker.forms.week_check import Checked, Facts, check, read_filled, refusal_of_file
from tasks_tracker.forms.week_sheet import columns, file_name, sheet_of
from tasks_tracker.models import WeekUpload, WorkItem
from tasks_tracker.permissions import check_can_report_for
from tasks_tracker.queries.week_table import written_rows
from tasks_tracker.reports.week_sheet import Filled, NotTheWorkbook
from tasks_tracker.rules.containers import NotAWorkbook
from tasks_tracker.rules.evidence import safe_name
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.views.desk import Desk, desk_of
from tasks_tracker.views.doorbell import ring_roll_up
from tasks_tracker.views.errors import Missing
from tasks_tracker.views.exports import XLSX
from tasks_tracker.views.uploads import too_large


@require_safe
@never_cache
def week_workbook(request: HttpRequest) -> HttpResponse:
    """Where the workbook is downloaded and uploaded."""
    return _start(request, _desk(request))


@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """The workbook of the week, with the rows of the page's table."""
    desk = _desk(request)
    sheet = sheet_of(
        plan=desk.plan,
        unit=desk.unit,
        week=desk.week,
        cutoff=desk.cutoff,
        rows=written_rows(desk.listing.lines, desk.week),
        by=desk.user,
        now=desk.now,
    )
    name = safe_name(file_name(desk.unit, desk.week))
    return _file(actions.give_out(sheet=sheet, unit=desk.unit, name=name, by=desk.user))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a filled-in workbook for its check, or say in one line why it is not taken."""
    desk = _desk(request)
    file = request.FILES.get("file")
    if file is None:
        code = "too_large" if too_large(request) else "no_file"
        return _start(request, desk, refusal_of_file(code), 422)
    name = safe_name(file.name or "")
    if file.size > actions.largest():
        return _start(request, desk, refusal_of_file("too_large"), 422)
    content = file.read()
    refusal = _refusal(desk, content)
    about: dict[str, Any] = {"content": content, "name": name, "unit": desk.unit, "week": desk.week}
    if refusal:
        code, named = refusal
        actions.turn_away(**about, code=code, by=desk.user)
        return _start(request, desk, refusal_of_file(code, **named), 422)
    actions.take_in(**about, plan=desk.plan, by=desk.user, now=desk.now)
    return redirect("week_workbook_check")


@require_safe
@never_cache
def check_upload(request: HttpRequest) -> HttpResponse:
    """What would happen, row by row. Nothing is written."""
    desk, kept = _kept(request)
    return _checked_page(request, desk, kept, _checked(desk, kept))


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Hand in the rows that were shown as good: all of them in one transaction, or none."""
    desk, kept = _kept(request)
    checked = _checked(desk, kept)
    is_as_shown = (request.POST.get("sha256"), request.POST.get("rows")) == (kept.sha256, checked.chosen)
    if not is_as_shown or not checked.good:
        return _not_as_shown(request, desk, kept, checked)
    try:
        reports = actions.hand_in(
            upload=kept, sha256=kept.sha256, rows=checked.entries, by=desk.user, now=desk.now
        )
    except RowRefused as refused:
        said = f"{refused.item.code}: {refusal_text(refused.refused)}"
        return _not_as_shown(request, desk, kept, _checked(replace(desk), kept), said)
    except UploadGone as gone:
        raise Missing(_nothing_kept()) from gone
    ring_roll_up()
    words = ngettext("%(n)d report handed in.", "%(n)d reports handed in.", len(reports))
    messages.success(request, words % {"n": len(reports)})
    return redirect(desk.url)


@require_POST
def copy(request: HttpRequest) -> HttpResponse:
    """The uploaded workbook with a remark on each cell that is not taken."""
    desk, kept = _kept(request)
    checked = _checked(desk, kept)
    try:
        made = actions.give_back(
            upload=kept,
            sheet=checked.filled.sheet,
            remarks=checked.remarks(),
            author=str(desk.plan),
            by=desk.user,
        )
    except NotAWorkbook:
        said = _("A copy with remarks cannot be made of this file. What is wrong stands on this page.")
        return _checked_page(request, desk, kept, checked, said, 422)
    return _file(made)


@require_POST
def discard(request: HttpRequest) -> HttpResponse:
    """Throw the upload away."""
    desk, kept = _kept(request)
    actions.discard(upload=kept, by=desk.user)
    messages.success(request, _("Discarded; nothing was handed in."))
    return redirect(desk.workbook_url)


VERBS = {
    "download": download,
    "upload": upload,
    "check": check_upload,
    "confirm": confirm,
    "copy": copy,
    "discard": discard,
}


def _desk(request: HttpRequest) -> Desk:
    """Raises PermissionDenied for whoever does not report for the own unit."""
    desk = desk_of(request)
    check_can_report_for(desk.user, desk.unit)
    return desk


def _kept(request: HttpRequest) -> tuple[Desk, WeekUpload]:
    """The own upload that waits, and the desk in its week; raises Missing."""
    desk = _desk(request)
    found = _uploads(desk).first()
    if found is None:
        raise Missing(_nothing_kept())
    return replace(desk, week=found.week), found


def _uploads(desk: Desk) -> Any:
    uploads: Any = WeekUpload.objects
    return uploads.kept_for(desk.user, desk.now).filter(plan=desk.plan).select_related("unit")


def _nothing_kept() -> str:
    return _(
        "There is no uploaded workbook of yours here any more. Upload it again; what stands already stays."
    )


def _start(request: HttpRequest, desk: Desk, refusal: str = "", status: int = 200) -> HttpResponse:
    kept = _uploads(desk).defer("content").first()
    context = {"desk": desk, "refusal": refusal, "kept": kept, "megabytes": actions.largest() // 2**20}
    return render(request, "progress/week_workbook.html", context, status=status)


def _refusal(desk: Desk, content: bytes) -> tuple[str, dict[str, str]] | None:
    """Why the file is not taken: a code, and what its words name."""
    try:
        filled = read_filled(content)
    except NotAWorkbook as refused:
        return refused.code, {}
    except NotTheWorkbook as refused:
        titles = {column.key: column.title for column in columns()}
        return refused.code, {"columns": ", ".join(titles[key] for key in refused.columns)}
    identity = filled.identity
    wrong = (
        ("other_plan", identity.plan != desk.plan.pk),
        ("other_unit", identity.unit != desk.unit.code),
        ("other_week", identity.week != desk.week),
        ("week_closed", not desk.is_open),
    )
    code = next((code for code, is_so in wrong if is_so), "")
    return (code, {"week": format_week(identity.week)}) if code else None


def _checked(desk: Desk, kept: WeekUpload) -> Checked:
    filled = read_filled(bytes(kept.content))
    facts = Facts(
        plan=desk.plan,
        point=desk.point,
        items=_items(desk, filled),
        units=desk.units,
        closed=_closed(desk),
    )
    return check(filled, facts)


def _items(desk: Desk, filled: Filled) -> dict[int, WorkItem]:
    """The items that the workbook names and that the unit still reports on."""
    named = {row.item_id for row in filled.rows if row.item_id is not None}
    items = WorkItem.objects.visible_to(desk.user).filter(plan=desk.plan, lead=desk.unit).with_names()
    found = {item.pk: item for item in items.filter(pk__in=named)}
    for item in found.values():
        item.plan = desk.plan
    return found


def _closed(desk: Desk) -> EntryRefused | None:
    try:
        progress.check_week_is_open(desk.plan, desk.week, desk.now)
    except EntryRefused as refused:
        return refused
    return None


def _not_as_shown(
    request: HttpRequest, desk: Desk, kept: WeekUpload, checked: Checked, said: str = ""
) -> HttpResponse:
    words = said or _("Something has changed since this was shown. Nothing was handed in: look at it again.")
    return _checked_page(request, desk, kept, checked, words, 409)


def _checked_page(
    request: HttpRequest, desk: Desk, kept: WeekUpload, checked: Checked, said: str = "", status: int = 200
) -> HttpResponse:
    context = {"desk": desk, "kept": kept, "checked": checked, "said": said}
    return render(request, "progress/week_check.html", context, status=status)


def _file(made: OutFile) -> HttpResponse:
    response = HttpResponse(made.content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, made.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
