"""Moving an item's standing forward, and noting which cells that makes stale."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import models
from django.db.models import Q

from tasks_tracker.models import StaleCell, Standing, State, WorkItem
from tasks_tracker.rules.weeks import FAR

CARRIED = (
    "lead_id",
    "weight",
    "starts_on",
    "due_on",
    "state",
    "is_key",
    "decomposed",
    "percent",
    "reported_week",
    "override",
    "override_until",
)
NOT_BEGUN = (State.ASSIGNED, State.ACCEPTED)


def open_standing(item: WorkItem) -> Standing:
    """The standing in force until further notice."""
    return Standing.objects.get(item=item, until=FAR)


def begin(item: WorkItem, week: date) -> Standing:
    """The first standing of an item that enters the plan in `week`."""
    first = _first(item, week)
    first.save()
    return first


def begin_all(items: Sequence[WorkItem], week: date) -> None:
    """The first standings of items that enter the plan in `week`, and the cells that this makes stale."""
    Standing.objects.bulk_create(_first(item, week) for item in items)
    cells = dict.fromkeys((item.measure_id, item.region_id, item.lead_id) for item in items)
    StaleCell.objects.bulk_create(
        StaleCell(week=week, measure_id=measure, region_id=region, lead_id=lead)
        for measure, region, lead in cells
    )


def _first(item: WorkItem, week: date) -> Standing:
    return Standing(
        item=item,
        since=week,
        until=FAR,
        lead_id=item.lead_id,
        weight=item.weight,
        starts_on=item.starts_on,
        due_on=item.due_on,
        state=item.state,
        is_key=item.is_key,
        decomposed=item.decomposed,
    )


def advance(item: WorkItem, week: date, **changes: Any) -> Standing:
    """Let a change of the plan hold from `week` on; the weeks before keep what they had."""
    rows = _from(item, week)
    mark_stale(item, week)
    rows.update(**changes)
    if "lead_id" in changes:
        mark_stale(item, week)
    return open_standing(item)


def learn(item: WorkItem, week: date, *, percent: int, reported_week: date) -> Standing:
    """Let an accepted report about `reported_week` count from `week` on.

    It does not push aside what a report about a later week says, but does count in the weeks before that one.
    """
    rows = _from(item, week)
    older = Q(reported_week=None) | Q(reported_week__lte=reported_week)
    rows.filter(older).update(percent=percent, reported_week=reported_week)
    rows.filter(state__in=NOT_BEGUN).update(state=State.IN_PROGRESS)
    for before, after in pairwise(Standing.objects.filter(item=item, until__gt=week).order_by("since")):
        Standing.objects.filter(pk=after.pk).update(previous_percent=before.percent)
    mark_stale(item, reported_week)  # what became of a report shows in its own week too
    return open_standing(item)


def mark_stale(item: WorkItem, week: date) -> None:
    """Every cell in which the item stands from `week` on, under whichever lead, is to be computed again."""
    leads = Standing.objects.filter(item=item, until__gt=week).order_by().values_list("lead_id", flat=True)
    StaleCell.objects.bulk_create(
        StaleCell(week=week, measure_id=item.measure_id, region_id=item.region_id, lead_id=lead)
        for lead in sorted(set(leads))
    )


def _from(item: WorkItem, week: date) -> models.QuerySet[Standing]:
    """The standings of `item` from `week` on; the one in force in `week` is cut there first.

    Runs inside the caller's transaction. Two writers of one item take turns on its row, so that neither
    builds on a standing that the other is about to end.
    """
    WorkItem.objects.select_for_update(no_key=True).get(pk=item.pk)
    now = Standing.objects.filter(item=item, since__lt=week, until__gt=week).first()
    if now:
        until, carried = now.until, {name: getattr(now, name) for name in CARRIED}
        Standing.objects.filter(pk=now.pk).update(until=week)
        Standing.objects.create(item=item, since=week, until=until, previous_percent=now.percent, **carried)
    return Standing.objects.filter(item=item, since__gte=week)
