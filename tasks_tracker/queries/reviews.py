"""Reports that wait for a signature, and one of them beside the week before.

A reviewer signs for the own unit first, then a supervisor accepts; each sees what waits for them. Percentages
in hundredths of a percent. The number of queries does not grow with the reports.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)

from tasks_tracker.models import Plan, Problem, ProgressReport, ReportStatus, Role, Standing, User
from tasks_tracker.models.cutoffs import look_at
from tasks_tracker.queries.history import SAME_IN_A_ROW
from tasks_tracker.queries.problems import stated_problems
from tasks_tracker.rules.texts import Clause, clauses, is_copied

BIG_JUMP = 2_000  # hundredths of a point in one week
HISTORY_SHOWN = 12


class Flag(StrEnum):
    """What a reader of a report should know at a glance."""

    JUMP = "jump"  # rises by more than BIG_JUMP
    NO_EVIDENCE = "no_evidence"  # and shows no file for it
    FALLEN = "fallen"  # below what was accepted last
    COPIED = "copied"  # the note is last week's
    UNCHANGED = "unchanged"  # "no change" for the third time in a row, or more
    LATE = "late"
    PROBLEMS = "problems"


ASKS_FOR_A_LOOK = frozenset({Flag.JUMP, Flag.NO_EVIDENCE, Flag.FALLEN, Flag.COPIED, Flag.UNCHANGED})


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty means everything."""

    key_task: int | None = None
    region: str = ""
    late: bool = False
    with_problems: bool = False
    decreased: bool = False
    big_jump: bool = False


def waiting_for(user: User, plan: Plan) -> Any:
    """What waits for the signature of `user`, and carries none of theirs."""
    reports: Any = ProgressReport.objects.visible_to(user).filter(item__plan=plan)
    if user.role == Role.REVIEWER:
        reports = reports.waiting_for_unit().filter(item__lead=user.actor_id)
    else:
        reports = reports.waiting_for_supervisor()
    own = Q(written_by=user) | Q(submitted_by=user) | Q(reviewed_by=user, reviewed_by__isnull=False)
    return reports.exclude(own)


def waiting_reports(plan: Plan, user: User, wanted: Wanted) -> QuerySet[ProgressReport]:
    """What waits for `user` and fits `wanted`, oldest first.

    Adds `previous` (percent as the report's week began, NULL where nothing was accepted), `change`,
    `last_note` (the last one accepted before), `problem_count` and `evidence_count`.
    """
    week_standing = FilteredRelation(
        "item__standings",
        condition=Q(item__standings__since__lte=F("week"), item__standings__until__gt=F("week")),
    )
    noted = ProgressReport.objects.filter(
        item=OuterRef("item"), week__lt=OuterRef("week"), status=ReportStatus.ACCEPTED
    ).exclude(progress_note="")
    reports: Any = (
        waiting_for(user, plan)
        .with_signatures()
        .select_related("item__measure", "item__region", "item__lead")
        .alias(standing=week_standing)
        .annotate(
            previous=Case(
                When(standing__since=F("week"), then=F("standing__previous_percent")),
                default=F("standing__percent"),
            ),
        )
        .annotate(
            change=F("percent") - F("previous"),
            last_note=Subquery(noted.order_by("-week").values("progress_note")[:1]),
            problem_count=Count("problems", distinct=True),
            evidence_count=Count("evidence", distinct=True),
        )
    )
    waiting: QuerySet[ProgressReport] = _narrowed(reports, wanted).order_by("submitted_at", "pk")
    return waiting


def _narrowed(reports: Any, wanted: Wanted) -> Any:
    if wanted.key_task:
        reports = reports.filter(item__measure__key_task__number=wanted.key_task)
    if wanted.region:
        reports = reports.filter(item__region__code=wanted.region)
    if wanted.late:
        reports = reports.filter(is_late=True)
    if wanted.with_problems:
        reports = reports.filter(Exists(Problem.objects.filter(report=OuterRef("pk"))))
    if wanted.decreased:
        reports = reports.filter(change__lt=0)
    if wanted.big_jump:
        reports = reports.filter(change__gt=BIG_JUMP)
    return reports


def count_waiting(plan: Plan, user: User) -> int:
    """How many reports wait for the signature of `user`. One query."""
    return int(waiting_for(user, plan).count())


def examined(reports: Iterable[ProgressReport]) -> list[tuple[ProgressReport, list[Flag]]]:
    """Each of the reports of `waiting_reports` with its flags. One query."""
    reports = list(reports)
    unchanged = _no_change_in_a_row([report for report in reports if report.no_change])
    return [(report, _flags(report, unchanged.get(report.pk, 0))) for report in reports]


