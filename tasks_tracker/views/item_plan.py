"""Pages of supervisors over one item: its words, its plan on record with a preview, its parts."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tasks_tracker.actions.assigning import decompose_item
from tasks_tracker.actions.item_words import Words, edit_item
from tasks_tracker.actions.replan import StepRefused, Terms, change_plan
from tasks_tracker.charts.item import DayPoint, plan_preview
from tasks_tracker.forms.item_plan import PartFormSet, TermsForm, WordsForm, reporting_actors
from tasks_tracker.forms.lifecycle import ReasonForm, refusal_text, status_of
from tasks_tracker.models import Actor, PlanChange, User, WorkItem
from tasks_tracker.permissions import can_decompose, check_can_direct
from tasks_tracker.rules.ledger_csv import in_the_run
from tasks_tracker.rules.schedule import plan_segments
from tasks_tracker.tables.changes import value_words
from tasks_tracker.templatetags.formats import percent
from tasks_tracker.templatetags.shapes import Twin
from tasks_tracker.views.doorbell import ring_roll_up
from tasks_tracker.views.lifecycle import own_item

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
MOST_ROWS = 40
Difference = dict[str, str]


@GET_OR_POST
def item_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Edit the words; a stale form shows what differs and overwrites nothing."""
    item = own_item(request, code)
    check_can_direct(request.user, item)
    form = WordsForm(request.POST if request.method == "POST" else None, item=item)
    if request.method != "POST":
        return _edit_page(request, item, form)
    seen = form.seen_values()
    if not form.is_valid() or seen is None:
        return _edit_page(request, item, form, status=422)
    try:
        changed = edit_item(item=item, words=form.words, seen=seen, by=request.user, now=timezone.localtime())
    except StepRefused as refused:
        form.refuse(refused)
        differences = _differences(form, seen, Words.of(own_item(request, code)).written, form.words.written)
        return _edit_page(request, item, form, differences, status=status_of(refused))
    said = _("“%(item)s” is saved.") if changed else _("Nothing of “%(item)s” differed.")
    messages.success(request, said % {"item": form.words.title})
    return redirect("item", item.code)


