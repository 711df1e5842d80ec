"""The dashboards: what they show, to whom, and what they cost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import plan_curve, rollup
from tasks_tracker.models import User, WorkItem
from tasks_tracker.queries import remembered
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_indicator,
    make_item,
    make_measure,
    make_plan,
    make_value,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
QUERIES = {
    "/": 19,
    "/key-tasks/": 17,
    "/key-tasks/1/": 30,
    "/measures/1.1/": 27,
    "/regions/": 19,
    "/regions/420000/": 29,
    "/actors/hubei/": 26,
}
PAGES = [page for page in QUERIES if page != "/actors/hubei/"]


def make_week(cast: Cast, items: int = 2) -> list[WorkItem]:
    """Items of 湖北 and 江苏 under two key tasks, half of them reported, in two rolled-up weeks."""
    made = []
    for n in range(items):
        lead, region = (cast.hubei, cast.hubei_region) if n % 2 == 0 else (cast.jiangsu, cast.jiangsu_region)
        measure = make_measure(f"{n % 3 + 1}.{n % 2 + 1}")
        due = THIS_WEEK + timedelta(days=60 if n % 4 else -30)
        made.append(make_item(lead=lead, region=region, measure=measure, due_on=due))
        if n % 4 < 2:
            report_and_accept(made[-1], 4_000 + 100 * n, LAST_WEEK)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 16))
    plan_curve.draw_plan(plan=plan)
    return made


@pytest.mark.parametrize(("page", "queries"), QUERIES.items())
def test_the_page_costs_the_same_with_many_items_as_with_few(
    page: str, queries: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    made = make_week(cast, items=8)
    for indicator in (make_indicator(), make_indicator(item=made[0])):
        make_value(indicator)
    report_and_accept(made[0], 4_500, THIS_WEEK)
    client.get(page)
    remembered.forget()
    with django_assert_num_queries(queries):
        client.get(page)
    for _n in range(24):
        more = make_item(lead=cast.hubei, region=cast.hubei_region, measure=make_measure("1.1"))
        report_and_accept(more, 2_000, THIS_WEEK)
        make_value(make_indicator(item=more))
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 17))
    remembered.forget()
    with django_assert_num_queries(queries):
        client.get(page)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_opens_for_everybody_with_business_data(
    page: str, language: str, cast: Cast, log_in: LogIn
) -> None:
    make_week(cast, items=4)
    for user in (cast.li, cast.zhao, cast.chen, cast.zhou, cast.sun):
        response = log_in(user).get(page, headers={"accept-language": language})
        assert response.status_code == 200


@pytest.mark.parametrize("page", PAGES[1:])
def test_administrators_see_no_dashboard(page: str, cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    for user in (cast.system_admin, cast.security_admin, cast.audit_admin):
        assert log_in(user).get(page).status_code == 403


def test_administrators_are_sent_to_what_is_theirs(cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    assert log_in(cast.audit_admin).get("/").url == "/audit/"
    assert log_in(cast.system_admin).get("/").url == "/admin/"


def test_a_unit_sees_its_own_figure_and_nothing_of_its_siblings(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    board = log_in(cast.wang).get("/").context["board"]
    assert {line.region.code for line in board.regions if line.slice.now.tally.items} == {"320000"}
    page = log_in(cast.wang).get("/regions/420000/")
    assert page.context["now"].tally.items == 0
    assert "湖北省经济和信息化厅" not in page.content.decode()


def test_a_supervisor_of_one_region_sees_that_region_only(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    board = log_in(cast.sun).get("/").context["board"]
    assert {line.region.code for line in board.regions if line.slice.now.tally.items} == {"320000"}


def test_the_figure_moves_by_exactly_what_the_rules_say(cast: Cast, log_in: LogIn) -> None:
    made = make_week(cast, items=2)
    plan = make_plan()
    before = log_in(cast.li).get("/").context["now"].progress
    assert before == (4_000 + 4_100) / 2
    report_and_accept(made[0], 5_000, THIS_WEEK)
    rollup.roll_up_stale_cells(plan=plan, now=moment(THIS_WEEK + timedelta(days=4), 16))
    assert log_in(cast.li).get("/").context["now"].progress == (5_000 + 4_100) / 2


def test_a_past_week_shows_as_it_was(cast: Cast, log_in: LogIn) -> None:
    made = make_week(cast, items=2)
    report_and_accept(made[0], 9_000, THIS_WEEK)
    rollup.roll_up_stale_cells(plan=make_plan(), now=moment(THIS_WEEK + timedelta(days=4), 16))
    then = log_in(cast.li).get("/", {"week": "2026-W46"})
    assert then.context["now"].progress == (4_000 + 4_100) / 2
    assert "已冻结" in then.content.decode()


@pytest.mark.parametrize("week", ["2026-W99", "next", "1999-W01", "2026-W47'--"])
def test_an_unknown_week_is_said_and_not_found(week: str, cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    client = log_in(cast.li)
    response = client.get("/items/", {"light": "behind", "week": week})
    assert response.status_code == 404
    assert "2026-W47" in response.content.decode()
    assert response.context["without_week"] == "/items/?light=behind"
    assert '<a href="/items/?light=behind">' in response.content.decode()


def test_unknown_places_are_not_found(cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    client = log_in(cast.li)
    assert client.get("/key-tasks/8/").status_code == 404
    assert client.get("/regions/999999/").status_code == 404


def test_before_anything_is_set_up_the_page_says_so(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.li).get("/").status_code == 503
    make_plan()
    assert log_in(cast.li).get("/").status_code == 503


def test_a_plan_without_items_shows_an_empty_page(cast: Cast, log_in: LogIn) -> None:
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=moment(THIS_WEEK))
    assert log_in(cast.li).get("/").status_code == 200


def test_what_is_remembered_costs_four_queries_less_and_ends_with_the_next_computation(
    cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    made = make_week(cast, items=2)
    client = log_in(cast.li)
    client.get("/")
    with django_assert_num_queries(QUERIES["/"] - 4):
        before = client.get("/").context["now"].progress
    report_and_accept(made[0], 5_000, THIS_WEEK)
    rollup.roll_up_stale_cells(plan=make_plan(), now=moment(THIS_WEEK + timedelta(days=4), 17))
    with django_assert_num_queries(QUERIES["/"] - 2):  # only the running week is read again, twice
        assert client.get("/").context["now"].progress > before
    assert log_in(cast.wang).get("/").context["now"].progress == 4_100
