"""`?week=` of a frozen week: every page of figures shows that week as it was, whatever happens afterwards."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse

from tasks_tracker import models
from tasks_tracker.actions import lifecycle, replan, rollup
from tasks_tracker.actions.problems import solve_case
from tasks_tracker.actions.supervision import override_light
from tasks_tracker.models import Plan, ProblemCase, Role, State, User, WorkItem
from tasks_tracker.queries import remembered
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import THIS_WEEK, demonstration, report_and_accept
from tests.journeys.walk import FIRST
from tests.matrix.table import TABLE
from tests.repository.addresses import addresses

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
WEEK = "2026-W45"  # of the demonstration, frozen
OF_A_WEEK = (
    "dashboard",
    "key_tasks",
    "key_task",
    "regions",
    "region",
    "measure",
    "wall",
    "items",
    "item",
    "actors",
    "actor",
    "matrix",
    "compare",
    "why",
    "policy",
    "signals",
    "changes",
    "filing",
    "problems",
)
# Pages without `?week=`, and why.
OF_NOW = {
    "signal": "one signal with its whole history",
    "signal_rules": "the rules in force",
    "signal_rule": "a rule that is being edited",
    "policy_draft": "a draft that is being corrected",
    "problem": "one case with its whole history",
    "requests": "what waits for a decision",
    "reviews": "what waits for a signature",
    "reviews_batch": "what waits for a signature",
    "review": "a report about its own week",
    "slip": "a paper about its own week",
    "slips": "a register of papers",
    "my_week": "the form of a week",
    "my_week_item": "the form of a week",
    "my_week_table": "the form of a week",
    "week_workbook": "the form of a week",
    "week_workbook_check": "a filled-in form of a week",
    "to_accept": "what waits for a signature",
    "cutoffs": "the calendar of cut-offs",
    "urge_unit": "a slip that is being written",
    "weekly_reports": "the register of all weeks",
    "weekly_report": "a paper about its own week",
    "weekly_paragraph": "a paper about its own week, being written",
    "weekly_pack": "the files of a week, and how far they are",
    "exports": "a form that has the week as a field",
    "indicator": "the record of its values, with their days",
    "numbers": "the rules in force",
    "notices": "own notices",
    "audit_log": "the log",
}
EDITING = re.compile(r"^(plan|outline|key_task_|measure_|actor_|region_|item_|indicator_|assign|distribute)")
ACCOUNTS = ("login", "password_change", "password_change_done", "healthz")


@pytest.fixture
def plan(time_machine: Any) -> Plan:
    time_machine.move_to(demonstration.MONDAY_AFTER, tick=False)
    call_command("load_reference", verbosity=0)
    plan = demonstration.make(items=60, weeks=4)
    Plan.objects.update(unit_review=False)  # else an acceptance needs two signatures
    return Plan.objects.get(pk=plan.pk)


def user_of(role: str) -> User:
    found = User.objects.filter(role=role, is_demonstration=True, key_tasks=None, regions=None)
    return found.order_by("pk")[0]


def urls() -> dict[str, str]:
    found = {}
    for address in (a for a in addresses() if a.name in OF_A_WEEK):
        about = TABLE[address.name].about
        known = eval(FIRST[about], vars(models)) if about else {}
        found[address.name] = reverse(address.name, kwargs={name: known[name] for name in address.parameters})
    return found


def said(client: Client, url: str, week: str = WEEK) -> str:
    """The page without what is of the moment: the form's token, the clock, the weeks to choose from."""
    response = client.get(url, {"week": week})
    assert response.status_code == 200, url
    text = response.content.decode()
    text = text[text.index("<main") : text.index("</main>")]
    passing = (
        r'name="csrfmiddlewaretoken" value="\w+"',
        r"data-refreshed.*?</span>\d\d:\d\d",
        r"<option value=\"\d{4}-W.*?</option>",
    )
    return re.sub(r"\s+\n", "\n", re.sub("|".join(passing), "", text))


