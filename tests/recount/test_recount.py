"""For plans at random, every figure on every page is found again by a second count from the journal.

RECOUNT_SEEDS=10 tries ten plans and all their weeks instead of one plan in the open and a frozen week.
"""

import os

import pytest
from django.conf import settings
from django.test import Client

from tasks_tracker.models import User
from tests.factories.cast import Cast
from tests.recount.walk import Week, differences
from tests.reports.random_plan import make_random_plan

pytestmark = pytest.mark.django_db
SEEDS = int(os.environ.get("RECOUNT_SEEDS", "1"))


def english(user: User) -> Client:
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_every_figure_on_every_page_is_found_again(seed: int, cast: Cast) -> None:
    plan = make_random_plan(cast, seed, items=60 if SEEDS > 1 else 40, replanned=True)
    weeks = list(plan.weeks.select_related("plan"))
    for user in (cast.li, cast.sun, cast.chen):
        client, counted = english(user), {}
        for rollup in weeks if SEEDS > 1 else weeks[:: 2 if user == cast.li else len(weeks)]:
            found = list(differences(Week(user, rollup, counted), client))
            assert not found, "\n".join(found[:50])
