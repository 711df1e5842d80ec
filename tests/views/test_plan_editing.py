"""Setting the plan up and editing it, as supervisors do."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import rollup
from tasks_tracker.models import (
    AuditEntry,
    Plan,
    User,
    WeekRollup,
    WorkItem,
)
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_plan,
    make_policy,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.views.editing import filled_in, words

LogIn = Callable[[User], Client]
THURSDAY = moment(date(2026, 11, 19), 15)


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    """An item of 湖北, 7 points behind the plan, in a rolled-up week; the week before is frozen."""
    item = make_item("HB-1", lead=cast.hubei, region=cast.hubei_region, due_on=date(2027, 12, 31))
    planned = 100 * 100 * (date(2026, 11, 19) - date(2026, 1, 1)).days // 729
    report_and_accept(item, planned - 700, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    rollup.close_week(plan=item.plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    return item


@pytest.fixture
def client(cast: Cast, log_in: LogIn) -> Client:
    """The national supervisor, reading English."""
    client = log_in(cast.li)
    client.cookies["django_language"] = "en"
    return client


# --- the first set-up ---------------------------------------------------------------------------------------
def test_before_any_plan_a_supervisor_is_led_to_set_it_up(cast: Cast, client: Client, log_in: LogIn) -> None:
    policy = make_policy()
    assert reverse("plan_new") in words(client.get("/"))
    assert reverse("plan_new") not in words(log_in(cast.sun).get("/"))
    assert reverse("plan_new") in words(client.get(reverse("plan")))
    days = {"starts_on": "2026-01-01", "ends_on": "2028-12-31"}
    data = {"policy": policy.pk, "code": "plan-2026", "title": "行动计划", "title_en": "", **days}
    assert client.post(reverse("plan_new"), data).headers["Location"] == reverse("plan")
    plan = Plan.objects.get()
    assert (plan.code, plan.title, plan.ends_on) == ("plan-2026", "行动计划", date(2028, 12, 31))
    assert AuditEntry.objects.get(action="create_plan").by == cast.li


@pytest.mark.parametrize(
    ("field", "changes"),
    [("ends_on", {"ends_on": "2025-12-31"}), ("code", {"code": "a/b"}), ("title", {"title": ""})],
)
def test_a_plan_that_cannot_be_is_refused_in_words(
    field: str, changes: dict[str, str], client: Client
) -> None:
    data = {"code": "p", "title": "计划", "starts_on": "2026-01-01", "ends_on": "2028-12-31"}
    response = client.post(reverse("plan_new"), data | {"policy": make_policy().pk} | changes)
    assert response.status_code == 422
    assert field in response.context["form"].errors or response.context["form"].non_field_errors()
    assert not Plan.objects.exists()


def test_there_is_one_first_plan(client: Client) -> None:
    make_plan()
    assert client.get(reverse("plan_new")).headers["Location"] == reverse("plan")
    assert client.post(reverse("plan_new"), {}).headers["Location"] == reverse("plan")
    assert Plan.objects.count() == 1


def test_without_reference_data_the_page_says_who_loads_them(client: Client) -> None:
    response = client.get(reverse("plan"))
    assert response.status_code == 404
    assert "load_reference" in words(response)


# --- the rules ----------------------------------------------------------------------------------------------
def test_changed_thresholds_are_saved_only_after_their_consequence_was_confirmed(
    item: WorkItem, client: Client
) -> None:
    url = reverse("plan_edit")
    data = filled_in(client, url, behind_below="6")
    response = client.post(url, data)
    assert response.status_code == 200
    assert "With these rules 1 of 1 work items changes its light now." in words(response)
    assert response.context["moves"] == [{"before": "at_risk", "after": "behind", "items": 1}]
    plan = Plan.objects.get()
    assert (plan.behind_below, plan.rule_version) == (-1000, 1)

    confirmed = data | {"confirmed": response.context["form"].confirmation}
    assert client.post(url, confirmed).headers["Location"] == reverse("plan")
    plan.refresh_from_db()
    assert (plan.behind_below, plan.rule_version) == (-600, 2)
    entry = AuditEntry.objects.get(action="change_plan")
    assert entry.before == {"behind_below": -1000, "rule_version": 1}
    assert entry.after == {"behind_below": -600, "rule_version": 2}


def test_other_rules_than_the_confirmed_ones_are_shown_again(item: WorkItem, client: Client) -> None:
    url = reverse("plan_edit")
    first = client.post(url, filled_in(client, url, behind_below="6"))
    other = filled_in(client, url, behind_below="6.5", confirmed=first.context["form"].confirmation)
    assert client.post(url, other).context["consequence"].changed == 1
    assert Plan.objects.get().behind_below == -1000


def test_frozen_weeks_keep_their_thresholds_and_open_ones_follow(item: WorkItem, client: Client) -> None:
    url = reverse("plan_edit")
    data = filled_in(client, url, behind_below="6", cutoff_weekday="3", cutoff_time="12:00")
    data["confirmed"] = client.post(url, data).context["form"].confirmation
    client.post(url, data)
    rollup.roll_up_stale_cells(plan=Plan.objects.get(), now=THURSDAY)
    frozen, running = WeekRollup.objects.order_by("week")
    assert (frozen.behind_below, frozen.rule_version) == (-1000, 1)
    assert (running.behind_below, running.rule_version, running.cutoff_passed) == (-600, 2, True)


def test_a_new_title_needs_no_confirmation_and_is_no_new_rule(item: WorkItem, client: Client) -> None:
    url = reverse("plan_edit")
    assert client.post(url, filled_in(client, url, title="新的名称")).status_code == 302
    plan = Plan.objects.get()
    assert (plan.title, plan.rule_version) == ("新的名称", 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"behind_below": "4"},  # less than at risk
        {"behind_below": "-6"},
        {"at_risk_below": "101"},
        {"ends_on": "2026-06-30"},  # the item is due later
        {"starts_on": "2026-02-01"},
        {"starts_on": "2029-01-01"},
        {"due_soon_days": "1000"},
    ],
)
def test_a_plan_that_cannot_be_so_stays_as_it_is(
    changes: dict[str, str], item: WorkItem, client: Client
) -> None:
    url = reverse("plan_edit")
    before = Plan.objects.values().get()
    response = client.post(url, filled_in(client, url, **changes))
    assert response.status_code == 422
    assert response.context["form"].errors
    assert Plan.objects.values().get() == before


def test_a_plan_that_somebody_changed_meanwhile_is_not_overwritten(item: WorkItem, client: Client) -> None:
    url = reverse("plan_edit")
    mine = filled_in(client, url, title="我的名称")
    Plan.objects.update(title="别人的名称", cutoff_weekday=3)
    response = client.post(url, mine)
    assert response.status_code == 409
    shown = {d.label: (d.was, d.now, d.typed) for d in response.context["form"].differences}
    assert shown["Cut-off day"] == ("Friday", "Thursday", "")
    assert shown["Title"] == ("重点任务推进计划", "别人的名称", "我的名称")
    form = response.context["form"]
    assert (form["title"].value(), str(form["cutoff_weekday"].value())) == ("我的名称", "3")
    assert Plan.objects.get().title == "别人的名称"
    # Seen now, and meant: the same form once more is saved, and what others changed stays.
    again = {bound.html_name: bound.value() for bound in form}
    assert client.post(url, again).status_code == 302
    assert (Plan.objects.get().title, Plan.objects.get().cutoff_weekday) == ("我的名称", 3)
