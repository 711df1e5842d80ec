"""A ledger of an office that was sent and checked, and waits for somebody to confirm it."""

import csv
from io import StringIO

from tasks_tracker.actions.demo.texts import marked, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.actions.imports import Choices, check_ledger, send_ledger


def write_ledger(world: World) -> None:
    """Rows that would be new, with names and days as offices write them; one unit is not known."""
    by, now = world.people.supervisor, world.calendar.now
    found = send_ledger(
        plan=world.plan, content=_content(world), file_name=texts()["ledger"]["file"], by=by, now=now
    )
    check_ledger(plan_import=found, choices=Choices.of(found), seen=found.revision, by=by, now=now)


def _content(world: World) -> bytes:
    words, year = texts()["ledger"], world.calendar.until.year
    buffer = StringIO()
    table = csv.writer(buffer)
    table.writerow(words["header"])
    rows = zip(words["titles"], words["units"], words["days"], words["targets"], strict=True)
    for number, (title, unit, day, target) in enumerate(rows, 1):
        measure = world.measures[number * 7 % len(world.measures)]
        due = day.format(year=year, next=year + 1)
        table.writerow((number, measure.code, marked(title), unit, words["supporting"], due, number, target))
    return buffer.getvalue().encode("gb18030")
