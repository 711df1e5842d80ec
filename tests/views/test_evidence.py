"""Evidence on the page where a report is written, and given out to whoever may see the report."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions.evidence import add_evidence, path_of, store
from tasks_tracker.actions.progress import Entry, return_report, review_report, save_draft, submit_report
from tasks_tracker.models import AuditEntry, Evidence, ProgressReport, User, WorkItem
from tests.factories import THIS_WEEK, make_item, make_plan, make_report
from tests.factories.cast import Cast
from tests.factories.files import PDF, PNG, upload
from tests.views.week_form import THURSDAY, address, said, typed

LogIn = Callable[[User], Client]
SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    return make_item("HB-1", plan=make_plan(unit_review=True))


def send(client: Client, item: WorkItem, *files: Any, script: bool = False, **fields: str) -> Any:
    """The form with files, as the button without a script sends it; or as the script does."""
    data = typed(item, "draft", **fields) | {"evidence": list(files)}
    return client.post(reverse("evidence_add", args=[item.code]), data, headers=SCRIPT if script else {})


def with_file(item: WorkItem, cast: Cast) -> Evidence:
    draft = save_draft(item=item, week=THIS_WEEK, entry=entry(), by=cast.chen, now=THURSDAY)
    return add_evidence(report=draft, file=upload(), by=cast.chen, now=THURSDAY)


def entry() -> Entry:
    return Entry(percent=90_00, progress_note="完成诊断 437 家。")


# --- adding -------------------------------------------------------------------------------------------------
def test_a_file_is_added_and_what_is_typed_is_kept(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.chen)
    answer = send(client, item, upload(), upload("b.png", PNG), progress_note="写到一半")
    assert answer.headers["Location"] == address(item) + "#evidence"
    draft = ProgressReport.objects.get()
    assert (draft.status, draft.progress_note) == ("draft", "写到一半")
    assert [e.name for e in draft.evidence.all()] == ["验收材料.pdf", "b.png"]
    page = client.get(address(item)).content.decode()
    assert "验收材料.pdf" in page


def test_the_script_gets_the_files_alone_and_the_newest_state_of_the_draft(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.chen)
    answer = send(client, item, upload(), script=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert typed(item)["seen"] in page
    assert send(client, item, upload("b.png", PNG), script=True).status_code == 200
    assert ProgressReport.objects.get().evidence.count() == 2


@pytest.mark.parametrize("script", [False, True])
def test_a_file_that_is_not_taken_is_named_and_the_draft_kept(
    item: WorkItem, cast: Cast, log_in: LogIn, script: bool
) -> None:
    client = log_in(cast.chen)
    answer = send(client, item, upload("坏<b>.pdf", b"<script>"), upload("b.png", PNG), script=script)
    words = answer.content.decode() if script else said(client)
    assert "坏" in words
    draft = ProgressReport.objects.get()
    assert [e.name for e in draft.evidence.all()] == ["b.png"]
    assert draft.progress_note == "完成诊断 437 家。"


def test_a_file_that_is_too_large_is_thrown_away_as_it_arrives(
    item: WorkItem, cast: Cast, log_in: LogIn, settings: Any
) -> None:
    settings.EVIDENCE_MEGABYTES = 1
    client = log_in(cast.chen)
    send(client, item, upload("大.pdf", PDF + b"\x00" * 1024 * 1024), upload("b.png", PNG))
    assert "大.pdf" in said(client)
    assert [e.name for e in Evidence.objects.all()] == ["b.png"]


def test_a_file_of_twenty_megabytes_passes(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    content = PDF + b"\x00" * (20 * 1024 * 1024 - len(PDF))
    assert send(log_in(cast.chen), item, upload(content=content)).status_code == 302
    assert Evidence.objects.get().size == 20 * 1024 * 1024


@pytest.mark.parametrize("script", [False, True])
def test_without_a_file_the_reporter_is_told(item: WorkItem, cast: Cast, log_in: LogIn, script: bool) -> None:
    client = log_in(cast.chen)
    answer = send(client, item, script=script)
    assert "文件" in (answer.content.decode() if script else said(client))
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("script", [False, True])
def test_a_field_that_cannot_be_read_comes_first(
    item: WorkItem, cast: Cast, log_in: LogIn, script: bool
) -> None:
    answer = send(log_in(cast.chen), item, upload(), script=script, percent="abc", progress_note="写到一半")
    assert answer.status_code == 422
    assert script or "写到一半" in answer.content.decode()
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize("script", [False, True])
def test_what_a_colleague_wrote_meanwhile_is_not_overwritten(
    item: WorkItem, cast: Cast, log_in: LogIn, script: bool
) -> None:
    stale = typed(item)["seen"]
    save_draft(item=item, week=THIS_WEEK, entry=entry(), by=cast.chen, now=THURSDAY)
    answer = send(log_in(cast.chen), item, upload(), script=script, seen=stale, progress_note="我的文字")
    assert answer.status_code == 409
    assert script or "我的文字" in answer.content.decode()
    assert ProgressReport.objects.get().progress_note == "完成诊断 437 家。"
    assert not Evidence.objects.exists()


def test_a_store_that_cannot_be_written_is_told_and_the_draft_is_kept(
    item: WorkItem, cast: Cast, log_in: LogIn, tmp_path: Any, settings: Any
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no directory")
    options = settings.STORAGES["evidence"]["OPTIONS"] | {"location": str(blocked)}
    settings.STORAGES = settings.STORAGES | {"evidence": settings.STORAGES["evidence"] | {"OPTIONS": options}}
    client = log_in(cast.chen)
    send(client, item, upload(), progress_note="写到一半")
    assert "草稿" in said(client)
    assert ProgressReport.objects.get().progress_note == "写到一半"


# --- removing -----------------------------------------------------------------------------------------------
def test_a_file_is_removed_from_the_draft_only(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    evidence = with_file(item, cast)
    first = submit_report(item=item, week=THIS_WEEK, entry=entry(), by=cast.chen, now=THURSDAY)
    return_report(report=first, by=cast.zhou, reason="请补充", now=THURSDAY)
    client = log_in(cast.chen)
    # The form still shows the returned version; sending it begins the answer.
    url = reverse("evidence_remove", args=[item.code, evidence.pk])
    assert client.post(url, typed(item, "draft", progress_note="已补充")).status_code == 302
    answer = ProgressReport.objects.get(version=2)
    assert (answer.progress_note, answer.evidence.count()) == ("已补充", 0)
    assert Evidence.objects.get() == evidence
    assert client.post(url, typed(item, "draft"), headers=SCRIPT).status_code == 200  # a second click


def test_a_file_of_another_item_is_not_there(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    evidence = with_file(make_item("HB-2"), cast)
    url = reverse("evidence_remove", args=[item.code, evidence.pk])
    assert log_in(cast.chen).post(url, typed(item, "draft")).status_code == 404
    assert Evidence.objects.get() == evidence


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("chen", 302),
        ("zhou", 403),
        ("wang", 404),
        ("li", 403),
        ("zhao", 403),
        ("system_admin", 403),
        ("audit_admin", 403),
    ],
)
def test_only_a_reporter_of_the_lead_adds_files(
    name: str, status: int, item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    assert send(log_in(getattr(cast, name)), item, upload()).status_code == status
    assert Evidence.objects.exists() is (status == 302)


# --- giving out ---------------------------------------------------------------------------------------------
def test_a_download_is_saved_and_never_shown_by_the_browser(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    evidence = with_file(item, cast)
    answer = log_in(cast.zhou).post(reverse("evidence_download", args=[evidence.pk]))
    assert b"".join(answer.streaming_content) == PDF  # type: ignore[attr-defined]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Content-Length"] == str(len(PDF))
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert AuditEntry.objects.get(action="download_evidence").by == cast.zhou


@pytest.mark.parametrize(
    ("name", "of_a_draft", "of_a_report"),
    [
        ("chen", 200, 200),
        ("zhou", 200, 200),
        ("liu", 404, 404),  # of the unit below
        ("wang", 404, 404),
        ("li", 404, 200),  # a draft stays within the unit
        ("sun", 404, 404),  # of another region
        ("zhao", 404, 200),
        ("system_admin", 404, 404),
        ("security_admin", 404, 404),
        ("audit_admin", 404, 404),
    ],
)
def test_evidence_is_given_out_to_whoever_sees_the_report(
    name: str, of_a_draft: int, of_a_report: int, item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    item.region = cast.hubei_region
    item.save()
    evidence = with_file(item, cast)
    client, url = log_in(getattr(cast, name)), reverse("evidence_download", args=[evidence.pk])
    assert client.get(url).status_code == 405
    assert client.post(url).status_code == of_a_draft
    submit_report(item=item, week=THIS_WEEK, entry=entry(), by=cast.chen, now=THURSDAY)
    assert client.post(url).status_code == of_a_report
    downloads = [of_a_draft, of_a_report].count(200)
    assert AuditEntry.objects.filter(action="download_evidence").count() == downloads


def test_a_content_that_was_lost_is_said(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    evidence = with_file(item, cast)
    store().delete(path_of(evidence.sha256))
    answer = log_in(cast.chen).post(reverse("evidence_download", args=[evidence.pk]))
    assert answer.status_code == 404
    assert "管理员" in answer.content.decode()


def test_files_stand_where_the_report_is_read(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    evidence = with_file(item, cast)
    Evidence.objects.update(name="<i>x</i>.pdf")
    report = submit_report(item=item, week=THIS_WEEK, entry=entry(), by=cast.chen, now=THURSDAY)
    url = reverse("evidence_download", args=[evidence.pk])
    for user, page in (
        (cast.chen, address(item)),
        (cast.zhou, reverse("review", args=[report.pk])),
        (cast.zhou, reverse("item", args=[item.code])),
    ):
        shown = log_in(user).get(page).content.decode()
        assert f'formaction="{url}"' in shown
        assert "&lt;i&gt;x&lt;/i&gt;.pdf" in shown
        assert "<i>x" not in shown


def test_a_jump_without_a_file_is_flagged_and_with_one_is_not(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    make_report(
        item,
        THIS_WEEK.replace(day=9),
        status="accepted",
        percent=5_000,
        written_by=cast.chen,
        decided_by=cast.li,
        decided_at=THURSDAY,
    )
    with_file(item, cast)
    report = submit_report(item=item, week=THIS_WEEK, entry=entry(), by=cast.chen, now=THURSDAY)
    page = log_in(cast.zhou).get(reverse("review", args=[report.pk]))
    assert [str(flag) for flag in page.context["found"].flags] == ["jump"]
    review_report(report=report, by=cast.zhou, now=THURSDAY)
    Evidence.objects.all().delete()
    page = log_in(cast.li).get(reverse("review", args=[report.pk]))
    assert [str(flag) for flag in page.context["found"].flags] == ["jump", "no_evidence"]
