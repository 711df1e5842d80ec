"""Logging progress: draft, submit, sign for the unit, accept, return. Nothing typed is ever lost.

Versions: a returned or accepted report is never edited; what follows it is a new version.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from tasks_tracker.actions import audit, rollup, standing
from tasks_tracker.actions.cases import follow_report
from tasks_tracker.models import (
    RUNNING_STATES,
    WHOLE,
    Actor,
    Evidence,
    Plan,
    Problem,
    ProblemCase,
    ProgressReport,
    ReportStatus,
    Role,
    Standing,
    State,
    UnitReview,
    User,
    WeekRollup,
    WorkItem,
    unit_reviewers,
)
from tasks_tracker.permissions import check_can_accept, check_can_decide, check_can_report, check_can_sign
from tasks_tracker.rules.progress import asks_problem
from tasks_tracker.rules.weeks import ONE_WEEK, week_of


class EntryRefused(Exception):
    """The entry breaks a rule. `code` names it and `field` says where; the page puts both into words.

    Codes: decrease_needs_reason, percent_out_of_range, nothing_to_repeat, changed_meanwhile, percent_missing,
    store_unwritable, problem_missing, already_waiting, already_decided, week_in_future, waits_for_unit,
    no_unit_review, reason_missing, file_too_large, too_many_files, note_missing, file_damaged, file_missing,
    week_closed, not_running, file_ending, file_macros, file_empty, file_type, file_bomb.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True)
class ProblemEntry:
    """A problem as typed: kind, what it is, what is needed and from whom.

    `continues`: the number of the case that the form was filled from; it counts only where it is one of the
    same item.
    """

    kind: str
    description: str
    needed: str = ""
    needed_from: Actor | None = None
    continues: int | None = None


@dataclass(frozen=True)
class Entry:
    """What a reporter types for one item and week. `percent` in hundredths of a percent."""

    percent: int | None = None
    progress_note: str = ""
    next_steps: str = ""
    decrease_reason: str = ""
    problems: list[ProblemEntry] = field(default_factory=list)


def latest_version(item: WorkItem, week: date) -> ProgressReport | None:
    """The newest version of the item's report of the week."""
    return ProgressReport.objects.filter(item=item, week=week).order_by("-version").first()


def check_week_is_open(plan: Plan, week: date, now: datetime) -> None:
    """A report belongs to the running week or to an earlier one that is not frozen yet."""
    this_week = week_of(now.date())
    if week > this_week:
        raise EntryRefused("week_in_future", "week")
    is_frozen = WeekRollup.objects.filter(plan=plan, week=week).exclude(frozen_at=None).exists()
    if is_frozen or week < this_week - ONE_WEEK:
        raise EntryRefused("week_closed", "week")


def check_is_running(item: WorkItem) -> None:
    """Nothing is reported on an item that is not running, or through its parts."""
    if item.state not in RUNNING_STATES or item.decomposed:
        raise EntryRefused("not_running")


def check_entry(entry: Entry, previous: int | None, asks_problem: Callable[[int], bool]) -> None:
    """What a report must say. `previous`: percent accepted last; `asks_problem(percent)`: `needs_problem`."""
    if entry.percent is None:
        raise EntryRefused("percent_missing", "percent")
    if not 0 <= entry.percent <= WHOLE:
        raise EntryRefused("percent_out_of_range", "percent")
    if not entry.progress_note.strip():
        raise EntryRefused("note_missing", "progress_note")
    if previous is not None and entry.percent < previous and not entry.decrease_reason.strip():
        raise EntryRefused("decrease_needs_reason", "decrease_reason")
    if not entry.problems and asks_problem(entry.percent):
        raise EntryRefused("problem_missing", "problems")


def check_no_change(last: ProgressReport | None, problems: list[Problem], asks: Callable[[int], bool]) -> int:
    """What must stand for “no change”: a `last` accepted report with its `problems`; returns its percent."""
    if last is None or last.percent is None:
        raise EntryRefused("nothing_to_repeat", "percent")
    if not problems and asks(last.percent):
        raise EntryRefused("problem_missing", "problems")
    return last.percent


