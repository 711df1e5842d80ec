"""The week of a unit as one table: beside each line what was accepted last and what is written this week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery

from tasks_tracker.models import Plan, ProgressReport, ReportStatus, Standing, WorkItem
from tasks_tracker.queries.problems import stated_problems
from tasks_tracker.queries.progress import Line
from tasks_tracker.rules.weeks import AsOf


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
    found = reports_around([line.item_id for line in lines], week)
    return [Written(line, *found.get(line.item_id, (None, None))) for line in lines]


def reports_around(
    items: Sequence[int], week: date
) -> dict[int, tuple[ProgressReport | None, ProgressReport | None]]:
    """Item → the last accepted report before `week`, and the newest version of it. Four queries."""
    own: Any = ProgressReport.objects.filter(item=OuterRef("pk"))
    earlier = own.filter(status=ReportStatus.ACCEPTED, week__lt=week).order_by("-week")
    newest = own.filter(week=week).order_by("-version")
    found = {
        item: (last, latest)
        for item, last, latest in WorkItem.objects.filter(pk__in=items)
        .annotate(last=Subquery(earlier.values("pk")[:1]), latest=Subquery(newest.values("pk")[:1]))
        .values_list("pk", "last", "latest")
    }
    wanted = {pk for pair in found.values() for pk in pair if pk}
    reports = ProgressReport.objects.select_related("written_by", "saved_by")
    by_pk = reports.prefetch_related(stated_problems()).in_bulk(wanted)
    return {item: (by_pk.get(last), by_pk.get(latest)) for item, (last, latest) in found.items()}


def places(plan: Plan, point: AsOf, items: Sequence[int]) -> dict[int, tuple[int, date]]:
    """Item → planned percent at `point` and due day. One query."""
    standings: Any = Standing.objects.at(plan, point).filter(item__in=items)
    rows = standings.values_list("item_id", "planned", "due_on")
    return {item: (planned, due_on) for item, planned, due_on in rows}
