"""The pack of a week: made once, file after file, taken up again, named where it failed, expired in time."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tasks_tracker import jobs
from tasks_tracker.actions import issue_files, rollup, weekly_pack
from tasks_tracker.actions.pack_acts import add_reader
from tasks_tracker.actions.weekly_pack import FOLDER, WeekIsOpen, expire_files, make_due, make_pack
from tasks_tracker.actions.weekly_report import draft_report, publish_report
from tasks_tracker.models import AuditEntry, Issue, Mail, Notice, PackFile, Plan, Policy, WeeklyPack
from tasks_tracker.queries.packs import subjects_of
from tasks_tracker.reports.pdf import typesetter
from tasks_tracker.rules.weeks import ONE_WEEK, UnknownWeek
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, moment, report_and_accept
from tests.factories.cast import Cast
from tests.reports.printed import book_texts

pytestmark = pytest.mark.django_db
NOW = moment(THIS_WEEK, 10)
LATER = NOW + timedelta(minutes=31)
BEGINS = {"docx": b"PK\x03\x04", "xlsx": b"PK\x03\x04", "pdf": b"%PDF-"}
State = PackFile.State


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """An item of 湖北 and one of 江苏, about one key task; last week is frozen."""
    for item in (
        make_item("HB-1", lead=cast.hubei),
        make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region),
    ):
        report_and_accept(item, 5_000, LAST_WEEK)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    return plan


@pytest.fixture
def only_excel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packs of one format, for tests about something else."""
    monkeypatch.setattr(weekly_pack, "FORMATS", ("xlsx",))


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The server has no Chinese font; calling it installs one."""
    nothing = {role: {"families": [], "weight": "regular"} for role in typesetter._faces()}
    monkeypatch.setattr(typesetter, "_faces", lambda: nothing)
    return monkeypatch.undo


def states(**about: Any) -> dict[str, int]:
    found = PackFile.objects.filter(**about).values_list("state", flat=True)
    return {state: list(found).count(state) for state in set(found)}


def content(file: PackFile) -> bytes:
    return issue_files.fetch(file.sha256, "" if file.issue_id else FOLDER)


def publish(plan: Plan, cast: Cast) -> Issue:
    about: dict[str, Any] = {"plan": plan, "week": LAST_WEEK, "scope": "region", "subject": "420000"}
    report = draft_report(language="zh-hans", by=cast.li, now=NOW, **about)
    return publish_report(report=report, seen=1, signer="李维", by=cast.li, now=NOW)


def test_it_holds_the_whole_every_key_task_and_every_region_in_every_format(plan: Plan) -> None:
    run = make_pack(plan=plan, week=LAST_WEEK, now=NOW)
    assert (len(run.done), run.failed) == (12, [])
    subjects = {(file.scope, file.subject) for file in run.done}
    task = plan.policy.key_tasks.get()
    assert subjects == {
        ("national", ""),
        ("key_task", str(task.number)),
        ("region", "420000"),
        ("region", "320000"),
    }
    for file in PackFile.objects.all():
        made = content(file)
        assert made.startswith(BEGINS[file.format])
        assert (file.size, file.sha256) == (len(made), sha256(made).hexdigest())
    book = PackFile.objects.get(subject="420000", format="xlsx")
    said = " ".join(book_texts(content(book)))
    assert "草稿" in said  # nobody has signed it
    assert "湖北" in said


def test_of_the_real_outline_it_is_about_8_and_37(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
    call_command("load_reference", verbosity=0)
    plan = make_plan(policy=Policy.objects.get(code="nip-2024"))
    scopes = [scope for scope, _about in subjects_of(plan, LAST_WEEK)]
    assert (scopes.count("national") + scopes.count("key_task"), scopes.count("region")) == (8, 37)
    plan.policy.key_tasks.filter(number=7).update(retired_on=THIS_WEEK)  # still in use last week
    assert len(subjects_of(plan, LAST_WEEK)) == 45
    assert len(subjects_of(plan, THIS_WEEK)) == 44


def test_what_is_done_is_not_done_again(plan: Plan, only_excel: None) -> None:
    make_pack(plan=plan, week=LAST_WEEK, now=NOW)
    before = list(PackFile.objects.values())
    again = make_pack(plan=plan, week=LAST_WEEK, now=LATER)
    assert (again.done, again.failed) == ([], [])
    assert list(PackFile.objects.values()) == before
    assert WeeklyPack.objects.count() == 1


def test_only_a_closed_week_has_a_pack(plan: Plan) -> None:
    with pytest.raises(WeekIsOpen):
        make_pack(plan=plan, week=THIS_WEEK, now=NOW)
    with pytest.raises(UnknownWeek):
        make_pack(plan=plan, week=LAST_WEEK - 9 * ONE_WEEK, now=NOW)
    assert not WeeklyPack.objects.exists()


def test_what_a_fallen_maker_left_is_taken_up_when_its_claim_has_lapsed(plan: Plan, only_excel: None) -> None:
    pack = weekly_pack.begin_pack(plan=plan, week=LAST_WEEK, now=NOW)
    lost = pack.files.filter(scope="national")
    lost.update(state=State.MAKING, claim="fallen", claimed_at=NOW, attempts=1)
    assert len(make_pack(plan=plan, week=LAST_WEEK, now=NOW + timedelta(minutes=1)).done) == 3
    assert lost.get().state == State.MAKING
    (file,) = make_pack(plan=plan, week=LAST_WEEK, now=LATER).done
    assert (file.scope, lost.get().attempts, lost.get().error) == ("national", 2, "")


def test_a_file_that_fells_every_maker_is_called_failed(plan: Plan, only_excel: None) -> None:
    pack = weekly_pack.begin_pack(plan=plan, week=LAST_WEEK, now=NOW)
    lost = pack.files.filter(scope="national")
    lost.update(state=State.MAKING, claim="fallen", claimed_at=NOW, attempts=weekly_pack.MOST_ATTEMPTS)
    make_pack(plan=plan, week=LAST_WEEK, now=LATER)
    assert (lost.get().state, lost.get().error) == (State.FAILED, "interrupted")
    assert AuditEntry.objects.get(action="make_pack").after == {"week": "2026-W46", "files": 3, "failed": 1}


def test_a_maker_whose_claim_was_taken_over_does_not_have_the_last_word(
    plan: Plan, only_excel: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = weekly_pack.write

    def taken_over_meanwhile(paper: Any, format: str) -> bytes:
        PackFile.objects.filter(state=State.MAKING).update(claim="another")
        return write(paper, format)

    monkeypatch.setattr(weekly_pack, "write", taken_over_meanwhile)
    make_pack(plan=plan, week=LAST_WEEK, now=NOW)
    assert states() == {"making": 4}


class TestFailing:
    def test_what_fails_is_named_and_stops_nothing_else(
        self, plan: Plan, without_fonts: Callable[[], None]
    ) -> None:
        run = make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        assert states(format="xlsx") == {"done": 4}
        assert states(format="pdf") == {"failed": 4}
        assert {file.error for file in run.failed} == {"no_font"}
        assert not AuditEntry.objects.filter(action="make_pack").exists()  # it is tried again
        without_fonts()
        make_pack(plan=plan, week=LAST_WEEK, now=LATER)
        assert states() == {"done": 12}
        assert set(PackFile.objects.values_list("error", flat=True)) == {""}

    def test_it_is_tried_three_times_and_then_told(
        self, plan: Plan, cast: Cast, without_fonts: Callable[[], None]
    ) -> None:
        add_reader(plan=plan, user=cast.zhao, by=cast.li)
        for attempt in range(1, 6):
            make_due(plan=plan, now=NOW + attempt * timedelta(minutes=10))
            assert Notice.objects.exists() == (attempt >= weekly_pack.MOST_ATTEMPTS)
        assert set(PackFile.objects.filter(format="pdf").values_list("attempts", flat=True)) == {3}

    def test_a_subject_that_is_gone_meanwhile_stops_nothing_else(self, plan: Plan, only_excel: None) -> None:
        pack = weekly_pack.begin_pack(plan=plan, week=LAST_WEEK, now=NOW)
        pack.files.filter(subject="320000").update(subject="999999")
        run = make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        assert [file.subject for file in run.failed] == ["999999"]
        assert len(run.done) == 3

    def test_what_nobody_expected_is_named_too(
        self, plan: Plan, only_excel: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(weekly_pack, "compose", lambda *_args, **_options: 1 // 0)
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        assert set(PackFile.objects.values_list("state", "error")) == {("failed", "unexpected")}


class TestIssues:
    def test_the_file_of_a_published_report_is_that_of_its_issue(
        self, plan: Plan, cast: Cast, only_excel: None
    ) -> None:
        issue = publish(plan, cast)
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        file = PackFile.objects.get(subject="420000")
        assert file.issue == issue
        assert content(file) == issue_files.content_of(issue=issue, format="xlsx", now=NOW)
        assert PackFile.objects.filter(issue=None).count() == 3

    def test_a_draft_gives_way_to_an_issue_that_is_published_later(
        self, plan: Plan, cast: Cast, only_excel: None
    ) -> None:
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        draft = PackFile.objects.get(subject="420000")
        issue = publish(plan, cast)
        make_due(plan=plan, now=LATER)
        file = PackFile.objects.get(subject="420000")
        assert (file.issue, file.state) == (issue, State.DONE)
        with pytest.raises(issue_files.NoSuchFile):
            issue_files.fetch(draft.sha256, FOLDER)


class TestExpiring:
    def test_contents_go_after_the_days_of_the_setting_and_issues_stay(
        self, plan: Plan, cast: Cast, only_excel: None, settings: Any
    ) -> None:
        settings.PACK_DAYS = 10
        issue = publish(plan, cast)
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        drafts = list(PackFile.objects.filter(issue=None))
        assert expire_files(now=NOW + timedelta(days=10)) == 0
        assert expire_files(now=NOW + timedelta(days=10, seconds=1)) == 4
        assert states() == {"expired": 4}
        for file in drafts:
            assert not issue_files.store().exists(issue_files.path_of(file.sha256, FOLDER))
        assert issue_files.content_of(issue=issue, format="xlsx", now=NOW)

    def test_the_job_does_not_make_again_what_expired(
        self, plan: Plan, only_excel: None, settings: Any
    ) -> None:
        settings.PACK_DAYS = 10
        make_due(plan=plan, now=NOW)
        make_due(plan=plan, now=NOW + timedelta(days=11))
        assert states() == {"expired": 4}


class TestTelling:
    def test_each_reader_who_sees_something_of_it_is_told_once(
        self, plan: Plan, cast: Cast, only_excel: None, settings: Any
    ) -> None:
        settings.EMAIL_URL = "smtp://localhost"
        cast.sun.email = "sun@example.org"
        cast.sun.save()
        for user in (cast.zhao, cast.sun, cast.chen):  # 陈晓岚 sees a part of 湖北, and no report as a whole
            add_reader(plan=plan, user=user, by=cast.li)
        make_due(plan=plan, now=NOW)
        make_due(plan=plan, now=LATER)
        assert {notice.to for notice in Notice.objects.all()} == {cast.zhao, cast.sun}
        notice = Notice.objects.get(to=cast.sun)
        assert notice.link == "/weekly/pack/?week=2026-W46"
        mail = Mail.objects.get()
        assert mail.address == "sun@example.org"
        assert "/weekly/pack/?week=2026-W46" in mail.body

    def test_whoever_is_out_of_use_by_then_is_not_told(
        self, plan: Plan, cast: Cast, only_excel: None
    ) -> None:
        add_reader(plan=plan, user=cast.zhao, by=cast.li)
        cast.zhao.is_active = False
        cast.zhao.save()
        make_due(plan=plan, now=NOW)
        assert not Notice.objects.exists()


class TestEntryPoints:
    @pytest.fixture(autouse=True)
    def _clock(self, plan: Plan, only_excel: None, time_machine: Any) -> None:
        time_machine.move_to(NOW, tick=False)

    def test_closing_a_week_rings_for_its_pack(self, plan: Plan) -> None:
        jobs.close_week.apply()
        if WeeklyPack.objects.exists():  # with a broker the ring waits for a worker
            assert states() == {"done": 4}
        jobs.make_pack.apply()
        assert states() == {"done": 4}

    def test_the_command_says_how_far_it_is(self, capsys: Any) -> None:
        call_command("make_pack", "--week", "2026-W46")
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "全国 xlsx: 已就绪"
        assert lines[-1] == "2026-W46报告包：本次生成4份，失败0份"

    def test_the_command_ends_with_1_where_a_file_failed(
        self, monkeypatch: pytest.MonkeyPatch, capsys: Any, without_fonts: Any
    ) -> None:
        monkeypatch.setattr(weekly_pack, "FORMATS", ("pdf",))
        with pytest.raises(SystemExit, match="1"):
            call_command("make_pack")
        assert "fonts-noto-cjk" in capsys.readouterr().out

    @pytest.mark.parametrize("week", ["2026-W47", "2026-W10", "W9"])
    def test_the_command_says_what_is_wrong(self, week: str) -> None:
        with pytest.raises(CommandError):
            call_command("make_pack", "--week", week)
