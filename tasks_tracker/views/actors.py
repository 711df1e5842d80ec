"""The leads and where they stand in a week; and one of them with all below it."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks_tracker.forms.filters import ActorFilter
from tasks_tracker.queries.actors import ActorLine, actor_lines, unit_of, units_above
from tasks_tracker.queries.dashboard import unit_board
from tasks_tracker.queries.items import SEVEN, SUPPORTING
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.tables.actors import ActorTable, sortable
from tasks_tracker.tables.pages import page_of
from tasks_tracker.templatetags.shapes import zoom
from tasks_tracker.views.dashboard import common
from tasks_tracker.views.sections import section_context
from tasks_tracker.views.weeks import address, week_of_page


@dataclass(frozen=True)
class ActorRow:
    """A line of the table: its figures, what it sorts by, and the list behind each number."""

    line: ActorLine
    shown: ShownWeek

    @property
    def order(self) -> tuple[int, str]:
        """The order of the organisation."""
        return self.line.actor.order, self.line.actor.code

    @property
    def items(self) -> int:
        """Items of the seven key tasks."""
        return self.line.seven.tally.items

    @property
    def supporting(self) -> int:
        """Items of the supporting measures."""
        return self.line.supporting.tally.items

    @property
    def progress(self) -> Fraction:
        """Sort key."""
        return sortable(self.line.seven.progress)

    @property
    def variance(self) -> Fraction:
        """Sort key."""
        return sortable(self.line.seven.variance)

    @property
    def coverage(self) -> Fraction:
        """Sort key."""
        return sortable(self.line.seven.coverage)

    @property
    def filled_in(self) -> Fraction:
        """Sort key."""
        return sortable(self.line.everything.filled_in)

    @property
    def missing(self) -> int:
        """Reports owed and not given."""
        return self.line.everything.missing

    @cached_property
    def url(self) -> dict[str, str]:
        """The lists behind the numbers."""
        lead = self.line.actor.code
        return {
            "page": address("actor", self.shown, lead),
            "seven": address("items", self.shown, lead=lead, key_task=SEVEN),
            "why": address("why", self.shown, lead=lead),
            "supporting": address("items", self.shown, lead=lead, key_task=SUPPORTING),
            "unknown": address("items", self.shown, lead=lead, key_task=SEVEN, known="unknown"),
            "due": address("items", self.shown, lead=lead, reported="due"),
            "missing": address("items", self.shown, lead=lead, reported="missing"),
        }


@require_safe
def actors(request: HttpRequest) -> HttpResponse:
    """The table, narrowed by level and words."""
    shown = week_of_page(request)
    form = ActorFilter(request.GET)
    words, level = form.good("q").lower().split(), form.good("level")
    lines = actor_lines(shown, request.user)
    rows = [
        ActorRow(line, shown)
        for line in lines
        if (not level or line.actor.level == level)
        and all(word in f"{line.actor.name} {line.actor.name_en}".lower() for word in words)
    ]
    context = {
        "shown": shown,
        "form": form,
        "chips": form.chips(),
        "table": page_of(ActorTable(rows), request),
        "number": len(rows),
        "total": len(lines),
        "all_url": address("actors", shown),
    }
    return render(request, "plan/actors.html", context)


@require_safe
def actor(request: HttpRequest, code: str) -> HttpResponse:
    """One unit with all below it; 404 for what is not the user's to see."""
    shown = week_of_page(request)
    unit = unit_of(request.user, code)
    if unit is None:
        raise Http404(_("There is no such unit, or it is not yours to see."))
    board = unit_board(shown, request.user, unit)
    reference = not request.user.scope.path
    values = [
        value
        for line in board.tasks
        for value in (line.slice.now.progress, line.slice.now.planned, line.reference.progress)
    ]
    context = common(request, board, lead=unit.code) | section_context(board.sections, shown)
    context |= {
        "unit": unit,
        "above": units_above(request.user, unit),
        "reference": reference,
        "zoom": zoom([round(value) for value in values if value is not None]),
    }
    return render(request, "dashboard/unit.html", context)
