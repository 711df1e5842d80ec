"""Logging progress: what the own unit owes in a week, and the form of one item."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from tasks_tracker.actions import progress
from tasks_tracker.forms.conflicts import differences, with_choices
from tasks_tracker.forms.progress import ReportEntry
from tasks_tracker.models import RUNNING_STATES, WAITING, WHOLE, Light, Reason, ReportStatus, WorkItem
from tasks_tracker.permissions import can_report, check_can_report
from tasks_tracker.queries.progress import ItemWeek, item_week
from tasks_tracker.rules.evidence import ACCEPTED_ENDINGS
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
from tasks_tracker.views.signatures import signatures, waits_for


@require_safe
@never_cache
@vary_on_headers("HX-Request")
def my_week(request: HttpRequest) -> HttpResponse:
    """What the own unit owes this week, with the form of the first item that asks for something."""
    desk = desk_of(request)
    listing = desk.listing
    first = next(iter([*listing.returned_lines, *listing.open_lines]), None)
    context: dict[str, Any] = {"is_list": True}
    if first:
        item = get_object_or_404(WorkItem.objects.with_names(), code=first.code)
        context |= _item_context(desk, item_week(item, desk.point))
    return _page(request, desk, context)


def led_item(desk: Desk, code: str) -> WorkItem:
    """An item that the own unit leads. Raises Http404, and PermissionDenied where another unit leads it."""
    items = WorkItem.objects.visible_to(desk.user).filter(plan=desk.plan).with_names()
    item = get_object_or_404(items, code=code)
    if item.lead_id != desk.unit.pk:
        raise PermissionDenied(_("%(unit)s leads this work item and reports on it.") % {"unit": item.lead})
    return item


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@vary_on_headers("HX-Request")
def my_week_item(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one item; POST keeps a draft, hands the report in or signs that nothing changed."""
    desk = desk_of(request)
    item = led_item(desk, code)
    if request.method == "POST":
        return _write(request, desk, item)
    found = item_week(item, desk.point)
    return _page(request, desk, _item_context(desk, found, correct="correct" in request.GET))


