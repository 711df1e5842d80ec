"""The desk of both signatures: what waits for whom, what is flagged, batches with exceptions, conflicts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions.progress import Entry, return_report, review_report, sign_no_change, submit_report
from tasks_tracker.models import ProgressReport, ReportStatus, Role, User, WorkItem
from tasks_tracker.queries.reviews import Flag
from tests.factories import THIS_WEEK, make_item, make_plan, make_report, make_user, moment
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
THURSDAY = moment(THIS_WEEK + timedelta(days=3), 15)
ENTRY = Entry(percent=90_00, progress_note="完成诊断 437 家。")


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


def running(code: str, **fields: Any) -> WorkItem:
    return make_item(code, plan=make_plan(unit_review=True), **fields)


def accepted(item: WorkItem, cast: Cast, percent: int, note: str = "上周的文字。", back: int = 1) -> None:
    """A report of an earlier week that counts, as a row and in the standing of the item."""
    item.standings.update(percent=percent, reported_week=THIS_WEEK - timedelta(weeks=back))
    make_report(
        item,
        THIS_WEEK - timedelta(weeks=back),
        status=ReportStatus.ACCEPTED,
        percent=percent,
        progress_note=note,
        written_by=cast.chen,
        decided_by=cast.li,
        decided_at=THURSDAY,
    )


def handed_in(
    item: WorkItem, by: User, percent: int = 90_00, note: str = ENTRY.progress_note
) -> ProgressReport:
    entry = Entry(percent=percent, progress_note=note, decrease_reason="复核后核减", problems=[])
    return submit_report(item=item, week=THIS_WEEK, entry=entry, by=by, now=THURSDAY)


def listed(client: Client) -> list[str]:
    return [r.record.item.code for r in client.get(reverse("reviews")).context["table"].rows]


def said(client: Client) -> str:
    return " ".join(str(m) for m in client.get(reverse("reviews")).context["messages"])


# --- what waits for whom ------------------------------------------------------------------------------------
def test_a_report_waits_for_the_reviewer_and_then_for_the_supervisor(cast: Cast, log_in: LogIn) -> None:
    report = handed_in(running("A"), cast.chen)
    zhou, li = log_in(cast.zhou), log_in(cast.li)
    assert (listed(zhou), listed(li)) == (["A"], [])
    assert zhou.get(reverse("reviews")).context["nav_badges"]["reviews"] == 1
    assert zhou.post(reverse("review_accept", args=[report.pk])).headers["Location"] == reverse("reviews")
    assert "单位审核" in said(zhou)
    assert (listed(zhou), listed(li)) == ([], ["A"])
    assert li.post(reverse("review_accept", args=[report.pk])).status_code == 302
    report.refresh_from_db()
    assert (report.status, report.reviewed_by, report.decided_by) == ("accepted", cast.zhou, cast.li)


def test_a_reviewer_has_the_own_unit_only(cast: Cast, log_in: LogIn) -> None:
    jiangsu = make_user(Role.REVIEWER, "jiangsu-reviewer", actor=cast.jiangsu)
    make_user(Role.REVIEWER, "wuhan-reviewer", actor=cast.wuhan)
    handed_in(running("HB"), cast.chen)
    below = handed_in(running("WH", lead=cast.wuhan), cast.liu)
    foreign = handed_in(running("JS", lead=cast.jiangsu, region=cast.jiangsu_region), cast.wang)
    assert (listed(log_in(cast.zhou)), listed(log_in(jiangsu))) == (["HB"], ["JS"])
    client = log_in(cast.zhou)
    assert client.get(reverse("review", args=[below.pk])).status_code == 200  # to read, of the unit below
    assert client.post(reverse("review_accept", args=[below.pk])).status_code == 403
    assert client.get(reverse("review", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("review_return", args=[foreign.pk]), {"reason": "x"}).status_code == 404


def test_the_page_says_whose_turn_it_is_and_who_signed(cast: Cast, log_in: LogIn) -> None:
    report = handed_in(running("A"), cast.chen)
    page = log_in(cast.li).get(reverse("review", args=[report.pk]))
    assert not page.context["may_decide"]
    assert "待单位审核" in page.content.decode()
    review_report(report=report, by=cast.zhou, now=THURSDAY)
    page = log_in(cast.li).get(reverse("review", args=[report.pk]))
    assert page.context["may_decide"]
    assert page.context["signatures"] == [
        "陈晓岚填写并提交 2026-11-19 15:00",
        "周明远审核（单位） 2026-11-19 15:00",
    ]


def test_where_nobody_reviews_the_pages_say_why(cast: Cast, log_in: LogIn) -> None:
    alone = running("JS", lead=cast.jiangsu, region=cast.jiangsu_region)
    report = handed_in(alone, cast.wang)
    li = log_in(cast.li)
    words = "单位没有审核人"
    for url in (reverse("reviews"), reverse("review", args=[report.pk])):
        assert words in li.get(url).content.decode()
    page = log_in(cast.wang).get(reverse("my_week_item", args=["JS"])).content.decode()
    assert words in page
    assert "待督查专员审核" in page


def test_a_supervisor_at_the_units_step_and_a_second_reviewer_are_told(cast: Cast, log_in: LogIn) -> None:
    report = handed_in(running("A"), cast.chen)
    early = log_in(cast.li).post(reverse("review_accept", args=[report.pk]))
    assert (early.status_code, "待单位审核" in early.content.decode()) == (409, True)
    review_report(report=report, by=cast.zhou, now=THURSDAY)
    other = make_user(Role.REVIEWER, "other", actor=cast.hubei)
    for act in ("review_accept", "review_return"):
        late = log_in(other).post(reverse(act, args=[report.pk]), {"reason": "晚了"})
        assert (late.status_code, "周明远" in late.content.decode()) == (409, True)
    report.refresh_from_db()
    assert (report.status, report.reviewed_by) == (ReportStatus.REVIEWED, cast.zhou)


def test_what_the_unit_returned_stands_first_with_the_reporter(cast: Cast, log_in: LogIn) -> None:
    report = handed_in(running("A"), cast.chen)
    log_in(cast.zhou).post(reverse("review_return", args=[report.pk]), {"reason": "数据不实"})
    page = log_in(cast.chen).get(reverse("my_week_item", args=["A"])).content.decode()
    assert "单位退回" in page
    assert "数据不实" in page


# --- flags --------------------------------------------------------------------------------------------------
def flags(client: Client) -> dict[str, list[str]]:
    page = client.get(reverse("reviews_batch"))
    reports = [*page.context["taken"], *page.context["left"]]
    return {report.item.code: [str(words) for words, _asks in report.flags] for report in reports}


def test_each_report_carries_what_asks_for_a_look(cast: Cast, log_in: LogIn) -> None:
    accepted(jump := running("JUMP"), cast, 69_00)
    handed_in(jump, cast.chen)
    accepted(fallen := running("FALLEN"), cast, 95_00)
    handed_in(fallen, cast.chen)
    accepted(copied := running("COPIED"), cast, 89_00, "完成诊断 437 家，其余正在推进。")
    handed_in(copied, cast.chen, note="完成诊断 437 家；其余正在推进")
    accepted(plain := running("PLAIN"), cast, 89_00)
    handed_in(plain, cast.chen)
    found = flags(log_in(cast.zhou))
    assert found == {
        "JUMP": ["上升超过20个百分点", "无佐证材料"],
        "FALLEN": ["完成率下降"],
        "COPIED": ["与上次文字相同"],
        "PLAIN": [],
    }


@pytest.mark.parametrize(("before", "flagged"), [(1, False), (2, True), (3, True)])
def test_no_change_is_flagged_from_the_third_time_in_a_row(
    cast: Cast, log_in: LogIn, before: int, flagged: bool
) -> None:
    item = running("A")
    for back in range(before + 1, 0, -1):
        accepted(item, cast, 90_00, back=back)
    weeks = [THIS_WEEK - timedelta(weeks=back) for back in range(1, before + 1)]
    item.reports.filter(week__in=weeks).update(no_change=True)
    report = sign_no_change(item=item, week=THIS_WEEK, by=cast.chen, now=THURSDAY)
    page = log_in(cast.zhou).get(reverse("review", args=[report.pk]))
    assert (Flag.UNCHANGED in page.context["found"].flags) is flagged


# --- batches ------------------------------------------------------------------------------------------------
def test_a_batch_leaves_out_what_is_flagged_and_signs_nothing_before_it_is_confirmed(
    cast: Cast, log_in: LogIn
) -> None:
    for code, percent in (("A", 89_00), ("B", 89_00), ("JUMP", 60_00)):
        accepted(item := running(code), cast, percent)
        handed_in(item, cast.chen)
    client = log_in(cast.zhou)
    page = client.get(reverse("reviews_batch"))
    assert sorted(r.item.code for r in page.context["taken"]) == ["A", "B"]
    assert [r.item.code for r in page.context["left"]] == ["JUMP"]
    assert ProgressReport.objects.filter(status=ReportStatus.SUBMITTED).count() == 3
    client.post(reverse("reviews_accept"), {"report": [r.pk for r in page.context["taken"]]})
    assert "2件" in said(client)
    assert listed(client) == ["JUMP"]
    assert sorted(listed(log_in(cast.li))) == ["A", "B"]


def test_a_batch_of_the_ticked_ones_says_what_it_leaves_out(cast: Cast, log_in: LogIn) -> None:
    first, second = (handed_in(running(code), cast.chen) for code in ("A", "B"))
    client = log_in(cast.zhou)
    page = client.get(reverse("reviews_batch"), {"chosen": "1", "report": [second.pk, "x", 999_999]})
    assert ([r.pk for r in page.context["taken"]], [r.pk for r in page.context["left"]]) == (
        [second.pk],
        [first.pk],
    )
    nothing = client.get(reverse("reviews_batch"), {"chosen": "1"})
    assert nothing.context["taken"] == []


def test_a_batch_keeps_to_the_filters(cast: Cast, log_in: LogIn) -> None:
    handed_in(running("A"), cast.chen)
    late = handed_in(running("LATE"), cast.chen)
    ProgressReport.objects.filter(pk=late.pk).update(is_late=True)
    page = log_in(cast.zhou).get(reverse("reviews_batch"), {"late": "on"})
    assert [r.item.code for r in page.context["taken"]] == ["LATE"]
    assert page.context["list_url"] == reverse("reviews") + "?late=on"


def test_each_of_a_batch_is_decided_by_itself_and_named_when_it_is_not(cast: Cast, log_in: LogIn) -> None:
    good = handed_in(running("A"), cast.chen)
    gone = handed_in(running("B", title="已退回的事项"), cast.chen)
    return_report(report=gone, by=cast.zhou, reason="早先", now=THURSDAY)
    early = handed_in(running("C", title="未审核的事项"), cast.chen)
    review_report(report=good, by=cast.zhou, now=THURSDAY)
    client = log_in(cast.li)
    client.post(reverse("reviews_accept"), {"report": [good.pk, gone.pk, early.pk]})
    words = said(client)
    assert "1件" in words
    assert "已退回的事项" in words
    assert "周明远" in words
    assert "未审核的事项" in words
    assert [ProgressReport.objects.get(pk=r.pk).status for r in (good, gone, early)] == [
        "accepted",
        "returned",
        "submitted",
    ]


@pytest.mark.parametrize("count", [3, 12])
def test_a_batch_asks_the_database_the_same_however_many_wait(
    count: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        accepted(item := running(f"K{number:02d}"), cast, 60_00)
        make_report(item, written_by=cast.chen, unit_review="needed", no_change=number % 2 == 0)
    client = log_in(cast.zhou)
    with django_assert_num_queries(12):
        client.get(reverse("reviews_batch"))


@pytest.mark.parametrize("name", ["zhou", "li"])
def test_an_empty_desk_says_so(name: str, cast: Cast, log_in: LogIn) -> None:
    running("A")
    client = log_in(getattr(cast, name))
    for url in (reverse("reviews"), reverse("reviews_batch")):
        assert "没有待您审核的填报" in client.get(url).content.decode()


def test_the_page_of_one_leads_to_the_ones_beside_it(cast: Cast, log_in: LogIn) -> None:
    reports = [handed_in(running(code), cast.chen) for code in ("A", "B", "C")]
    page = log_in(cast.zhou).get(reverse("review", args=[reports[1].pk]))
    assert (page.context["position"], page.context["in_line"]) == (2, 3)
    assert page.context["before"] == reverse("review", args=[reports[0].pk])
    assert page.context["after"] == reverse("review", args=[reports[2].pk])
