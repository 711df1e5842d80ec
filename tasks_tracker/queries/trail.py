"""The last acts about one work item, for those who see it."""

from datetime import datetime, time
from typing import NamedTuple

from django.utils import timezone

from tasks_tracker.models import AuditEntry, WorkItem
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import ONE_WEEK

MOST = 200


class Trail(NamedTuple):
    """The newest acts first, and whether there were more."""

    entries: list[AuditEntry]
    goes_on: bool


def trail_of(item: WorkItem, shown: ShownWeek, number: int) -> Trail:
    """The last `number` acts about the item and its reports up to the end of the shown week. One query.

    Whoever asks has found the item within the own scope.
    """
    acts = AuditEntry.objects.filter(item=item).select_related("by")
    if not shown.is_latest:
        acts = acts.filter(at__lt=timezone.make_aware(datetime.combine(shown.week + ONE_WEEK, time())))
    found = list(acts[: number + 1])
    return Trail(found[:number], len(found) > number)
