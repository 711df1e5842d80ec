"""Reports that wait for a decision, and one of them beside the week before.

Percentages in hundredths of a percent. The number of queries does not grow with the reports.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, When

from tasks_tracker.models import Plan, Problem, ProgressReport, ReportStatus, Standing, User
from tasks_tracker.models.cutoffs import look_at

BIG_JUMP = 1_500  # hundredths of a point in one week
HISTORY_SHOWN = 12


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; empty means everything."""

    key_task: int | None = None
    region: str = ""
    late: bool = False
    with_problems: bool = False
    decreased: bool = False
    big_jump: bool = False


def waiting_reports(plan: Plan, user: User, wanted: Wanted) -> QuerySet[ProgressReport]:
    """Waiting in the scope of `user` and not written by them, oldest first.

    Adds `previous` (percent as the report's week began, NULL where nothing was accepted), `change` and
    `problem_count`.
    """
    week_standing = FilteredRelation(
        "item__standings",
        condition=Q(item__standings__since__lte=F("week"), item__standings__until__gt=F("week")),
    )
    reports: Any = (
        ProgressReport.objects.visible_to(user)
        .filter(item__plan=plan, status=ReportStatus.SUBMITTED)
        .exclude(written_by=user)
        .select_related("item__measure", "item__region", "item__lead", "written_by")
        .alias(standing=week_standing)
        .annotate(
            previous=Case(
                When(standing__since=F("week"), then=F("standing__previous_percent")),
                default=F("standing__percent"),
            ),
        )
        .annotate(change=F("percent") - F("previous"), problem_count=Count("problems"))
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
    """How many reports wait for a decision of `user`. One query."""
    waiting = ProgressReport.objects.visible_to(user).filter(item__plan=plan, status=ReportStatus.SUBMITTED)
    return waiting.exclude(written_by=user).count()


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
class Clause:
    """A piece of a text; `is_new` when the text before did not have it."""

    text: str
    is_new: bool


@dataclass(frozen=True)
class Comparison:
    """A report beside the last accepted one. `change` in hundredths of a point; None without a last one."""

    report: ProgressReport
    last: ProgressReport | None
    place: Place | None
    note: list[Clause]
    steps: list[Clause]
    same_note: bool
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

    @property
    def is_big_jump(self) -> bool:
        """Rises by more than `BIG_JUMP`."""
        return (self.change or 0) > BIG_JUMP


def comparison(plan: Plan, report: ProgressReport, now: datetime) -> Comparison:
    """The page on which a report is decided. Seven queries at most."""
    others = ProgressReport.objects.filter(item=report.item_id, week__lte=report.week)
    others = others.exclude(status=ReportStatus.DRAFT).order_by("-week", "-version")
    others = others.select_related("written_by", "decided_by").prefetch_related("problems__needed_from")
    history = list(others[:HISTORY_SHOWN])
    last = others.filter(status=ReportStatus.ACCEPTED, week__lt=report.week).first()
    before = last.progress_note if last else ""
    return Comparison(
        report=report,
        last=last,
        place=places(plan, [report], now)[0][1],
        note=clauses(report.progress_note, before),
        steps=clauses(report.next_steps, last.next_steps if last else ""),
        same_note=bool(before.strip()) and before.strip() == report.progress_note.strip(),
        history=history,
    )


_END_OF_CLAUSE = re.compile(r"(?<=[。；，！？;!?\n])|(?<=[.,] )")


def clauses(text: str, before: str) -> list[Clause]:
    """`text` cut at its punctuation; a clause is new when `before` did not have it. No `before`: none is."""
    known = {_bare(piece) for piece in _END_OF_CLAUSE.split(before)}
    return [
        Clause(piece, is_new=bool(before.strip()) and _bare(piece) not in known)
        for piece in _END_OF_CLAUSE.split(text)
        if piece
    ]


def _bare(clause: str) -> str:
    return clause.strip(" \n\r\t。；，！？;!?.,")