def _flags(report: Any, unchanged: int) -> list[Flag]:
    jumps = (report.change or 0) > BIG_JUMP
    holds = {
        Flag.JUMP: jumps,
        Flag.NO_EVIDENCE: jumps and not report.evidence_count,
        Flag.FALLEN: (report.change or 0) < 0,
        Flag.COPIED: is_copied(report.progress_note, report.last_note or ""),
        Flag.UNCHANGED: unchanged >= SAME_IN_A_ROW,
        Flag.LATE: report.is_late,
        Flag.PROBLEMS: report.problem_count > 0,
    }
    return [flag for flag, is_so in holds.items() if is_so]


def _no_change_in_a_row(reports: list[ProgressReport]) -> dict[int, int]:
    """Report → how many reported weeks in a row, up to its own, said "no change". One query."""
    if not reports:
        return {}
    said: dict[int, dict[date, bool]] = defaultdict(dict)
    rows = ProgressReport.objects.filter(item__in={report.item_id for report in reports})
    rows = rows.given().order_by("item", "week", "version")
    for item, week, no_change in rows.values_list("item", "week", "no_change"):
        said[item][week] = no_change
    found = {}
    for report in reports:
        weeks = sorted((week for week in said[report.item_id] if week <= report.week), reverse=True)
        found[report.pk] = next(
            (count for count, week in enumerate(weeks) if not said[report.item_id][week]), len(weeks)
        )
    return found


@dataclass(frozen=True)
class Place:
    """Where an item stands in a week: planned percent, light and its reason."""

    planned: int
    light: str
    reason: str


def places(
    plan: Plan, reports: Iterable[ProgressReport], now: datetime
) -> list[tuple[ProgressReport, Place | None]]:
    """Each report with where its item stands in the report's week. Two queries per week."""
    reports = list(reports)
    found: dict[tuple[date, int], Place] = {}
    for week in sorted({report.week for report in reports}):
        items = [report.item_id for report in reports if report.week == week]
        standings: Any = Standing.objects.at(plan, look_at(plan, week, now)).filter(item__in=items)
        for row in standings.values("item_id", "planned", "light", "reason"):
            found[week, row["item_id"]] = Place(row["planned"], row["light"], row["reason"])
    return [(report, found.get((report.week, report.item_id))) for report in reports]


@dataclass(frozen=True)
class Comparison:
    """A report beside the last accepted one. `change` in hundredths of a point; None without a last one."""

    report: ProgressReport
    last: ProgressReport | None
    place: Place | None
    note: list[Clause]
    steps: list[Clause]
    flags: list[Flag]
    history: list[ProgressReport]  # newest first, this report among them

    @property
    def previous(self) -> int | None:
        """The percent accepted before."""
        return self.last.percent if self.last else None

    @property
    def change(self) -> int | None:
        """This report's percent − the one accepted before."""
        if self.previous is None or self.report.percent is None:
            return None
        return self.report.percent - self.previous

    @property
    def variance(self) -> int | None:
        """This report's percent − planned."""
        if self.place is None or self.report.percent is None:
            return None
        return self.report.percent - self.place.planned


def comparison(plan: Plan, report: ProgressReport, now: datetime) -> Comparison:
    """The page on which a report is decided. Nine queries at most."""
    others: Any = ProgressReport.objects.filter(item=report.item_id, week__lte=report.week)
    others = others.exclude(status=ReportStatus.DRAFT).order_by("-week", "-version").with_signatures()
    others = others.prefetch_related(stated_problems(), "evidence")
    history = list(others[:HISTORY_SHOWN])
    last = others.filter(status=ReportStatus.ACCEPTED, week__lt=report.week).first()
    found = Comparison(
        report=report,
        last=last,
        place=places(plan, [report], now)[0][1],
        note=clauses(report.progress_note, last.progress_note if last else ""),
        steps=clauses(report.next_steps, last.next_steps if last else ""),
        flags=[],
        history=history,
    )
    return replace(found, flags=_flags_alone(found))


def _flags_alone(found: Comparison) -> list[Flag]:
    """What the list would say of the report, on the page where it stands alone."""
    report: Any = found.report
    noted = (r for r in found.history if r.status == ReportStatus.ACCEPTED and r.week < report.week)
    report.change = found.change
    report.last_note = next((r.progress_note for r in noted if r.progress_note), "")
    report.evidence_count = len(report.evidence.all())
    report.problem_count = len(report.problems.all())
    return examined([report])[0][1]
