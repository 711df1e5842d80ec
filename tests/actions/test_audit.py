"""What is put on record: who, when, from where, what, about which work item."""

import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import models
from django.test import Client

import manage
from tasks_tracker import jobs
from tasks_tracker.actions import audit, rollup
from tasks_tracker.models import AuditEntry, User
from tasks_tracker.rules.origin import origin
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, make_problem, make_report, moment
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 10)


def set_light(client: Client, **headers: str) -> AuditEntry:
    """李维 sets the light of HB-1 on the web; the entry."""
    with time_machine.travel(FRIDAY, tick=False):
        values = {"light": "at_risk", "expires_on": "2026-11-30", "reason": "现场核实"}
        form = {f"by-hand-{name}": value for name, value in values.items()}
        assert client.post("/items/HB-1/light/", form, **headers).status_code == 302  # type: ignore[arg-type]
    return AuditEntry.objects.first()


@pytest.fixture
def client(cast: Cast, log_in: LogIn) -> Client:
    """李维's, with one item of 湖北 in the running week."""
    make_item("HB-1")
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    return log_in(cast.li)


def test_an_act_on_a_page_comes_from_the_address_of_the_caller(client: Client, cast: Cast) -> None:
    entry = set_light(client, REMOTE_ADDR="10.1.2.3")
    assert (entry.by, entry.channel, entry.address) == (cast.li, "web", "10.1.2.3")
    assert entry.at == FRIDAY
    assert origin() == ("", "")


def test_without_a_proxy_nobody_writes_an_address_of_the_own_choice(client: Client) -> None:
    entry = set_light(client, REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_FOR="8.8.8.8")
    assert entry.address == "10.1.2.3"


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("10.9.9.9", "10.9.9.9"),
        ("1.1.1.1, 10.9.9.9", "10.9.9.9"),  # the caller wrote the first, the proxy the last
        ("2001:DB8::0:1", "2001:db8::1"),
        ("nonsense", ""),
        ("", "127.0.0.1"),
    ],
)
def test_behind_our_proxy_the_address_is_the_one_that_the_proxy_saw(
    header: str, address: str, client: Client, settings: Any
) -> None:
    settings.BEHIND_PROXY = True
    headers = {"HTTP_X_FORWARDED_FOR": header} if header else {}
    assert set_light(client, **headers).address == address


def test_what_a_job_does_is_done_by_a_job_even_inside_a_page(cast: Cast) -> None:
    make_item("HB-1")
    rollup.roll_up_week(plan=make_plan(), week=LAST_WEEK, now=moment(LAST_WEEK))
    with time_machine.travel(moment(THIS_WEEK + ONE_WEEK, 9), tick=False):
        jobs.close_week.apply()
    entries = AuditEntry.objects.filter(action="close_week")  # of both weeks that were open
    assert {(entry.by, entry.channel, entry.address) for entry in entries} == {(None, "job", "")}


def test_what_a_command_does_is_done_by_a_command(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    make_item("HB-1")
    rollup.roll_up_week(plan=make_plan(), week=LAST_WEEK, now=moment(LAST_WEEK))
    monkeypatch.setattr(sys, "argv", ["manage.py", "close_week"])
    # Django's own would close the connection that the test is on.
    monkeypatch.setattr(manage, "execute_from_command_line", lambda argv: call_command(*argv[1:]))
    with time_machine.travel(moment(THIS_WEEK + ONE_WEEK, 9), tick=False):
        manage.main()
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.channel) == ("close_week", "command")


def test_an_act_knows_the_work_item_it_is_about(cast: Cast) -> None:
    item = make_item("HB-1")
    report = make_report(item, written_by=cast.chen)
    about: list[tuple[models.Model, int | None]] = [
        (item, item.pk),
        (report, item.pk),
        (make_problem(report), item.pk),
        (item.plan, None),
        (cast.chen, None),
    ]
    for obj, expected in about:
        assert audit.record(by=None, action="x", obj=obj).item_id == expected, obj


@pytest.mark.parametrize("value", [1.5, float("nan"), [0.1], {"a": {"b": 1.0}}, FRIDAY, FRIDAY.date()])
def test_what_databases_write_differently_is_no_value(value: object, cast: Cast) -> None:
    with pytest.raises(TypeError):
        audit.record(by=None, action="x", obj=cast.chen, after={"value": value})
    assert not AuditEntry.objects.exists()
