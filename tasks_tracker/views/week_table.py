"""The whole week in one table: rows are edited in place and handed in one by one or all that are complete."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from tasks_tracker.forms.progress import ReportEntry
from tasks_tracker.forms.week_table import row_entry, row_values, typed_values
from tasks_tracker.models import Problem, ReportStatus, WorkItem
from tasks_tracker.permissions import check_can_report
from tasks_tracker.queries.week_table import Written, written_rows
from tasks_tracker.views.desk import (
    DRAFT,
    NO_CHANGE,
    SUBMIT,
    Desk,
    Outcome,
    desk_of,
    done_words,
    hand_in,
    keep_draft,
    seen_token,
    wants_part,
)
from tasks_tracker.views.doorbell import ring_roll_up

ALL = "all"


@dataclass(frozen=True)
class Row:
    """A row as the page shows it: typed values or what stands, and what became of it just now."""

    written: Written
    values: Mapping[str, str]
    seen: str
    draft_key: str
    may_write: bool
    wrong: tuple[str, ...] = ()  # why nothing was written, in words
    is_conflict: bool = False
    is_done: bool = False  # handed in by this very request

    @property
    def pk(self) -> int:
        """The item; its fields begin with it."""
        return self.written.line.item_id

    @property
    def other_problems(self) -> int:
        """Problems beyond the one that the row shows; they stay as they are."""
        return max(0, len(self.written.source.problems.all()) - 1) if self.written.source else 0


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def my_week_table(request: HttpRequest) -> HttpResponse:
    """All that is due, editable in one table; POST keeps a draft of a row or hands in one or all complete."""
    desk = desk_of(request)
    if request.method == "POST":
        return _write(request, desk)
    return render(request, "progress/week_table.html", _context(desk, _rows(desk)))


def _context(desk: Desk, rows: Iterable[Row]) -> dict[str, Any]:
    kinds = [("", "—"), *Problem.Kind.choices]
    return {"desk": desk, "rows": list(rows), "kinds": kinds, "may_write": desk.may_write}


def _rows(desk: Desk) -> list[Row]:
    return [_row(desk, written) for written in written_rows(desk.listing.lines, desk.week)]


def _row(desk: Desk, written: Written) -> Row:
    return Row(
        written=written,
        values=row_values(written.latest, written.last),
        seen=seen_token(written.latest),
        draft_key=desk.draft_key(written.line.item_id),
        may_write=desk.may_write and not written.line.is_given,
    )


def _write(request: HttpRequest, desk: Desk) -> HttpResponse:
    """`do` says what and where: "submit 17", "no_change 17", "draft 17", or "submit all" and "draft all"."""
    kind, _blank, target = request.POST.get("do", "").partition(" ")
    is_known = target.isdigit() or (target == ALL and kind != NO_CHANGE)
    if kind not in (DRAFT, SUBMIT, NO_CHANGE) or not is_known:
        return HttpResponseBadRequest(_("This button is not known."))
    posted = [row for row in _rows(desk) if f"{row.pk}-seen" in request.POST]
    wanted = posted if target == ALL else [row for row in posted if str(row.pk) == target]
    if not wanted and target != ALL:
        raise Http404
    items = _items(desk, wanted)
    if kind == DRAFT and target != ALL and request.headers.get("Accept") == "application/json":
        [row] = wanted
        entry, seen = _entry(desk, row, request.POST, kind), request.POST[f"{row.pk}-seen"]
        return keep_draft(desk, items[row.pk], entry, seen, row.written.latest if seen == row.seen else None)
    outcomes = {
        row.pk: _attempt(desk, items[row.pk], row, request.POST, kind)
        for row in wanted
        if target != ALL or _is_begun(row, request.POST)
    }
    ring_roll_up()
    return _answer(request, desk, kind, outcomes)


def _items(desk: Desk, rows: Iterable[Row]) -> dict[int, WorkItem]:
    """The items of the rows; raises PermissionDenied for whoever does not report on them."""
    items = WorkItem.objects.visible_to(desk.user).filter(plan=desk.plan, lead=desk.unit).with_names()
    found = {item.pk: item for item in items.filter(pk__in=[row.pk for row in rows])}
    for item in found.values():
        item.plan = desk.plan
        check_can_report(desk.user, item)
    return found


def _entry(desk: Desk, row: Row, data: Mapping[str, Any], kind: str) -> ReportEntry:
    return row_entry(
        typed_values(data, f"{row.pk}-"),
        row.written.source,
        units=desk.units(row.written.source),
        previous=row.written.last.percent if row.written.last else None,
        is_complete=kind == SUBMIT,
    )


def _attempt(desk: Desk, item: WorkItem, row: Row, data: Mapping[str, Any], kind: str) -> Outcome:
    """One row in its own transaction: what fails here stops no other row."""
    return hand_in(desk, item, kind, _entry(desk, row, data, kind), data[f"{row.pk}-seen"])


def _is_begun(row: Row, data: Mapping[str, Any]) -> bool:
    """Something new is written: an empty note is no report, and a returned text is no answer."""
    typed = typed_values(data, f"{row.pk}-")
    latest = row.written.latest
    if not row.may_write or not typed["progress_note"].strip():
        return False
    return latest is None or latest.status == ReportStatus.DRAFT or typed != dict(row.values)


def _answer(request: HttpRequest, desk: Desk, kind: str, outcomes: Mapping[int, Outcome]) -> HttpResponse:
    """The rows as they stand now, what was typed where nothing was written, and what was done in words."""
    desk = replace(desk)  # what it has read is old now
    rows = [_row_after(row, outcomes.get(row.pk), kind, request.POST) for row in _rows(desk)]
    touched = [row for row in rows if row.pk in outcomes]
    context = _context(desk, touched if wants_part(request) else rows)
    context["said"] = _said(kind, touched, outcomes)
    failed = [outcome.status for outcome in outcomes.values() if outcome.report is None]
    status = max(failed) if failed and len(failed) == len(outcomes) else 200
    template = "progress/week_table_swap.html" if wants_part(request) else "progress/week_table.html"
    return render(request, template, context, status=status)


def _row_after(row: Row, outcome: Outcome | None, kind: str, data: Mapping[str, Any]) -> Row:
    if outcome is not None and outcome.report is not None:
        return replace(row, is_done=kind != DRAFT)
    if f"{row.pk}-seen" not in data or not row.may_write:
        return replace(row, wrong=tuple(outcome.problems)) if outcome else row
    typed = typed_values(data, f"{row.pk}-")
    if outcome is None:
        return replace(row, values=typed, seen=data[f"{row.pk}-seen"])
    kept = data[f"{row.pk}-seen"]  # stays: a second click must not write over what is not seen yet
    wrong = tuple(outcome.problems)
    return replace(row, values=typed, seen=kept, wrong=wrong, is_conflict=outcome.is_conflict)


def _said(kind: str, rows: list[Row], outcomes: Mapping[int, Outcome]) -> str:
    """What was done, in one sentence."""
    done = [row for row in rows if outcomes[row.pk].report is not None]
    if len(rows) == 1:
        [row] = rows
        title = row.written.line.title
        if done:
            return done_words(kind) % {"item": title}
        return _("“%(item)s” is not handed in: %(why)s") % {"item": title, "why": " ".join(row.wrong)}
    if not rows:
        return _("No row is complete yet: a percent and a progress note are needed.")
    words = (
        ngettext("%(n)d draft saved.", "%(n)d drafts saved.", len(done))
        if kind == DRAFT
        else ngettext("%(n)d report handed in.", "%(n)d reports handed in.", len(done))
    ) % {"n": len(done)}
    left = len(rows) - len(done)
    if not left:
        return words
    more = ngettext("%(n)d was not: its row says why.", "%(n)d were not: their rows say why.", left)
    return f"{words} {more % {'n': left}}"
