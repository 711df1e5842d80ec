"""The dashboards: the plan as a whole, a key task, a region. One board, one page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks_tracker.models import ADMIN_ROLES, NEEDS_ATTENTION, KeyTask, Region, Role
from tasks_tracker.queries.dashboard import (
    Board,
    NationalBoard,
    RegionBoard,
    RegionLine,
    TaskBoard,
    group_slices,
    national_board,
    region_board,
    task_board,
)
from tasks_tracker.queries.figures import Point, weeks_late
from tasks_tracker.queries.signals import watch_list
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.templatetags.shapes import ITEM_CUTS, zoom
from tasks_tracker.views import panels
from tasks_tracker.views.errors import Missing
from tasks_tracker.views.sections import position_strips, section_context
from tasks_tracker.views.weeks import address, week_of_page


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The national page; administrators are sent to what is theirs."""
    if request.user.role in ADMIN_ROLES:
        return redirect("audit_log" if request.user.role == Role.AUDIT_ADMIN else "admin:index")
    shown = week_of_page(request)
    board = national_board(shown, request.user)
    context = common(request, board) | _national(request, board) | _watched(request, shown)
    return render(request, "dashboard/national.html", context)


@require_safe
def key_tasks(request: HttpRequest) -> HttpResponse:
    """The seven key tasks with their measures, and the supporting measures apart."""
    shown = week_of_page(request)
    board = national_board(shown, request.user)
    context = common(request, board) | _national(request, board)
    context["groups"] = [
        (line, [m for m in board.measures if m.measure.key_task_id == line.key_task.pk])
        for line in board.tasks
    ]
    context["supporting_measures"] = [m for m in board.measures if m.measure.key_task_id is None]
    return render(request, "dashboard/key_tasks.html", context)


@require_safe
def key_task(request: HttpRequest, number: int) -> HttpResponse:
    """One key task."""
    shown = week_of_page(request)
    task = get_object_or_404(KeyTask, policy=shown.plan.policy_id, number=number)
    board = task_board(shown, request.user, task)
    context = (
        common(request, board, key_task=task.number) | _task(board) | _watched(request, shown, key_task=task)
    )
    return render(request, "dashboard/key_task.html", context)


@require_safe
def regions(request: HttpRequest) -> HttpResponse:
    """All regions, on the map and as a table."""
    shown = week_of_page(request)
    board = national_board(shown, request.user)
    context = common(request, board) | _national(request, board)
    context["groups"] = group_slices(shown, request.user, board.outline)
    context["by_attention"] = sorted(
        (line for line in board.regions if line.slice.now.tally.items),
        key=lambda line: (line.slice.now.variance is None, line.slice.now.variance, line.region.order),
    )
    return render(request, "dashboard/regions.html", context)


@require_safe
def region(request: HttpRequest, code: str) -> HttpResponse:
    """One region."""
    shown = week_of_page(request)
    place = get_object_or_404(Region, code=code)
    if not place.reports and place.kind != Region.Kind.NATIONAL:
        raise Missing(_("%(region)s is not within the scope of reporting.") % {"region": place.label})
    board = region_board(shown, request.user, place)
    context = common(request, board) | _region(board) | _watched(request, shown, region=place)
    return render(request, "dashboard/region.html", context)


def _watched(
    request: HttpRequest, shown: ShownWeek, key_task: KeyTask | None = None, region: Region | None = None
) -> dict[str, Any]:
    """The first of the watch list."""
    where = {"key_task": key_task.number if key_task else "", "region": region.code if region else ""}
    return {
        "watch": watch_list(shown, request.user, key_task, region),
        "watch_url": address("signals", shown, **where),
    }


def common(request: HttpRequest, board: Board, **filters: object) -> dict[str, Any]:
    """The headline, the counts and the curve: the same on every dashboard.

    `filters` narrow the list of items to those behind the figure.
    """
    drawn = panels.curve_points(board.points, ahead=board.ahead)
    late = weeks_late(board.points)
    return {
        "board": board,
        "shown": board.shown,
        "whole": board.whole,
        "now": board.whole.now,
        "before": board.whole.before,
        "lights_before": board.whole.before.tally.lights if board.shown.previous else None,
        "history": panels.light_history(board.points),
        "curve": panels.curve_panel(drawn, board.shown, **filters),
        "gap": panels.gap_panel(drawn),
        "weeks_late": None if late is None else late * 100,
        "widening_weeks": _widening(board.points),
        "scope_words": scope_words(request),
        "attention_lights": [str(light) for light in NEEDS_ATTENTION],
        "full_axis": (0, 10_000),
        "item_cuts": ITEM_CUTS,
    }


def _widening(points: list[Point]) -> int:
    """For how many weeks in a row the gap to the plan has grown."""
    gaps = [p.slice.variance for p in points]
    count = 0
    for later, earlier in zip(reversed(gaps), reversed(gaps[:-1]), strict=False):
        if later is None or earlier is None or later >= earlier or later >= 0:
            break
        count += 1
    return count


