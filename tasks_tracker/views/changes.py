"""The ledger of plan changes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tasks_tracker.forms.filters import ChangeFilter
from tasks_tracker.queries.changes import ledger_of_changes, slipped_in
from tasks_tracker.queries.items import options_for
from tasks_tracker.tables.changes import ChangeTable
from tasks_tracker.tables.pages import page_of
from tasks_tracker.views.weeks import week_of_page


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Every recorded change in the own scope: old and new value, reason, who asked, who approved."""
    shown = week_of_page(request)
    form = ChangeFilter(request.GET, options_for(shown.plan, request.user))
    found = ledger_of_changes(shown.plan, request.user, form.asked)
    slip, items = slipped_in(found)
    context = {
        "form": form,
        "chips": form.chips(),
        "table": page_of(ChangeTable(found), request),
        "number": found.count(),
        "slip": slip,
        "slipped_items": items,
        "all_url": reverse("changes"),
    }
    return render(request, "plan/changes.html", context)
