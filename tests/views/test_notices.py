"""The bell and the page behind it: the own notices only, in the reader's language, read by POST."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.models import Notice, User
from tests.factories import make_item, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
NOW = moment(date(2026, 11, 19), 15)


@pytest.fixture(autouse=True)
def _on_thursday(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


def tell(user: User, number: int = 1, **fields: Any) -> Notice:
    """The last of `number` notices, each a minute older than the one before."""
    words = "Week %(week)s: the cut-off has passed; %(unit)s has not handed in: %(count)d."
    defaults = {
        "kind": "urging",
        "words": words,
        "arguments": {"week": "2026-W47", "unit": ["湖北省", "Hubei"], "count": 2},
        "link": "/my-week/?week=2026-W47",
    }
    made = [
        Notice.objects.create(to=user, at=NOW - timedelta(minutes=n), **defaults | fields)
        for n in range(number)
    ]
    return made[-1]


def test_a_notice_speaks_the_readers_language(cast: Cast, log_in: LogIn) -> None:
    tell(cast.chen)
    client = log_in(cast.chen)
    assert "2026-W47周：填报已截止，湖北省仍有2件未填报" in client.get(reverse("notices")).content.decode()
    client.cookies["django_language"] = "en"
    english = "Week 2026-W47: the cut-off has passed; Hubei has not handed in: 2."
    assert english in client.get(reverse("notices")).content.decode()


def test_a_name_with_markup_or_percent_is_text(cast: Cast, log_in: LogIn) -> None:
    tell(cast.chen, arguments={"week": "%s", "unit": ["<b>湖北</b>", ""], "count": 2})
    page = log_in(cast.chen).get(reverse("notices")).content.decode()
    assert "%s周" in page
    assert "&lt;b&gt;湖北&lt;/b&gt;" in page


def test_everybody_reads_the_own_ones_only(cast: Cast, log_in: LogIn) -> None:
    notice = tell(cast.chen)
    other = log_in(cast.zhou)
    assert list(other.get(reverse("notices")).context["page"]) == []
    assert other.post(reverse("notice_open", args=[notice.pk])).status_code == 404
    other.post(reverse("notices_read"), {"notice": notice.pk})
    other.post(reverse("notices_read"))
    notice.refresh_from_db()
    assert notice.read_at is None


def test_opening_goes_where_it_leads_and_marks_it_as_read(cast: Cast, log_in: LogIn) -> None:
    notice = tell(cast.chen)
    client = log_in(cast.chen)
    assert client.get(reverse("notice_open", args=[notice.pk])).status_code == 405
    response = client.post(reverse("notice_open", args=[notice.pk]))
    assert response.headers["Location"] == "/my-week/?week=2026-W47"
    notice.refresh_from_db()
    assert notice.read_at == NOW


def test_unread_ones_come_first_page_by_page(cast: Cast, log_in: LogIn) -> None:
    old = tell(cast.chen, 30)
    Notice.objects.exclude(pk=old.pk).update(read_at=NOW)
    client = log_in(cast.chen)
    page = client.get(reverse("notices")).context["page"]
    assert (page[0], len(page), page.paginator.num_pages) == (old, 25, 2)
    assert len(client.get(reverse("notices"), {"page": "2"}).context["page"]) == 5
    assert client.get(reverse("notices"), {"page": "many"}).status_code == 200


def test_one_or_all_are_marked_as_read(cast: Cast, log_in: LogIn) -> None:
    notice = tell(cast.chen, 3)
    client = log_in(cast.chen)
    client.post(reverse("notices_read"), {"notice": notice.pk})
    assert Notice.objects.of(cast.chen).unread().count() == 2
    client.post(reverse("notices_read"))
    assert not Notice.objects.of(cast.chen).unread().exists()
    assert "没有通知" in log_in(cast.zhou).get(reverse("notices")).content.decode()


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (3, ">3<"), (99, ">99<"), (120, ">99+<")])
def test_the_bell_counts_what_is_unread(number: int, shown: str, cast: Cast, log_in: LogIn) -> None:
    make_item()
    if number:
        tell(cast.chen, number)
    tell(cast.zhou, 5)
    page = log_in(cast.chen).get(reverse("notices")).content.decode()
    assert ("bell-count" in page) == bool(number)
    assert shown in page


def test_the_page_asks_the_database_the_same_however_many_there_are(
    cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    make_item()
    client = log_in(cast.chen)
    for number in (1, 60):
        tell(cast.chen, number)
        with django_assert_num_queries(8):
            client.get(reverse("notices"))
