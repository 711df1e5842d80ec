"""The week of a unit as one table: beside each line what was accepted last and what is written this week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from tasks_tracker.models import ProgressReport, ReportStatus, WorkItem
from tasks_tracker.queries.problems import stated_problems
from tasks_tracker.queries.progress import Line


@dataclass(frozen=True)
class Written:
    """A line with the last accepted report of an earlier week, and the newest version of this one."""

    line: Line
    last: ProgressReport | None
    latest: ProgressReport | None

    @property
    def source(self) -> ProgressReport | None:
        """From what a form is filled: this week's version, else what still stands of the last report."""
        return self.latest or self.last


def written_rows(lines: Sequence[Line], week: date) -> list[Written]:
    """One for each line, in their order. Four queries, however many lines there are."""
    own: Any = ProgressReport.objects.filter(item=OuterRef("pk"))
    earlier = own.filter(status=ReportStatus.ACCEPTED, week__lt=week).order_by("-week")
    newest = own.filter(week=week).order_by("-version")
    found = {
        item: (last, latest)
        for item, last, latest in WorkItem.objects.filter(pk__in=[line.item_id for line in lines])
        .annotate(last=Subquery(earlier.values("pk")[:1]), latest=Subquery(newest.values("pk")[:1]))
        .values_list("pk", "last", "latest")
    }
    wanted = {pk for pair in found.values() for pk in pair if pk}
    reports = ProgressReport.objects.select_related("written_by", "saved_by")
    by_pk = reports.prefetch_related(stated_problems()).in_bulk(wanted)
    return [Written(line, *(by_pk.get(pk) for pk in found.get(line.item_id, (None, None)))) for line in lines]
