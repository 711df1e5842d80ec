"""Drawing the planned curve of the whole plan, for the dashboards to show where it goes."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, Sum

from tasks_tracker.models import Plan, PlannedPoint, Standing
from tasks_tracker.rules.weeks import week_of

STEP = timedelta(weeks=8)  # a curve over three years needs no more


@transaction.atomic
def draw_plan(*, plan: Plan) -> int:
    """Compute the planned points anew from the plan as it stands now; returns how many there are."""
    PlannedPoint.objects.filter(plan=plan).delete()
    points = [point for monday in _mondays(plan) for point in _points_on(plan, monday)]
    PlannedPoint.objects.bulk_create(points, batch_size=1000)
    Plan.objects.filter(pk=plan.pk).update(times_drawn=F("times_drawn") + 1)
    return len(points)


def _mondays(plan: Plan) -> list[date]:
    """From the start of the plan to the week after its end, in equal steps."""
    first, last = week_of(plan.starts_on), week_of(plan.ends_on + timedelta(weeks=1))
    steps = range((last - first) // STEP + 1)
    return [*(first + n * STEP for n in steps if first + n * STEP < last), last]


def _points_on(plan: Plan, monday: date) -> list[PlannedPoint]:
    rows = (
        Standing.objects.planned_on(plan, monday)
        .values("item__measure", "item__region")
        .annotate(total=Sum("weight"), planned_total=Sum(F("weight") * F("planned")))
        .order_by()
    )
    return [
        PlannedPoint(
            plan=plan,
            week=monday,
            measure_id=row["item__measure"],
            region_id=row["item__region"],
            weight=row["total"],
            planned=row["planned_total"],
        )
        for row in rows
    ]
