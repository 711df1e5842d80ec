"""The desk at which a unit's week is written: what it shows, and one entry handed in, whoever asks for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions import progress, rollup
from tasks_tracker.actions.handing_in import DRAFT, NO_CHANGE, SUBMIT, act, says_the_same, seen_token
from tasks_tracker.actions.progress import Entry, EntryRefused
from tasks_tracker.forms.progress import CONFLICTS, ReportEntry, refusal_text
from tasks_tracker.models import UNIT_ROLES, Actor, Plan, ProgressReport, Slip, User, WorkItem
from tasks_tracker.permissions import can_report_for
from tasks_tracker.queries.progress import MINE, UNIT, UnitWeek, reporting_weeks, unit_week, units_to_ask
from tasks_tracker.queries.slips import open_slips
from tasks_tracker.rules.weeks import AsOf, UnknownWeek, format_week, parse_week, week_of
from tasks_tracker.views.errors import NoSuchWeek

__all__ = [
    "DRAFT",
    "NO_CHANGE",
    "SUBMIT",
    "Desk",
    "Outcome",
    "desk_of",
    "done_words",
    "hand_in",
    "keep_draft",
    "seen_token",
    "wants_part",
]


@dataclass(frozen=True)
class Desk:
    """The work of one unit in one week, as `user` finds it at `now`."""

    user: User
    unit: Actor
    plan: Plan
    week: date
    weeks: dict[date, bool]  # week → frozen?, newest first
    now: datetime
    whose: str = ""  # MINE or UNIT as asked for; "" = the own items where any is due

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
        """What the week asks."""
        return unit_week(self.plan, self.unit, self.point, self.user, self.whose)

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
        """What links carry to stay in the week and in the list; nothing where both are the usual ones."""
        week = "" if self.week == week_of(self.now.date()) else format_week(self.week)
        asked = {name: value for name, value in (("week", week), ("whose", self.whose)) if value}
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def url(self) -> str:
        """The list, with one form."""
        return reverse("my_week") + self.query

    @property
    def table_url(self) -> str:
        """The list as one table."""
        return reverse("my_week_table") + self.query

    @property
    def workbook_url(self) -> str:
        """The list as a workbook for whoever is offline."""
        return reverse("week_workbook") + self.query

    @cached_property
    def may_write(self) -> bool:
        """Reports of this week are taken from this user."""
        return can_report_for(self.user, self.unit) and self.is_open

    def item_url(self, code: str) -> str:
        """The form of an item."""
        return reverse("my_week_item", args=[code]) + self.query

    def draft_key(self, item_id: int) -> str:
        """Under which the browser keeps what is typed: nobody else's on a shared computer."""
        return f"report:{self.user.pk}:{item_id}:{format_week(self.week)}"

    def units(self, *sources: ProgressReport | None) -> list[tuple[str, str]]:
        """Whom a problem can ask for help: the usual ones, and those that `sources` ask already."""
        usual = dict(self._units)
        for source in sources:
            for problem in source.problems.all() if source else ():
                if problem.needed_from:
                    usual.setdefault(problem.needed_from.code, problem.needed_from.label)
        return list(usual.items())

    @cached_property
    def _units(self) -> list[tuple[str, str]]:
        return units_to_ask(self.user)


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
    whose = request.GET.get("whose", "")
    whose = whose if whose in (MINE, UNIT) else ""
    return Desk(user=user, unit=user.actor, plan=plan, week=week, weeks=weeks, now=now, whose=whose)


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


def wants_part(request: HttpRequest) -> bool:
    """Only what changes on the page is asked for; going back asks for the whole."""
    return bool(request.htmx and not request.htmx.history_restore_request)


@dataclass(frozen=True)
class Outcome:
    """What became of one entry. `report` is what stands now; None: nothing was written, `entry` says why."""

    entry: ReportEntry
    report: ProgressReport | None = None
    refused: EntryRefused | None = None
    is_repeat: bool = False  # the same click again: it stood there already

    @property
    def is_conflict(self) -> bool:
        """Refused because of what somebody else did, not because of what was typed."""
        return self.refused is not None and self.refused.code in CONFLICTS

    @property
    def refusal(self) -> str:
        """The refusal in words."""
        return refusal_text(self.refused) if self.refused else ""

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 200 if self.report else 409 if self.is_conflict else 422

    @property
    def problems(self) -> list[str]:
        """Everything that is wrong, in words."""
        form, problems = self.entry.form, self.entry.problems
        named = [f"{form.fields[name].label}: {error}" for name in form.errors for error in form.errors[name]]
        inside = [error for errors in problems.errors for said in errors.values() for error in said]
        found = [*named, *problems.non_form_errors(), *inside]
        return [str(error) for error in found] or [self.refusal]


def hand_in(desk: Desk, item: WorkItem, kind: str, entry: ReportEntry, seen: str) -> Outcome:
    """Keep a draft, submit, or sign that nothing changed: on what the form was filled from, or not at all."""
    if not entry.is_valid or (kind == NO_CHANGE and _contradicts(entry, item, desk.week, seen)):
        return Outcome(entry)
    try:
        return Outcome(
            entry, act(kind, item, entry.entry(), week=desk.week, by=desk.user, now=desk.now, seen=seen)
        )
    except EntryRefused as refused:
        latest = progress.latest_version(item, desk.week)
        if latest and _is_repeat(kind, latest, entry.entry(), desk.user):
            return Outcome(entry, latest, is_repeat=True)
        entry.refuse(refused)
        return Outcome(entry, refused=refused)


def done_words(kind: str) -> str:
    """What is said when it is done, with a place for the item."""
    if kind == DRAFT:
        return _("Draft of “%(item)s” saved.")
    if kind == NO_CHANGE:
        return _("Signed: no change on “%(item)s” this week.")
    return _("“%(item)s” is handed in and waits for its acceptance.")


def keep_draft(
    desk: Desk, item: WorkItem, entry: ReportEntry, seen: str, kept: ProgressReport | None
) -> JsonResponse:
    """A draft saved while somebody types; what cannot be read yet stays as `kept` has it and is named.

    200: `seen` for the next save, `said`, `left_out`; 409 and 422: `said`, and nothing was written.
    """
    left_out: Iterable[str] = ()
    if not entry.is_valid and entry.problems.is_valid():
        left_out = entry.leave_out_errors(kept)
    outcome = hand_in(desk, item, DRAFT, entry, seen)
    if outcome.report is None:
        return JsonResponse({"said": " ".join(outcome.problems)}, status=outcome.status)
    at = timezone.localtime(outcome.report.saved_at).strftime("%H:%M:%S")
    said = _("Draft saved at %(time)s, here and on the server.") % {"time": at}
    return JsonResponse({"seen": seen_token(outcome.report), "said": said, "left_out": list(left_out)})


def _contradicts(entry: ReportEntry, item: WorkItem, week: date, seen: str) -> bool:
    """What is typed says that something did change: signing would throw it away, so it is refused.

    Where somebody else wrote meanwhile there is nothing to say yet: the action refuses that first.
    """
    latest = progress.latest_version(item, week)
    if seen != seen_token(latest):
        return False
    return entry.contradicts_no_change(latest, progress.last_accepted(item, before=week))


def _is_repeat(kind: str, latest: ProgressReport, entry: Entry, user: User) -> bool:
    """The same click again: what stands there already is exactly this, by the same person."""
    return latest.saved_by_id == user.pk and says_the_same(kind, latest, entry)
