"""The page of one measure: what the policy says, where it stands, its indicators and its work items."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tasks_tracker.models import Measure
from tasks_tracker.permissions import can_edit_measure
from tasks_tracker.queries.figures import Slice, outline_of
from tasks_tracker.queries.indicators import indicators_of
from tasks_tracker.queries.outline import find_phrase
from tasks_tracker.queries.remembered import week_figures
from tasks_tracker.views.weeks import address, week_of_page


@require_safe
def measure(request: HttpRequest, code: str) -> HttpResponse:
    """The measure as the user's scope shows it in the week; 404 for whoever is limited to other key tasks."""
    shown = week_of_page(request)
    rows = Measure.objects.filter(policy=shown.plan.policy_id).select_related(
        "key_task", "suggested_lead", "policy"
    )
    if only := request.user.scope.key_tasks:
        rows = rows.filter(key_task__in=only)
    row = get_object_or_404(rows, code=code)
    outline = outline_of(shown.plan, shown.week)
    figures = week_figures(shown.rollup, request.user.scope, outline)
    context = {
        "shown": shown,
        "measure": row,
        "weight": next(m.weight for m in outline.measures if m.pk == row.pk),
        "slice": figures.whole.by_measure.get(row.pk, Slice()),
        "found": find_phrase(row.policy, row.paragraph, row.phrase),
        "indicators": indicators_of(row, shown),
        "may_edit": can_edit_measure(request.user, row),
        "items_url": address("items", shown, measure=row.code),
        "key_task_url": address("key_task", shown, row.key_task.number) if row.key_task else "",
    }
    return render(request, "dashboard/measure.html", context)
