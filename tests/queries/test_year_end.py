"""The turn of the year 2026: its week 53 ends on 3 January 2027 and ends no month."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import progress, rollup
from tasks_tracker.models import Plan, Standing, User
from tasks_tracker.queries.verification import verify_week
from tests.factories import make_item, make_plan, moment, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

W52, W53, W01 = date(2026, 12, 21), date(2026, 12, 28), date(2027, 1, 4)
W04 = date(2027, 1, 25)  # holds the last Friday of January
NEW_YEAR = date(2027, 1, 1)  # the Friday of week 53


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """A key item, due weekly, and one due at the ends of months; both of 湖北."""
    plan = make_plan(starts_on=date(2026, 12, 1), ends_on=date(2027, 9, 30))
    for code, is_key in (("KEY", True), ("CALM", False)):
        dates = {"starts_on": W52, "due_on": date(2027, 9, 30)}
        make_item(code, plan=plan, lead=cast.hubei, is_key=is_key, **dates)
    return plan


def due(plan: Plan, week: date) -> list[str]:
    """The codes that owe a report in that week, as it stands on its Thursday."""
    thursday = moment(week + timedelta(days=3))
    point = rollup.point_of(plan, week, thursday)
    return sorted(Standing.objects.at(plan, point).filter(due=True).values_list("item__code", flat=True))


def test_the_month_ends_with_its_last_friday_and_not_in_week_53(plan: Plan) -> None:
    report_and_accept(plan.items.get(code="CALM"), 50_00, W52)
    dues = {week: due(plan, week) for week in (W52, W53, W01, W04)}
    assert dues == {W52: ["CALM", "KEY"], W53: ["KEY"], W01: ["KEY"], W04: ["CALM", "KEY"]}


def test_the_cutoff_of_week_53_is_in_the_new_year(plan: Plan, cast: Cast) -> None:
    item = plan.items.get(code="KEY")
    entry = progress.Entry(percent=5_00, progress_note="已启动。")
    for week, at, is_late in (
        (W52, moment(date(2026, 12, 25), 17), True),
        (W53, moment(NEW_YEAR, 16, 59), False),
    ):
        report = progress.submit_report(item=item, week=week, entry=entry, by=cast.chen, now=at)
        assert report.is_late is is_late


def test_progress_goes_on_from_week_53_into_the_first_and_is_proven(plan: Plan) -> None:
    key, calm = plan.items.get(code="KEY"), plan.items.get(code="CALM")
    report_and_accept(key, 4_00, W52)
    report_and_accept(key, 6_00, W53)
    report_and_accept(calm, 8_00, W53)
    closed = rollup.close_week(plan=plan, week=W53, now=moment(W01, 9), by=None)
    assert [week.week for week in closed] == [W52, W53]
    new = rollup.roll_up_week(plan=plan, week=W01, now=moment(W01, 10))
    assert [verify_week(week) for week in (*closed, new)] == [[], [], []]
    for week, percents in ((W52, [None, 4_00]), (W53, [8_00, 6_00]), (W01, [8_00, 6_00])):
        point = rollup.point_of(plan, week, moment(W01, 10))
        standings = Standing.objects.at(plan, point).order_by("item__code")
        assert list(standings.values_list("percent", flat=True)) == percents


@pytest.mark.parametrize("name", ["dashboard", "items"])
def test_the_pages_step_from_week_52_over_53_to_the_first(
    plan: Plan, cast: Cast, log_in: Callable[[User], Client], name: str
) -> None:
    for week in (W52, W53, W01):
        rollup.roll_up_week(plan=plan, week=week, now=moment(W01, 10))
    client = log_in(cast.li)
    page = client.get(reverse(name), {"week": "2026-W53"})
    assert "2026年第53周" in page.content.decode()
    assert "12.28–1.03" in page.content.decode()
    for other in ("2026-W52", "2027-W01"):
        assert f"week={other}" in page.content.decode()
    assert client.get(reverse(name), {"week": "2027-W53"}).status_code == 404


def test_my_week_on_new_years_day_is_week_53(
    plan: Plan, cast: Cast, log_in: Callable[[User], Client], time_machine: object
) -> None:
    for now, week in (
        (moment(NEW_YEAR, 9), W53),
        (moment(date(2027, 1, 3), 23, 59), W53),
        (moment(W01, 0, 0), W01),
    ):
        time_machine.move_to(now, tick=False)  # type: ignore[attr-defined]
        assert log_in(cast.chen).get(reverse("my_week")).context["desk"].week == week