def differing(before: str, after: str) -> list[str]:
    """What a page says now and did not say before."""
    return [line[:200] for line in after.splitlines() if line not in set(before.splitlines())][:3]


def change_much(plan: Plan, shown: WorkItem) -> None:
    """In the open week: a report accepted, a due day moved, a light set, items suspended and cancelled."""
    now, by = demonstration.MONDAY_AFTER, user_of(Role.SUPERVISOR)
    running = WorkItem.objects.filter(plan=plan, state=State.IN_PROGRESS, decomposed=False)
    others = list(running.exclude(pk=shown.pk).order_by("pk"))
    report_and_accept(shown, 10_000, THIS_WEEK + ONE_WEEK, decided_by=by)
    with transaction.atomic():
        item, week = replan.held(shown, now)
        changes = {"due_on": item.due_on + timedelta(days=90), "weight": item.weight + 5}
        replan.move(item, week, changes, reason="论证后顺延", asked_by=by, approved_by=by, now=now)
    override_light(item=others[0], light="overdue", expires_on=now.date(), reason="现场核实", by=by, now=now)
    lifecycle.suspend_item(item=others[1], reason="资金暂停", by=by, now=now)
    lifecycle.cancel_item(item=others[2], reason="任务取消", by=by, now=now)
    for case in ProblemCase.objects.unsolved().filter(item__in=others[3:40])[:1]:
        solve_case(case=case, seen=case.revision, words="已协调解决", by=by, now=now)
    rollup.roll_up_stale_cells(plan=plan, now=now)


def test_a_frozen_week_stays_on_every_page_and_the_open_one_moves(plan: Plan, log_in: LogIn) -> None:
    client = log_in(user_of(Role.SUPERVISOR))
    pages = urls()
    assert set(pages) == set(OF_A_WEEK)
    shown = WorkItem.objects.get(code=resolve(pages["item"]).kwargs["code"])
    before = {name: said(client, url) for name, url in pages.items()}
    latest = {name: said(client, url, "") for name, url in pages.items()}
    change_much(plan, shown)
    remembered.forget()
    after = {name: said(client, url) for name, url in pages.items()}
    other = {name: differing(before[name], after[name]) for name in pages if after[name] != before[name]}
    assert not other, other
    moved = {name for name, url in pages.items() if said(client, url, "") != latest[name]}
    assert moved >= {"dashboard", "key_tasks", "regions", "wall", "items", "item", "actors", "changes"}


def test_each_says_as_of_when_keeps_the_week_and_knows_no_other(plan: Plan, log_in: LogIn) -> None:
    client = log_in(user_of(Role.SUPERVISOR))
    lost = {}
    for name, url in urls().items():
        text = client.get(url, {"week": WEEK}).content.decode()
        assert "数据截至2026-11-08" in text.replace("数据截至 ", "数据截至"), name
        text = re.sub(r'<a class="brand".*?>', "", text)  # the way back to now
        links = set(re.findall(r'href="(/[^"#]*)"', text.replace("&amp;", "&")))
        pages = [link for link in links if not link.startswith("/static/")]
        weekly = [link for link in pages if resolve(urlsplit(link).path).url_name in OF_A_WEEK]
        loose = [link for link in weekly if parse_qs(urlsplit(link).query).get("week") != [WEEK]]
        lost |= {name: found} if (found := [link for link in loose if "week=" not in link]) else {}
        for none in ("2027-W20", "2020-W01", "soon"):
            response = client.get(url, {"week": none})
            assert response.status_code == 404, name
            assert f"没有周次“{none}”" in response.content.decode(), name
    assert not lost, lost


def test_every_page_is_of_a_week_or_says_why_not() -> None:
    pages = {
        address.name
        for address in addresses()
        if ":" not in address.name and "page" in TABLE[address.name].get.values()
    }
    left = {n for n in pages - {*OF_A_WEEK, *OF_NOW, *ACCOUNTS} if not EDITING.match(n)}
    assert left == set()
