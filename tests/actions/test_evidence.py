"""Files of a report: what is kept, under which name, once, and only while the report is a draft."""

import errno
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import UploadedFile

from tasks_tracker.actions import evidence as actions
from tasks_tracker.actions.evidence import (
    add_evidence,
    give_out,
    path_of,
    remove_evidence,
    store,
    sweep,
    verify_store,
)
from tasks_tracker.actions.progress import Entry, EntryRefused, return_report, save_draft, submit_report
from tasks_tracker.models import AuditEntry, Evidence, ProgressReport, WorkItem
from tests.factories import THIS_WEEK, make_item, make_user, moment
from tests.factories.cast import Cast
from tests.factories.files import PDF, PNG, office, upload

pytestmark = pytest.mark.django_db
THURSDAY = moment(THIS_WEEK + timedelta(days=3))
ENTRY = Entry(percent=90_00, progress_note="完成两项标准")
SHA256 = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, settings: Any) -> Path:
    """A store of this test's own."""
    place = tmp_path / "store"
    options = settings.STORAGES["evidence"]["OPTIONS"] | {"location": str(place)}
    settings.STORAGES = settings.STORAGES | {"evidence": settings.STORAGES["evidence"] | {"OPTIONS": options}}
    return place


@pytest.fixture
def draft(cast: Cast) -> ProgressReport:
    return save_draft(item=make_item("A"), week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)


def add(report: ProgressReport, cast: Cast, file: UploadedFile | None = None) -> Evidence:
    return add_evidence(report=report, file=file or upload(), by=cast.chen, now=THURSDAY)


def refused(code: str, report: ProgressReport, cast: Cast, file: UploadedFile | None = None) -> None:
    before = (list(Evidence.objects.values()), AuditEntry.objects.count())
    with pytest.raises(EntryRefused) as refusal:
        add(report, cast, file)
    assert refusal.value.code == code
    assert (list(Evidence.objects.values()), AuditEntry.objects.count()) == before


def contents(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_a_file_is_kept_under_its_digest_and_shown_under_its_name(
    draft: ProgressReport, cast: Cast, directory: Path
) -> None:
    evidence = add(draft, cast, upload("..\\验收\u202e材料.pdf"))
    assert (evidence.name, evidence.size, evidence.sha256) == ("验收材料.pdf", len(PDF), SHA256)
    assert (evidence.content_type, evidence.uploaded_by) == ("application/pdf", cast.chen)
    assert contents(directory) == [path_of(SHA256)]
    assert (directory / path_of(SHA256)).read_bytes() == PDF
    assert (directory / path_of(SHA256)).stat().st_mode & 0o137 == 0  # nobody else reads it, nobody runs it
    entry = AuditEntry.objects.get(action="add_evidence")
    assert (entry.by, entry.after["file_name"], entry.after["sha256"]) == (cast.chen, "验收材料.pdf", SHA256)


def test_the_same_content_is_stored_once(draft: ProgressReport, cast: Cast, directory: Path) -> None:
    first = add(draft, cast)
    assert add(draft, cast, upload("另一个名字.pdf")) == first
    other = save_draft(item=make_item("B"), week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    assert add(other, cast).pk != first.pk
    assert contents(directory) == [path_of(SHA256)]
    assert Evidence.objects.count() == 2


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (upload(content=b""), "file_empty"),
        (upload("a.pdf", b"<script>alert(1)</script>"), "file_type"),
        (upload("a.png", PDF), "file_ending"),
        (upload("a.docx", office(**{"word/vbaProject.bin": b"x"})), "file_macros"),
    ],
)
def test_what_is_no_evidence_is_refused(
    draft: ProgressReport, cast: Cast, directory: Path, file: UploadedFile, code: str
) -> None:
    refused(code, draft, cast, file)
    assert contents(directory) == []


def test_size_and_number_are_limited(draft: ProgressReport, cast: Cast, settings: Any) -> None:
    settings.EVIDENCE_MEGABYTES = 1
    exact = PDF + b"\x00" * (1024 * 1024 - len(PDF))
    add(draft, cast, upload(content=exact))
    refused("file_too_large", draft, cast, upload(content=exact + b"\x00"))
    settings.EVIDENCE_FILES = 2
    add(draft, cast, upload("a.png", PNG))
    refused("too_many_files", draft, cast)


def test_twenty_megabytes_are_the_default() -> None:
    assert (settings.EVIDENCE_MEGABYTES, settings.EVIDENCE_FILES) == (20, 10)