@transaction.atomic
def save_draft(
    *, item: WorkItem, week: date, entry: Entry, by: User, now: datetime, seen_version: int | None = None
) -> ProgressReport:
    """Keep what is typed so far. Raises EntryRefused and PermissionDenied; writes nothing then."""
    report = _open_version(item, week, by, now, seen_version)
    _write(report, entry, by, now)
    return report


@transaction.atomic
def submit_report(
    *, item: WorkItem, week: date, entry: Entry, by: User, now: datetime, seen_version: int | None = None
) -> ProgressReport:
    """Hand the report in. Raises EntryRefused and PermissionDenied; writes nothing then."""
    report = _open_version(item, week, by, now, seen_version)
    last = last_accepted(item, before=week)
    previous = last.percent if last else None
    check_entry(entry, previous, lambda percent: needs_problem(item, percent, week, now))
    return _submit(report, entry, by, now, no_change=False)


@transaction.atomic
def sign_no_change(
    *, item: WorkItem, week: date, by: User, now: datetime, seen_version: int | None = None
) -> ProgressReport:
    """Sign that nothing changed: last percent and open problems stand. Raises like `submit_report`."""
    report = _open_version(item, week, by, now, seen_version)
    last = last_accepted(item, before=week)
    stated = list(last.problems.select_related("needed_from")) if last else []
    percent = check_no_change(last, stated, lambda percent: needs_problem(item, percent, week, now))
    entry = Entry(
        percent=percent,
        progress_note=report.progress_note,  # a note that is typed already stays
        next_steps=report.next_steps or (last.next_steps if last else ""),
        problems=[ProblemEntry(p.kind, p.description, p.needed, p.needed_from, p.case_id) for p in stated],
    )
    return _submit(report, entry, by, now, no_change=True)


@transaction.atomic
def review_report(*, report: ProgressReport, by: User, now: datetime) -> ProgressReport:
    """Sign a report for the unit: it then waits for the supervisor, and moves no figure."""
    check_can_sign(by, report)
    before = _take_turn(report, of_unit=True)
    _decide(report, before, status=ReportStatus.REVIEWED, reviewed_by=by, reviewed_at=now)
    audit.record(
        by=by,
        action="review_report",
        obj=report,
        before={"status": before},
        after={"status": ReportStatus.REVIEWED},
    )
    return report


@transaction.atomic
def accept_report(*, report: ProgressReport, by: User, now: datetime) -> ProgressReport:
    """Accept a waiting report: from its week on (or the first open week) it counts in the figures."""
    check_can_accept(by, report)
    before = _take_turn(report, of_unit=False)
    item = report.item
    counted = rollup.open_week_for(plan=item.plan, week=report.week, now=now).week
    replaced = ProgressReport.objects.filter(item=item, week=report.week, status=ReportStatus.ACCEPTED)
    replaced.update(status=ReportStatus.SUPERSEDED)
    decision = {"status": ReportStatus.ACCEPTED, "decided_by": by, "decided_at": now}
    _decide(report, before, **decision, counted_week=counted, unit_review=_review_held(report))
    assert report.percent is not None  # given_report_is_complete
    percent = standing.open_standing(item).percent
    WorkItem.objects.filter(pk=item.pk, state__in=standing.NOT_BEGUN).update(state=State.IN_PROGRESS)
    standing.learn(item, counted, percent=report.percent, reported_week=report.week)
    followed = follow_report(report=report, now=now)
    moved = {"problems_opened": followed.opened, "problems_solved": followed.solved}
    audit.record(
        by=by,
        action="accept_report",
        obj=report,
        before={"status": before, "percent": percent},
        after={"status": ReportStatus.ACCEPTED, "percent": report.percent}
        | {name: [case.description for case in cases] for name, cases in moved.items() if cases},
    )
    return report


