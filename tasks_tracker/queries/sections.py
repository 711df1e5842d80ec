"""What the pages of a key task, a measure, a region and a unit have in common below their headline."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks_tracker.models import Actor, User
from tasks_tracker.queries.figures import Point, Tally, tallies
from tasks_tracker.queries.indicators import IndicatorSection, indicators_in
from tasks_tracker.queries.places import Place, cells_in
from tasks_tracker.queries.problems import ProblemSection, problems_in
from tasks_tracker.queries.timeline import Timeline, timeline
from tasks_tracker.queries.weeks import ShownWeek

UNITS_SHOWN = 12
WEEKS_SHOWN = 12


@dataclass(frozen=True)
class LeadLine:
    """A lead, without what is below it, and what it owes this week."""

    lead: Actor
    tally: Tally


@dataclass(frozen=True)
class FilingSection:
    """The reports of a place: the last weeks, oldest first; the shown week by unit, who owes most first."""

    weeks: Sequence[Point]
    units: Sequence[LeadLine]
    left_out: int


@dataclass(frozen=True)
class Sections:
    """All of them, of one place in one week."""

    place: Place
    timeline: Timeline
    indicators: IndicatorSection
    problems: ProblemSection
    filing: FilingSection


def sections(shown: ShownWeek, user: User, place: Place, points: Sequence[Point]) -> Sections:
    """The sections of a page whose curve has these points. Nine queries, one more for a past week."""
    now = points[-1].slice.tally if points and points[-1].week == shown.week else Tally()
    return Sections(
        place=place,
        timeline=timeline(shown, user, place, total=now.items),
        indicators=indicators_in(shown, user, place),
        problems=problems_in(shown, user, place),
        filing=_filing(shown, user, place, points),
    )


def _filing(shown: ShownWeek, user: User, place: Place, points: Sequence[Point]) -> FilingSection:
    by_lead = tallies(cells_in(shown, user, place).filter(rollup=shown.rollup), "lead")
    leads = Actor.objects.in_bulk([pk for (pk,) in by_lead])
    lines = [LeadLine(leads[pk], tally) for (pk,), tally in by_lead.items()]
    lines.sort(key=lambda line: (-line.tally.missing, -line.tally.due, line.lead.order, line.lead.code))
    return FilingSection(points[-WEEKS_SHOWN:], lines[:UNITS_SHOWN], max(0, len(lines) - UNITS_SHOWN))
