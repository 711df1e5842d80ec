"""Measures one database with demonstration data; prints seconds as JSON.

`python -m tests.bench` runs `main` in a `manage.py shell` on each of its databases.
"""

import json
import sys
from collections.abc import Callable, Iterator
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from tasks_tracker.actions import progress, rollup, standing
from tasks_tracker.models import (
    RUNNING_STATES,
    Cell,
    Plan,
    Problem,
    ProgressReport,
    Role,
    Standing,
    User,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.rules.weeks import FAR, week_of

PAGES, ACCEPTANCES, ROLL_UPS = 12, 25, 3
WARM_UP = 3


def seconds(call: Callable[[], Any]) -> float:
    begin = perf_counter()
    call()
    return perf_counter() - begin


def dashboard(plan: Plan, *, changing: bool) -> float:
    """Server time of the national dashboard for a national viewer; `changing`: each time after a change."""
    client = Client(headers={"host": "localhost"})
    viewer = User.objects.filter(role=Role.VIEWER, key_tasks=None, regions=None).first()
    item = WorkItem.objects.filter(plan=plan).order_by("pk").first()
    assert viewer is not None
    assert item is not None
    client.force_login(viewer)

    def get() -> None:
        response = client.get("/")
        assert response.status_code == 200, response.status_code
        assert b"{" in response.content

    times = []
    for _ in range(WARM_UP + PAGES):
        if changing:
            standing.mark_stale(item, week_of(timezone.localdate()))
            rollup.roll_up_stale_cells(plan=plan, now=timezone.localtime())
        times.append(seconds(get))
    return median(times[WARM_UP:])


def acceptance(plan: Plan) -> float:
    """From the acceptance of a report to its cells updated, one report after the other."""
    supervisor = User.objects.filter(role=Role.SUPERVISOR, key_tasks=None, regions=None).first()
    assert supervisor is not None

    def accept(report: ProgressReport) -> None:
        progress.accept_report(report=report, by=supervisor, now=timezone.localtime())
        while rollup.roll_up_stale_cells(plan=plan, now=timezone.localtime()):
            pass

    times = [seconds(lambda report=report: accept(report)) for report in waiting_reports(plan)]
    assert len(times) == WARM_UP + ACCEPTANCES, len(times)
    return median(times[WARM_UP:])


def waiting_reports(plan: Plan) -> Iterator[ProgressReport]:
    """Reports of this week that were just handed in, on items drawn from the whole plan."""
    now = timezone.localtime()
    week = week_of(now.date())
    items = list(
        WorkItem.objects.filter(plan=plan, state__in=RUNNING_STATES, decomposed=False)
        .exclude(reports__week=week)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for pk in Random(1).sample(items, WARM_UP + ACCEPTANCES):
        item = WorkItem.objects.select_related("plan", "lead").get(pk=pk)
        reporter, _made = User.objects.get_or_create(
            username=f"bench-{item.lead_id}", defaults={"role": Role.REPORTER, "actor": item.lead}
        )
        percent = Standing.objects.get(item=item, until=FAR).percent or 0
        entry = progress.Entry(
            percent=percent,
            progress_note="……",
            problems=[progress.ProblemEntry(Problem.Kind.OTHER, "……")],
        )
        report = progress.submit_report(item=item, week=week, entry=entry, by=reporter, now=now)
        while rollup.roll_up_stale_cells(plan=plan, now=now):
            pass
        yield report


def roll_ups(plan: Plan) -> dict[str, float]:
    """The whole running week with every cell written, with none to write, and the bare query; in turn."""
    now = timezone.localtime()
    week = week_of(now.date())
    point = WeekRollup.objects.get(plan=plan, week=week).point
    statement, parameters = rollup.grouped_standings(plan, point).query.sql_with_params()

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            cursor.fetchall()

    def whole() -> None:
        rollup.roll_up_week(plan=plan, week=week, now=now)

    rounds = []
    for _ in range(1 + ROLL_UPS):
        query = seconds(bare)
        Cell.objects.filter(rollup__plan=plan, rollup__week=week).delete()
        rounds.append({"bare_query": query, "roll_up": seconds(whole), "again": seconds(whole)})
    return {name: median(each[name] for each in rounds[1:]) for name in rounds[0]}


def main() -> None:
    if connection.vendor != "postgresql":
        sys.exit("The measurements are made on PostgreSQL: make bench.")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    Plan.objects.update(unit_review=False)  # what is measured is the acceptance, not the signature before it
    plan = Plan.objects.current()
    rollup.roll_up_week(plan=plan, week=week_of(timezone.localdate()), now=timezone.localtime())
    result = {
        "items": WorkItem.objects.count(),
        "cells": WeekRollup.objects.order_by("-week")[0].cells.count(),
        "dashboard": dashboard(plan, changing=False),
        "first_view": dashboard(plan, changing=True),
        "acceptance": acceptance(plan),
        **roll_ups(plan),
    }
    print(json.dumps(result))
