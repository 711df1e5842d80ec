"""Who owes what: how many of the owed reports are in, who owes the others, and the cut-offs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tasks_tracker.actions import progress, rollup
from tasks_tracker.actions.cutoffs import CutoffRefused, move_cutoff, withdraw_cutoff
from tasks_tracker.forms.cutoffs import CONFLICTS, CutoffForm, refusal_text
from tasks_tracker.models import Actor, CutoffException, KeyTask, Mail, Plan, Region
from tasks_tracker.permissions import can_move_cutoff, can_supervise, check_can_move_cutoff
from tasks_tracker.queries import filing as query
from tasks_tracker.queries.filing import FilingLine, MissingItem, SilentUnit, level_words
from tasks_tracker.queries.items import SUPPORTING
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import ONE_WEEK, UnknownWeek, format_week, parse_week, usual_cutoff, week_of
from tasks_tracker.tables.actors import sortable
from tasks_tracker.tables.filing import FilingTable, SilentTable
from tasks_tracker.tables.pages import page_of
from tasks_tracker.templatetags.formats import week_label, week_span
from tasks_tracker.views.errors import NoSuchWeek
from tasks_tracker.views.weeks import address, week_of_page

KINDS = {
    query.UNIT: gettext_lazy("Unit"),
    query.REGION: gettext_lazy("Region"),
    query.TASK: gettext_lazy("Key task"),
}
WEEKS_AHEAD = 26  # for which a cut-off can be moved; holidays are published a year ahead
TROUBLE_DAYS = 7
TROUBLE_SHOWN = 20


@dataclass(frozen=True)
class FilingRow:
    """A line of the table: what it sorts by, and the lists behind its numbers."""

    line: FilingLine
    shown: ShownWeek
    place: int

    @property
    def order(self) -> int:
        """The order of the outline."""
        return self.place

    @property
    def due(self) -> int:
        """Reports owed."""
        return self.line.tally.due

    @property
    def reported(self) -> int:
        """Of them given."""
        return self.line.tally.due_reported

    @property
    def missing(self) -> int:
        """Owed and not given."""
        return self.line.tally.missing

    @property
    def late(self) -> int:
        """Handed in after the cut-off."""
        return self.line.tally.late

    @property
    def rate(self) -> Any:
        """Sort key."""
        return sortable(self.line.rate)

    @property
    def change(self) -> Any:
        """Sort key."""
        return sortable(self.line.change)

    @property
    def label(self) -> str:
        """The subject in the language of the page."""
        subject = self.line.subject
        if subject is None:
            return _("Supporting measures")
        return subject.short_label if isinstance(subject, Region) else str(subject)

    @property
    def _filter(self) -> dict[str, str]:
        subject = self.line.subject
        if isinstance(subject, KeyTask):
            return {"key_task": str(subject.number)}
        if isinstance(subject, Region):
            return {"region": subject.code}
        return {"lead": subject.code} if isinstance(subject, Actor) else {"key_task": SUPPORTING}

    @property
    def page(self) -> str:
        """The page of the subject; "" for the supporting measures, which have none."""
        subject = self.line.subject
        if subject is None:
            return ""
        if isinstance(subject, KeyTask):
            return address("key_task", self.shown, subject.number)
        return address("region" if isinstance(subject, Region) else "actor", self.shown, subject.code)

    @cached_property
    def url(self) -> dict[str, str]:
        """The list behind each number."""
        return {
            reported: address("items", self.shown, reported=reported, **self._filter)
            for reported in ("due", "given", "missing")
        }


@dataclass
class SilentRow:
    """A unit that owes something: what it sorts by, its items once the page is known, where to urge it."""

    unit: SilentUnit
    page: str
    urge_url: str
    items: list[MissingItem]

    @property
    def order(self) -> tuple[int, str]:
        """The order of the organisation."""
        return self.unit.unit.order, self.unit.unit.code

    @property
    def missing(self) -> int:
        """Reports owed and not given."""
        return self.unit.missing

    @property
    def weeks(self) -> int:
        """For so many weeks in a row."""
        return self.unit.weeks

    @property
    def last_report(self) -> float:
        """Sort key: the longest silence first."""
        return self.unit.last_report.timestamp() if self.unit.last_report else 0

    @property
    def last_urged(self) -> float:
        """Sort key."""
        return self.unit.last_urged.timestamp() if self.unit.last_urged else 0

    @property
    def urged_words(self) -> str:
        """How the unit was asked last."""
        return level_words(self.unit.urged_level)


@require_safe
def filing(request: HttpRequest) -> HttpResponse:
    """The rate of the week by unit, region or key task (`?by=`), and the units that owe something."""
    shown, now = week_of_page(request), timezone.localtime()
    by = request.GET.get("by", "")
    by = by if by in KINDS else query.UNIT
    page = query.filing(shown, request.user, by)
    rows = [FilingRow(line, shown, place) for place, line in enumerate(page.lines)]
    silent = _silent_table(request, shown, page.silent, now)
    context = {
        "shown": shown,
        "now": now,
        "cutoff": rollup.point_of(shown.plan, shown.week, now).cutoff,
        "whole": page.whole,
        "urls": _whole_urls(shown),
        "weeks": page.weeks,
        "by": by,
        "kinds": list(KINDS.items()),
        "table": page_of(FilingTable(rows, heading=KINDS[by]), request),
        "silent": silent,
        "owing": page.silent,
        "rounds": list(shown.plan.rounds.filter(week=shown.week).order_by("at")),
        "trouble": _mail_trouble(request, page.silent, now),
        "mail_is_off": not settings.EMAIL_URL,
    }
    return render(request, "supervision/filing.html", context)


def _whole_urls(shown: ShownWeek) -> dict[str, str]:
    lists = {name: address("items", shown, reported=name) for name in ("due", "given", "missing")}
    filed = {name: address("items", shown, filing=name) for name in ("accepted", "submitted", "returned")}
    return lists | filed


def _silent_table(
    request: HttpRequest, shown: ShownWeek, units: list[SilentUnit], now: datetime
) -> SilentTable:
    may_urge = can_supervise(request.user) and is_open(shown.plan, shown.week, now)
    rows = [
        SilentRow(
            unit,
            page=address("actor", shown, unit.unit.code),
            urge_url=address("urge_unit", shown, unit.unit.code) if may_urge else "",
            items=[],
        )
        for unit in units
    ]
    table = page_of(SilentTable(rows, prefix="unit-"), request)
    on_page = [row.record for row in table.paginated_rows]
    items = query.missing_items(shown, request.user, [row.unit.unit for row in on_page])
    for row in on_page:
        row.items = items.get(row.unit.unit.pk, [])
    if not may_urge:
        table.columns.hide("urge")
    table.week = "" if shown.is_latest else format_week(shown.week)
    return table


def is_open(plan: Plan, week: date, now: datetime) -> bool:
    """Reports of the week can still be handed in, so they can be asked for."""
    try:
        progress.check_week_is_open(plan, week, now)
    except progress.EntryRefused:
        return False
    return True


def _mail_trouble(request: HttpRequest, units: list[SilentUnit], now: datetime) -> list[Mail]:
    """For supervisors: e-mails to the units of the page that did not leave in the last days."""
    if not can_supervise(request.user):
        return []
    mails = Mail.objects.exclude(status__in=(Mail.Status.SENT, Mail.Status.SENDING)).exclude(error="")
    mails = mails.filter(
        notice__at__gt=now - timedelta(days=TROUBLE_DAYS),
        notice__to__actor__in=[unit.unit.pk for unit in units],
    )
    return list(mails.select_related("notice__to__actor").order_by("-notice__at")[:TROUBLE_SHOWN])


# --- cut-offs -----------------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def cutoffs(request: HttpRequest) -> HttpResponse:
    """The moved cut-offs of the plan; a supervisor of the whole plan moves one."""
    plan, now = week_of_page(request).plan, timezone.localtime()
    if request.method != "POST":
        return _cutoffs_page(request, plan, now, _cutoff_form(request, plan, now))
    check_can_move_cutoff(request.user)
    form = _cutoff_form(request, plan, now)
    assert form is not None
    status = 422
    if form.is_valid():
        try:
            moved = move_cutoff(
                plan=plan,
                week=form.cleaned_data["week"],
                cutoff=form.cutoff,
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=now,
            )
        except CutoffRefused as refused:
            form.refuse(refused)
            status = 409 if refused.code in CONFLICTS else 422
        else:
            words = _("The cut-off of week %(week)s is moved; all units are told.")
            messages.success(request, words % {"week": format_week(moved.week)})
            return redirect("cutoffs")
    return _cutoffs_page(request, plan, now, form, status)


@require_POST
def cutoff_withdraw(request: HttpRequest, week: str) -> HttpResponse:
    """Let the usual cut-off of the week hold again."""
    plan = week_of_page(request).plan
    try:
        monday = parse_week(week)
    except UnknownWeek:
        raise NoSuchWeek(_("Weeks are written like 2026-W47.")) from None
    try:
        withdraw_cutoff(plan=plan, week=monday, by=request.user, now=timezone.localtime())
    except CutoffRefused as refused:
        messages.warning(request, refusal_text(refused))
    else:
        words = _("The usual cut-off of week %(week)s holds again.")
        messages.success(request, words % {"week": format_week(monday)})
    return redirect("cutoffs")


def _cutoff_form(request: HttpRequest, plan: Plan, now: datetime) -> CutoffForm | None:
    if not can_move_cutoff(request.user):
        return None
    this_week = week_of(now.date())
    weeks = [
        (format_week(week), f"{week_label(week)} · {week_span(week)}")
        for week in (this_week + n * ONE_WEEK for n in range(WEEKS_AHEAD))
        if week <= plan.ends_on
    ]
    data = request.POST if request.method == "POST" else None
    return CutoffForm(data, weeks=weeks, usual=plan.cutoff_time)


def _cutoffs_page(
    request: HttpRequest, plan: Plan, now: datetime, form: CutoffForm | None, status: int = 200
) -> HttpResponse:
    moved = CutoffException.objects.in_force(plan).select_related("by").order_by("-week")
    zone = now.tzinfo
    rows = [
        {
            "moved": each,
            "usual": usual_cutoff(each.week, plan.cutoff_weekday, plan.cutoff_time, zone),
            "may_withdraw": form is not None and each.cutoff > now,
        }
        for each in moved
    ]
    context = {
        "rows": rows,
        "form": form,
        "usual": usual_cutoff(week_of(now.date()), plan.cutoff_weekday, plan.cutoff_time, zone),
    }
    return render(request, "supervision/cutoffs.html", context, status=status)