def test_what_was_handed_in_gets_no_file_and_loses_none(draft: ProgressReport, cast: Cast) -> None:
    evidence = add(draft, cast)
    submit_report(item=draft.item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    refused("changed_meanwhile", draft, cast, upload("b.png", PNG))
    with pytest.raises(EntryRefused, match="changed_meanwhile"):
        remove_evidence(evidence=evidence, by=cast.chen, now=THURSDAY)
    assert draft.evidence.get() == evidence


def test_the_answer_to_a_return_keeps_the_files_and_the_old_version_too(
    draft: ProgressReport, cast: Cast
) -> None:
    add(draft, cast)
    report = submit_report(item=draft.item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    return_report(report=report, by=cast.li, reason="请补充", now=THURSDAY)
    answer = save_draft(item=draft.item, week=THIS_WEEK, entry=ENTRY, by=cast.chen, now=THURSDAY)
    carried = answer.evidence.get()
    assert (answer.version, carried.sha256, carried.uploaded_by) == (2, SHA256, cast.chen)
    remove_evidence(evidence=carried, by=cast.chen, now=THURSDAY)
    assert (answer.evidence.count(), report.evidence.count()) == (0, 1)
    assert AuditEntry.objects.get(action="remove_evidence").before["version"] == 2


@pytest.mark.parametrize("who", ["wang", "liu", "zhou", "li", "zhao", "system_admin", "audit_admin"])
def test_only_a_reporter_of_the_lead_adds_and_removes(draft: ProgressReport, cast: Cast, who: str) -> None:
    evidence = add(draft, cast)
    with pytest.raises(PermissionDenied):
        add_evidence(report=draft, file=upload("b.png", PNG), by=getattr(cast, who), now=THURSDAY)
    with pytest.raises(PermissionDenied):
        remove_evidence(evidence=evidence, by=getattr(cast, who), now=THURSDAY)
    assert Evidence.objects.get() == evidence


def test_a_colleague_of_the_unit_adds_too(draft: ProgressReport, cast: Cast) -> None:
    colleague = make_user(username="colleague", actor=cast.hubei)
    assert add_evidence(report=draft, file=upload(), by=colleague, now=THURSDAY).uploaded_by == colleague


# --- the store ----------------------------------------------------------------------------------------------
def test_a_full_disk_is_told_and_leaves_no_half_of_a_file(
    draft: ProgressReport, cast: Cast, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(actions.os, "replace", full)
    refused("store_unwritable", draft, cast)
    assert contents(directory) == []
    assert ProgressReport.objects.get().progress_note == ENTRY.progress_note


def test_a_store_that_is_no_directory_is_told(draft: ProgressReport, cast: Cast, directory: Path) -> None:
    directory.write_text("a file where the store should be")
    refused("store_unwritable", draft, cast)


def test_a_download_is_on_record_and_a_lost_content_is_told(draft: ProgressReport, cast: Cast) -> None:
    evidence = add(draft, cast)
    with give_out(evidence=evidence, by=cast.zhou) as content:
        assert content.read() == PDF
    entry = AuditEntry.objects.get(action="download_evidence")
    assert (entry.by, entry.object_id, entry.after["item"]) == (cast.zhou, str(evidence.pk), "A")
    store().delete(path_of(SHA256))
    with pytest.raises(EntryRefused, match="file_missing"):
        give_out(evidence=evidence, by=cast.zhou)
    assert AuditEntry.objects.filter(action="download_evidence").count() == 1


def test_the_store_is_proven_against_the_digests(draft: ProgressReport, cast: Cast, directory: Path) -> None:
    add(draft, cast)
    add(draft, cast, upload("b.png", PNG))
    assert verify_store() == []
    (directory / path_of(SHA256)).write_bytes(PDF.replace(b"1.4", b"1.5"))
    png = hashlib.sha256(PNG).hexdigest()
    (directory / path_of(png)).unlink()
    assert {(f.sha256, f.is_missing, *f.names) for f in verify_store()} == {
        (SHA256, False, "验收材料.pdf"),
        (png, True, "b.png"),
    }


def test_uploading_again_heals_a_content_that_was_changed(
    draft: ProgressReport, cast: Cast, directory: Path
) -> None:
    add(draft, cast)
    (directory / path_of(SHA256)).write_bytes(b"changed")
    add(draft, cast)
    assert verify_store() == []


def test_sweeping_deletes_what_no_row_names_after_a_day(
    draft: ProgressReport, cast: Cast, directory: Path
) -> None:
    assert sweep(now=THURSDAY) == 0  # before there is any store
    named, removed = add(draft, cast), add(draft, cast, upload("b.png", PNG))
    remove_evidence(evidence=removed, by=cast.chen, now=THURSDAY)
    written = store().get_modified_time(path_of(removed.sha256))
    assert sweep(now=written + timedelta(hours=23)) == 0
    assert sweep(now=written + timedelta(hours=25)) == 1
    assert contents(directory) == [path_of(named.sha256)]
    assert isinstance(store(), FileSystemStorage)


def test_an_item_that_does_not_lie_with_the_unit_any_more_takes_no_file(
    draft: ProgressReport, cast: Cast
) -> None:
    WorkItem.objects.update(lead=cast.jiangsu)
    with pytest.raises(PermissionDenied):
        add(ProgressReport.objects.get(), cast)
