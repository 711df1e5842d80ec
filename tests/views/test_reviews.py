"""李维 decides for the nation, 孙悦 for 江苏 only; what they see, accept and return."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import progress, rollup
from tasks_tracker.models import Cell, ProgressReport, ReportStatus, Standing, User, WorkItem
from tasks_tracker.queries.reviews import Flag
from tasks_tracker.rules.texts import clauses
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_problem,
    make_report,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
THURSDAY = moment(date(2026, 11, 19), 15)


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


def waiting(item: WorkItem, by: User, **fields: Any) -> ProgressReport:
    """A report of this week that waits for its decision."""
    return make_report(item, written_by=by, status=ReportStatus.SUBMITTED, **fields)


def in_jiangsu(cast: Cast, code: str = "JS", **fields: Any) -> WorkItem:
    return make_item(code, lead=cast.jiangsu, region=cast.jiangsu_region, **fields)


def listed(client: Client, **filters: Any) -> list[str]:
    page = client.get(reverse("reviews"), filters)
    assert page.status_code == 200
    return [row.record.item.code for row in page.context["table"].rows]


def said(client: Client) -> str:
    return " ".join(str(m) for m in client.get(reverse("reviews")).context["messages"])


# --- the list ---------------------------------------------------------------------------------------------
def test_the_list_holds_what_waits_and_nothing_else(cast: Cast, log_in: LogIn) -> None:
    waiting(make_item("A"), cast.chen)
    make_report(make_item("B"), written_by=cast.chen, status=ReportStatus.DRAFT)
    report_and_accept(make_item("C"), 5_000)
    assert listed(log_in(cast.li)) == ["A"]


def test_a_regional_supervisor_sees_the_own_region_only(cast: Cast, log_in: LogIn) -> None:
    waiting(make_item("HB"), cast.chen)
    waiting(in_jiangsu(cast), cast.wang)
    assert listed(log_in(cast.sun)) == ["JS"]
    page = log_in(cast.sun).get(reverse("reviews"))
    assert page.context["nav_badges"] == {"reviews": 1}
    assert [code for code, _name in page.context["form"].fields["region"].choices] == ["", "320000"]


def test_percent_change_and_plan_stand_in_the_row(cast: Cast, log_in: LogIn) -> None:
    item = make_item("A")
    report_and_accept(item, 8_000, LAST_WEEK)
    waiting(item, cast.chen, percent=8_250)
    [row] = log_in(cast.li).get(reverse("reviews")).context["table"].paginated_rows
    planned = 10_000 * (date(2026, 11, 19) - date(2026, 1, 1)).days // 364
    assert (row.record.previous, row.record.percent, row.record.change) == (8_000, 8_250, 250)
    assert row.record.place.planned == planned
    assert row.record.variance == 8_250 - planned


def test_filters_stand_in_the_address(cast: Cast, log_in: LogIn) -> None:
    late = make_item("LATE")
    waiting(late, cast.chen, is_late=True)
    troubled = make_item("TROUBLED", measure=make_measure("5.2"))
    make_problem(waiting(troubled, cast.chen))
    falling = make_item("FALLING")
    report_and_accept(falling, 8_000, LAST_WEEK)
    waiting(falling, cast.chen, percent=7_900)
    jumping = in_jiangsu(cast, "JUMPING")
    report_and_accept(jumping, 5_000, LAST_WEEK)
    waiting(jumping, cast.wang, percent=7_001)
    client = log_in(cast.li)
    assert listed(client, late="on") == ["LATE"]
    assert listed(client, with_problems="on") == ["TROUBLED"]
    assert listed(client, key_task=5) == ["TROUBLED"]
    assert listed(client, decreased="on") == ["FALLING"]
    assert listed(client, big_jump="on") == ["JUMPING"]
    assert listed(client, region="320000") == ["JUMPING"]
    assert listed(client, region="320000", late="on") == []
    assert len(listed(client, region="nowhere", key_task="x", page="y", sort="nonsense")) == 4


def test_a_jump_of_just_twenty_points_is_no_big_jump(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    report_and_accept(item, 5_000, LAST_WEEK)
    waiting(item, cast.chen, percent=7_000)
    assert listed(log_in(cast.li), big_jump="on") == []


@pytest.mark.parametrize("column", ["item", "region", "percent", "change", "submitted_at", "-change"])
def test_the_list_can_be_sorted(column: str, cast: Cast, log_in: LogIn) -> None:
    waiting(make_item("A"), cast.chen)
    waiting(make_item("B"), cast.chen)
    assert sorted(listed(log_in(cast.li), sort=column)) == ["A", "B"]


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_asks_the_database_the_same_however_many_reports_wait(
    count: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        item = make_item(f"K{number:02d}")
        report_and_accept(item, 6_000, LAST_WEEK)
        make_problem(waiting(item, cast.chen))
    client = log_in(cast.li)
    with django_assert_num_queries(13):
        client.get(reverse("reviews"))


# --- one report -------------------------------------------------------------------------------------------
def test_a_report_stands_beside_the_last_accepted_one_with_new_words_marked(
    cast: Cast, log_in: LogIn
) -> None:
    item = make_item()
    report_and_accept(item, 6_000, LAST_WEEK)
    report = waiting(item, cast.chen, percent=8_001, progress_note="已完成方案编制，正在组织验收。")
    page = log_in(cast.li).get(reverse("review", args=[report.pk]))
    found = page.context["found"]
    assert (found.previous, found.change) == (6_000, 2_001)
    assert found.flags == [Flag.JUMP, Flag.NO_EVIDENCE]
    assert "<mark>正在组织验收。</mark>" in page.content.decode()
    assert "<mark>已完成方案编制，" not in page.content.decode()


def test_the_same_text_as_last_time_is_flagged(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    last = report_and_accept(item, 6_000, LAST_WEEK)
    report = waiting(item, cast.chen, progress_note=f" {last.progress_note} ")
    page = log_in(cast.li).get(reverse("review", args=[report.pk]))
    assert page.context["found"].flags == [Flag.FALLEN, Flag.COPIED]


def test_clauses_are_compared_without_their_punctuation() -> None:
    marked = clauses("一切正常，新增 3 家；共 9 家", "共 9 家。一切正常。")
    assert [(c.text, c.is_new) for c in marked] == [
        ("一切正常，", False),
        ("新增 3 家；", True),
        ("共 9 家", False),
    ]
    assert not any(c.is_new for c in clauses("第一次填报。", ""))
    assert clauses("", "以前") == []


# --- deciding ---------------------------------------------------------------------------------------------
def test_an_accepted_report_counts_and_the_next_one_opens(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    first, second = waiting(item, cast.chen, percent=9_000), waiting(in_jiangsu(cast), cast.wang)
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    answer = log_in(cast.li).post(reverse("review_accept", args=[first.pk]))
    assert answer.headers["Location"] == reverse("review", args=[second.pk])
    first.refresh_from_db()
    assert (first.status, first.decided_by, first.counted_week) == ("accepted", cast.li, THIS_WEEK)
    assert Standing.objects.get(item=item, since=THIS_WEEK).percent == 9_000
    rollup.roll_up_stale_cells(plan=item.plan, now=THURSDAY)
    assert Cell.objects.get(rollup__week=THIS_WEEK, lead=cast.hubei).earned == 9_000


def test_a_report_is_returned_with_its_reason(cast: Cast, log_in: LogIn) -> None:
    report = waiting(make_item(), cast.chen)
    answer = log_in(cast.li).post(reverse("review_return", args=[report.pk]), {"reason": " 请核对家数 "})
    assert answer.headers["Location"] == reverse("reviews")
    report.refresh_from_db()
    assert (report.status, report.return_reason) == ("returned", "请核对家数")


@pytest.mark.parametrize("reason", ["", "   ", "长" * 501])
def test_a_return_without_a_fitting_reason_writes_nothing(reason: str, cast: Cast, log_in: LogIn) -> None:
    report = waiting(make_item(), cast.chen)
    page = log_in(cast.li).post(reverse("review_return", args=[report.pk]), {"reason": reason})
    assert page.status_code == 422
    assert page.context["form"].errors["reason"]
    report.refresh_from_db()
    assert report.status == ReportStatus.SUBMITTED


@pytest.mark.parametrize("act", ["review_accept", "review_return"])
def test_whoever_decides_second_is_told_who_was_first(act: str, cast: Cast, log_in: LogIn) -> None:
    report = waiting(in_jiangsu(cast), cast.wang)
    progress.return_report(report=report, by=cast.sun, reason="第一个", now=THURSDAY)
    page = log_in(cast.li).post(reverse(act, args=[report.pk]), {"reason": "第二个"})
    assert page.status_code == 409
    assert "孙悦" in page.content.decode()
    report.refresh_from_db()
    assert (report.status, report.decided_by, report.return_reason) == ("returned", cast.sun, "第一个")


def test_filters_stay_from_report_to_report(cast: Cast, log_in: LogIn) -> None:
    first = waiting(in_jiangsu(cast, "A"), cast.wang)
    waiting(make_item("HB"), cast.chen)
    last = waiting(in_jiangsu(cast, "B"), cast.wang)
    answer = log_in(cast.li).post(reverse("review_accept", args=[first.pk]) + "?region=320000")
    assert answer.headers["Location"] == reverse("review", args=[last.pk]) + "?region=320000"


def test_several_are_accepted_at_once_each_by_itself(cast: Cast, log_in: LogIn) -> None:
    good, other = waiting(make_item("A"), cast.chen), waiting(make_item("B"), cast.chen)
    decided = waiting(make_item("C", title="已退回的事项"), cast.chen)
    progress.return_report(report=decided, by=cast.li, reason="早先", now=THURSDAY)
    client = log_in(cast.li)
    chosen = [good.pk, other.pk, decided.pk, 999_999, "x"]
    assert client.post(reverse("reviews_accept"), {"report": chosen}).status_code == 302
    assert list(ProgressReport.objects.order_by("pk").values_list("status", flat=True)) == [
        "accepted",
        "accepted",
        "returned",
    ]
    words = said(client)
    assert "2" in words
    assert "已退回的事项" in words


def test_choosing_nothing_is_told(cast: Cast, log_in: LogIn) -> None:
    waiting(make_item(), cast.chen)
    client = log_in(cast.li)
    client.post(reverse("reviews_accept"))
    assert said(client)


# --- who may ----------------------------------------------------------------------------------------------
def test_a_report_outside_the_own_scope_is_not_there(cast: Cast, log_in: LogIn) -> None:
    report = waiting(make_item(), cast.chen)
    client = log_in(cast.sun)
    assert client.get(reverse("review", args=[report.pk])).status_code == 404
    assert client.post(reverse("review_accept", args=[report.pk])).status_code == 404
    assert client.post(reverse("review_return", args=[report.pk]), {"reason": "x"}).status_code == 404
    client.post(reverse("reviews_accept"), {"report": [report.pk]})
    report.refresh_from_db()
    assert report.status == ReportStatus.SUBMITTED


def test_a_draft_is_nobodys_to_review(cast: Cast, log_in: LogIn) -> None:
    draft = make_report(make_item(), written_by=cast.chen, status=ReportStatus.DRAFT)
    assert log_in(cast.li).get(reverse("review", args=[draft.pk])).status_code == 404


@pytest.mark.parametrize("name", ["chen", "zhao", "system_admin", "security_admin", "audit_admin"])
def test_only_reviewers_and_supervisors_have_the_desk(name: str, cast: Cast, log_in: LogIn) -> None:
    report = waiting(make_item(), cast.chen)
    client = log_in(getattr(cast, name))
    assert client.get(reverse("reviews")).status_code == 403
    assert client.get(reverse("reviews_batch")).status_code == 403
    assert client.get(reverse("review", args=[report.pk])).status_code == 403
    assert client.post(reverse("review_accept", args=[report.pk])).status_code == 403
    assert client.post(reverse("review_return", args=[report.pk]), {"reason": "x"}).status_code == 403
    assert client.post(reverse("reviews_accept"), {"report": [report.pk]}).status_code == 403
    report.refresh_from_db()
    assert report.status == ReportStatus.SUBMITTED


@pytest.mark.parametrize("name", ["reviews_accept", "review_accept", "review_return"])
def test_looking_at_a_decision_decides_nothing(name: str, cast: Cast, log_in: LogIn) -> None:
    report = waiting(make_item(), cast.chen)
    arguments = [] if name == "reviews_accept" else [report.pk]
    assert log_in(cast.li).get(reverse(name, args=arguments)).status_code == 405
