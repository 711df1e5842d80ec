"""Who owes what: the rate of the week in the reader's scope, each number a list, and who owes the rest."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions.follow_up import follow_up
from tasks_tracker.actions.rollup import close_week, roll_up_week
from tasks_tracker.models import Mail, Notice, Plan, User
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_actor,
    make_item,
    make_measure,
    make_report,
    make_user,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
FRIDAY = moment(date(2026, 11, 20), 16, 20)
MONDAY = moment(THIS_WEEK, 9)


@pytest.fixture
def plan(cast: Cast, time_machine: Any) -> Plan:
    """湖北 gave one of two this week and both last week, 武汉 none of one, 江苏 its only one; on Friday."""
    time_machine.move_to(FRIDAY, tick=False)
    given = make_item("HB-1", is_key=True)
    left_out = make_item("HB-2", is_key=True, measure=make_measure("5.2"))
    make_item("WH-1", is_key=True, lead=cast.wuhan)
    js = make_item(
        "JS-1", is_key=True, lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("S1.1")
    )
    for item, reporter in ((given, cast.chen), (left_out, cast.chen), (js, cast.wang)):
        report_and_accept(item, 90_00, LAST_WEEK, by=reporter)
    plan = given.plan
    close_week(plan=plan, week=LAST_WEEK, now=MONDAY, by=None)
    report_and_accept(given, 91_00, by=cast.chen)
    make_report(js, written_by=cast.wang)
    roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY)
    return plan


def rows(response: Any) -> dict[str, tuple[int, int, int]]:
    return {
        row.record.label: (row.record.due, row.record.reported, row.record.missing)
        for row in response.context["table"].rows
    }


def test_the_rate_is_that_of_the_reports_owed(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    whole = log_in(cast.li).get(reverse("filing")).context["whole"]
    assert (whole.tally.due, whole.tally.due_reported, whole.rate) == (4, 2, 5_000)
    assert whole.rates == [7_500, 5_000]
    assert (whole.before, whole.change) == (7_500, -2_500)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "unit",
            {
                "工业和信息化部": (4, 2, 2),
                "湖北省经济和信息化厅": (3, 1, 2),
                "武汉市经信局": (1, 0, 1),
                "江苏省工业和信息化厅": (1, 1, 0),
            },
        ),
        ("region", {"湖北": (3, 1, 2), "江苏": (1, 1, 0)}),
        ("task", {"1 任务1": (2, 1, 1), "5 任务5": (1, 0, 1), "保障措施": (1, 1, 0)}),
    ],
)
def test_by_unit_region_and_key_task_it_adds_up(
    by: str, expected: dict[str, tuple[int, int, int]], plan: Plan, cast: Cast, log_in: LogIn
) -> None:
    response = log_in(cast.li).get(reverse("filing"), {"by": by})
    assert rows(response) == expected


@pytest.mark.parametrize("by", ["unit", "region", "task"])
def test_each_number_is_a_list_of_as_many_items(by: str, plan: Plan, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    response = client.get(reverse("filing"), {"by": by})
    for row in response.context["table"].rows:
        record = row.record
        for name, number in (("due", record.due), ("given", record.reported), ("missing", record.missing)):
            assert client.get(record.url[name]).context["summary"].items == number, record.url[name]
    whole = response.context["whole"].tally
    for name, number in (
        ("due", whole.due),
        ("given", whole.due_reported),
        ("missing", whole.missing),
        ("accepted", whole.accepted),
        ("submitted", whole.submitted),
    ):
        assert client.get(response.context["urls"][name]).context["summary"].items == number


def test_what_needs_attention_comes_first_and_the_address_sorts(
    plan: Plan, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    first = list(rows(client.get(reverse("filing"), {"by": "region"})))
    assert first == ["湖北", "江苏"]
    turned = list(rows(client.get(reverse("filing"), {"by": "region", "sort": "missing"})))
    assert turned == ["江苏", "湖北"]
    units = client.get(reverse("filing"), {"unit-sort": "-unit"}).context["silent"]
    assert len(units.rows) == 2


def test_the_units_that_owe_something_with_items_weeks_and_last_report(
    plan: Plan, cast: Cast, log_in: LogIn
) -> None:
    follow_up(plan=plan, now=FRIDAY)
    response = log_in(cast.li).get(reverse("filing"))
    found = {
        row.record.unit.unit.code: (
            row.record.missing,
            row.record.weeks,
            [item.code for item in row.record.items],
            row.record.urged_words,
        )
        for row in response.context["silent"].rows
    }
    assert found == {"wuhan": (1, 2, ["WH-1"], "提醒"), "hubei": (1, 1, ["HB-2"], "提醒")}
    reported = {unit.unit.code: unit.last_report for unit in response.context["owing"]}
    assert reported == {"wuhan": None, "hubei": moment(date(2026, 11, 19), 10)}
    assert "至少" not in response.content.decode()


def test_everybody_sees_the_own_scope(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    expected = {
        cast.chen: (3, {"hubei", "wuhan"}),
        cast.liu: (1, {"wuhan"}),
        cast.wang: (1, set()),
        cast.sun: (1, set()),
        cast.zhao: (4, {"hubei", "wuhan"}),
    }
    for user, (due, owing) in expected.items():
        context = log_in(user).get(reverse("filing")).context
        assert context["whole"].tally.due == due, user
        assert {unit.unit.code for unit in context["owing"]} == owing
    assert log_in(cast.system_admin).get(reverse("filing")).status_code == 403


def test_any_week_is_looked_at_and_a_frozen_one_stays(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    past = client.get(reverse("filing"), {"week": "2026-W46"})
    assert past.context["whole"].rate == 7_500
    assert "已冻结" in past.content.decode()
    assert client.get(reverse("filing"), {"week": "2026-W01"}).status_code == 404


def test_the_countdown_runs_to_the_cutoff_and_then_says_so(
    plan: Plan, cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    client = log_in(cast.li)
    assert "11-20 17:00截止" in client.get(reverse("filing")).content.decode()
    time_machine.move_to(FRIDAY + timedelta(hours=1), tick=False)
    assert "已于11-20 17:00截止" in client.get(reverse("filing")).content.decode()


def test_only_a_supervisor_gets_the_button_and_only_while_the_week_is_open(
    plan: Plan, cast: Cast, log_in: LogIn
) -> None:
    urge = reverse("urge_unit", args=["wuhan"])
    assert urge in log_in(cast.li).get(reverse("filing")).content.decode()
    assert urge not in log_in(cast.li).get(reverse("filing"), {"week": "2026-W46"}).content.decode()
    assert urge not in log_in(cast.zhao).get(reverse("filing")).content.decode()
    assert urge not in log_in(cast.chen).get(reverse("filing")).content.decode()


def test_the_page_says_that_e_mail_is_off_and_names_mails_that_failed(
    plan: Plan, cast: Cast, log_in: LogIn, settings: Any
) -> None:
    client = log_in(cast.li)
    assert "未启用邮件" in client.get(reverse("filing")).content.decode()
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    for user in (cast.chen, cast.wang):
        notice = Notice.objects.create(to=user, kind="urging", words="Urging", link="/", at=FRIDAY)
        Mail.objects.create(
            notice=notice,
            address=f"{user.username}@example.gov.cn",
            subject="x",
            body="x",
            status="failed",
            next_try_at=FRIDAY,
            error="550 no such mailbox",
        )
    page = client.get(reverse("filing")).content.decode()
    assert "未启用邮件" not in page
    assert page.count("550 no such mailbox") == 1  # 江苏 owes nothing
    assert "550" not in log_in(cast.chen).get(reverse("filing")).content.decode()


@pytest.mark.parametrize(("by", "queries"), [("unit", 17), ("region", 19), ("task", 19)])
def test_the_page_asks_the_database_the_same_however_many_units_owe(
    by: str, queries: int, plan: Plan, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    client.get(reverse("filing"))
    with django_assert_num_queries(queries):
        client.get(reverse("filing"), {"by": by})
    for number in range(10):
        lead = make_actor(f"unit-{number}")
        make_item(lead=lead, is_key=True, measure=make_measure(f"{number % 7 + 1}.1"))
        make_user(actor=lead)
    roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY)
    with django_assert_num_queries(queries):
        assert len(client.get(reverse("filing"), {"by": by}).context["owing"]) == 12