@transaction.atomic
def return_report(*, report: ProgressReport, by: User, reason: str, now: datetime) -> ProgressReport:
    """Return a waiting report with a reason, for the unit or from above; a new version answers it."""
    check_can_decide(by, report)
    if not reason.strip():
        raise EntryRefused("reason_missing", "reason")
    of_unit = by.role == Role.REVIEWER
    before = _take_turn(report, of_unit=of_unit)
    held = report.unit_review if of_unit else _review_held(report)
    decision = {"status": ReportStatus.RETURNED, "decided_by": by, "decided_at": now}
    _decide(report, before, **decision, return_reason=reason.strip(), unit_review=held)
    standing.mark_stale(report.item, report.week)
    audit.record(
        by=by,
        action="return_report",
        obj=report,
        before={"status": before},
        after={"status": ReportStatus.RETURNED, "reason": reason.strip()},
    )
    return report


def last_accepted(item: WorkItem, before: date) -> ProgressReport | None:
    """The last accepted report of a week before `before`: what this week's entry is compared with."""
    accepted = ProgressReport.objects.filter(item=item, status=ReportStatus.ACCEPTED, week__lt=before)
    return accepted.order_by("-week").first()


def needs_problem(item: WorkItem, percent: int, week: date, now: datetime) -> bool:
    """True when the item, at `percent`, is behind or overdue: then the report states a problem."""
    point = rollup.point_of(item.plan, week, now)
    standing_then: Any = Standing.objects.at(item.plan, point).filter(item=item).first()
    if standing_then is None:
        return False
    below = item.plan.behind_below
    return asks_problem(percent, standing_then.planned, standing_then.due_on, point.day, below)


def _open_version(
    item: WorkItem, week: date, by: User, now: datetime, seen_version: int | None
) -> ProgressReport:
    """The version that may be written now: the open draft, or a new one after a decided version."""
    check_can_report(by, item)
    check_is_running(item)
    check_week_is_open(item.plan, week, now)
    latest = latest_version(item, week)
    if seen_version is not None and seen_version != (latest.version if latest else 0):
        raise EntryRefused("changed_meanwhile")
    if latest and latest.is_waiting:
        raise EntryRefused("already_waiting")
    if latest and latest.status == ReportStatus.DRAFT:
        return latest
    version = (latest.version if latest else 0) + 1
    return ProgressReport(item=item, week=week, version=version, written_by=by, saved_at=now)


def _write(report: ProgressReport, entry: Entry, by: User, now: datetime) -> None:
    if entry.percent is not None and not 0 <= entry.percent <= WHOLE:
        raise EntryRefused("percent_out_of_range", "percent")
    typed = {
        "percent": entry.percent,
        "progress_note": entry.progress_note,
        "next_steps": entry.next_steps,
        "decrease_reason": entry.decrease_reason,
        "written_by": by if _is_blank(report) else report.written_by,
        "saved_by": by,
        "saved_at": now,
    }
    unchanged = ProgressReport.objects.filter(
        pk=report.pk, status=ReportStatus.DRAFT, saved_at=report.saved_at
    )
    for name, value in typed.items():
        setattr(report, name, value)
    if report._state.adding:
        _begin(report)
    elif not unchanged.update(**typed):
        raise EntryRefused("changed_meanwhile")  # saved or handed in by somebody else of the unit
    report.problems.all().delete()
    cases = _cases_continued(report, entry)
    Problem.objects.bulk_create(
        Problem(
            report=report,
            kind=p.kind,
            description=p.description,
            needed=p.needed,
            needed_from=p.needed_from,
            case_id=p.continues if p.continues in cases else None,
        )
        for p in entry.problems
    )


def _cases_continued(report: ProgressReport, entry: Entry) -> set[int]:
    """The cases of the item that the entry continues. One query where it continues any."""
    named = {problem.continues for problem in entry.problems if problem.continues}
    if not named:
        return set()
    own = ProblemCase.objects.filter(item=report.item_id, pk__in=named)
    return set(own.values_list("pk", flat=True))


