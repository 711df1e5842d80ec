"""What the demonstration came to, for a last look after seeding."""

from dataclasses import dataclass
from fractions import Fraction

from tasks_tracker.models import Cell, Plan, ProgressReport, WeekRollup
from tasks_tracker.queries.figures import Slice, outline_of, rolled, tallies
from tasks_tracker.rules.weeks import format_week


@dataclass(frozen=True)
class Summary:
    """Counts, and the figure of the newest week."""

    week: str
    items: int
    reports: int
    frozen_weeks: int
    lights: dict[str, int]
    filled_in: Fraction | None
    whole: Slice


def summary_of(plan: Plan) -> Summary:
    """The demonstration as its newest week shows it."""
    latest = WeekRollup.objects.filter(plan=plan).latest("week")
    whole = rolled(tallies(Cell.objects.filter(rollup=latest), "measure"), outline_of(plan, latest.week))
    tally = whole.whole.tally + whole.supporting.tally
    return Summary(
        week=format_week(latest.week),
        items=plan.items.count(),
        reports=ProgressReport.objects.filter(item__plan=plan).count(),
        frozen_weeks=plan.weeks.exclude(frozen_at=None).count(),
        lights=tally.lights,
        filled_in=tally.filled_in,
        whole=whole.whole,
    )
