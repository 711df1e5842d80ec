"""Logging in leads everybody to the own work; the frame of the page knows the role."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from tasks_tracker.models import User
from tasks_tracker.views.context import shell
from tests.factories import PASSWORD, make_item
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("name", "home"), [("chen", "my_week"), ("zhou", "my_week"), ("li", "dashboard"), ("zhao", "dashboard")]
)
def test_logging_in_leads_to_the_own_work(name: str, home: str, cast: Cast, client: Client) -> None:
    user = getattr(cast, name)
    answer = client.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert answer.headers["Location"] == reverse(home)


def test_logging_in_leads_back_to_the_page_that_was_asked_for(cast: Cast, client: Client) -> None:
    wanted = reverse("my_week") + "?week=2026-W46"
    asked = client.get(wanted)
    answer = client.post(
        asked.headers["Location"], {"username": "chen", "password": PASSWORD, "next": wanted}
    )
    assert answer.headers["Location"] == wanted


def test_a_wrong_password_opens_nothing(cast: Cast, client: Client) -> None:
    page = client.post(reverse("login"), {"username": "chen", "password": "wrong"})
    assert page.status_code == 200
    assert page.context["form"].errors


def test_logging_out_ends_the_session(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.chen)
    assert client.get(reverse("logout")).status_code == 405
    client.post(reverse("logout"))
    assert client.get(reverse("my_week")).status_code == 302


def test_a_password_is_changed_by_its_owner(cast: Cast, log_in: LogIn) -> None:
    new = "another-Long-password-7"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    client = log_in(cast.chen)
    assert client.get(reverse("password_change")).status_code == 200
    answer = client.post(reverse("password_change"), fields, follow=True)
    assert answer.redirect_chain == [(reverse("password_change_done"), 302)]
    cast.chen.refresh_from_db()
    assert cast.chen.check_password(new)


def test_the_frame_asks_nothing_for_visitors(
    db: None, rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        assert shell(request) == {}


@pytest.mark.parametrize(("name", "queries"), [("chen", 3), ("li", 4), ("zhao", 1), ("audit_admin", 1)])
def test_the_frame_asks_little_and_once(
    name: str, queries: int, cast: Cast, rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    make_item()
    request = rf.get("/")
    request.user = User.objects.get(pk=getattr(cast, name).pk)
    with django_assert_num_queries(queries):
        assert shell(request) is shell(request)


def test_before_a_plan_the_frame_stands_without_badges(cast: Cast, rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = cast.chen
    assert shell(request)["nav_badges"] == {}
    assert not shell(request)["is_demonstration"]


def test_the_menu_is_that_of_the_role(cast: Cast, rf: RequestFactory) -> None:
    def links(user: User) -> list[str]:
        request = rf.get("/")
        request.user = user
        return [link["url_name"] for link in shell(request)["nav"]]

    overview = ["dashboard", "key_tasks", "regions", "items"]
    ledgers = ["policy", "problems"]
    assert links(cast.chen) == [
        *overview,
        "my_week",
        "to_accept",
        "weekly_reports",
        "filing",
        "signals",
        *ledgers,
        "actors",
        "exports",
    ]
    assert links(cast.zhou) == [
        *overview,
        "my_week",
        "reviews",
        "to_accept",
        "weekly_reports",
        "filing",
        "signals",
        *ledgers,
        "actors",
        "exports",
    ]
    assert links(cast.li) == [
        *overview,
        "reviews",
        "requests",
        "weekly_reports",
        "signals",
        "filing",
        *ledgers,
        "plan",
        "actors",
        "exports",
    ]
    assert links(cast.zhao) == [
        *overview,
        "weekly_reports",
        "signals",
        "filing",
        *ledgers,
        "actors",
        "exports",
    ]
    assert links(cast.system_admin) == ["admin:index"]
    assert links(cast.audit_admin) == ["audit_log"]


def test_the_chosen_language_stays_for_a_year_and_no_script_reads_it(client: Client) -> None:
    response = client.post(reverse("set_language"), {"language": "en", "next": "/login/"})
    cookie = response.cookies["django_language"]
    assert cookie.value == "en"
    assert (cookie["max-age"], cookie["samesite"], cookie["httponly"]) == (365 * 24 * 3600, "Lax", True)
