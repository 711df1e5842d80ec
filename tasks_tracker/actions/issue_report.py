"""Writing a weekly report by hand, and putting on record that it left the house."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from tasks_tracker.actions import audit
from tasks_tracker.actions.issue_files import content_of
from tasks_tracker.actions.workbook import fresh_rollup
from tasks_tracker.models import Issue, Plan, User, WeeklyReport
from tasks_tracker.queries.ledger import Selection, find_subject, is_within
from tasks_tracker.reports.composer import compose
from tasks_tracker.reports.paper import read
from tasks_tracker.reports.writers import write


@dataclass(frozen=True)
class WrittenReport:
    """A report as a file: its content, and what it is called."""

    content: bytes
    title: str
    sha256: str


def issue_report(
    *, plan: Plan, week: date, scope: str, subject: str, format: str, by: User | None, now: datetime
) -> WrittenReport:
    """Write the report of a rolled-up week, as `by` sees it; where nobody is named, all of it.

    Where an issue was published that `by` may read, its file is handed out; else a draft is composed.
    Raises UnknownWeek, UnknownSubject, PermissionDenied, UnknownFormat and NoChineseFont.
    """
    about = find_subject(scope, subject, plan.policy_id)
    if by is not None and not is_within(by, scope, about):
        raise PermissionDenied(_("This report lies outside your scope."))
    rollup = fresh_rollup(plan, week, now)
    selection = Selection(rollup, scope, about, by)
    issue = _published(selection)
    if issue:
        paper, content = read(issue.paper), content_of(issue=issue, format=format, now=now)
    else:
        author = str(by) if by else _("Command")
        paper = compose(selection, office=by.office if by else "", author=author, now=now).as_generated
        content = write(paper, format)
    made = WrittenReport(content, paper.title, hashlib.sha256(content).hexdigest())
    after = {
        "week": week.isoformat(),
        "scope": str(scope),
        "subject": selection.code,
        "format": format,
        "version": issue.revision if issue else 0,
        "sha256": made.sha256,
    }
    audit.record(by=by, action="issue_report", obj=rollup, after=after, at=now)
    return made


def _published(selection: Selection) -> Issue | None:
    """The last issue of the report, if there is one and it lies in the scope of whoever looks."""
    reports: Any = WeeklyReport.objects
    if selection.user:
        reports = reports.within(selection.user)
    found = reports.filter(plan=selection.rollup.plan_id, week=selection.rollup.week)
    report = found.filter(scope=selection.scope, subject=selection.code).first()
    return report.issues.first() if report else None
