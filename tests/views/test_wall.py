"""The wall screen: what stands on it, for whom, what it costs, and what it asks for again."""

import re
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import User
from tasks_tracker.queries import remembered
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_plan,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.views.test_dashboard import make_week

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
QUERIES = {"": 16, "?key_task=1": 17, "?region=420000": 17, "?key_task=1&region=420000": 18}


@pytest.mark.parametrize(("query", "queries"), QUERIES.items())
def test_the_screen_costs_the_same_with_many_items_as_with_few(
    query: str, queries: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    make_week(cast, items=8)
    client.get(f"/wall/{query}")
    remembered.forget()
    with django_assert_num_queries(queries):
        client.get(f"/wall/{query}")
    for n in range(24):
        lead, region = (cast.hubei, cast.hubei_region) if n % 2 else (cast.jiangsu, cast.jiangsu_region)
        make_item(lead=lead, region=region, measure=make_measure(f"1.{n % 9 + 1}"))
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 17))
    remembered.forget()
    with django_assert_num_queries(queries):
        client.get(f"/wall/{query}")


def test_it_never_reads_an_item(cast: Cast, log_in: LogIn, django_assert_num_queries: Any) -> None:
    make_week(cast, items=8)
    client = log_in(cast.li)
    with django_assert_num_queries(QUERIES[""]) as asked:
        client.get("/wall/")
    tables = [re.search(r'FROM "(\w+)"', query["sql"]) for query in asked]
    assert {found[1] for found in tables if found} & {"plan_work_item", "rollup_standing"} == set()


def test_its_figures_are_those_of_the_dashboards(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=8)
    client = log_in(cast.li)
    for query, page in (("", "/"), ("?key_task=1", "/key-tasks/1/"), ("?region=420000", "/regions/420000/")):
        wall, dashboard = client.get(f"/wall/{query}").context, client.get(page).context
        assert wall["now"] == dashboard["now"]
        assert wall["board"].points == dashboard["board"].points
        assert wall["curve"].table == dashboard["curve"].table
    lines = client.get("/wall/").context["board"].tasks
    assert [line.slice for line in lines] == [line.slice for line in client.get("/").context["board"].tasks]


def test_a_key_task_in_a_region_is_the_part_of_both(cast: Cast, log_in: LogIn) -> None:
    made = make_week(cast, items=8)
    here = [i for i in made if i.region == cast.hubei_region and i.measure.key_task.number == 1]
    board = log_in(cast.li).get("/wall/", {"key_task": 1, "region": "420000"}).context["board"]
    assert board.whole.now.tally.items == len(here) > 0
    assert {line.measure.key_task.number for line in board.measures} == {1}
    assert {spot.region.code for spot in board.behind} <= {"420000"}


def test_the_list_names_the_furthest_behind_and_the_most_overdue(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=8)
    board = log_in(cast.li).get("/wall/").context["board"]
    variances = [s.slice.variance for s in board.behind if s.slice.variance is not None]
    assert variances == sorted(variances)
    overdue = [spot.slice.tally.overdue for spot in board.overdue]
    assert overdue == sorted(overdue, reverse=True)
    assert sum(overdue) == board.whole.now.tally.overdue > 0


def test_a_unit_and_a_limited_office_see_their_own_part(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    for user in (cast.wang, cast.sun):
        page = log_in(user).get("/wall/")
        board = page.context["board"]
        assert {line.region.code for line in board.regions if line.slice.now.tally.items} == {"320000"}
    foreign = log_in(cast.wang).get("/wall/?region=420000")
    assert foreign.context["now"].tally.items == 0
    assert "范围内没有工作事项" in foreign.content.decode()


def test_asked_by_the_screen_only_the_panel_comes(cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    client = log_in(cast.li)
    panel = client.get("/wall/?key_task=1", headers={"hx-request": "true"})
    assert "<html" not in panel.content.decode()
    assert "<h1>1 · " in panel.content.decode()
    whole = client.get("/wall/?key_task=1").content.decode()
    assert 'hx-get="/wall/?key_task=1" hx-trigger="every 60s"' in whole
    assert 'data-theme-fixed="dark"' in whole


def test_it_says_how_fresh_it_is(cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    client = log_in(cast.li)
    page = client.get("/wall/").content.decode()
    assert "填报中" in page
    assert "数据截至2026-11-20，2026-11-20 16:00计算" in page.replace(" 16:00 计算", " 16:00计算")
    frozen = client.get("/wall/?week=2026-W46").content.decode()
    assert "已冻结" in frozen


def test_a_pinned_week_stays_as_it_was(cast: Cast, log_in: LogIn) -> None:
    made = make_week(cast, items=2)
    report_and_accept(made[0], 9_000, THIS_WEEK)
    rollup.roll_up_stale_cells(plan=make_plan(), now=moment(THIS_WEEK + timedelta(days=4), 16))
    client = log_in(cast.li)
    assert client.get("/wall/?week=2026-W46").context["now"].progress == Fraction(4_000 + 4_100, 2)
    assert client.get("/wall/").context["now"].progress == Fraction(9_000 + 4_100, 2)


@pytest.mark.parametrize(
    "query", ["key_task=8", "key_task=x", "key_task=²", "region=999999", "region=710000"]
)
def test_what_does_not_exist_is_said(query: str, cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    response = log_in(cast.li).get(f"/wall/?{query}")
    assert response.status_code == 404
    assert response.content.decode().count('class="gate-code"') == 1


def test_nothing_reported_is_no_data(cast: Cast, log_in: LogIn) -> None:
    make_item(lead=cast.hubei, region=cast.hubei_region, measure=make_measure("1.1"))
    rollup.roll_up_week(plan=make_plan(), week=LAST_WEEK, now=moment(LAST_WEEK, 9))
    page = log_in(cast.li).get("/wall/").content.decode()
    assert "无数据" in page
    assert "0.0<small>%" not in page
