"""The files of a weekly report: written once for an issue and kept, each download on record.

The content of an issue's file lies in the store `issues` under its SHA-256; the same issue and format is the
same file for ever. A draft is written anew each time and kept nowhere.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.db import IntegrityError, transaction

from tasks_tracker.actions import audit
from tasks_tracker.actions.weekly_report import draft_of, on_record
from tasks_tracker.models import Issue, IssueFile, User, WeeklyReport
from tasks_tracker.permissions import check_can_write_report
from tasks_tracker.reports.paper import Paper, read
from tasks_tracker.reports.writers import MEDIA_TYPES, write
from tasks_tracker.rules.weeks import format_week


class NoSuchFile(Exception):
    """The content of a file is gone from the store, or is no longer what was kept."""


@dataclass(frozen=True)
class Given:
    """A file to be handed out."""

    content: bytes
    name: str
    content_type: str


def give_out_issue(*, issue: Issue, format: str, by: User, now: datetime) -> Given:
    """The file of an issue, on record; written and kept the first time.

    Whether `by` may see the report is the caller's question: the query that found `issue` is its answer.
    Raises NoSuchFile, UnknownFormat and NoChineseFont.
    """
    content = content_of(issue=issue, format=format, now=now)
    return _given(issue.report, read(issue.paper), content, format, by, version=issue.revision)


def content_of(*, issue: Issue, format: str, now: datetime) -> bytes:
    """The bytes of a format: those that were kept, else written now and kept. Raises like above."""
    kept = issue.files.filter(format=format).first()
    if kept:
        return fetch(kept.sha256)
    return keep(issue=issue, format=format, content=write(read(issue.paper), format), now=now)


def give_out_draft(*, report: WeeklyReport, format: str, by: User) -> Given:
    """The draft as it stands, on record. Raises PermissionDenied, UnknownFormat and NoChineseFont."""
    check_can_write_report(by, report)
    paper = draft_of(report, list(report.paragraphs.all()))
    return _given(report, paper, write(paper, format), format, by, version=0)


def store() -> FileSystemStorage:
    """Where the files of issues lie; docs/operations.md, ISSUE_DIRECTORY."""
    found = storages["issues"]
    assert isinstance(found, FileSystemStorage)
    return found


def path_of(sha256: str, folder: str = "") -> str:
    """The place of a content in the store."""
    return f"{folder}{sha256[:2]}/{sha256}"


def put(content: bytes, folder: str = "") -> str:
    """Lay a content into the store, whole or not at all; returns its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    kept = store()
    incoming = kept.path(kept.save(f"incoming/{uuid4().hex}", ContentFile(content)))
    target = Path(kept.path(path_of(sha256, folder)))
    target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    os.replace(incoming, target)
    return sha256


def fetch(sha256: str, folder: str = "") -> bytes:
    """A content that was laid into the store. Raises NoSuchFile where it is gone or another by now."""
    try:
        with store().open(path_of(sha256, folder), "rb") as file:
            content: bytes = file.read()
    except OSError as error:
        raise NoSuchFile(sha256) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise NoSuchFile(sha256)
    return content


def keep(*, issue: Issue, format: str, content: bytes, now: datetime) -> bytes:
    """Keep the content as the file of that format; of two at the same moment the first one is kept.

    Returns what is kept.
    """
    sha256 = put(content)
    try:
        with transaction.atomic():
            IssueFile.objects.create(
                issue=issue, format=format, sha256=sha256, size=len(content), made_at=now
            )
    except IntegrityError:
        return fetch(issue.files.get(format=format).sha256)
    return content


def _given(report: WeeklyReport, paper: Paper, content: bytes, format: str, by: User, version: int) -> Given:
    after = on_record(report) | {
        "version": version,
        "format": format,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    audit.record(by=by, action="download_weekly_report", obj=report, after=after)
    parts = (paper.title, format_week(report.week), paper.subtitle.partition(" · ")[0], paper.serial)
    return Given(content, file_name(parts, format), MEDIA_TYPES[format])


def file_name(parts: Iterable[str], format: str) -> str:
    """Without characters that a file system refuses."""
    name = "_".join(re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "-", part) for part in parts)
    return f"{name}.{format}"
