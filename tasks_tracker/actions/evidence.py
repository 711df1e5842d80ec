"""Evidence of a report: adding a file to a draft, taking it away, giving it out; each act is on record.

Content lies in the store `evidence` (a directory of its own, never served as files) under its SHA-256, so
that the same file is there once however often it was uploaded. Rows are what people see; a content that no
row names is swept away by `sweep`.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction

from tasks_tracker.actions import audit
from tasks_tracker.actions.progress import EntryRefused, check_week_is_open
from tasks_tracker.models import Evidence, ProgressReport, ReportStatus, User
from tasks_tracker.permissions import check_can_report
from tasks_tracker.rules.evidence import NotEvidence, content_type_of, safe_name

INCOMING = "incoming"
LEDGERS = "ledgers"  # whose files have a day of their own on which they go (actions/ledger_files.py)
KEPT_BEFORE_SWEEPING = timedelta(days=1)  # an upload that is still under way has its file but no row yet
CHUNK = 64 * 1024


def store() -> FileSystemStorage:
    """Where the content lies; docs/operations.md, EVIDENCE_DIRECTORY."""
    found = storages["evidence"]
    assert isinstance(found, FileSystemStorage)
    return found


def path_of(sha256: str) -> str:
    """The place of a content in the store: 256 directories, so that none grows too long."""
    return f"{sha256[:2]}/{sha256}"


def add_evidence(*, report: ProgressReport, file: "File[bytes]", by: User, now: datetime) -> Evidence:
    """Add a file to an open draft. The same content again changes nothing and returns what is there.

    Raises PermissionDenied, and EntryRefused with one of: changed_meanwhile (no draft any more), week_closed,
    file_empty, file_too_large, too_many_files, file_type, file_ending, file_macros, file_damaged, file_bomb,
    store_unwritable. Nothing is on record then.
    """
    check_can_report(by, report.item)
    check_week_is_open(report.item.plan, report.week, now)
    name = safe_name(file.name or "")
    content_type = _check_content(file, name)
    sha256 = _keep(file)
    with transaction.atomic():
        _lock_draft(report)
        there = report.evidence.filter(sha256=sha256).first()
        if there:
            return there
        if report.evidence.count() >= settings.EVIDENCE_FILES:
            raise EntryRefused("too_many_files", "evidence")
        evidence = Evidence.objects.create(
            report=report,
            name=name,
            size=file.size,
            sha256=sha256,
            content_type=content_type,
            uploaded_by=by,
            uploaded_at=now,
        )
        audit.record(by=by, action="add_evidence", obj=evidence, after=_on_record(evidence))
    return evidence


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: User, now: datetime) -> None:
    """Take a file away from an open draft; versions that were handed in keep theirs.

    Raises PermissionDenied and EntryRefused (changed_meanwhile, week_closed).
    """
    report = evidence.report
    check_can_report(by, report.item)
    check_week_is_open(report.item.plan, report.week, now)
    _lock_draft(report)
    audit.record(by=by, action="remove_evidence", obj=evidence, before=_on_record(evidence))
    evidence.delete()


@transaction.atomic
def give_out(*, evidence: Evidence, by: User) -> "File[bytes]":
    """Open the content for a download, on record. Raises EntryRefused (file_missing).

    Whether `by` may see the report is the caller's question: the query that found `evidence` is its answer.
    """
    try:
        content = store().open(path_of(evidence.sha256), "rb")
    except OSError as error:
        raise EntryRefused("file_missing", "evidence") from error
    audit.record(by=by, action="download_evidence", obj=evidence, after=_on_record(evidence))
    return content


def _on_record(evidence: Evidence) -> dict[str, Any]:
    report = evidence.report
    return {
        "item": report.item.code,
        "week": report.week.isoformat(),
        "version": report.version,
        "file_name": evidence.name,
        "sha256": evidence.sha256,
    }


def _lock_draft(report: ProgressReport) -> None:
    """Files and signatures take turns on the row of the report: what is handed in gets no file any more."""
    drafts = ProgressReport.objects.filter(pk=report.pk, status=ReportStatus.DRAFT)
    if not list(drafts.select_for_update().values_list("pk")):
        raise EntryRefused("changed_meanwhile")


def _check_content(file: "File[bytes]", name: str) -> str:
    if not file.size:
        raise EntryRefused("file_empty", "evidence")
    if file.size > settings.EVIDENCE_MEGABYTES * 1024 * 1024:
        raise EntryRefused("file_too_large", "evidence")
    try:
        return content_type_of(file, name)
    except NotEvidence as refused:
        raise EntryRefused(refused.code, "evidence") from refused


def _keep(file: "File[bytes]") -> str:
    """Put the content into the store, whole or not at all; returns its SHA-256."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    sha256 = digest.hexdigest()
    kept, incoming = store(), f"{INCOMING}/{uuid4().hex}"
    try:
        incoming = kept.save(incoming, file)
        target = Path(kept.path(path_of(sha256)))
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        os.replace(kept.path(incoming), target)
    except OSError as error:
        _forget(kept, incoming)
        raise EntryRefused("store_unwritable", "evidence") from error
    return sha256


def _forget(kept: FileSystemStorage, incoming: str) -> None:
    """Leave no half of a file behind; where not even that works, `sweep` does it later."""
    try:
        kept.delete(incoming)
    except OSError:
        return


@dataclass(frozen=True)
class Fault:
    """A content that rows name and the store lacks or holds changed."""

    sha256: str
    is_missing: bool
    names: list[str]


def verify_store() -> list[Fault]:
    """Read every content that a row names and compare it with its SHA-256; [] when all are right."""
    faults = []
    for sha256 in Evidence.objects.order_by("sha256").values_list("sha256", flat=True).distinct():
        try:
            with store().open(path_of(sha256), "rb") as content:
                is_right = _digest(content) == sha256
            is_missing = False
        except OSError:
            is_right, is_missing = False, True
        if not is_right:
            names = Evidence.objects.filter(sha256=sha256).values_list("name", flat=True)
            faults.append(Fault(sha256, is_missing, sorted(set(names))))
    return faults


def _digest(content: "File[bytes]") -> str:
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def sweep(*, now: datetime) -> int:
    """Delete contents that no row names and that are older than a day; returns how many."""
    named = set(Evidence.objects.values_list("sha256", flat=True))
    unnamed = [path for path in _contents() if Path(path).name not in named]
    old = [path for path in unnamed if store().get_modified_time(path) < now - KEPT_BEFORE_SWEEPING]
    for path in old:
        store().delete(path)
    return len(old)


def _contents() -> Iterator[str]:
    if not Path(store().location).is_dir():
        return
    directories, _files = store().listdir("")
    for directory in set(directories) - {LEDGERS}:
        for name in store().listdir(directory)[1]:
            yield f"{directory}/{name}"
