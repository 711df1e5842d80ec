"""The wall screen: the dashboard that nobody operates. It asks for its own panel again and again."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from tasks_tracker.models import KeyTask, Region
from tasks_tracker.queries.dashboard import Compared, Spot
from tasks_tracker.queries.figures import weeks_late
from tasks_tracker.queries.wall import Wall, wall_of
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.templatetags.shapes import zoom
from tasks_tracker.views import panels
from tasks_tracker.views.dashboard import scope_words
from tasks_tracker.views.errors import Missing
from tasks_tracker.views.weeks import week_of_page

ROWS = 5  # of a page of the rotating list
MANY = 8  # lines of measures from which on their bars are small


@dataclass(frozen=True)
class Line:
    """A row of the list of key tasks or measures."""

    mark: str
    name: str
    slice: Compared


@dataclass(frozen=True)
class Leaf:
    """A page of the rotating list: its heading, which rows of how many, and the rows."""

    heading: str
    note: str
    first: int
    last: int
    total: int
    spots: Sequence[Spot]


@require_safe
@vary_on_headers("HX-Request")
def wall(request: HttpRequest) -> HttpResponse:
    """The whole screen; only its panel when the screen asks for news."""
    shown = week_of_page(request)
    key_task, region = _key_task(request, shown), _region(request)
    context = _context(request, wall_of(shown, request.user, key_task, region))
    template = "dashboard/wall_panel.html" if request.htmx else "dashboard/wall.html"
    return render(request, template, context)


def _key_task(request: HttpRequest, shown: ShownWeek) -> KeyTask | None:
    number = request.GET.get("key_task", "")
    if not number:
        return None
    if re.fullmatch(r"[0-9]{1,3}", number):
        for key_task in KeyTask.objects.filter(policy=shown.plan.policy_id, number=number):
            return key_task
    raise Missing(_("There is no key task “%(number)s”.") % {"number": number[:20]})


def _region(request: HttpRequest) -> Region | None:
    code = request.GET.get("region", "")
    if not code:
        return None
    for region in Region.objects.filter(code=code[:20]):
        if region.reports or region.kind == Region.Kind.NATIONAL:
            return region
        raise Missing(_("%(region)s is not within the scope of reporting.") % {"region": region.label})
    raise Missing(_("There is no region “%(code)s”.") % {"code": code[:20]})


def _filters(board: Wall) -> dict[str, object]:
    """What the list behind the figure is narrowed to."""
    key_task = {"key_task": board.key_task.number} if board.key_task else {}
    return key_task | ({"region": board.region.code} if board.region else {})


def _context(request: HttpRequest, board: Wall) -> dict[str, Any]:
    drawn = panels.curve_points(board.points, ahead=board.ahead)
    lines, tally = _lines(board), board.whole.now.tally
    late = weeks_late(board.points)
    present = [line for line in board.regions if line.slice.now.tally.items]
    return {
        "board": board,
        "shown": board.shown,
        "now": board.whole.now,
        "before": board.whole.before,
        "whole": board.whole,
        "lights_before": board.whole.before.tally.lights if board.shown.previous else None,
        "weeks_late": None if late is None else late * 100,
        "scope_words": scope_words(request),
        "lines": lines,
        "zoom": zoom([round(value) for value in _values(lines) if value is not None]),
        "tiles": [
            replace(tile, url="")  # nobody clicks here
            for tile in panels.tiles(board.regions, board.shown, "variance", board.region)
        ],
        "drawn": drawn,
        "curve": panels.curve_panel(drawn, board.shown, **_filters(board)),
        "leaves": [
            *_leaves(_("Furthest behind plan"), _("measures by region, by points"), board.behind),
            *_leaves(_("Most overdue items"), _("measures by region, by number"), board.overdue),
        ],
        "many": len(lines) > MANY,
        "flow": [
            ("accepted", tally.accepted, _("accepted")),
            ("submitted", tally.submitted, _("waiting")),
            ("missing", tally.missing, _("missing")),
        ],
        "reporting_regions": sum(1 for line in board.regions if line.region.reports),
        "least_filled": sorted(
            (line for line in present if line.slice.now.tally.due),
            key=lambda line: (line.slice.now.tally.filled_in, line.region.order),
        )[:5],
        "refreshed": timezone.localtime(),
    }


def _values(lines: Sequence[Line]) -> list[Fraction | None]:
    """What the dots of the lines need room for."""
    slices = [part for line in lines for part in (line.slice.now, line.slice.before)]
    return [value for part in slices for value in (part.progress, part.planned)]


def _lines(board: Wall) -> list[Line]:
    """The seven key tasks, or the measures of the one that is asked for."""
    if board.key_task:
        return [Line(x.measure.code, x.measure.label, x.slice) for x in board.measures]
    return [Line(str(x.key_task.number), x.key_task.short_label, x.slice) for x in board.tasks]


def _leaves(heading: str, note: str, spots: Sequence[Spot]) -> list[Leaf]:
    pages = [spots[first : first + ROWS] for first in range(0, len(spots), ROWS)]
    return [
        Leaf(heading, note, n * ROWS + 1, n * ROWS + len(page), len(spots), page)
        for n, page in enumerate(pages)
    ]
