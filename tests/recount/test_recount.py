"""For plans at random, every figure on every page is found again by a second count from the journal."""

import pytest
from django.conf import settings
from django.test import Client

from tests.factories.cast import Cast
from tests.recount.walk import Week, differences
from tests.reports.random_plan import make_random_plan

pytestmark = pytest.mark.django_db


def english(user: object) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_on_every_page_is_found_again(seed: int, cast: Cast) -> None:
    plan = make_random_plan(cast, seed)
    found = []
    for user in (cast.li, cast.sun, cast.chen):
        client, counted = english(user), {}
        for rollup in plan.weeks.select_related("plan"):
            found += differences(Week(user, rollup, counted), client)
    assert not found, "\n".join(found[:50])
