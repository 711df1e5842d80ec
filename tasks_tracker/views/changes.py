"""The ledger of plan changes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tasks_tracker.forms.filters import ChangeFilter
from tasks_tracker.queries.changes import ledger_of_changes, slipped_in
from tasks_tracker.queries.items import options_for
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.tables.changes import ChangeTable
from tasks_tracker.tables.pages import page_of
from tasks_tracker.views.weeks import address, week_of_page


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The changes recorded by the shown week in the own scope: old and new, why, who asked, who approved."""
    shown = week_of_page(request)
    form = ChangeFilter(request.GET, options_for(shown.plan, request.user))
    found = ledger_of_changes(shown.plan, request.user, form.asked)
    if not shown.is_latest:
        found = found.filter(week__lte=shown.week)
    slip, items = slipped_in(found)
    table = ChangeTable(found)
    table.week = "" if shown.is_latest else format_week(shown.week)
    context = {
        "shown": shown,
        "form": form,
        "chips": form.chips(),
        "table": page_of(table, request),
        "number": found.count(),
        "slip": slip,
        "slipped_items": items,
        "all_url": address("changes", shown),
    }
    return render(request, "plan/changes.html", context)
