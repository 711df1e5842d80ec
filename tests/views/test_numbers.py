"""The page of the rules shows the plan's own numbers."""

from collections.abc import Callable
from datetime import time
from typing import Any

from django.test import Client

from tasks_tracker.models import User
from tests.factories import make_plan
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]


def text_of(client: Client) -> str:
    client.cookies["django_language"] = "en"
    response = client.get("/numbers/")
    assert response.status_code == 200
    return response.content.decode()


def test_the_thresholds_are_those_of_the_plan(cast: Cast, log_in: LogIn) -> None:
    make_plan(
        behind_below=-1_200,
        at_risk_below=-400,
        severely_behind_below=-4_000,
        due_soon_days=9,
        cutoff_weekday=3,
        cutoff_time=time(16, 30),
        rule_version=3,
    )
    text = text_of(log_in(cast.li))
    for words in (
        "below −12 points",
        "below −40 ",
        "below −4 points",
        "within 9 days",
        "Thursday, 16:30",
        "version 3",
    ):
        assert words in text, words


def test_the_worked_example_is_computed_by_the_product(cast: Cast, log_in: LogIn) -> None:
    assert "Progress 87.5% of what is reported, range 70% to 90%" in text_of(log_in(cast.li))


def test_the_rules_stand_before_any_plan_and_for_every_role(cast: Cast, log_in: LogIn) -> None:
    for user in cast.one_of_each_role():
        assert "below −10 points" in text_of(log_in(user))


def test_the_page_costs_a_fixed_number_of_queries(
    cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    make_plan()
    client = log_in(cast.zhao)
    with django_assert_num_queries(4):
        client.get("/numbers/")
