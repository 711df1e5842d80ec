"""One entry handed in on what its form was filled from, and many at once: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import transaction

from tasks_tracker.actions import progress
from tasks_tracker.actions.progress import Entry, EntryRefused
from tasks_tracker.models import ProgressReport, ReportStatus, User, WorkItem

DRAFT, SUBMIT, NO_CHANGE = "draft", "submit", "no_change"


def seen_token(report: ProgressReport | None) -> str:
    """The version that a form was filled from, and when it was saved; a draft keeps its version."""
    return f"{report.version} {report.saved_at.astimezone(UTC).isoformat()}" if report else "0 "


@transaction.atomic
def act(
    kind: str, item: WorkItem, entry: Entry, *, week: date, by: User, now: datetime, seen: str
) -> ProgressReport:
    """Keep a draft, submit, or sign that nothing changed, on the version `seen` or not at all.

    Raises EntryRefused, also when what was seen is no longer the newest, and PermissionDenied.
    """
    latest = progress.latest_version(item, week)
    if seen != seen_token(latest):
        progress.check_week_is_open(item.plan, week, now)
        raise EntryRefused(refusal_of_unseen(latest))
    version = int(seen.split()[0])
    if kind == NO_CHANGE:
        return progress.sign_no_change(item=item, week=week, by=by, now=now, seen_version=version)
    write = progress.save_draft if kind == DRAFT else progress.submit_report
    return write(item=item, week=week, entry=entry, by=by, now=now, seen_version=version)


def refusal_of_unseen(latest: ProgressReport | None) -> str:
    """Why nothing is written on a version that the writer has not seen: waiting already, or changed."""
    return "already_waiting" if latest is not None and latest.is_waiting else "changed_meanwhile"


def says_the_same(kind: str, latest: ProgressReport, entry: Entry, *, or_accepted: bool = False) -> bool:
    """What stands there already is exactly this entry. `or_accepted`: also where it was accepted."""
    is_given = latest.is_waiting or (or_accepted and latest.status == ReportStatus.ACCEPTED)
    if kind == NO_CHANGE:
        return latest.no_change and is_given
    same = (latest.status == ReportStatus.DRAFT if kind == DRAFT else is_given) and all(
        getattr(latest, name) == getattr(entry, name)
        for name in ("percent", "progress_note", "next_steps", "decrease_reason")
    )
    typed = [(p.kind, p.description, p.needed, p.needed_from and p.needed_from.pk) for p in entry.problems]
    return same and typed == [
        (p.kind, p.description, p.needed, p.needed_from_id) for p in latest.problems.all()
    ]


@dataclass(frozen=True)
class RowEntry:
    """One of many entries: what to do about an item, on which version."""

    item: WorkItem
    kind: str
    entry: Entry
    seen: str


class RowRefused(Exception):
    """One of many was refused, so none was written. `item` and `refused` say which and why."""

    def __init__(self, item: WorkItem, refused: EntryRefused) -> None:
        super().__init__(f"{item.code}: {refused.code}")
        self.item = item
        self.refused = refused


@transaction.atomic
def act_on_all(rows: Sequence[RowEntry], *, week: date, by: User, now: datetime) -> list[ProgressReport]:
    """`act` on each, all or none. Raises RowRefused for the first that is refused, and PermissionDenied.

    In the order of the items, so that two people who hand in the same items never wait for each other.
    """
    reports = []
    for row in sorted(rows, key=lambda row: row.item.pk):
        try:
            reports.append(act(row.kind, row.item, row.entry, week=week, by=by, now=now, seen=row.seen))
        except EntryRefused as refused:
            raise RowRefused(row.item, refused) from refused
    return reports