def _is_blank(report: ProgressReport) -> bool:
    """Nothing is written in it yet: whoever writes first is its writer, not whoever opened it."""
    return not (report.progress_note or report.next_steps or report.decrease_reason)


def _begin(report: ProgressReport) -> None:
    try:
        with transaction.atomic():
            report.save(force_insert=True)
    except IntegrityError as error:  # somebody of the same unit began this version at the same moment
        raise EntryRefused("changed_meanwhile") from error
    _carry_evidence_over(report)


def _carry_evidence_over(report: ProgressReport) -> None:
    """The files of the version before stay with the one that answers or corrects it."""
    before = Evidence.objects.filter(
        report__item=report.item_id, report__week=report.week, report__version=report.version - 1
    )
    for evidence in before:
        evidence.pk, evidence.report, evidence._state.adding = None, report, True
        evidence.save(force_insert=True)


def _submit(
    report: ProgressReport, entry: Entry, by: User, now: datetime, *, no_change: bool
) -> ProgressReport:
    item = report.item
    counted = rollup.open_week_for(plan=item.plan, week=report.week, now=now)
    if counted.week != report.week:  # the week closed while the form was open
        raise EntryRefused("week_closed", "week")
    _write(report, entry, by, now)
    submitted = ProgressReport.objects.filter(pk=report.pk, status=ReportStatus.DRAFT).update(
        status=ReportStatus.SUBMITTED,
        no_change=no_change,
        submitted_by=by,
        submitted_at=now,
        unit_review=_review_asked(report, by),
        is_late=rollup.point_of(item.plan, report.week, now).cutoff_passed,
    )
    if not submitted:
        raise EntryRefused("changed_meanwhile")
    standing.mark_stale(item, report.week)
    audit.record(
        by=by,
        action="sign_no_change" if no_change else "submit_report",
        obj=report,
        after={"week": report.week.isoformat(), "version": report.version, "percent": report.percent},
    )
    report.refresh_from_db()
    return report


def _review_asked(report: ProgressReport, signer: User) -> UnitReview:
    """Whether the unit reviews what `signer` hands in, and if not why."""
    if not report.item.plan.unit_review:
        return UnitReview.SWITCHED_OFF
    reviewers = unit_reviewers(report.item.lead_id, report.written_by_id, signer.pk)
    return UnitReview.NEEDED if reviewers.exists() else UnitReview.NO_REVIEWER


def _review_held(report: ProgressReport) -> str:
    """What became of the unit's review by the time a supervisor decides."""
    if report.waits_for_unit:  # its last reviewer has left, or the plan has switched the review off
        off = not report.item.plan.unit_review
        return UnitReview.SWITCHED_OFF if off else UnitReview.NO_REVIEWER
    return report.unit_review


def _take_turn(report: ProgressReport, *, of_unit: bool) -> str:
    """Whose turn it is decides what may be done; returns the status as it stands in the table now.

    One statement reads everything: between two of them somebody else could sign.
    """
    now: Any = ProgressReport.objects.with_turn().get(pk=report.pk)
    for name in ("status", "unit_review", "percent", "reviewed_by_id"):
        setattr(report, name, getattr(now, name))
    if not report.is_waiting:
        raise EntryRefused("already_decided")
    if now.is_with_unit and not of_unit:
        raise EntryRefused("waits_for_unit")
    if of_unit and not now.is_with_unit:
        raise EntryRefused("already_decided" if report.reviewed_by_id else "no_unit_review")
    return report.status


def _decide(report: ProgressReport, before: str, **values: object) -> None:
    """One decision wins; whoever comes second is told."""
    decided = ProgressReport.objects.filter(pk=report.pk, status=before).update(**values)
    if not decided:
        raise EntryRefused("already_decided")
    report.refresh_from_db()
