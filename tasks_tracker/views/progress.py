"""Logging progress: what the own unit owes in a week, and the form of one item."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tasks_tracker.actions import progress, rollup
from tasks_tracker.actions.progress import Entry, EntryRefused
from tasks_tracker.forms.progress import CONFLICTS, ReportEntry, refusal_text
from tasks_tracker.models import (
    RUNNING_STATES,
    UNIT_ROLES,
    WAITING,
    WHOLE,
    Actor,
    Light,
    Plan,
    ProgressReport,
    Reason,
    ReportStatus,
    Slip,
    User,
    WorkItem,
)
from tasks_tracker.permissions import can_report, check_can_report
from tasks_tracker.queries.progress import (
    ItemWeek,
    UnitWeek,
    item_week,
    reporting_weeks,
    unit_week,
    units_to_ask,
)
from tasks_tracker.queries.slips import open_slips
from tasks_tracker.rules.evidence import ACCEPTED_ENDINGS
from tasks_tracker.rules.weeks import AsOf, UnknownWeek, format_week, parse_week, week_of
from tasks_tracker.views.doorbell import ring_roll_up
from tasks_tracker.views.errors import NoSuchWeek
from tasks_tracker.views.signatures import signatures, waits_for

DRAFT, SUBMIT, NO_CHANGE = "draft", "submit", "no_change"


@dataclass(frozen=True)
class Desk:
    """The work of one unit in one week, as `user` finds it at `now`."""

    user: User
    unit: Actor
    plan: Plan
    week: date
    weeks: dict[date, bool]  # week → frozen?, newest first
    now: datetime

    @cached_property
    def point(self) -> AsOf:
        """From where the week is looked at."""
        return rollup.point_of(self.plan, self.week, self.now)

    @cached_property
    def is_open(self) -> bool:
        """Reports of the week are still taken."""
        try:
            progress.check_week_is_open(self.plan, self.week, self.now)
        except EntryRefused:
            return False
        return True

    @cached_property
    def listing(self) -> UnitWeek:
        """What the week asks of the unit."""
        return unit_week(self.plan, self.unit, self.point)

    @property
    def status(self) -> str:
        """For the week bar: open, frozen or ""."""
        return "open" if self.is_open else "frozen" if self.weeks[self.week] else ""

    @property
    def cutoff(self) -> datetime | None:
        """Until when a report of the week is in time."""
        return self.point.cutoff

    @cached_property
    def slips(self) -> list[Slip]:
        """What supervisors demand of the unit, not closed yet."""
        return open_slips(self.unit)

    @property
    def query(self) -> str:
        """What links carry to stay in the week; nothing for the running one."""
        return "" if self.week == week_of(self.now.date()) else f"?week={format_week(self.week)}"

    @property
    def url(self) -> str:
        """The list."""
        return reverse("my_week") + self.query

    def item_url(self, code: str) -> str:
        """The form of an item."""
        return reverse("my_week_item", args=[code]) + self.query

    def draft_key(self, item: WorkItem) -> str:
        """Under which the browser keeps what is typed."""
        return f"report:{self.user.pk}:{item.pk}:{format_week(self.week)}"


def desk_of(request: HttpRequest) -> Desk:
    """Raises PermissionDenied for whoever is in no unit, NoSuchWeek in words for a week that cannot be shown.

    Plan.DoesNotExist before a plan is set up is answered by `views.errors`.
    """
    user = request.user
    if user.role not in UNIT_ROLES or user.actor is None:
        raise PermissionDenied(_("Only reporters and reviewers of a unit have a list of their own."))
    now = timezone.localtime()
    plan = Plan.objects.current()
    weeks = reporting_weeks(plan, week_of(now.date()))
    week = _week_in(request.GET.get("week", ""), weeks, now)
    return Desk(user=user, unit=user.actor, plan=plan, week=week, weeks=weeks, now=now)


def _week_in(text: str, weeks: dict[date, bool], now: datetime) -> date:
    try:
        week = parse_week(text) if text else week_of(now.date())
    except UnknownWeek as error:
        words = _("There is no week “%(week)s” here. Weeks are written like 2026-W47.")
        raise NoSuchWeek(words % {"week": text[:20]}) from error
    if week > week_of(now.date()):
        raise NoSuchWeek(_("Week %(week)s has not begun yet.") % {"week": format_week(week)})
    if week not in weeks:
        raise NoSuchWeek(_("Nothing was tracked in week %(week)s.") % {"week": format_week(week)})
    return week


@require_safe
def my_week(request: HttpRequest) -> HttpResponse:
    """What the own unit owes this week, with the form of the first item that asks for something."""
    desk = desk_of(request)
    listing = desk.listing
    first = next(iter([*listing.returned_lines, *listing.open_lines]), None)
    context: dict[str, Any] = {"desk": desk, "is_list": True}
    if first:
        item = get_object_or_404(WorkItem.objects.with_names(), code=first.code)
        context |= _item_context(desk, item_week(item, desk.point))
    return render(request, "progress/my_week.html", context)


def led_item(desk: Desk, code: str) -> WorkItem:
    """An item that the own unit leads. Raises Http404, and PermissionDenied where another unit leads it."""
    items = WorkItem.objects.visible_to(desk.user).filter(plan=desk.plan).with_names()
    item = get_object_or_404(items, code=code)
    if item.lead_id != desk.unit.pk:
        raise PermissionDenied(_("%(unit)s leads this work item and reports on it.") % {"unit": item.lead})
    return item


@require_http_methods(["GET", "HEAD", "POST"])
def my_week_item(request: HttpRequest, code: str) -> HttpResponse:
    """The form of one item; POST keeps a draft, hands the report in or signs that nothing changed."""
    desk = desk_of(request)
    item = led_item(desk, code)
    if request.method == "POST":
        return _write(request, desk, item)
    context = _item_context(desk, item_week(item, desk.point), correct="correct" in request.GET)
    return render(request, "progress/my_week.html", {"desk": desk} | context)


def _item_context(
    desk: Desk, found: ItemWeek, *, correct: bool = False, entry: ReportEntry | None = None
) -> dict[str, Any]:
    """What the right side shows: the form, filled, or what was handed in where nothing can be written."""
    settled = found.status in WAITING or (found.status == ReportStatus.ACCEPTED and not correct)
    running = found.item.state in RUNNING_STATES and not found.item.decomposed
    may_write = can_report(desk.user, found.item) and desk.is_open and running
    if entry is None and may_write and not settled:
        entry = ReportEntry(
            units=units_to_ask(desk.user),
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
        "may_write": may_write,
        "running": running,
        "seen": seen_of(found.latest),
        "draft_key": desk.draft_key(found.item),
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


def seen_of(report: ProgressReport | None) -> str:
    """The version that the form was filled from, and when it was saved; a draft keeps its version."""
    return f"{report.version} {report.saved_at.isoformat()}" if report else "0 "


def _write(request: HttpRequest, desk: Desk, item: WorkItem) -> HttpResponse:
    check_can_report(desk.user, item)
    kind = request.POST.get("action", DRAFT)
    if kind not in (DRAFT, SUBMIT, NO_CHANGE):
        return HttpResponseBadRequest(_("This button is not known."))
    seen = request.POST.get("seen", "")
    last = progress.last_accepted(item, before=desk.week)
    entry = ReportEntry(
        request.POST,
        units=units_to_ask(desk.user),
        previous=last.percent if last else None,
        is_complete=kind == SUBMIT,
    )
    following = desk.listing.next_after(item.code)
    if not entry.is_valid or (kind == NO_CHANGE and _contradicts(entry, item, desk.week, seen)):
        return form_again(request, desk, item, entry, status=422)
    try:
        act(kind, item, entry.entry(), desk, seen)
    except EntryRefused as refused:
        if not _is_repeat(kind, item, entry.entry(), desk):
            return refused_again(request, desk, item, entry, refused)
        messages.info(request, _("“%(item)s” is handed in already.") % {"item": item.title})
    else:
        ring_roll_up()
        messages.success(request, done_words(kind) % {"item": item.title}, extra_tags=desk.draft_key(item))
    if kind == DRAFT:
        return redirect(desk.item_url(item.code))
    return redirect(desk.item_url(following.code) if following else desk.url)


def done_words(kind: str) -> str:
    if kind == DRAFT:
        return _("Draft of “%(item)s” saved.")
    if kind == NO_CHANGE:
        return _("Signed: no change on “%(item)s” this week.")
    return _("“%(item)s” is handed in and waits for its acceptance.")


def _contradicts(entry: ReportEntry, item: WorkItem, week: date, seen: str) -> bool:
    """What is typed says that something did change: signing would throw it away, so it is refused.

    Where somebody else wrote meanwhile there is nothing to say yet: the action refuses that first.
    """
    latest = progress.latest_version(item, week)
    if seen != seen_of(latest):
        return False
    typed, last = entry.form.cleaned_data, progress.last_accepted(item, before=week)
    if last and typed["percent"] not in (None, last.percent):
        entry.form.add_error("percent", _("The percent differs from last time. Submit the report instead."))
    kept = latest.progress_note if latest and latest.status == ReportStatus.DRAFT else ""
    if typed["progress_note"] not in ("", kept):
        entry.form.add_error("progress_note", _("You have typed a note. Submit it, or clear it to sign."))
    return bool(entry.form.errors)


@transaction.atomic
def act(kind: str, item: WorkItem, entry: Entry, desk: Desk, seen: str) -> ProgressReport:
    """One action, on what the form was filled from; raises EntryRefused when that is no longer the newest."""
    latest = progress.latest_version(item, desk.week)
    if seen != seen_of(latest):
        progress.check_week_is_open(desk.plan, desk.week, desk.now)
        waiting = latest is not None and latest.is_waiting
        raise EntryRefused("already_waiting" if waiting else "changed_meanwhile")
    write = partial(
        {DRAFT: progress.save_draft, SUBMIT: progress.submit_report}.get(kind, progress.sign_no_change),
        **({} if kind == NO_CHANGE else {"entry": entry}),
    )
    return write(item=item, week=desk.week, by=desk.user, now=desk.now, seen_version=int(seen.split()[0]))


def _is_repeat(kind: str, item: WorkItem, entry: Entry, desk: Desk) -> bool:
    """The same click again: what stands there already is exactly this, by the same person."""
    latest = progress.latest_version(item, desk.week)
    if latest is None or latest.saved_by_id != desk.user.pk:
        return False
    if kind == NO_CHANGE:
        return latest.no_change and latest.is_waiting
    is_there = latest.status == ReportStatus.DRAFT if kind == DRAFT else latest.is_waiting
    return is_there and all(
        getattr(latest, name) == getattr(entry, name)
        for name in ("percent", "progress_note", "next_steps", "decrease_reason")
    )


def refused_again(
    request: HttpRequest, desk: Desk, item: WorkItem, entry: ReportEntry, refused: EntryRefused
) -> HttpResponse:
    entry.refuse(refused)
    status = 409 if refused.code in CONFLICTS else 422
    return form_again(request, desk, item, entry, status=status, refusal=refusal_text(refused))


def form_again(
    request: HttpRequest, desk: Desk, item: WorkItem, entry: ReportEntry, *, status: int, refusal: str = ""
) -> HttpResponse:
    """The form as typed, with what is wrong; nothing was written."""
    found = item_week(item, desk.point)
    context = {"desk": desk} | _item_context(desk, found, entry=entry)
    if status == 409:
        context |= {"conflict": refusal, "theirs": found.latest}
    return render(request, "progress/my_week.html", context, status=status)
