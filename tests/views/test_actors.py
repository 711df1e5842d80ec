"""The lead units: each with its subtree, every number equal to the list behind it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import User
from tasks_tracker.views.actors import ActorRow
from tests.factories import (
    THIS_WEEK,
    make_actor,
    make_item,
    make_measure,
    make_plan,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.reports.random_plan import make_random_plan

LogIn = Callable[[User], Client]


def rows(client: Client, query: str = "") -> dict[str, ActorRow]:
    response = client.get(f"/actors/{query}")
    assert response.status_code == 200
    return {row.record.line.actor.code: row.record for row in response.context["table"].paginated_rows}


def roll_up() -> None:
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 18))


@pytest.fixture
def three_units(cast: Cast) -> None:
    done = make_item("HB-1", lead=cast.hubei, weight=3, measure=make_measure("1.1"))
    half = make_item("WH-1", lead=cast.wuhan, weight=1, measure=make_measure("1.1"))
    make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region)
    make_item("JS-2", lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("S1.1"))
    report_and_accept(done, 10_000)
    report_and_accept(half, 5_000)
    roll_up()


def test_a_unit_stands_with_everything_below_it(three_units: None, cast: Cast, log_in: LogIn) -> None:
    found = rows(log_in(cast.li))
    assert set(found) == {"miit", "hubei", "wuhan", "jiangsu"}
    assert found["hubei"].line.seven.progress == (3 * 10_000 + 5_000) / 4
    assert found["wuhan"].line.seven.progress == 5_000
    assert (found["miit"].items, found["miit"].supporting) == (3, 1)


def test_what_is_not_known_is_no_data_and_the_reports_of_both_parts_are_owed(
    three_units: None, cast: Cast, log_in: LogIn
) -> None:
    row = rows(log_in(cast.li))["jiangsu"]
    assert row.line.seven.progress is None
    assert (row.items, row.supporting, row.missing) == (1, 1, 2)


@pytest.mark.parametrize("who", ["li", "sun", "chen"])
def test_every_number_is_that_of_the_list_it_leads_to(who: str, cast: Cast, log_in: LogIn) -> None:
    make_random_plan(cast, seed=3, items=40)
    client = log_in(getattr(cast, who))
    found = rows(client)
    assert found
    for row in found.values():
        numbers = {
            "seven": row.items,
            "supporting": row.supporting,
            "unknown": row.line.seven.tally.unknown_items,
            "due": row.line.everything.due,
            "missing": row.missing,
        }
        for name, number in numbers.items():
            assert client.get(row.url[name]).context["summary"].items == number, row.url[name]


def test_units_are_narrowed_by_level_and_words(three_units: None, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    assert set(rows(client, "?level=prefecture")) == {"wuhan"}
    assert set(rows(client, "?q=江苏")) == {"jiangsu"}
    assert set(rows(client, "?q=nobody")) == set()
    assert len(rows(client, "?level=galaxy")) == 4


def test_what_is_furthest_behind_comes_first_and_no_data_last(
    three_units: None, cast: Cast, log_in: LogIn
) -> None:
    first, *_others, last = rows(log_in(cast.li))
    assert (first, last) == ("wuhan", "jiangsu")
    assert next(iter(rows(log_in(cast.li), "?sort=-items"))) == "miit"


def test_a_unit_sees_its_own_subtree_only(three_units: None, cast: Cast, log_in: LogIn) -> None:
    assert set(rows(log_in(cast.chen))) == {"hubei", "wuhan"}
    assert set(rows(log_in(cast.liu))) == {"wuhan"}


def test_administrators_are_refused(three_units: None, cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.system_admin).get("/actors/").status_code == 403


def test_the_page_costs_the_same_with_many_units_as_with_few(
    three_units: None, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    client.get("/actors/")
    with django_assert_num_queries(13):
        client.get("/actors/")
    for number in range(20):
        make_item(lead=make_actor(f"unit-{number}", parent=cast.ministry))
    roll_up()
    with django_assert_num_queries(13):
        client.get("/actors/")
