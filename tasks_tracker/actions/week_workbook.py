"""The week's workbook of a unit: given out, taken in and kept for its check, handed in whole or not at all.

Each of these acts is on record. What is written into reports is written by `actions.progress`, by its rules.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction

from tasks_tracker.actions import audit
from tasks_tracker.actions.handing_in import RowEntry, act_on_all
from tasks_tracker.models import Actor, Plan, ProgressReport, User, WeekUpload
from tasks_tracker.permissions import check_can_report_for
from tasks_tracker.reports.reading import with_remarks
from tasks_tracker.reports.week_sheet import WeekSheet
from tasks_tracker.reports.xlsx.week_sheet import write_week_sheet


def largest() -> int:
    """Bytes of the largest workbook that is taken."""
    return int(settings.WORKBOOK_MEGABYTES) * 1024 * 1024


class UploadGone(Exception):
    """The upload was handed in, replaced, discarded or has expired meanwhile."""


class OutFile(NamedTuple):
    """A file that goes out."""

    content: bytes
    name: str


@transaction.atomic
def give_out(*, sheet: WeekSheet, unit: Actor, name: str, by: User) -> OutFile:
    """Make the workbook; that it left the house is on record. Raises PermissionDenied."""
    check_can_report_for(by, unit)
    stream = BytesIO()
    write_week_sheet(sheet, stream)
    content = stream.getvalue()
    audit.record(
        by=by,
        action="download_week_workbook",
        obj=unit,
        after=_about(sheet.identity.week, _digest(content), items=len(sheet.rows)),
    )
    return OutFile(content, name)


@transaction.atomic
def take_in(
    *, content: bytes, name: str, plan: Plan, unit: Actor, week: date, by: User, now: datetime
) -> WeekUpload:
    """Keep a workbook that can be read until it is handed in; it replaces what `by` uploaded before."""
    check_can_report_for(by, unit)
    kept = {
        "plan": plan,
        "unit": unit,
        "week": week,
        "name": name,
        "sha256": _digest(content),
        "content": content,
        "uploaded_at": now,
    }
    upload, _created = WeekUpload.objects.update_or_create(uploaded_by=by, defaults=kept)
    audit.record(
        by=by, action="upload_week_workbook", obj=unit, after=_about(week, _digest(content), file_name=name)
    )
    return upload


@transaction.atomic
def turn_away(*, content: bytes, name: str, code: str, unit: Actor, week: date, by: User) -> None:
    """Put on record that a file was not taken, and why; nothing of it is kept."""
    check_can_report_for(by, unit)
    audit.record(
        by=by,
        action="refuse_week_workbook",
        obj=unit,
        after=_about(week, _digest(content), file_name=name, code=code),
    )


@transaction.atomic
def give_back(
    *, upload: WeekUpload, sheet: str, remarks: Mapping[str, str], author: str, by: User
) -> OutFile:
    """The own workbook with remarks on its cells. Raises NotAWorkbook and PermissionDenied."""
    check_can_report_for(by, upload.unit)
    content = with_remarks(BytesIO(upload.content), sheet, remarks, author)
    audit.record(
        by=by,
        action="return_week_workbook",
        obj=upload.unit,
        after=_about(upload.week, _digest(content), remarks=len(remarks)),
    )
    return OutFile(content, upload.name)


@transaction.atomic
def hand_in(
    *, upload: WeekUpload, sha256: str, rows: Sequence[RowEntry], by: User, now: datetime
) -> list[ProgressReport]:
    """Hand in the rows, all or none; the upload is then gone.

    Raises UploadGone where it is not the file any more that was looked at (`sha256`), RowRefused where a row
    is not taken any more, and PermissionDenied.
    """
    check_can_report_for(by, upload.unit)
    taken, _rows = WeekUpload.objects.filter(pk=upload.pk, sha256=sha256, uploaded_by=by).delete()
    if not taken:  # a second click waits here for the first and then finds nothing
        raise UploadGone
    reports = act_on_all(rows, week=upload.week, by=by, now=now)
    audit.record(
        by=by,
        action="hand_in_week_workbook",
        obj=upload.unit,
        after=_about(upload.week, sha256, items=len(reports)),
    )
    return reports


@transaction.atomic
def discard(*, upload: WeekUpload, by: User) -> None:
    """Throw an upload away before it is handed in."""
    check_can_report_for(by, upload.unit)
    if WeekUpload.objects.filter(pk=upload.pk, sha256=upload.sha256, uploaded_by=by).delete()[0]:
        audit.record(
            by=by,
            action="discard_week_workbook",
            obj=upload.unit,
            after=_about(upload.week, upload.sha256, file_name=upload.name),
        )


def forget_expired(*, now: datetime) -> int:
    """Delete uploads whose time is over; returns how many."""
    return WeekUpload.objects.expired(now).delete()[0]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _about(week: date, sha256: str, **more: Any) -> dict[str, Any]:
    """What the log says about a workbook."""
    return {"week": week.isoformat(), "sha256": sha256} | more
