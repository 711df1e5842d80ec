"""The acts behind the reports of the last weeks, as the audit log would hold them."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from random import Random
from typing import Any

from tasks_tracker.actions import audit
from tasks_tracker.actions.demo.history import Diary
from tasks_tracker.actions.demo.world import World
from tasks_tracker.models import AuditEntry, ProgressReport, ReportStatus, User
from tasks_tracker.rules.origin import WEB, acting_from
from tasks_tracker.rules.weeks import ONE_WEEK

RECORDED_WEEKS = 4


def at_the_desk_of(user: User, seed: int) -> AbstractContextManager[None]:
    """While the block lasts, acts come from a page, at an invented address that is always the same."""
    rng = Random(f"{seed}/address/{user.username}")
    return acting_from(WEB, f"10.20.{rng.randrange(40)}.{rng.randrange(1, 255)}")


def acts_of(world: World, diaries: Iterable[Diary]) -> Iterator[AuditEntry]:
    """Who handed in, accepted and returned the reports of the last weeks; the reports are saved already."""
    since = world.calendar.until - (RECORDED_WEEKS - 1) * ONE_WEEK
    for diary in diaries:
        known: int | None = None
        for report in diary.reports:
            if report.week >= since:
                yield from _acts_about(world, report, known)
            if report.status in (ReportStatus.ACCEPTED, ReportStatus.SUPERSEDED):
                known = report.percent


def _acts_about(world: World, report: ProgressReport, known: int | None) -> Iterator[AuditEntry]:
    """The same values that the product's own actions put on record."""
    if report.submitted_at:
        action = "sign_no_change" if report.no_change else "submit_report"
        after = {"week": report.week.isoformat(), "version": report.version, "percent": report.percent}
        yield _act(world, report.written_by, action, report, {}, after, report.submitted_at)
    if not report.decided_by or not report.decided_at:
        return
    before: dict[str, Any] = {"status": ReportStatus.SUBMITTED}
    if report.status == ReportStatus.RETURNED:
        action, after = "return_report", {"status": report.status, "reason": report.return_reason}
    else:
        action, before = "accept_report", before | {"percent": known}
        after = {"status": ReportStatus.ACCEPTED, "percent": report.percent}
    yield _act(world, report.decided_by, action, report, before, after, report.decided_at)


def _act(
    world: World,
    by: User,
    action: str,
    report: ProgressReport,
    before: dict[str, Any],
    after: dict[str, Any],
    at: datetime,
) -> AuditEntry:
    with at_the_desk_of(by, world.seed):
        return audit.signed_entry(by=by, action=action, obj=report, before=before, after=after, at=at)
