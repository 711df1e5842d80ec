"""The pages of the weekly report: the register, the draft between its checks, the issue, its files."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tasks_tracker.actions import rollup
from tasks_tracker.actions.issue_files import keep
from tasks_tracker.actions.weekly_report import draft_report, edit_paragraph, publish_report, revise_report
from tasks_tracker.models import AuditEntry, Issue, Plan, User, WeeklyReport
from tasks_tracker.reports.pdf import typesetter
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, moment, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
NOW = moment(THIS_WEEK, 10)
MARKUP = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def plan(cast: Cast, time_machine: Any) -> Plan:
    """An item of 湖北 and one of 江苏; last week is frozen."""
    time_machine.move_to(NOW, tick=False)
    for item in (
        make_item("HB-1", lead=cast.hubei),
        make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region),
    ):
        report_and_accept(item, 5_000, LAST_WEEK)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    return plan


def draft(plan: Plan, cast: Cast, scope: str = "national", subject: str = "", **more: Any) -> WeeklyReport:
    how = {"week": LAST_WEEK, "language": "zh-hans", "by": cast.li, "now": NOW}
    return draft_report(plan=plan, scope=scope, subject=subject, **how | more)


def published(report: WeeklyReport, cast: Cast) -> Issue:
    report.refresh_from_db()
    return publish_report(report=report, seen=report.revision, signer="李维", by=cast.li, now=NOW)


def url(report: WeeklyReport, act: str = "") -> str:
    return f"/weekly/{report.pk}/{act}"


class TestRegister:
    def test_a_draft_is_generated_and_opened(self, cast: Cast, log_in: LogIn) -> None:
        client = log_in(cast.li)
        response = client.post("/weekly/", {"week": "2026-W46", "about": "region:420000"})
        report = WeeklyReport.objects.get()
        assert response.headers["Location"] == url(report)
        assert (report.scope, report.subject, report.language) == ("region", "420000", "zh-hans")
        again = client.post("/weekly/", {"week": "2026-W46", "about": "region:420000"})
        assert again.status_code == 409
        assert "已存在" in again.content.decode()

    def test_only_what_one_is_in_charge_of_is_offered(self, cast: Cast, log_in: LogIn) -> None:
        page = log_in(cast.sun).get("/weekly/").content.decode()
        assert 'value="region:320000"' in page
        assert 'value="national"' not in page
        assert log_in(cast.sun).post("/weekly/", {"week": "2026-W46", "about": "national"}).status_code == 422
        assert "/weekly/" in log_in(cast.zhao).get("/weekly/").content.decode()
        for user in (cast.zhao, cast.chen, cast.system_admin):
            assert log_in(user).post("/weekly/", {"week": "2026-W46", "about": "national"}).status_code == 403
        assert not WeeklyReport.objects.exists()

    def test_readers_see_published_issues_of_what_lies_wholly_in_their_scope(
        self, plan: Plan, cast: Cast, log_in: LogIn
    ) -> None:
        reports = {
            "national": draft(plan, cast),
            "jiangsu": draft(plan, cast, "region", "320000"),
            "hubei unit": draft(plan, cast, "actor", "hubei"),
            "draft": draft(plan, cast, "region", "420000"),
        }
        for name, report in reports.items():
            if name != "draft":
                published(report, cast)
        seen = {
            cast.li: {"national", "jiangsu", "hubei unit", "draft"},
            cast.zhao: {"national", "jiangsu", "hubei unit"},
            cast.sun: {"jiangsu"},
            cast.chen: {"hubei unit"},
            cast.wang: set(),
        }
        for user, expected in seen.items():
            client = log_in(user)
            found = {n for n, r in reports.items() if client.get(url(r)).status_code == 200}
            assert found == expected, user
            page = client.get("/weekly/").content.decode()
            assert {n for n, r in reports.items() if f'href="{url(r)}"' in page} == expected, user

    def test_queries_do_not_grow_with_the_reports(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client = log_in(cast.li)
        draft(plan, cast)
        draft(plan, cast, "region", "420000")
        before = queries(client, "/weekly/")
        published(draft(plan, cast, "region", "320000"), cast)
        draft(plan, cast, "region", "320000", week=THIS_WEEK)
        assert queries(client, "/weekly/") == before == 15


def queries(client: Client, address: str) -> int:
    client.get(address)  # the session and what is remembered
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestDraft:
    def test_the_page_has_paper_checks_comparison_and_figures_that_lead_on(
        self, plan: Plan, cast: Cast, log_in: LogIn
    ) -> None:
        report = draft(plan, cast)
        page = log_in(cast.li).get(url(report)).content.decode()
        for words in ("新型工业化重点任务推进情况周报", "一、总体情况", "七、延期、调整和销号情况", "附件3"):
            assert words in page
        assert "发布前检查" in page
        assert "本周已冻结" in page
        assert re.search(r'<a class="tk" href="/items/\?week=2026-W46&amp;key_task=seven[^"]*">2</a>', page)

    def test_the_number_of_queries_is_fixed(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client, report = log_in(cast.li), draft(plan, cast)
        before = queries(client, url(report))
        for number in range(5):
            report_and_accept(make_item(f"HB-9{number}", lead=cast.hubei), 4_000)
        rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
        longer = draft(plan, cast, week=THIS_WEEK)
        assert queries(client, url(longer)) == before == 16
        issue = published(report, cast)
        assert queries(client, url(issue.report)) == 15

    def test_a_paragraph_is_edited_in_its_place(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client, report = log_in(cast.li), draft(plan, cast)
        form = client.get(url(report, "text/filing/"))
        page = form.content.decode()
        assert "{due}" in page
        assert "自动生成文本" in page
        text = f"本周应报{{due}}件，{MARKUP}。"
        sent = {"seen": form.context["edit_form"]["seen"].value(), "text": text}
        response = client.post(url(report, "text/filing/"), sent)
        assert response.headers["Location"] == f"{url(report)}#p-filing"
        page = client.get(url(report)).content.decode()
        assert "已人工修改" in page
        assert MARKUP not in page
        again = client.post(url(report, "text/filing/"), sent | {"text": "别人的话。"})
        assert again.status_code == 409
        assert "别人的话。" in again.content.decode()
        invented = client.post(url(report, "text/filing/"), {"seen": "2", "text": "{made_up}件"})
        assert invented.status_code == 422
        assert "{made_up}" in invented.content.decode()
        client.post(url(report, "text/filing/"), {"seen": "2", "text": "", "reset": "1"})
        assert not report.paragraphs.get(key="filing").is_edited

    def test_a_typed_number_is_pointed_out(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        report = draft(plan, cast)
        paragraph = report.paragraphs.get(key="filing")
        edit_paragraph(paragraph=paragraph, seen=1, text="约90.6%。", by=cast.li, now=NOW)
        assert "人工录入、未绑定来源的数字：90.6" in log_in(cast.li).get(url(report)).content.decode()

    def test_a_long_report_is_warned_of_and_not_stopped(
        self, plan: Plan, cast: Cast, log_in: LogIn, settings: Any
    ) -> None:
        settings.WEEKLY_REPORT_LENGTH = 100
        page = log_in(cast.li).get(url(draft(plan, cast)))
        assert "超过通常的100字" in page.content.decode()
        assert page.context["may_publish"]

    def test_an_open_week_is_not_published(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client, report = log_in(cast.li), draft(plan, cast, week=THIS_WEEK)
        assert "签发并发布" not in client.get(url(report)).content.decode()
        response = client.post(url(report, "publish/"), {"seen": report.revision, "signer": "李维"})
        assert response.status_code == 422
        assert not Issue.objects.exists()

    def test_it_is_generated_again(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client, report = log_in(cast.li), draft(plan, cast)
        assert client.post(url(report, "compose/"), {"seen": report.revision}).status_code == 302
        assert client.post(url(report, "compose/"), {"seen": report.revision}).status_code == 409

    def test_others_do_not_write(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        report = draft(plan, cast)
        published(report, cast)
        for user, status in ((cast.zhao, 403), (cast.sun, 404), (cast.chen, 404), (cast.audit_admin, 403)):
            client = log_in(user)
            for act in ("compose/", "publish/", "revise/", "text/filing/"):
                assert client.post(url(report, act), {"seen": "1"}).status_code == status, (user, act)


class TestIssue:
    def test_it_is_published_with_a_signature(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client, report = log_in(cast.li), draft(plan, cast)
        unsigned = client.post(url(report, "publish/"), {"seen": report.revision, "signer": ""})
        assert unsigned.status_code == 422
        response = client.post(url(report, "publish/"), {"seen": report.revision, "signer": "李维"})
        assert response.headers["Location"] == url(report)
        issue = Issue.objects.get()
        page = client.get(url(report)).content.decode()
        assert issue.sha256 in page
        assert "2026年第1期" in page
        assert re.search(r'<a class="tk" href="/items/\?week=2026-W46', page)

    def test_an_old_issue_opens_as_it_was(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        report = draft(plan, cast)
        published(report, cast)
        viewer, before = log_in(cast.zhao), ""
        before = paper_in(viewer.get(url(report)))
        report.refresh_from_db()
        revise_report(report=report, seen=report.revision, reason="口径更正", by=cast.li, now=NOW)
        assert paper_in(viewer.get(url(report))) == before
        paragraph = report.paragraphs.get(key="filing")
        edit_paragraph(paragraph=paragraph, seen=1, text="经核实{due}件。", by=cast.li, now=NOW)
        for item in plan.items.all():
            report_and_accept(item, 9_000)
        published(report, cast)
        last = viewer.get(url(report)).content.decode()
        assert "经核实" in last
        assert "口径更正" in last
        assert "<del>" in last
        old = viewer.get(url(report), {"revision": "1"})
        assert paper_in(old) == before
        assert "已被后来的修订取代" in old.content.decode()
        for none in ("3", "x", "99999"):
            expected = 200 if none == "x" else 404
            assert viewer.get(url(report), {"revision": none}).status_code == expected

    def test_a_revision_needs_a_reason(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client, report = log_in(cast.li), draft(plan, cast)
        published(report, cast)
        report.refresh_from_db()
        without = client.post(url(report, "revise/"), {"seen": report.revision, "reason": ""})
        assert without.status_code == 422
        assert (
            client.post(url(report, "revise/"), {"seen": report.revision, "reason": "更正"}).status_code
            == 302
        )
        assert (
            client.post(url(report, "revise/"), {"seen": report.revision, "reason": "更正"}).status_code
            == 409
        )

    def test_a_file_is_private_and_on_record(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        issue = published(draft(plan, cast), cast)
        keep(issue=issue, format="docx", content=b"word", now=NOW)
        response = log_in(cast.zhao).post(url(issue.report, "docx/"), {"revision": "1"})
        assert response.content == b"word"
        assert "private" in response["Cache-Control"]
        assert "2026年第1期.docx" in unquote(response["Content-Disposition"])
        entry = AuditEntry.objects.get(action="download_weekly_report")
        assert (entry.by, entry.after["format"]) == (cast.zhao, "docx")
        assert log_in(cast.zhao).get(url(issue.report, "docx/")).status_code == 405
        assert log_in(cast.chen).post(url(issue.report, "docx/")).status_code == 404
        assert log_in(cast.zhao).post(url(issue.report, "exe/")).status_code == 404
        assert log_in(cast.zhao).post(url(issue.report, "docx/"), {"revision": "draft"}).status_code == 403

    def test_without_a_chinese_font_the_page_says_so(
        self, plan: Plan, cast: Cast, log_in: LogIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        issue = published(draft(plan, cast), cast)
        nothing = {role: {"families": [], "weight": "regular"} for role in typesetter._faces()}
        monkeypatch.setattr(typesetter, "_faces", lambda: nothing)
        response = log_in(cast.zhao).post(url(issue.report, "pdf/"), {"revision": "1"}, follow=True)
        assert "fonts-noto-cjk" in response.content.decode()
        assert not AuditEntry.objects.filter(action="download_weekly_report").exists()

    def test_it_is_beside_the_issue_of_the_week_before(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        rollup_before = plan.weeks.get(week=LAST_WEEK)
        assert rollup_before.is_frozen
        first = published(draft(plan, cast), cast)
        report = draft(plan, cast, week=THIS_WEEK)
        page = log_in(cast.li).get(url(report)).content.decode()
        assert f'<a href="{url(first.report)}">2026年第1期</a>' in page
        assert report.week == LAST_WEEK + ONE_WEEK


def paper_in(response: Any) -> str:
    """The paper itself, without what stands around it."""
    text: str = response.content.decode()
    found = re.search(r"<article.*?</article>", text, re.S)
    assert found
    return re.sub(r"\?whole=1[^\"]*", "", found.group())
