"""The trail of a work item: who sees it sees who did what to it, and what changed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from tasks_tracker.actions import audit, progress, rollup
from tasks_tracker.models import User, WorkItem
from tasks_tracker.rules.origin import acting_from
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, moment
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)
THURSDAY_BEFORE = moment(LAST_WEEK + timedelta(days=3))


@pytest.fixture(autouse=True)
def item(cast: Cast) -> Any:
    """Last week 李维 accepts the 40 % of 陈晓岚; on Friday of this week he returns her 99 %."""
    item = make_item("HB-1", title="零碳园区建设")
    for now, week, percent in ((THURSDAY_BEFORE, LAST_WEEK, 4_000), (FRIDAY, THIS_WEEK, 9_900)):
        entry = progress.Entry(
            percent=percent,
            progress_note="现场推进",
            problems=[progress.ProblemEntry(kind="funds", description="资金未到位")],
        )
        with time_machine.travel(now, tick=False), acting_from("web", "10.0.0.7"):
            report = progress.submit_report(item=item, week=week, entry=entry, by=cast.chen, now=now)
            if week == LAST_WEEK:
                progress.accept_report(report=report, by=cast.li, now=now)
            else:
                progress.return_report(report=report, by=cast.li, reason="<b>台账不符</b>", now=now)
        rollup.roll_up_week(plan=make_plan(), week=week, now=now)
    with time_machine.travel(FRIDAY, tick=False):
        yield item


def trail(client: Client, query: str = "") -> list[tuple[str, str]]:
    response = client.get(f"/items/HB-1/{query}")
    assert response.status_code == 200
    return [(act["by"], act["action"]) for act in response.context["trail"]["acts"]]


def test_everybody_who_sees_the_item_sees_its_last_acts(cast: Cast, log_in: LogIn) -> None:
    for user in (cast.chen, cast.zhou, cast.li, cast.zhao):
        assert trail(log_in(user)) == [
            ("李维", "退回填报"),
            ("陈晓岚", "提交填报"),
            ("李维", "通过填报"),
            ("陈晓岚", "提交填报"),
        ], user


def test_an_act_shows_before_and_after_in_words_and_no_address(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.chen).get("/items/HB-1/").content.decode()
    _start, _id, panel = page.partition('id="trail"')
    assert "<del>待审核</del> → <ins>已退回</ins>" in panel
    assert "<ins>&lt;b&gt;台账不符&lt;/b&gt;</ins>" in panel
    assert "<del>无数据</del> → <ins>40.00%</ins>" in panel
    assert "网页" in panel
    assert "10.0.0.7" not in page
    assert "/audit/" not in page
    assert "/admin/" not in page


def test_a_past_week_shows_what_had_been_done_by_its_end(cast: Cast, log_in: LogIn) -> None:
    assert trail(log_in(cast.li), "?week=2026-W46") == [("李维", "通过填报"), ("陈晓岚", "提交填报")]


def test_acts_about_another_item_are_not_in_it(cast: Cast, log_in: LogIn) -> None:
    audit.record(by=cast.li, action="assign_item", obj=make_item("HB-2"))
    assert len(trail(log_in(cast.li))) == 4


def test_earlier_acts_are_shown_on_request_at_the_same_price(
    item: WorkItem, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    client.get("/items/HB-1/")
    with django_assert_num_queries(QUERIES):
        assert len(trail(client)) == 4
    for _n in range(8):
        audit.record(by=cast.li, action="assign_item", obj=item)
    with django_assert_num_queries(QUERIES):
        assert len(trail(client)) == 8
    assert "?trail=all#trail" in client.get("/items/HB-1/").content.decode()
    with django_assert_num_queries(QUERIES):
        assert len(trail(client, "?trail=all")) == 12


def test_an_item_without_acts_says_so(cast: Cast, log_in: LogIn) -> None:
    make_item("HB-2")
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    assert "尚无" in log_in(cast.li).get("/items/HB-2/").content.decode().partition('id="trail"')[2]


QUERIES = 28