def _page(request: HttpRequest, desk: Desk, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The whole page, or what is swapped in it."""
    template = "progress/my_week_swap.html" if wants_part(request) else "progress/my_week.html"
    return render(request, template, {"desk": desk} | context, status=status)


def _item_context(
    desk: Desk, found: ItemWeek, *, correct: bool = False, entry: ReportEntry | None = None
) -> dict[str, Any]:
    """What the right side shows: the form, filled, or what was handed in where nothing can be written."""
    settled = found.status in WAITING or (found.status == ReportStatus.ACCEPTED and not correct)
    running = found.item.state in RUNNING_STATES and not found.item.decomposed
    may_write = can_report(desk.user, found.item) and desk.is_open and running
    if entry is None and may_write and not settled:
        entry = ReportEntry(
            units=desk.units(),
            shown=found.latest,
            percent=found.previous_percent,
            problems_of=found.last,
        )
    codes = [line.code for line in (*desk.listing.lines, *desk.listing.others)]
    place = codes.index(found.item.code) if found.item.code in codes else None
    return {
        "found": found,
        "item": found.item,
        "entry": entry,
        "evidence": evidence_of(desk, found) if entry else None,
        "signatures": signatures(found.latest) if found.latest else (),
        "waits_for": waits_for(found.latest) if found.latest else "",
        "form_url": desk.item_url(found.item.code),
        "rate": _rate(found, entry),
        "asked": found.asked(entry.percent if entry else None),
        "may_write": may_write,
        "running": running,
        "seen": seen_token(found.latest),
        "draft_key": desk.draft_key(found.item.pk),
        "position": place + 1 if place is not None and place < len(desk.listing.lines) else None,
        "before": desk.item_url(codes[place - 1]) if place else "",
        "after": desk.item_url(codes[place + 1]) if place is not None and place + 1 < len(codes) else "",
    }


def evidence_of(desk: Desk, found: ItemWeek, refusals: Sequence[str] = ()) -> dict[str, Any]:
    """The files of the report that is being written, what may be added, and why something was not."""
    return {
        "files": found.latest.evidence.all() if found.latest else (),
        "add_url": reverse("evidence_add", args=[found.item.code]) + desk.query,
        "query": desk.query,
        "endings": ACCEPTED_ENDINGS,
        "megabytes": settings.EVIDENCE_MEGABYTES,
        "most": settings.EVIDENCE_FILES,
        "refusals": refusals,
    }


LIGHTS_NO_PERCENT_MOVES = (Light.OVERDUE, Light.NOT_STARTED, Light.DONE, Light.SUSPENDED)


def _rate(found: ItemWeek, entry: ReportEntry | None) -> dict[str, Any]:
    """Positions of the bar, and from which variance on the preview shows at risk (hundredths of a point)."""
    typed = entry.percent if entry else None
    at_risk_below = found.item.plan.at_risk_below
    if found.reason == Reason.DUE_SOON and found.planned is not None:
        at_risk_below = WHOLE - found.planned  # only a full hundred takes the warning away
    return {
        "typed": _position(typed or 0),
        "planned": _position(found.planned or 0),
        "label": _position(min(max(found.planned or 0, 400), 9_400)),  # stays inside the bar's ends
        "previous": _position(found.previous_percent or 0),
        "at_risk_below": at_risk_below,
        "lights": (Light.ON_TRACK, Light.AT_RISK, Light.BEHIND),
        "fixed_light": found.light if _no_percent_moves(found) else "",
    }


def _no_percent_moves(found: ItemWeek) -> bool:
    return found.light in LIGHTS_NO_PERCENT_MOVES or found.reason == Reason.OVERRIDDEN


def _position(percent: int) -> str:
    return f"{percent / 100:.2f}%"


def _write(request: HttpRequest, desk: Desk, item: WorkItem) -> HttpResponse:
    check_can_report(desk.user, item)
    kind = request.POST.get("action", DRAFT)
    if kind not in (DRAFT, SUBMIT, NO_CHANGE):
        return HttpResponseBadRequest(_("This button is not known."))
    seen = request.POST.get("seen", "")
    latest = progress.latest_version(item, desk.week)
    last = progress.last_accepted(item, before=desk.week)
    entry = ReportEntry(
        with_choices(request.POST, latest),
        units=desk.units(latest, last),
        previous=last.percent if last else None,
        is_complete=kind == SUBMIT,
    )
    if kind == DRAFT and request.headers.get("Accept") == "application/json":
        return keep_draft(desk, item, entry, seen, latest if seen == seen_token(latest) else None)
    following = desk.listing.next_after(item.code)
    outcome = hand_in(desk, item, kind, entry, seen)
    if outcome.report is None:
        return form_again(request, desk, item, outcome)
    if outcome.is_repeat:
        messages.info(request, _("“%(item)s” is handed in already.") % {"item": item.title})
    else:
        messages.success(request, done_words(kind) % {"item": item.title}, extra_tags=desk.draft_key(item.pk))
    if kind == DRAFT:
        return redirect(desk.item_url(item.code))
    ring_roll_up()
    return redirect(desk.item_url(following.code) if following else desk.url)


def form_again(request: HttpRequest, desk: Desk, item: WorkItem, outcome: Outcome) -> HttpResponse:
    """The form as typed, with what is wrong; nothing was written."""
    found = item_week(item, desk.point)
    context = _item_context(desk, found, entry=outcome.entry)
    if outcome.is_conflict:
        theirs = found.latest
        context |= {
            "conflict": outcome.refusal,
            "theirs": theirs,
            "differences": differences(outcome.entry, theirs) if theirs else [],
            "may_choose": context["may_write"] and found.status not in WAITING,
        }
    answer = _page(request, desk, context, outcome.status)
    answer["HX-Push-Url"] = "false"  # the address is that of the item already
    return answer