def scope_words(request: HttpRequest) -> str:
    """What a user with a narrower view is told about the figures."""
    scope = request.user.scope
    if scope.path:
        return _("Your unit and its subordinates: %(unit)s") % {"unit": request.user.actor.label}
    if not scope.is_national:
        return _("Only the key tasks and regions assigned to you")
    return ""


def _national(request: HttpRequest, board: NationalBoard) -> dict[str, Any]:
    shown = board.shown
    metric = request.GET.get("tiles", "variance")
    metric = metric if metric in panels.METRICS else "variance"
    present = [line for line in board.regions if line.slice.now.tally.items]
    days_late = [(s, (shown.rollup.as_of - s.due_on).days) for s in board.overdue]
    return _national_charts(board, present) | {
        "zoom": zoom(_axis_values(board)),
        "tile_metric": metric,
        "tile_options": [
            ("variance", _("Variance")),
            ("progress", _("Progress")),
            ("overdue", _("Overdue")),
            ("filled_in", _("Filled in")),
        ],
        "tiles": panels.tiles(board.regions, shown, metric),
        "spots": panels.spot_rows(board.weakest, shown),
        "overdue_rows": days_late,
        "longest_overdue": max((days for _standing, days in days_late), default=1),
        "movers": _movers(board),
        "least_filled": sorted(
            (line for line in present if line.slice.now.tally.due),
            key=lambda line: (line.slice.now.tally.filled_in, line.region.order),
        )[:8],
        "reporting_regions": sum(1 for line in board.regions if line.region.reports),
    }


def _national_charts(board: NationalBoard, present: list[RegionLine]) -> dict[str, Any]:
    """Status by key task and by region, and the matrix of both."""
    shown = board.shown
    return {
        "status_by_task": panels.status_panel(
            [
                (line.key_task.short_label, line.slice.now, {"key_task": line.key_task.number})
                for line in board.tasks
            ],
            shown,
            _("Work items per key task and light."),
            horizontal=True,
        ),
        "status_by_region": panels.status_panel(
            [
                (line.region.short_label, line.slice.now, {"key_task": "seven", "region": line.region.code})
                for line in present
            ],
            shown,
            _("Work items per region and light."),
        ),
        "matrix": panels.matrix_panel(
            [(x.region.pk, x.region.short_label, {"region": x.region.code}) for x in present],
            [(x.key_task.pk, x.key_task.short_label, {"key_task": x.key_task.number}) for x in board.tasks],
            board.matrix,
            shown,
            _("Variance of each key task in each region, in points."),
        ),
    }


def _axis_values(board: NationalBoard) -> list[int]:
    """All values that the dots of the seven key tasks need room for."""
    slices = [line.slice for line in board.tasks]
    values = [v for s in slices for v in (s.now.progress, s.now.planned, s.before.progress)]
    return [round(v) for v in values if v is not None]


def _movers(board: NationalBoard) -> list[tuple[Any, Any]]:
    """The measures whose progress changed most since last week."""
    changed = [(line, line.slice.gain) for line in board.measures if line.slice.gain]
    return sorted(changed, key=lambda pair: -abs(pair[1] or 0))[:8]


def _task(board: TaskBoard) -> dict[str, Any]:
    columns, rows = panels.measure_grid(board.measures, board.regions, board.matrix, board.shown)
    values = [v for line in board.measures for v in (line.slice.now.progress, line.slice.now.planned)]
    numbers = [task.number for task in board.outline.key_tasks]
    position = numbers.index(board.key_task.number)
    return section_context(board.sections, board.shown) | {
        "key_task": board.key_task,
        "zoom": zoom([round(v) for v in values if v is not None]),
        "grid_columns": columns,
        "grid_rows": rows,
        "previous_task": numbers[position - 1] if position else None,
        "next_task": numbers[position + 1] if position + 1 < len(numbers) else None,
        "status_by_measure": panels.status_panel(
            [(x.measure.code, x.slice.now, {"measure": x.measure.code}) for x in board.measures],
            board.shown,
            _("Work items per measure and light."),
        ),
    }


def _region(board: RegionBoard) -> dict[str, Any]:
    values = [
        v
        for line in board.tasks
        for v in (line.slice.now.progress, line.slice.now.planned, line.reference.progress)
    ]
    drawn = panels.curve_points(board.points, reference=board.national, ahead=board.ahead)
    others = [line for line in board.others if line.slice.now.tally.items]
    strips = position_strips(board.others, board.region, board.shown)
    return section_context(board.sections, board.shown) | {
        "region": board.region,
        "zoom": zoom([round(v) for v in values if v is not None]),
        "curve": panels.curve_panel(drawn, board.shown, reference=_("All regions"), region=board.region.code),
        "tiles": panels.tiles(board.others, board.shown, "variance", current=board.region),
        "choices": [(x.region, address("region", board.shown, x.region.code)) for x in others],
        "strips": strips,
        "compared": sum(1 for line in others if line.region.reports),
    }
