"""A whole week of an office: 200 work items, 20 people, from Monday to the week that is frozen.

2026-W48 holds the last Friday of November, so every item owes its report. The clock of the product's
processes is moved; nobody opens the admin site.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import redis_url
from tests.journeys import deeds
from tests.journeys.conftest import Site, running_site
from tests.journeys.deeds import code_of, title_of
from tests.journeys.office import PEOPLE, REPORTERS, REVIEWERS, Office, make_accounts
from tests.processes import Clock

WEEK, NEXT_WEEK = "2026-W48", "2026-W49"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MEASURES = [f"{task}.{number}" for task in range(1, 8) for number in range(1, 4)][:20]
BEHIND, KEY = "1.1", "2.1"

pytestmark = pytest.mark.skipif(not redis_url(), reason="runs once, with PostgreSQL and a real worker")


def november(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory, new_page: Callable[..., Page]) -> Iterator[Office]:
    """An installation with reference data, an empty plan and 20 accounts, on a Monday morning."""
    directory = tmp_path_factory.mktemp("office")
    clock = Clock(directory / "clock", november(23, 9))
    environment = clock.environment | {"REDIS_URL": redis_url(2), "SESSION_SECONDS": str(8 * 24 * 3600)}
    with running_site(directory, WEEK, set_up, **environment) as site:
        yield Office(site, clock, new_page)


def set_up(site: Site) -> None:
    site.manage("compile_catalogues")
    site.manage("migrate", "--verbosity", "0")
    site.manage("load_reference")
    dates = ("--starts", "2026-01-01", "--ends", "2027-12-31")
    site.manage("create_plan", "nip", "--title", "新型工业化重点任务", *dates)
    make_accounts(site)


def test_a_week_from_monday_to_the_frozen_week(office: Office) -> None:
    li_distributes_twenty_measures(office)
    every_unit_signs_for_its_items(office)
    office.clock.move(november(25, 10))
    reporters_report(office)
    reviewers_sign(office)
    supervisors_accept(office)
    office.clock.move(november(26, 10))
    a_problem_is_taken_up_answered_and_solved(office)
    a_contested_completion_is_granted_at_last(office)
    an_extension_is_granted(office)
    one_item_is_split_and_one_suspended(office)
    office.clock.move(november(26, 15, 1))
    thursday_reminds(office)
    office.clock.move(november(27, 17, 10))
    friday_urges(office)
    a_slip_is_answered_and_what_comes_late_is_accepted(office)
    office.clock.move(november(30, 8, 50))
    the_week_closes_over_an_open_form(office)
    frozen = what_is_frozen(office)
    the_new_week_goes_on(office)
    assert what_is_frozen(office) == frozen
    everything_is_proven(office)
    nothing_was_lost(office)


# --- Monday -----------------------------------------------------------------------------------------------
def li_distributes_twenty_measures(office: Office) -> None:
    with office.desk("li", "/plan/") as page:
        for measure in MEASURES:
            starts, due = date(2026, 10, 1), date(2027, 9, 30)
            if measure == BEHIND:
                starts, due = date(2026, 6, 1), date(2026, 12, 31)
            deeds.distribute(page, office.url, measure, starts, due, key=measure == KEY)
        deeds.choose_distribution(page, office.url, "1.2", date(2026, 10, 1), date(2027, 9, 30), key=False)
        expect(page.locator("#preview")).to_contain_text("待下达0个，已存在10个")
        expect(page.get_by_role("button", name=re.compile("^下达"))).to_have_count(0)
        page.goto(f"{office.url}/items/")
        expect(page.locator(".list-summary")).to_contain_text("200")
    assert office.site.ask("[User.objects.count(), WorkItem.objects.count()]") == [len(PEOPLE), 200]


def every_unit_signs_for_its_items(office: Office) -> None:
    for reporter in REPORTERS:
        with office.desk(reporter.username) as page:
            deeds.sign_for_all(page, office.url, 20)
    assert office.site.ask("WorkItem.objects.filter(state='accepted').count()") == 200


# --- Wednesday --------------------------------------------------------------------------------------------
def reporters_report(office: Office) -> None:
    for reporter in REPORTERS:
        if reporter.username in ("chen", "hu"):  # 陈晓岚 begins one by one; 胡文 is silent until Friday
            continue
        leave = ("3.1", "3.2", "3.3") if reporter.username == "yu" else ()
        with office.desk(reporter.username) as page:
            office.done["submitted"] += deeds.fill_in_table(page, office.url, leave)
    with office.desk("chen") as page:
        deeds.open_form(page, office.url, code_of("42", BEHIND))
        page.get_by_text("添加问题").first.click()
        deeds.state_problem(page)
        deeds.hand_in(page, "50", "已完成一半工程量。")
        deeds.open_form(page, office.url, code_of("42", KEY))
        deeds.attach(page, "验收材料.pdf")
        deeds.hand_in(page, "20", "首批项目通过验收。")
        deeds.open_form(page, office.url, code_of("42", "2.2"))
        deeds.hand_in(page, "17", "推进顺利。")
        office.done["submitted"] += 3 + deeds.fill_in_table(page, office.url)
    assert office.done["submitted"] == 177


def reviewers_sign(office: Office) -> None:
    unclear = "湖北省" + title_of("2.2")
    for reviewer in REVIEWERS:
        with office.desk(reviewer.username) as page:
            but = unclear if reviewer.username == "zhou" else ""
            deeds.sign_batch(page, office.url, 19 if but else 20, but)
            if but:
                deeds.return_single(page, office.url, unclear, "请写明推进了什么。")
                office.done["returned"] += 1
    with office.desk("chen") as page:
        deeds.open_form(page, office.url, code_of("42", "2.2"))
        expect(page.locator(".return-box")).to_contain_text("请写明推进了什么。")
        deeds.hand_in(page, "17", "完成3个项目的备案和开工。")
        office.done["submitted"] += 1
    with office.desk("zhou") as page:
        deeds.sign_single(page, office.url, unclear)


def supervisors_accept(office: Office) -> None:
    unproven = "四川省" + title_of("4.1")
    with office.desk("wu") as page:  # key task 5 of nine units
        deeds.sign_batch(page, office.url, 27)
    with office.desk("sun") as page:  # 湖北 and 四川, without what 吴敏 has accepted
        deeds.sign_batch(page, office.url, 33, unproven)
        deeds.return_single(page, office.url, unproven, "数据与上月不符，请核实。")
    with office.desk("deng") as page:
        deeds.open_form(page, office.url, code_of("51", "4.1"))
        deeds.hand_in(page, "15", "核实：完成产值口径调整，按计划推进。")
    with office.desk("li") as page:
        deeds.sign_batch(page, office.url, 117)
    office.done.update(accepted=27 + 33 + 117, returned=1, submitted=1)
    office.figures_are_fresh()
    assert office.site.ask("ProgressReport.objects.filter(status='accepted').count()") == 177


# --- Thursday ---------------------------------------------------------------------------------------------
def a_problem_is_taken_up_answered_and_solved(office: Office) -> None:
    """Nine units have stated why measure 1.1 is behind; 浙江 helps 湖北."""
    with office.desk("li") as page:
        page.goto(f"{office.url}/problems/?state=unsolved")
        expect(page.locator(".tbl tbody tr")).to_have_count(9)
        address = deeds.take_up(page, "湖北省" + title_of(BEHIND), by="浙江省经济和信息化厅")
    with office.desk("shen") as page:
        deeds.answer_problem(page, office.url, "已派用地专班对接。")
    with office.desk("li") as page:
        page.goto(address)
        expect(page.locator("main")).to_contain_text("已派用地专班对接。")
        deeds.solve(page, "用地审批已完成。")
    states = "ProblemCase.objects.order_by('state').values_list('state', flat=True)"
    assert office.site.ask(f"list({states})") == ["open"] * 8 + ["solved"]


def a_contested_completion_is_granted_at_last(office: Office) -> None:
    code = code_of("32", "1.2")
    with office.desk("wang") as page:
        deeds.take_step(page, office.url, code, "申请办结", statement="全部任务完成。")
    with office.desk("li") as page:
        deeds.decide(page, office.url, "completion", "退回", reason="缺少第三方验收意见。")
    with office.desk("wang") as page:
        page.goto(f"{office.url}/items/{code}/")
        expect(page.locator(".asked")).to_contain_text("缺少第三方验收意见。")
        deeds.take_step(page, office.url, code, "申请办结", statement="全部任务完成，附第三方验收意见。")
    with office.desk("li") as page:
        deeds.decide(page, office.url, "completion", "同意办结并销号", remark="验收意见齐全。")
        page.goto(f"{office.url}/items/{code}/")
        expect(page.locator(".asked")).to_contain_text("良好")
    assert office.site.ask(f"WorkItem.objects.get(code={code!r}).state") == "closed"


def an_extension_is_granted(office: Office) -> None:
    code = code_of("33", BEHIND)
    with office.desk("shen") as page:
        deeds.take_step(
            page,
            office.url,
            code,
            "申请延期",
            due_on="2027-02-28",
            reason="用地审批滞后。",
            catch_up="12月完成审批，1月集中施工。",
        )
    with office.desk("li") as page:
        deeds.decide(page, office.url, "extension", "同意延期")
    with office.desk("shen") as page:
        page.goto(f"{office.url}/items/{code}/")
        expect(page.locator(".slip").first).to_contain_text("59")


def one_item_is_split_and_one_suspended(office: Office) -> None:
    with office.desk("song") as page:
        deeds.split(page, office.url, code_of("37", "3.1"), ("一期工程", "二期工程"), "分期实施。")
    with office.desk("li") as page:
        deeds.take_step(page, office.url, code_of("11", "7.1"), "中止", reason="政策调整，暂缓实施。")
    codes = [code_of("32", "1.2"), code_of("33", BEHIND), code_of("37", "3.1"), code_of("11", "7.1")]
    found = office.site.ask(
        f"[WorkItem.objects.filter(code=code).values_list('state', 'decomposed')[0] for code in {codes}]"
    )
    assert found == [["closed", False], ["in_progress", False], ["in_progress", True], ["suspended", False]]
    assert office.site.ask("WorkItem.objects.filter(parent__isnull=False).count()") == 2


# --- the clock asks ---------------------------------------------------------------------------------------
def thursday_reminds(office: Office) -> None:
    said = office.site.manage("follow_up")
    assert WEEK in said
    assert "25" in said  # 安徽 20, 宁波 3, the two parts in 山东
    with office.desk("yu", "/my-week/") as page:
        page.locator("a.bell").click()
        expect(page.locator(".notice-row.is-unread")).to_have_count(1)
        expect(page.locator(".notice-row")).to_contain_text("3")


def friday_urges(office: Office) -> None:
    office.site.manage("follow_up")
    with office.desk("hu", "/my-week/") as page:
        page.locator("a.bell").click()
        expect(page.locator(".notice-kind.is-urging")).to_have_count(1)
        page.locator(".notice-row.is-unread .notice-open").first.click()
        page.wait_for_url("**/my-week/**")
    with office.desk("li") as page:
        page.goto(f"{office.url}/notices/")
        expect(page.locator(".notice-kind.is-digest")).to_have_count(1)


def a_slip_is_answered_and_what_comes_late_is_accepted(office: Office) -> None:
    with office.desk("li") as page:
        deeds.urge(page, office.url, "安徽省工业和信息化厅")
        deeds.supervise(page, answer_by="2026-12-04")
    with office.desk("hu") as page:
        deeds.answer_slip(page, office.url, "已约谈责任处室，今晚补报5项。", "2026-12-01")
        late = deeds.fill_in_table(page, office.url, most=5)
    with office.desk("li") as page:
        deeds.sign_batch(page, office.url, late)
        deeds.close_slip(page, office.url, "已回复并开始补报。")
    office.done.update(submitted=late, accepted=late, late=late)
    slips = office.site.ask("list(Slip.objects.order_by('kind').values_list('kind', 'status'))")
    assert slips == [["supervise", "closed"], ["urge", "open"]]


# --- the next Monday --------------------------------------------------------------------------------------
def the_week_closes_over_an_open_form(office: Office) -> None:
    with office.desk("yu") as page:
        deeds.open_form(page, office.url, code_of("3302", "3.1"), WEEK)
        page.fill("textarea[name$=progress_note]", "周一补写。")
        page.fill("input[name$=percent]", "16")
        expect(page.locator("[data-draft-note]")).to_contain_text("服务器")
        office.clock.move(november(30, 9))
        assert f"{WEEK}已关闭" in office.site.manage("close_week")
        page.locator("[data-key-submit]").click()
        expect(page.locator("body")).to_contain_text("本周已冻结")
        expect(page.locator("body")).to_contain_text("周一补写。")


def what_is_frozen(office: Office) -> tuple[list[str], Any]:
    """What 赵部长 reads about the closed week, and every figure that is stored of it."""
    with office.desk("zhao") as page:
        page.goto(f"{office.url}/?week={WEEK}")
        read = [page.locator(".headline").inner_text(), page.locator(".task-table").inner_text()]
        page.goto(f"{office.url}/items/?week={WEEK}")
        read.append(page.locator(".list-summary").inner_text())
    return read, office.site.ask(
        "list(Cell.objects.filter(rollup__week='2026-11-23').order_by('pk').values())"
    )


def the_new_week_goes_on(office: Office) -> None:
    with office.desk("chen") as page:
        deeds.open_form(page, office.url, code_of("42", KEY))
        page.get_by_role("button", name="本周无变化").click()
        expect(page.locator("#desk-said")).to_contain_text(title_of(KEY))
    with office.desk("wang") as page:
        deeds.open_form(page, office.url, code_of("32", KEY))
        deeds.hand_in(page, "25", "第二批项目通过验收。")
    for reviewer in ("zhou", "xu"):
        with office.desk(reviewer) as page:
            deeds.sign_batch(page, office.url, 1)
    with office.desk("li") as page:
        deeds.sign_batch(page, office.url, 2)
        deeds.take_step(page, office.url, code_of("44", "7.1"), "中止", reason="与上级专项合并。")
    office.done.update(submitted=2, accepted=2)
    office.figures_are_fresh()


def everything_is_proven(office: Office) -> None:
    for week in (WEEK, NEXT_WEEK):
        assert "differences: 0" in office.site.manage("roll_up", "--week", week, "--verify")
    office.site.manage("audit", "--seal")
    assert "audit: clean" in office.site.manage("audit", "--verify")


def nothing_was_lost(office: Office) -> None:
    """The versions on record, and the signatures in the audit log, are those that people gave."""
    versions = "ProgressReport.objects.filter({}).count()"
    entries = "AuditEntry.objects.filter(action__in={}).count()"
    asked = {
        "submitted": versions.format("submitted_at__isnull=False"),
        "returned": versions.format("status='returned'"),
        "accepted": versions.format("status='accepted'"),
        "late": versions.format("is_late=True"),
        "submissions": entries.format(["submit_report", "sign_no_change"]),
        "returns": entries.format(["return_report"]),
        "acceptances": entries.format(["accept_report"]),
        "drafts": versions.format("status='draft'"),
    }
    found = office.site.ask("{" + ", ".join(f"{name!r}: {asks}" for name, asks in asked.items()) + "}")
    done = office.done
    assert found == {
        **done,
        "submissions": done["submitted"],
        "returns": done["returned"],
        "acceptances": done["accepted"],
        "drafts": 1,  # 俞波's, over which the week closed
    }
