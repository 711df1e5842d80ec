"""Every page with figures, read and counted again; see `differences`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from http import HTTPStatus
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import translation

from tasks_tracker.models import Actor, KeyTask, Measure, Region, RegionGroup
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.templatetags.formats import with_query
from tests.recount import checks
from tests.recount.arithmetic import UNITS, Count, Line, change, minus, percent, signed
from tests.recount.checks import Check, curves
from tests.recount.expected import Subject, compare, value
from tests.recount.pages import elements, parsed, tables, text_of
from tests.recount.week import Week


def differences(week: Week, client: Client) -> Iterator[str]:
    """All that the pages of the week say and the second count does not."""
    with translation.override("en"):
        yield from _differences(week, client)


def _differences(week: Week, client: Client) -> Iterator[str]:
    for url, headline, known in pages(week):
        response = client.get(with_query(url, week=format_week(week.rollup.week)))
        assert response.status_code == HTTPStatus.OK, f"{url}: {response.status_code}"
        root = parsed(response.content.decode())
        found = list(_item(root, headline) if isinstance(headline, Line) else _headline(root, headline, week))
        for table in tables(root):
            check = next((c for name, c in known.items() if re.match(name, table.name)), None)
            found += check(table) if check else [f"{table.name or table.heads}: a table nobody recounts"]
        yield from (f"{url} {format_week(week.rollup.week)} {week.user}: {line}" for line in found)


def pages(week: Week) -> Iterator[tuple[str, Subject | Line | None, dict[str, Check]]]:
    """(address, what the headline is about, the checks of its tables by how their name begins)."""
    tasks = list(KeyTask.objects.order_by("number"))
    yield reverse("dashboard"), week.whole(), national(week)
    yield reverse("key_tasks"), None, key_tasks(week)
    yield reverse("regions"), None, regions(week)
    seen = week.user.key_tasks.all() or tasks
    cells = crossed(week)
    yield reverse("matrix"), None, {"Progress and light": lambda table: checks.light_matrix(table, cells)}
    yield f"{reverse('actors')}?per_page=100", None, {"$": lambda table: checks.actors(table, week)}
    yield reverse("why"), None, why(week, None)
    for task in tasks:
        yield reverse("key_task", args=[task.number]), week.of_task(task.number), key_task(week, task)
        if task in seen:
            yield f"{reverse('why')}?key_task={task.number}", None, why(week, task)
    for code in sorted({line.region for line in week.now.lines if line.task}):
        yield reverse("region", args=[code]), week.whole(code), region(week, code)
    for code in sorted({line.measure for line in week.now.lines}):
        yield reverse("measure", args=[code]), week.of_measure(code), measure(week, code)
    own = week.user.actor.path if week.user.role in UNITS else ""
    for unit in Actor.objects.filter(path__startswith=own):
        if any(line.path.startswith(unit.path) for line in week.now.lines if line.task):
            yield reverse("actor", args=[unit.code]), under(week, unit), actor(week, unit)
    for line in week.now.lines[::7]:
        listed = f"{reverse('items')}?per_page=100&role=all&measure={line.measure}&region={line.region}"
        yield listed, None, {"$": lambda table: checks.items(table, week)}
        yield reverse("item", args=[line.code]), line, {"": lambda _table: []}  # records of single reports
    for other in week.weeks()[:-1]:
        yield f"{reverse('compare')}?with={format_week(other)}", None, compared(week, other)


def national(week: Week) -> dict[str, Check]:
    return {
        "The seven key tasks": lined(task_lines(week) | {"Total": week.whole()}),
        "Work items per key task": lined(
            {task.short_label: week.of_task(task.number) for task in KeyTask.objects.all()}
        ),
        "Work items per region": lined({r.short_label: week.whole(r.code) for r in Region.objects.all()}),
        "Variance of each key task in each region": lambda table: checks.matrix(
            table,
            {
                (task.short_label, r.short_label): week.of_task(task.number, r.code)
                for task in KeyTask.objects.all()
                for r in Region.objects.all()
            },
        ),
        **curves(week, lambda count: count.plan()),
        "Regions on a": lambda table: checks.tiles(table, week.whole),
        "Overdue and not closed": lambda table: checks.overdue(table, week),
    }


def key_tasks(week: Week) -> dict[str, Check]:
    found = {
        "The seven key tasks": lined(task_lines(week) | {"Total": week.whole()}),
        "Work items per key task": national(week)["Work items per key task"],
        "Supporting measures": lined(measure_lines(week, None)),
    }
    for task in KeyTask.objects.all():
        found[f"{task.number} "] = lined(measure_lines(week, task.number))
    return found


def key_task(week: Week, task: KeyTask) -> dict[str, Check]:
    codes = [m.code for m in Measure.objects.filter(key_task=task)]
    here = lambda count: count.where(lambda i: i.task == task.number)  # noqa: E731
    return {
        r"\d+ measures?": lined(measure_lines(week, task.number)),
        "Work items per measure": lined({code: week.of_measure(code) for code in codes}),
        "Variance of each measure in each region": lambda table: checks.grid(table, week, task),
        **curves(week, lambda count: count.task(task.number)),
        **sections(week, here),
    }


def regions(week: Week) -> dict[str, Check]:
    rows = {r.label: week.whole(r.code) for r in Region.objects.all()}
    return {
        "Work items per region": national(week)["Work items per region"],
        "All regions": lined(rows),
        "Regions on a": lambda table: checks.tiles(table, week.whole),
        "Region groups": lined({g.label: group(week, g) for g in RegionGroup.objects.all()}),
    }


def region(week: Week, code: str) -> dict[str, Check]:
    lines = {}
    for task in KeyTask.objects.all():
        of_all = week.of_task(task.number)
        mine = week.of_task(task.number, code)
        lines[str(task.number)] = Subject(mine.now, mine.figure, mine.then, beside=of_all.figure)
    here = lambda count: count.where(lambda i: i.region == code)  # noqa: E731
    return {
        "The seven key tasks in this region": lined(lines | {"Total": week.whole(code)}),
        "Regions on a": lambda table: checks.tiles(table, week.whole),
        "Among the": lambda table: checks.position(table, week, code),
        **curves(week, lambda count: here(count).plan()),
        **sections(week, lambda count: here(count).where(lambda i: i.task is not None)),
    }


def measure(week: Week, code: str) -> dict[str, Check]:
    here = lambda count: count.where(lambda i: i.measure == code)  # noqa: E731
    return {
        "Regions on a": lambda table: checks.tiles(table, lambda region: week.of_measure(code, region)),
        **curves(week, lambda count: count.measure(code)),
        **sections(week, here),
    }


def actor(week: Week, unit: Actor) -> dict[str, Check]:
    """A unit with all below it; beside it the same key tasks in all that the user sees."""
    path = unit.path
    here = lambda count: count.where(lambda i: i.path.startswith(path))  # noqa: E731
    lines = {}
    for task in KeyTask.objects.all():
        mine = week.subject(
            lambda c, n=task.number: c.task(n),
            lambda i, n=task.number: i.task == n and i.path.startswith(path),
        )
        national = None if week.user.role == "reporter" else week.of_task(task.number).figure
        lines[str(task.number)] = replace(mine, beside=national)
    return {
        "The seven key tasks in this unit": lined(lines | {"Total": under(week, unit)}),
        **curves(week, lambda count: here(count).plan()),
        **sections(week, lambda count: here(count).where(lambda i: i.task is not None)),
    }


def under(week: Week, unit: Actor) -> Subject:
    return week.subject(Count.plan, lambda i: i.task is not None and i.path.startswith(unit.path))


def why(week: Week, task: KeyTask | None) -> dict[str, Check]:
    """The parts of the whole, or of a key task."""
    now, weights = week.now, week.now.weights
    if task is None:
        parts = {f"{t.number} {t.label}": (weights.tasks[t.number], now.task(t.number)) for t in _tasks()}
        whole = now.plan()
    else:
        rows = Measure.objects.filter(key_task=task)
        parts = {f"{m.code} {m.label}": (weights.measures[m.code], now.measure(m.code)) for m in rows}
        whole = now.task(task.number)
    return {
        "Its parts": lambda table: checks.shares(table, parts, whole),
        "What it leaves": lambda _table: [],
    }


def _tasks() -> Iterator[KeyTask]:
    return KeyTask.objects.order_by("number").iterator()


def crossed(week: Week) -> dict[tuple[str, str], Subject]:
    """Key tasks × regions, with their totals."""
    places = {"Total": "", **{r.short_label: r.code for r in Region.objects.all()}}
    found = {}
    for column, code in places.items():
        for task in KeyTask.objects.all():
            found[f"{task.number} {task.short_label}", column] = week.of_task(task.number, code)
        found["Total", column] = week.whole(code)
        found["Supporting measures (apart)", column] = week.of_task(None, code)
    return found


def compared(week: Week, other: date) -> dict[str, Check]:
    """The bridge from another week: its ends, and that its steps add up."""
    then, now = week.at(other).plan(), week.now.plan()
    return {
        "Steps": lambda table: checks.bridge(table, then, now),
        "From ": lambda _table: [],  # the drawing's twin: the same steps without how many
        "Rows: light in": lambda table: checks.turned(table, week.at(other), week.now),
    }


def sections(week: Week, here: Callable[[Count], Count]) -> dict[str, Check]:
    """What the pages of places have in common."""
    return {
        "Reports filled in": lambda table: (
            checks.reporting(table, week, here)
            if table.heads[0] == "Week"
            else checks.units(table, here(week.now))
        ),
        "Work items with start": lambda table: checks.timeline(table, here(week.now)),
        "Indicators": lambda _table: [],  # values as recorded, no figure of the roll-up
    }


def task_lines(week: Week) -> dict[str, Subject]:
    return {str(task.number): week.of_task(task.number) for task in KeyTask.objects.all()}


def measure_lines(week: Week, task: int | None) -> dict[str, Subject]:
    return {m.code: week.of_measure(m.code) for m in Measure.objects.filter(key_task__number=task)}


def group(week: Week, group: RegionGroup) -> Subject:
    members = set(group.regions.values_list("code", flat=True))
    subject = week.subject(Count.plan, lambda i: i.task is not None and i.region in members)
    return Subject(subject.now, subject.figure)


def lined(lines: Mapping[str, Subject]) -> Check:
    return lambda table: compare(table, lines)


def _item(root: Any, line: Line) -> Iterator[str]:
    """Where a single item stands, beside its plan."""
    section = next(elements(root, "section", cls="item-figures"))
    facts = {text_of(dt): text_of(dd) for dt, dd in _pairs(section)}
    known = line.percent if line.known else None
    facts["Progress"] = text_of(next(elements(section, "p", cls="big"))).replace(" %", "%")
    wanted = {
        "Progress": percent(known),
        "Planned": percent(line.planned),
        "Variance": signed(minus(known, line.planned)),
    }
    for name, text in wanted.items():
        if facts[name] != text:
            yield f"{name} {facts[name]}, recounted {text}"


def _headline(root: Any, about: Subject | None, week: Week) -> Iterator[str]:
    """The figure in large, what stands beside it, the counts by light with their change."""
    section = next(elements(root, "section", cls="headline"), None)
    if about is None or not about.now.scope or section is None:
        return
    figure, then = about.figure, about.then
    facts = {text_of(dt): text_of(dd) for dt, dd in _pairs(section)}
    wanted = {
        "Planned": percent(value(figure, "planned")),
        "Last week": percent(value(then, "progress")),
        "Variance": f"{signed(value(figure, 'variance'))} points",
        "Coverage": percent(figure.coverage * 100 if figure else None),
    }
    big = text_of(next(elements(section, "a", cls="big"))).replace(" ", "")
    if big != (said := percent(value(figure, "progress")).replace(" ", "")):
        yield f"headline: {big}, recounted {said}"
    for name, text in wanted.items():
        if name in facts and facts[name] != text:
            yield f"headline: {name} {facts[name]}, recounted {text}"
    gained = minus(value(figure, "progress"), value(then, "progress"))
    if gained and week.then.lines and f"This week: {signed(gained, 2)} points." not in text_of(section):
        yield f"headline: this week, recounted {signed(gained, 2)}"
    yield from _lights(section, about, week)


def _pairs(section: Any) -> Iterator[tuple[Any, Any]]:
    for row in elements(next(elements(section, "dl")), "div"):
        yield next(elements(row, "dt")), next(elements(row, "dd"))


def _lights(section: Any, about: Subject, week: Week) -> Iterator[str]:
    counts, before = about.now.lights(), about.before.lights()
    if not counts["suspended"]:  # shown where there are any
        del counts["suspended"]
    shown = [int(text_of(n)) for n in elements(section, "span", cls="light-count-n")]
    if shown != list(counts.values()):
        yield f"headline: lights {shown}, recounted {list(counts.values())}"
    if week.then.lines:
        wanted = [f"since last week {change(Fraction(n - before[x]), 0)}" for x, n in counts.items()]
        said = [text_of(n) for n in elements(section, "span", cls="light-count-change")]
        if said != wanted:
            yield f"headline: changes {said}, recounted {wanted}"
