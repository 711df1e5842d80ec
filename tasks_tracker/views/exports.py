"""The weekly workbook: choose, download, and see what was handed out."""

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tasks_tracker.actions.workbook import MadeWorkbook, make_workbook
from tasks_tracker.forms.exports import ExportForm, written
from tasks_tracker.models import ReportScope
from tasks_tracker.queries.exports import choices_for, exports_visible_to, subject_names
from tasks_tracker.queries.ledger import UnknownSubject
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import UnknownWeek, format_week
from tasks_tracker.tables.exports import ExportTable
from tasks_tracker.tables.pages import page_of
from tasks_tracker.views.weeks import week_of_page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    """GET: the page, with week and subject from the address. POST: the workbook, as a download."""
    shown = week_of_page(request)
    options = {
        "user": request.user,
        "weeks": shown.weeks,
        "choices": choices_for(request.user, shown.rollup),
    }
    if request.method != "POST":
        about = written(request.GET.get("scope", ReportScope.NATIONAL), request.GET.get("subject", ""))
        form = ExportForm(initial={"week": format_week(shown.week), "about": about}, **options)
        return _page(request, shown, form)
    form = ExportForm(request.POST, **options)
    made = _make(request, shown, form)
    if made is None:
        return _page(request, shown, form, status=400)
    response = FileResponse(made.file, as_attachment=True, filename=made.name, content_type=XLSX)
    response["Content-Length"] = made.size
    return response


def _make(request: HttpRequest, shown: ShownWeek, form: ExportForm) -> MadeWorkbook | None:
    """The workbook, or None with the errors in the form."""
    if not form.is_valid():
        return None
    scope, code = form.cleaned_data["about"]
    try:
        return make_workbook(
            plan=shown.plan,
            week=form.cleaned_data["week"],
            scope=scope,
            subject=code,
            by=request.user,
            now=timezone.localtime(),
        )
    except UnknownSubject:
        form.add_error("about", _("There is nothing like that to export."))
    except UnknownWeek:
        form.add_error("week", _("This week was never rolled up."))
    return None


def _page(request: HttpRequest, shown: ShownWeek, form: ExportForm, status: int = 200) -> HttpResponse:
    table = page_of(ExportTable(exports_visible_to(request.user, shown.plan)), request)
    rows = [row.record for row in table.paginated_rows]
    names = subject_names(rows, shown.plan)
    for export in rows:
        export.subject_name = names.get((export.scope, export.subject), "")
    context = {"shown": shown, "form": form, "table": table, "number": table.paginator.count}
    return render(request, "reporting/exports.html", context, status=status)
