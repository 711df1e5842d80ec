"""The weekly report through its life: composed, edited, published, revised; an issue never changes."""

from hashlib import sha256
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tasks_tracker.actions import rollup
from tasks_tracker.actions.issue_files import NoSuchFile, content_of, give_out_draft, give_out_issue, store
from tasks_tracker.actions.weekly_report import (
    ReportRefused,
    compose_again,
    draft_report,
    edit_paragraph,
    publish_report,
    reset_paragraph,
    revise_report,
)
from tasks_tracker.models import (
    AppendOnly,
    AuditEntry,
    Issue,
    Plan,
    ReportParagraph,
    TextVersion,
    WeeklyReport,
)
from tasks_tracker.queries.ledger import UnknownSubject
from tasks_tracker.reports.paper import read, written
from tasks_tracker.reports.writers import UnknownFormat
from tasks_tracker.rules.weeks import ONE_WEEK, UnknownWeek
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, moment, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
MONDAY = moment(THIS_WEEK, 9)
NOW = moment(THIS_WEEK, 10)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """Three items; last week and the one before are frozen, this one is open."""
    items = [make_item(f"HB-{n}", lead=cast.hubei) for n in range(2)]
    items.append(make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region))
    for week in (LAST_WEEK - ONE_WEEK, LAST_WEEK):
        for number, item in enumerate(items):
            report_and_accept(item, 5_000 + 1_000 * number + (week - LAST_WEEK).days * 10, week)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=MONDAY, by=cast.li)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    return plan


def draft(plan: Plan, cast: Cast, **changes: Any) -> WeeklyReport:
    asked: dict[str, Any] = {
        "plan": plan,
        "week": LAST_WEEK,
        "scope": "national",
        "subject": "",
        "language": "zh-hans",
        "by": cast.li,
        "now": NOW,
    }
    return draft_report(**asked | changes)


def published(report: WeeklyReport, cast: Cast, **changes: Any) -> Issue:
    report.refresh_from_db()
    asked = {"report": report, "seen": report.revision, "signer": "李维", "by": cast.li, "now": NOW}
    return publish_report(**asked | changes)


def edited(
    report: WeeklyReport, cast: Cast, text: str, key: str = "filing", **changes: Any
) -> ReportParagraph:
    paragraph = report.paragraphs.get(key=key)
    asked = {"paragraph": paragraph, "seen": paragraph.version, "text": text, "by": cast.li, "now": NOW}
    return edit_paragraph(**asked | changes)


def refused(code: str, act: Any, *args: Any, **kwargs: Any) -> None:
    with pytest.raises(ReportRefused) as raised, transaction.atomic():
        act(*args, **kwargs)
    assert raised.value.code == code


