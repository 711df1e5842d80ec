"""Making a weekly workbook and putting on record that it left the house."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from tasks_tracker.actions import audit, rollup
from tasks_tracker.models import Plan, StaleCell, User, WeekRollup, WorkbookExport
from tasks_tracker.queries.ledger import Selection, find_subject, is_within
from tasks_tracker.reports import xlsx
from tasks_tracker.reports.weekly import scope_label, weekly_workbook
from tasks_tracker.rules.weeks import UnknownWeek, format_week

IN_MEMORY = 4 * 1024 * 1024
PIECE = 1024 * 1024


@dataclass(frozen=True)
class MadeWorkbook:
    """A workbook ready to be handed out: the open file, at its beginning, and its name."""

    file: IO[bytes]
    name: str
    items: int
    size: int
    sha256: str


def make_workbook(
    *, plan: Plan, week: date, scope: str, subject: str, by: User, now: datetime
) -> MadeWorkbook:
    """Make the workbook of a rolled-up week and record the export; the caller closes the file.

    `subject` is the number of a key task or the code of a region or actor, empty for the national scope.
    Raises UnknownWeek, UnknownSubject and PermissionDenied for a subject outside the scope of `by`.
    """
    about = find_subject(scope, subject, plan.policy_id)
    if not is_within(by, scope, about):
        raise PermissionDenied(_("This workbook lies outside your scope."))
    selection = Selection(fresh_rollup(plan, week, now), scope, about, by)
    # No transaction while the rows are read: on SQLite it would keep everybody else from writing.
    file: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 — the caller hands it out
    items = xlsx.write(weekly_workbook(selection, author=str(by), now=now), file)
    made = MadeWorkbook(file, file_name(selection), items, file.tell(), _digest(file))
    _record(selection, made, by, now)
    return made


def fresh_rollup(plan: Plan, week: date, now: datetime) -> WeekRollup:
    """The roll-up of the week; what waits to be rolled up in an open week is rolled up first.

    Raises UnknownWeek.
    """
    found = plan.weeks.select_related("plan").filter(week=week)
    shown = found.first()
    if shown is None:
        raise UnknownWeek(format_week(week))
    while not shown.is_frozen and StaleCell.objects.filter(week__lte=week).exists():
        rollup.roll_up_stale_cells(plan=plan, now=now)
        shown = found.get()
    return shown


def file_name(selection: Selection) -> str:
    """Like `…_2026-W47_….xlsx`, without characters that a file system refuses."""
    parts = (
        _("New industrialization weekly ledger"),
        format_week(selection.rollup.week),
        scope_label(selection),
    )
    return "_".join(re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "-", part) for part in parts) + ".xlsx"


def _digest(file: IO[bytes]) -> str:
    """SHA-256 of the file, which is then at its beginning again."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


@transaction.atomic
def _record(selection: Selection, made: MadeWorkbook, by: User, now: datetime) -> None:
    week = selection.rollup.week
    export = WorkbookExport.objects.create(
        week=week,
        scope=selection.scope,
        subject=selection.code,
        made_by=by,
        made_at=now,
        items=made.items,
        size=made.size,
        sha256=made.sha256,
    )
    after = {
        "week": week.isoformat(),
        "scope": str(selection.scope),
        "subject": selection.code,
        "items": made.items,
        "sha256": made.sha256,
    }
    audit.record(by=by, action="export_workbook", obj=export, after=after)
