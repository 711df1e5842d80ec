"""Setting the light of an item by hand, from its page."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import rollup
from tasks_tracker.actions.supervision import override_light
from tasks_tracker.models import Cell, LightOverride, Standing, State, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, moment, report_and_accept
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
THURSDAY = moment(date(2026, 11, 19), 15)
REASON = "已协调资金，下周到位。"


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    """A key item of 湖北 that is behind."""
    item = make_item("HB-1", title="零碳园区建设", is_key=True)
    report_and_accept(item, 4_000, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    return item


def typed(**changes: str) -> dict[str, str]:
    values = {"light": "at_risk", "expires_on": "2026-12-03", "reason": REASON} | changes
    return {f"by-hand-{name}": value for name, value in values.items()}


def post(client: Client, code: str = "HB-1", **changes: str) -> Any:
    return client.post(reverse("item_light", args=[code]), typed(**changes))


def by_hand(item: WorkItem, cast: Cast, **changes: Any) -> LightOverride:
    arguments = {"light": "at_risk", "expires_on": date(2026, 12, 3), "reason": REASON, "by": cast.li}
    return override_light(item=item, now=THURSDAY, **arguments | changes)


def page(client: Client, query: str = "") -> Any:
    client.cookies["django_language"] = "en"
    response = client.get(f"/items/HB-1/{query}")
    assert response.status_code == 200
    return response


# --- setting it ---------------------------------------------------------------------------------------------
def test_a_supervisor_sets_the_light_and_the_page_shows_both(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    assert post(client).headers["Location"] == "/items/HB-1/"
    rollup.roll_up_stale_cells(plan=item.plan, now=THURSDAY)
    assert Cell.objects.get(rollup__week=THIS_WEEK).at_risk == 1
    response = page(client)
    standing = response.context["standing"]
    assert (standing.light, standing.computed_light) == ("at_risk", "behind")
    text = response.content.decode()
    for words in ("李维", REASON, "2026-12-03", "2026-11-19 15:00", "computed:", "below −30."):
        assert words in text
    assert REASON in response.context["reason"]


def test_a_new_light_replaces_the_one_before(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    by_hand(item, cast)
    assert post(log_in(cast.li), light="on_track").status_code == 302
    assert LightOverride.objects.get(withdrawn_at=None).light == "on_track"
    assert LightOverride.objects.count() == 2


def test_taken_back_the_computed_light_holds_again(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    by_hand(item, cast)
    client = log_in(cast.li)
    url = reverse("item_light_withdraw", args=["HB-1"])
    assert url in page(client).content.decode()
    assert client.post(url).status_code == 302
    response = page(client)
    assert (response.context["standing"].light, response.context["page"].override) == ("behind", None)
    assert "holds again" in " ".join(str(m) for m in response.context["messages"])
    assert url not in response.content.decode()
    client.post(url)  # twice: nothing is there any more
    assert "in force any more" in " ".join(str(m) for m in page(client).context["messages"])


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("light", {"light": ""}),
        ("light", {"light": "suspended"}),
        ("expires_on", {"expires_on": "soon"}),
        ("expires_on", {"expires_on": "2026-11-18"}),
        ("expires_on", {"expires_on": "2027-02-20"}),
        ("reason", {"reason": "   "}),
        ("reason", {"reason": "长" * 301}),
    ],
)
def test_what_is_refused_stands_in_the_form_again(
    field: str, changes: dict[str, str], item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    response = post(log_in(cast.li), **changes)
    assert response.status_code == 422
    form = response.context["light_form"]
    assert list(form.errors) == [field]
    assert "<details open>" in response.content.decode()
    assert not LightOverride.objects.exists()


def test_an_item_that_stopped_running_meanwhile_says_so(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    WorkItem.objects.filter(pk=item.pk).update(state=State.SUSPENDED)
    response = post(log_in(cast.li))
    assert response.status_code == 422
    assert response.context["light_form"].non_field_errors()


# --- who may ------------------------------------------------------------------------------------------------
def test_only_supervisors_set_it(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    by_hand(item, cast)
    for user in cast.one_of_each_role():
        if user == cast.li:
            continue
        client = log_in(user)
        assert post(client, light="done").status_code == 403, user.username
        assert client.post(reverse("item_light_withdraw", args=["HB-1"])).status_code == 403
    assert Client().post(reverse("item_light", args=["HB-1"])).status_code == 302  # to the login
    assert LightOverride.objects.get().light == "at_risk"


def test_an_item_elsewhere_is_not_there(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    for user in (cast.sun, cast.wang):
        assert post(log_in(user)).status_code == 404
        assert log_in(user).post(reverse("item_light_withdraw", args=["HB-1"])).status_code == 404
    assert post(log_in(cast.li), code="NONE").status_code == 404
    assert not LightOverride.objects.exists()


def test_looking_changes_nothing(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    by_hand(item, cast)
    before = list(Standing.objects.order_by("pk").values())
    for name in ("item_light", "item_light_withdraw"):
        assert log_in(cast.li).get(reverse(name, args=["HB-1"])).status_code == 405
    assert list(Standing.objects.order_by("pk").values()) == before
    assert LightOverride.objects.get().withdrawn_at is None


def test_the_form_shows_where_it_can_be_used(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    assert page(log_in(cast.li)).context["light_form"] is not None
    for user in (cast.chen, cast.zhou, cast.zhao):
        assert page(log_in(user)).context["light_form"] is None
    rollup.roll_up_week(plan=item.plan, week=LAST_WEEK, now=THURSDAY)
    assert page(log_in(cast.li), "?week=2026-W46").context["light_form"] is None
    WorkItem.objects.filter(pk=item.pk).update(state=State.CLOSED, closed_on=date(2026, 11, 1))
    assert page(log_in(cast.li)).context["light_form"] is None


# --- where it shows -----------------------------------------------------------------------------------------
def test_everybody_who_sees_the_item_reads_who_set_it_and_why(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    by_hand(item, cast)
    for user in (cast.chen, cast.zhou, cast.zhao):
        text = page(log_in(user)).content.decode()
        assert REASON in text
        assert reverse("item_light", args=["HB-1"]) not in text


def test_a_past_week_shows_what_held_in_it(
    item: WorkItem, cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    by_hand(item, cast, expires_on=THIS_WEEK + timedelta(days=8))
    next_week = THIS_WEEK + timedelta(weeks=1)
    rollup.roll_up_week(plan=item.plan, week=next_week, now=moment(next_week + timedelta(days=2)))
    time_machine.move_to(moment(next_week + timedelta(days=2)), tick=False)
    assert page(log_in(cast.li)).context["page"].override is None  # it has expired
    rollup.close_week(plan=item.plan, week=THIS_WEEK, now=moment(next_week + timedelta(days=2)), by=None)
    then = page(log_in(cast.li), "?week=2026-W47")
    assert then.context["page"].override.light == "at_risk"
    assert then.context["standing"].light == "at_risk"


def test_the_list_says_that_it_was_set_by_hand(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    by_hand(item, cast, light="on_track")
    client = log_in(cast.li)
    client.cookies["django_language"] = "en"
    response = client.get(reverse("items"), {"light": "on_track"})
    assert [row.record.item.code for row in response.context["table"].rows] == ["HB-1"]
    assert "Set by a supervisor" in response.content.decode()


def test_typing_a_percent_does_not_promise_another_light(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.chen).get("/my-week/HB-1/").context["rate"]["fixed_light"] == ""
    by_hand(item, cast)
    assert log_in(cast.chen).get("/my-week/HB-1/").context["rate"]["fixed_light"] == "at_risk"
