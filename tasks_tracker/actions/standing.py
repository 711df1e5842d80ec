"""Moving an item's standing forward, and noting which cells that makes stale."""

from datetime import date
from typing import Any

from tasks_tracker.models import StaleCell, Standing, WorkItem
from tasks_tracker.rules.weeks import FAR

CARRIED = ("lead_id", "weight", "starts_on", "due_on", "state", "percent", "reported_week")


def open_standing(item: WorkItem) -> Standing:
    """The standing in force until further notice."""
    return Standing.objects.get(item=item, until=FAR)


def begin(item: WorkItem, week: date) -> Standing:
    """The first standing of an item that enters the plan in `week`."""
    return Standing.objects.create(
        item=item,
        since=week,
        until=FAR,
        lead_id=item.lead_id,
        weight=item.weight,
        starts_on=item.starts_on,
        due_on=item.due_on,
        state=item.state,
    )


def advance(item: WorkItem, week: date, **changes: Any) -> Standing:
    """Let `changes` hold from `week` on; the weeks before keep what they had.

    Runs inside the caller's transaction. Two writers of one item meet in the conditional UPDATE: the second
    waits for the first and then reads what it left.
    """
    while True:
        now = open_standing(item)
        if now.since >= week:
            Standing.objects.filter(pk=now.pk).update(**changes)
        elif Standing.objects.filter(pk=now.pk, until=FAR).update(until=week):
            carried = {name: getattr(now, name) for name in CARRIED} | changes
            Standing.objects.create(item=item, since=week, until=FAR, previous_percent=now.percent, **carried)
        else:
            continue
        mark_stale(item, week, now.lead_id)
        if changes.get("lead_id", now.lead_id) != now.lead_id:
            mark_stale(item, week, changes["lead_id"])
        return open_standing(item)


def mark_stale(item: WorkItem, week: date, lead_id: int | None = None) -> None:
    """The cells of `item` are to be computed again from `week` on."""
    StaleCell.objects.create(
        week=week,
        measure_id=item.measure_id,
        region_id=item.region_id,
        lead_id=lead_id or item.lead_id,
    )