class TestComposing:
    def test_a_draft_has_its_paragraphs_figures_and_an_audit_row(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        assert report.paragraphs.count() > 8
        assert report.figures["items"]["text"] == "3"
        assert (report.is_open, report.number, report.is_frozen) == (True, None, True)
        entry = AuditEntry.objects.get(action="draft_weekly_report")
        assert (entry.by, entry.after["week"]) == (cast.li, "2026-W46")

    def test_there_is_one_of_each_week_and_subject(self, plan: Plan, cast: Cast) -> None:
        draft(plan, cast)
        refused("there_already", draft, plan, cast)
        assert draft(plan, cast, scope="region", subject="420000").pk
        assert WeeklyReport.objects.count() == 2

    def test_what_does_not_exist_is_refused(self, plan: Plan, cast: Cast) -> None:
        with pytest.raises(UnknownWeek):
            draft(plan, cast, week=LAST_WEEK - 9 * ONE_WEEK)
        with pytest.raises(UnknownSubject):
            draft(plan, cast, scope="region", subject="999999")

    def test_only_a_supervisor_in_charge_of_all_of_it_writes(self, plan: Plan, cast: Cast) -> None:
        denied = [
            (cast.chen, "actor", "hubei"),
            (cast.zhao, "national", ""),
            (cast.sun, "national", ""),
            (cast.sun, "region", "420000"),
            (cast.sun, "key_task", "1"),
            (cast.sun, "actor", "jiangsu"),
            (cast.audit_admin, "national", ""),
        ]
        for by, scope, subject in denied:
            with pytest.raises(PermissionDenied):
                draft(plan, cast, scope=scope, subject=subject, by=by)
        assert draft(plan, cast, scope="region", subject="320000", by=cast.sun).composed_by == cast.sun

    def test_composing_again_moves_the_figures_and_keeps_what_was_written(
        self, plan: Plan, cast: Cast
    ) -> None:
        report = draft(plan, cast, week=THIS_WEEK)
        edited(report, cast, "本周应报{due}件，请抓紧。")
        for item in plan.items.all():
            report_and_accept(item, 9_000)
        before = report.figures["progress"]["text"]
        report.refresh_from_db()
        again = {"report": report, "by": cast.li, "now": moment(THIS_WEEK, 20)}
        compose_again(seen=report.revision, keeps_edits=True, **again)
        assert report.figures["progress"]["text"] != before
        assert report.paragraphs.get(key="filing").text == "本周应报{due}件，请抓紧。"
        compose_again(seen=report.revision, keeps_edits=False, **again)
        assert not report.paragraphs.get(key="filing").is_edited
        assert TextVersion.objects.filter(act="reset").count() == 1
        refused("changed_meanwhile", compose_again, seen=1, keeps_edits=True, **again)

    def test_what_is_no_longer_generated_is_kept_where_somebody_wrote_it(
        self, plan: Plan, cast: Cast
    ) -> None:
        report = draft(plan, cast)
        ReportParagraph.objects.create(report=report, key="problem_gone", section="problems", place=99)
        edited(report, cast, "问题已协调。", key="problem_gone")
        report.refresh_from_db()
        compose_again(report=report, seen=report.revision, keeps_edits=True, by=cast.li, now=NOW)
        gone = report.paragraphs.get(key="problem_gone")
        assert (gone.is_used, gone.text) == (False, "问题已协调。")


class TestEditing:
    def test_the_generated_text_stays_beside_the_edited_one(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        generated = report.paragraphs.get(key="filing").generated
        paragraph = edited(report, cast, " 本周应报{due}件。 \n\n 已报{given}件。")
        assert paragraph.text == "本周应报{due}件。\n已报{given}件。"
        assert (paragraph.generated, paragraph.edited_by) == (generated, cast.li)
        entry = AuditEntry.objects.get(action="edit_weekly_report")
        assert (entry.before["text"], entry.after["paragraph"]) == (generated, "filing")
        back = reset_paragraph(paragraph=paragraph, seen=paragraph.version, by=cast.li, now=NOW)
        assert (back.text, back.is_edited) == (generated, False)
        assert list(back.versions.values_list("act", flat=True)) == ["reset", "edit"]

    @pytest.mark.parametrize("text", ["{invented}件", "完成{ 70 }%", "{due", "{DUE}"])
    def test_figures_are_not_invented(self, text: str, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        refused("strange_figures", edited, report, cast, text)
        assert not report.paragraphs.get(key="filing").is_edited

    def test_of_two_editors_one_wins_and_nothing_is_lost(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        seen = report.paragraphs.get(key="filing").version
        edited(report, cast, "第一人。")
        refused("changed_meanwhile", edited, report, cast, "第二人。", seen=seen)
        assert report.paragraphs.get(key="filing").text == "第一人。"
        edited(report, cast, "另一段。", key="lights")  # another paragraph is nobody's hindrance

    def test_too_long_a_paragraph_is_refused(self, plan: Plan, cast: Cast) -> None:
        refused("text_too_long", edited, draft(plan, cast), cast, "长" * 4_001)

    def test_others_may_not_write(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        for by in (cast.zhao, cast.sun, cast.chen, cast.system_admin):
            with pytest.raises(PermissionDenied):
                edited(report, cast, "改", by=by)


class TestPublishing:
    def test_an_issue_is_numbered_signed_and_sealed(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        edited(report, cast, "本周应报{due}件。")
        issue = published(report, cast)
        report.refresh_from_db()
        assert (report.year, report.number, report.is_open) == (2026, 1, False)
        paper = read(issue.paper)
        assert (paper.serial, paper.signer) == ("2026年第1期", "李维")
        assert written(paper) == issue.paper
        assert issue.sha256 == sha256(issue.paper.encode()).hexdigest()
        assert "本周应报3件。" in issue.paper
        assert AuditEntry.objects.get(action="publish_weekly_report").after["sha256"] == issue.sha256

    def test_numbers_follow_one_another_without_a_gap_by_subject(self, plan: Plan, cast: Cast) -> None:
        first = draft(plan, cast, week=LAST_WEEK - ONE_WEEK)
        second, region = draft(plan, cast), draft(plan, cast, scope="region", subject="420000")
        refused("signer_missing", published, first, cast, signer=" ")
        for report in (first, region, second):
            published(report, cast)
        numbers = {r: WeeklyReport.objects.get(pk=r.pk).number for r in (first, second, region)}
        assert list(numbers.values()) == [1, 2, 1]

    def test_only_a_frozen_week_with_its_last_figures_is_published(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast, week=THIS_WEEK)
        refused("week_open", published, report, cast)
        rollup.close_week(plan=plan, week=THIS_WEEK, now=moment(THIS_WEEK + ONE_WEEK, 9), by=cast.li)
        refused("figures_old", published, report, cast)
        report.refresh_from_db()
        later = moment(THIS_WEEK + ONE_WEEK, 10)
        compose_again(report=report, seen=report.revision, keeps_edits=True, by=cast.li, now=later)
        assert published(report, cast, now=later).revision == 1

    def test_a_stale_page_publishes_nothing(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        edited(report, cast, "改。")
        refused("changed_meanwhile", published, report, cast, seen=1)
        published(report, cast)
        refused("not_open", published, report, cast)
        refused("not_open", edited, report, cast, "再改。")
        assert Issue.objects.count() == 1

    def test_a_published_issue_never_changes(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        issue = published(report, cast)
        paper = issue.paper
        issue.signer = "他人"
        with pytest.raises(AppendOnly):
            issue.save()
        with pytest.raises(AppendOnly):
            Issue.objects.filter(pk=issue.pk).update(signer="他人")
        with pytest.raises(AppendOnly):
            issue.delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            Issue.objects.create(
                report=report,
                paper="{}",
                sha256="0" * 64,
                signer="他人",
                published_by=cast.li,
                published_at=NOW,
            )
        for item in plan.items.all():
            report_and_accept(item, 9_900)
        assert Issue.objects.get().paper == paper

    def test_a_revision_says_what_changed(self, plan: Plan, cast: Cast) -> None:
        report = draft(plan, cast)
        first = published(report, cast)
        report.refresh_from_db()
        revise = {"report": report, "by": cast.li, "now": NOW}
        refused("reason_missing", revise_report, seen=report.revision, reason=" ", **revise)
        revise_report(seen=report.revision, reason="数字口径更正", **revise)
        refused("changed_meanwhile", revise_report, seen=report.revision, reason="再来", **revise)
        refused("nothing_changed", published, report, cast)
        edited(report, cast, "本周应报{due}件，经核实无误。")
        second = published(report, cast)
        report.refresh_from_db()
        assert (second.revision, report.number, second.reason) == (2, 1, "数字口径更正")
        (change,) = second.changed
        assert change["section"] == "一、总体情况"
        assert change["now"] == "本周应报3件，经核实无误。"
        assert change["before"] in read(first.paper).parts[0].blocks[2].text  # type: ignore[union-attr]
        assert "第2版" in read(second.paper).serial
        assert Issue.objects.get(pk=first.pk).paper == first.paper


class TestFiles:
    @pytest.fixture
    def issue(self, plan: Plan, cast: Cast) -> Issue:
        return published(draft(plan, cast), cast)

    @pytest.fixture
    def writer(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What writes files, replaced by one that never writes the same twice."""
        written_so_far: list[str] = []

        def write(paper: Any, format: str) -> bytes:
            written_so_far.append(format)
            return f"{format} {len(written_so_far)} {paper.serial}".encode()

        monkeypatch.setattr("tasks_tracker.actions.issue_files.write", write)
        return written_so_far

    def test_a_file_is_written_once_and_kept(self, issue: Issue, cast: Cast, writer: list[str]) -> None:
        first = give_out_issue(issue=issue, format="docx", by=cast.zhao, now=NOW)
        again = give_out_issue(issue=issue, format="docx", by=cast.zhao, now=NOW)
        assert first.content == again.content == "docx 1 2026年第1期".encode()
        assert writer == ["docx"]
        assert first.name == "新型工业化重点任务推进情况周报_2026-W46_全国_2026年第1期.docx"
        kept = issue.files.get()
        assert (kept.size, kept.sha256) == (len(first.content), sha256(first.content).hexdigest())
        entries = AuditEntry.objects.filter(action="download_weekly_report", by=cast.zhao)
        assert [entry.after["sha256"] for entry in entries] == [kept.sha256] * 2

    def test_a_file_that_was_tampered_with_is_not_handed_out(
        self, issue: Issue, cast: Cast, writer: list[str]
    ) -> None:
        content_of(issue=issue, format="pdf", now=NOW)
        kept = issue.files.get()
        with open(store().path(f"{kept.sha256[:2]}/{kept.sha256}"), "wb") as file:
            file.write(b"other")
        with pytest.raises(NoSuchFile):
            give_out_issue(issue=issue, format="pdf", by=cast.li, now=NOW)

    def test_a_draft_is_for_its_writers_and_kept_nowhere(
        self, plan: Plan, cast: Cast, writer: list[str]
    ) -> None:
        report = draft(plan, cast)
        assert give_out_draft(report=report, format="xlsx", by=cast.li).content.startswith(b"xlsx 1")
        with pytest.raises(PermissionDenied):
            give_out_draft(report=report, format="xlsx", by=cast.zhao)

    def test_an_unknown_format_is_none(self, issue: Issue, cast: Cast) -> None:
        with pytest.raises(UnknownFormat):
            give_out_issue(issue=issue, format="exe", by=cast.li, now=NOW)
