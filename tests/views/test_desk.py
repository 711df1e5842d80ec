"""The desk of 陈晓岚: whose items it lists, how much it asks, and what is swapped on it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.models import User
from tests.factories import LAST_WEEK, make_item, make_report, report_and_accept
from tests.factories.cast import Cast
from tests.views.week_form import THURSDAY, address, typed

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


# --- whose list, and how much it asks ---------------------------------------------------------------------
def test_the_list_holds_the_own_items_where_any_is_due_and_the_units_on_request(
    cast: Cast, log_in: LogIn
) -> None:
    make_item("A", is_key=True, owner=cast.chen)
    make_item("B", is_key=True)
    client = log_in(cast.chen)
    mine = client.get(reverse("my_week"))
    listing = mine.context["desk"].listing
    assert [line.code for line in listing.lines] == ["A"]
    assert (listing.whose, listing.due, listing.mine_due, listing.unit_due) == ("mine", 1, 1, 2)
    assert mine.context["nav_badges"] == {"my_week": 1}
    for query in ({"whose": "unit"}, {"whose": "unit", "week": "2026-W47"}):
        unit = client.get(reverse("my_week"), query).context["desk"]
        assert [line.code for line in unit.listing.lines] == ["A", "B"]
        assert "whose=unit" in unit.url
    assert client.get(reverse("my_week"), {"whose": "nobody"}).context["desk"].listing.whose == "mine"
    colleague = User.objects.create_user("he", role="reporter", actor=cast.hubei, display_name="何静")
    assert log_in(colleague).get(reverse("my_week")).context["desk"].listing.whose == "unit"


def test_after_a_report_the_next_one_is_of_the_same_list(cast: Cast, log_in: LogIn) -> None:
    first = make_item("A", is_key=True, owner=cast.chen)
    make_item("B", is_key=True)
    client = log_in(cast.chen)
    answer = client.post(address(first) + "?whose=unit", typed(first, percent="95"))
    assert answer.headers["Location"] == "/my-week/B/?whose=unit"


def test_the_page_says_how_many_fields_really_have_to_be_filled(cast: Cast, log_in: LogIn) -> None:
    on_track, behind = make_item("A", is_key=True), make_item("B", is_key=True)
    report_and_accept(on_track, 9_500, LAST_WEEK)
    report_and_accept(behind, 5_000, LAST_WEEK)
    make_item("C", due_on=date(2026, 11, 1))
    make_report(make_item("D", is_key=True), written_by=cast.chen, status="submitted")
    client = log_in(cast.chen)
    listing = client.get(reverse("my_week")).context["desk"].listing
    assert {line.code: len(line.asked) for line in listing.open_lines} == {"C": 3, "B": 3, "A": 2}
    assert listing.fields_left == 8
    assert client.get(address(on_track)).context["asked"] == ["percent", "progress_note"]
    page = client.post(address(on_track), typed(on_track, percent="50", progress_note=""))
    assert page.context["asked"] == ["percent", "decrease_reason", "progress_note", "problems"]


# --- without leaving the page -----------------------------------------------------------------------------
PART = {"HX-Request": "true"}


def test_choosing_an_item_sends_the_part_that_changes(cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    client = log_in(cast.chen)
    part = client.get(address(item), headers=PART)
    html = part.content.decode()
    assert "<html" not in html
    assert f"<title>{item.title} · " in html
    assert 'id="desk"' in html
    assert "data-badge='my_week'" in html
    assert "HX-Request" in part.headers["Vary"]
    assert "no-store" in part.headers["Cache-Control"]
    back = client.get(address(item), headers=PART | {"HX-History-Restore-Request": "true"})
    assert "<html" in back.content.decode()


def test_a_report_handed_in_leads_to_the_part_of_the_next_item(cast: Cast, log_in: LogIn) -> None:
    first, second = make_item("A", is_key=True), make_item("B", is_key=True)
    client = log_in(cast.chen)
    answer = client.post(address(first), typed(first), headers=PART, follow=True)
    assert answer.redirect_chain == [(address(second), 302)]
    part = client.get(address(second), headers=PART).content.decode()
    assert second.title in part


def test_a_refused_entry_is_sent_as_a_part_and_pushes_no_address(cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    part = log_in(cast.chen).post(address(item), typed(item, percent="101"), headers=PART)
    assert part.status_code == 422
    assert part.headers["HX-Push-Url"] == "false"
    assert "<html" not in part.content.decode()
