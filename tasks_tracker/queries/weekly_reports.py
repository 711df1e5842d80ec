"""The register of weekly reports, and one of them with its issues and versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tasks_tracker.models import Issue, Plan, ReportParagraph, Role, TextVersion, User, WeeklyReport
from tasks_tracker.rules.weeks import ONE_WEEK

VERSIONS_SHOWN = 12


def register(plan: Plan, user: User) -> QuerySet[WeeklyReport]:
    """The reports that `user` may read, the newest week first: to supervisors drafts too.

    Adds `last_revision`, `last_signer` and `last_at` of the last issue.
    """
    reports: Any = WeeklyReport.objects
    found = reports.filter(plan=plan).within(user)
    if user.role != Role.SUPERVISOR:
        found = found.published()
    last = Issue.objects.filter(report=OuterRef("pk")).order_by("-revision")
    annotated: QuerySet[WeeklyReport] = found.defer("body", "figures", "comparison").annotate(
        last_revision=Subquery(last.values("revision")[:1]),
        last_signer=Subquery(last.values("signer")[:1]),
        last_at=Subquery(last.values("published_at")[:1]),
    )
    return annotated


@dataclass(frozen=True)
class Course:
    """What became of a report: its issues, newest first, the last versions of its paragraphs, and the issue
    of the week before about the same subject."""

    issues: Sequence[Issue]
    versions: Sequence[TextVersion]
    previous: WeeklyReport | None


def course_of(report: WeeklyReport, *, with_versions: bool) -> Course:
    """Three queries at most."""
    issues = report.issues.defer("paper", "texts", "figures").select_related("published_by")
    versions = TextVersion.objects.filter(paragraph__report=report).select_related("by", "paragraph")
    alike = Q(plan=report.plan_id, scope=report.scope, subject=report.subject, week=report.week - ONE_WEEK)
    before = WeeklyReport.objects.filter(alike, number__isnull=False)
    return Course(
        issues=list(issues.order_by("-revision")),
        versions=list(versions[:VERSIONS_SHOWN]) if with_versions else [],
        previous=before.only("pk", "year", "number", "week").first(),
    )


def paragraphs_of(report: WeeklyReport) -> list[ReportParagraph]:
    """All of them in order, with who wrote over them. One query."""
    return list(report.paragraphs.select_related("edited_by"))
