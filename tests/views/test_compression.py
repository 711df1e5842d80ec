"""Pages are compressed where the browser takes it, and nothing can be told from how long they are."""

import gzip
from collections.abc import Callable

import pytest
from django.test import Client

from tasks_tracker.models import User
from tests.factories.cast import Cast
from tests.views.test_dashboard import make_week

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
TAKES = {"accept-encoding": "gzip, deflate, br"}


def test_a_page_is_compressed_and_says_the_same(cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    client = log_in(cast.li)
    page = client.get("/regions/", headers=TAKES)
    assert page["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page["Vary"]
    assert "地区" in gzip.decompress(page.content).decode()
    assert len(page.content) * 3 < len(client.get("/regions/").content)


def test_the_length_of_a_page_varies_at_random(cast: Cast, log_in: LogIn) -> None:
    """Else whoever may choose a word in it and see the length could guess others, letter by letter."""
    make_week(cast)
    client = log_in(cast.li)
    assert len({len(client.get("/numbers/", headers=TAKES).content) for _ in range(12)}) > 4


def test_a_download_is_left_as_it_is(cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    file = log_in(cast.li).post("/exports/", {"week": "2026-W47", "about": "region:420000"}, headers=TAKES)
    assert file["Content-Disposition"].startswith("attachment")
    assert "Content-Encoding" not in file
