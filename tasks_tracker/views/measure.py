"""The page of one measure: where it stands, where it is carried out, and what the policy says."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tasks_tracker.models import Measure
from tasks_tracker.permissions import can_edit_measure
from tasks_tracker.queries.dashboard import measure_board
from tasks_tracker.queries.outline import find_phrase
from tasks_tracker.views import panels
from tasks_tracker.views.dashboard import common
from tasks_tracker.views.policy import policy_address
from tasks_tracker.views.sections import section_context
from tasks_tracker.views.weeks import address, week_of_page


@require_safe
def measure(request: HttpRequest, code: str) -> HttpResponse:
    """The measure as the user's scope shows it in the week; 404 for whoever is limited to other key tasks."""
    shown = week_of_page(request)
    rows = Measure.objects.filter(policy=shown.plan.policy_id).select_related(
        "key_task", "suggested_lead", "policy", "drafted_from"
    )
    if only := request.user.scope.key_tasks:
        rows = rows.filter(key_task__in=only)
    row = get_object_or_404(rows, code=code)
    board = measure_board(shown, request.user, row)
    may_edit = can_edit_measure(request.user, row)
    context = common(request, board, measure=row.code) | section_context(board.sections, shown)
    context |= {
        "measure": row,
        "weight": next(m.weight for m in board.outline.measures if m.pk == row.pk),
        "found": find_phrase(row.policy, row.paragraph, row.phrase, beside=row.drafted_from_id),
        "tiles": panels.tiles(board.regions, shown, "variance"),
        "may_edit": may_edit,
        "new_url": reverse("measure_indicator_new", args=[row.code]) if may_edit else "",
        "policy_url": policy_address(shown, row),
        "key_task_url": address("key_task", shown, row.key_task.number) if row.key_task else "",
    }
    return render(request, "dashboard/measure.html", context)