def _edit_page(
    request: HttpRequest,
    item: WorkItem,
    form: WordsForm,
    differences: list[Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"item": item, "form": form, "differences": differences}
    return render(request, "plan/item_edit.html", context, status=status)


@GET_OR_POST
def item_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Change what is agreed, on record. `preview` draws the new plan beside the present one, no more."""
    item = own_item(request, code)
    check_can_direct(request.user, item)
    form = TermsForm(request.POST if request.method == "POST" else None, item=item)
    if request.method != "POST":
        return _plan_page(request, item, form)
    valid, seen = form.is_valid(), form.seen_terms()
    if "preview" in request.POST or not valid or seen is None or form.terms is None:
        status = 200 if "preview" in request.POST else 422
        if status == 200:
            form.errors.pop("reason", None)  # it may be written after the preview
        return _plan_page(request, item, form, status=status)
    try:
        change_plan(
            item=item,
            terms=form.terms,
            seen=seen,
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=timezone.localtime(),
        )
    except StepRefused as refused:
        form.refuse(refused)
        now = Terms.of(own_item(request, code)).written
        differences = (
            _differences(form, seen.written, now, form.terms.written)
            if refused.code == "changed_meanwhile"
            else None
        )
        return _plan_page(request, item, form, differences, status=status_of(refused))
    ring_roll_up()
    messages.success(request, _("The plan of “%(item)s” is changed, on record.") % {"item": item.title})
    return redirect("item", item.code)


def _plan_page(
    request: HttpRequest,
    item: WorkItem,
    form: TermsForm,
    differences: list[Difference] | None = None,
    status: int = 200,
) -> HttpResponse:
    present = Terms.of(item)
    proposed = form.terms if form.is_bound else None
    fits = proposed is not None and in_the_run(proposed.milestones, proposed.starts_on, proposed.due_on)
    context = {
        "item": item,
        "form": form,
        "differences": differences,
        "moves": _moves(present, proposed) if proposed else [],
        "curve": _preview(present, proposed if fits else None, timezone.localdate()),
        "curve_table": _preview_table(proposed if fits and proposed else present),
        "is_preview": form.is_bound and fits,
    }
    return render(request, "plan/item_terms.html", context, status=status)


def _moves(present: Terms, proposed: Terms) -> list[Difference]:
    """What the change would put on record."""
    old, new = present.written, proposed.written
    return [
        {
            "label": str(PlanChange.Field(name).label),
            "old": _shown(name, old[name]),
            "new": _shown(name, new[name]),
        }
        for name in old
        if old[name] != new[name]
    ]


def _shown(name: str, value: str) -> str:
    leads = {}
    if name == PlanChange.Field.LEAD:
        leads = {actor.code: actor.label for actor in Actor.objects.filter(code=value)}
    return value_words(name, value, leads)


def _points(terms: Terms) -> list[DayPoint]:
    pieces = plan_segments(
        terms.starts_on, terms.due_on, [(mark.due_on, mark.percent) for mark in terms.milestones]
    )
    points = [DayPoint(date.fromordinal(piece.from_day), piece.from_percent) for piece in pieces]
    return [*points, DayPoint(terms.due_on, pieces[-1].until_percent)]


def _preview(present: Terms, proposed: Terms | None, today: date) -> dict[str, Any]:
    return plan_preview(_points(present), _points(proposed) if proposed else [], today)


def _preview_table(terms: Terms) -> Twin:
    rows = [[point.day.isoformat(), percent(point.percent)] for point in _points(terms)]
    return Twin(head=[_("Day"), _("Planned")], rows=rows)


def _differences(form: Any, seen: dict[str, Any], now: dict[str, Any], typed: dict[str, Any]) -> list[Any]:
    """Field by field what was on the form, what stands there by now, and what was typed."""
    return [
        {
            "label": form.fields[name].label,
            "seen": _plain(name, seen[name]),
            "now": _plain(name, now[name]),
            "typed": _plain(name, typed[name]),
        }
        for name in now
        if seen[name] != now[name]
    ]


def _plain(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return _shown(name, value) or "–"


@GET_OR_POST
def item_decompose(request: HttpRequest, code: str) -> HttpResponse:
    """Split the item into parts, a row each; empty rows are left out, `more` adds some."""
    item = own_item(request, code)
    if not can_decompose(request.user, item):
        raise PermissionDenied(_("Only the lead unit or a supervisor splits this work item."))
    posted = request.POST if request.method == "POST" else None
    leads = _part_leads(request.user)
    if posted and "more" in posted:
        posted = posted.copy()
        total = posted.get("part-TOTAL_FORMS", "")
        posted["part-TOTAL_FORMS"] = str(min(int(total) + 4, MOST_ROWS) if total.isdecimal() else 4)
    options = {"item": item, "leads": leads}
    parts = PartFormSet(posted, prefix="part", form_kwargs=options)
    form = ReasonForm(posted, prefix="why")
    if posted is None or "more" in posted:
        return _parts_page(request, item, parts, form)
    valid = parts.is_valid() & form.is_valid()
    wanted = [part for part in parts if valid and part.has_changed()]
    if valid:
        try:
            decompose_item(
                item=item,
                parts=[part.part for part in wanted],
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=timezone.localtime(),
            )
        except StepRefused as refused:
            _refuse_part(wanted, form, refused)
            return _parts_page(request, item, parts, form, status=status_of(refused))
        ring_roll_up()
        messages.success(
            request, _("“%(item)s” is split into %(n)d parts.") % {"item": item.title, "n": len(wanted)}
        )
        return redirect("item", item.code)
    return _parts_page(request, item, parts, form, status=422)


def _part_leads(user: User) -> Any:
    leads = reporting_actors()
    return leads.filter(path__startswith=user.scope.path) if user.scope.path else leads


def _refuse_part(wanted: list[Any], form: ReasonForm, refused: StepRefused) -> None:
    if refused.row:
        wanted[refused.row - 1].refuse(refused)
    else:
        form.add_error(None, ValidationError(refusal_text(refused), code=refused.code))


def _parts_page(
    request: HttpRequest, item: WorkItem, parts: Any, form: ReasonForm, status: int = 200
) -> HttpResponse:
    context = {"item": item, "parts": parts, "form": form, "there": item.children.count()}
    return render(request, "plan/item_decompose.html", context, status=status)
