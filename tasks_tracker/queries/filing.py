"""How many of the reports owed in a week are handed in, and who owes the others.

Counts come from the cells, names of items from the list behind them; both within the scope of the reader.
Rules: docs/numbers.md, "Cadence, and what is owed". The number of queries is fixed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from itertools import takewhile
from typing import Any

from django.db.models import Max

from tasks_tracker.models import (
    GIVEN,
    Actor,
    Cell,
    KeyTask,
    Level,
    Light,
    ProgressReport,
    Region,
    ReportStatus,
    Urging,
    User,
)
from tasks_tracker.queries.figures import Tally, folded, tallies, total
from tasks_tracker.queries.items import Conditions, listed
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import ONE_WEEK

WEEKS_SHOWN = 12
ITEMS_SHOWN = 500
TASK, REGION, UNIT = "task", "region", "unit"
_COLUMN = {TASK: "measure__key_task", REGION: "region", UNIT: "lead"}
Series = Mapping[date, Tally]
Subject = KeyTask | Region | Actor | None  # None: the supporting measures


@dataclass(frozen=True)
class FilingLine:
    """What a key task, a region or a unit owes in the shown week, and its rate in the weeks before."""

    subject: Subject
    tally: Tally
    rates: list[int | None]  # hundredths of a percent, oldest first; None where nothing was owed
    before: Fraction | None  # the rate a week before

    @property
    def rate(self) -> Fraction | None:
        """Share of the owed reports that were given; None when none is owed."""
        return self.tally.filled_in

    @property
    def change(self) -> Fraction | None:
        """Since the week before, in hundredths of a point."""
        return None if self.rate is None or self.before is None else self.rate - self.before


@dataclass(frozen=True)
class MissingItem:
    """A report that is owed and not given."""

    lead_id: int
    code: str
    title: str
    light: str
    is_begun: bool  # a draft, or returned


@dataclass(frozen=True)
class SilentUnit:
    """A unit that owes reports, and for how many `weeks` in a row it has left one out, this one included.

    `weeks` counts at most WEEKS_SHOWN, `last_report` looks back as far.
    """

    unit: Actor
    missing: int
    weeks: int
    last_report: datetime | None = None
    last_urged: datetime | None = None
    urged_level: str = ""
    items: list[MissingItem] = field(default_factory=list)

    @property
    def is_at_the_limit(self) -> bool:
        """Perhaps for longer than is counted."""
        return self.weeks >= WEEKS_SHOWN


@dataclass(frozen=True)
class Filing:
    """The page: the whole, the lines of one kind, and the units that owe something."""

    whole: FilingLine
    weeks: list[date]  # of the rates
    lines: list[FilingLine]
    silent: list[SilentUnit]


def filing(shown: ShownWeek, user: User, by: str) -> Filing:
    """The shown week; `by` is TASK, REGION or UNIT. Six queries, seven by region or task."""
    weeks = _weeks(shown)
    cells = Cell.objects.visible_to(user).filter(rollup__plan=shown.plan, rollup__week__in=weeks)
    by_lead = _series(cells, UNIT)
    actors = {actor.pk: actor for actor in Actor.objects.filter(path__startswith=user.scope.path)}
    if by == UNIT:
        lines = _lines(_with_what_is_below(by_lead, actors), actors, weeks)
    else:
        subjects = Region.objects.all() if by == REGION else shown.plan.policy.key_tasks.all()
        lines = _lines(_series(cells, by), {row.pk: row for row in subjects}, weeks)
    whole = {week: total(tally[week] for tally in by_lead.values() if week in tally) for week in weeks}
    return Filing(
        whole=_line(None, whole, weeks),
        weeks=weeks,
        lines=lines,
        silent=_silent(shown, by_lead, actors, weeks),
    )


def _weeks(shown: ShownWeek) -> list[date]:
    """The shown week and those before it, oldest first."""
    first = shown.week - (WEEKS_SHOWN - 1) * ONE_WEEK
    return sorted(week for week in shown.weeks if first <= week <= shown.week)


def _series(cells: Any, by: str) -> dict[int | None, dict[date, Tally]]:
    """Per subject its tallies by week. One query."""
    grouped = folded(tallies(cells, _COLUMN[by], "rollup__week"), 0, 1)
    return {subject: {week: tally for (week,), tally in found.items()} for subject, found in grouped.items()}


def _with_what_is_below(
    by_lead: Mapping[int | None, Series], actors: Mapping[int, Actor]
) -> dict[int | None, dict[date, Tally]]:
    """Each unit with its subtree, as the list of work items behind its numbers has it."""
    by_code = {actor.code: pk for pk, actor in actors.items()}
    summed: dict[int | None, dict[date, Tally]] = defaultdict(dict)
    for lead, series in by_lead.items():
        actor = actors.get(lead or 0)
        for code in (actor.path if actor else "").strip("/").split("/"):
            if (above := by_code.get(code)) is not None:
                for week, tally in series.items():
                    known = summed[above].get(week)
                    summed[above][week] = known + tally if known else tally
    return dict(summed)


def _lines(
    series: Mapping[int | None, Series], subjects: Mapping[int, Any], weeks: list[date]
) -> list[FilingLine]:
    """Those that owe something this week or owed in the weeks shown, in the order of the outline."""
    found = [
        (subjects[key] if key is not None else None, own)
        for key, own in series.items()
        if key is None or key in subjects
    ]
    found.sort(
        key=lambda pair: (pair[0] is None, getattr(pair[0], "order", 0), getattr(pair[0], "number", 0))
    )
    return [_line(subject, own, weeks) for subject, own in found if any(t.due for t in own.values())]


def _line(subject: Subject, series: Series, weeks: list[date]) -> FilingLine:
    rates = [series[week].filled_in if week in series else None for week in weeks]
    return FilingLine(
        subject=subject,
        tally=series.get(weeks[-1], Tally()),
        rates=[None if rate is None else rounded(rate) for rate in rates],
        before=rates[-2] if len(rates) > 1 and weeks[-2] == weeks[-1] - ONE_WEEK else None,
    )


def _silent(
    shown: ShownWeek,
    by_lead: Mapping[int | None, Series],
    actors: Mapping[int, Actor],
    weeks: list[date],
) -> list[SilentUnit]:
    """The leads (without what is below them) that have not handed everything in. Two queries."""
    owing = {
        lead: series
        for lead, series in by_lead.items()
        if lead in actors and series.get(shown.week, Tally()).missing > 0
    }
    reported = _last_reports(shown, [lead for lead in owing if lead])
    urged = _last_urgings(shown, [lead for lead in owing if lead])
    units = []
    for lead, series in owing.items():
        assert lead is not None
        at, level = urged.get(lead, (None, ""))
        units.append(
            SilentUnit(
                unit=actors[lead],
                missing=series[shown.week].missing,
                weeks=_weeks_in_a_row(series, weeks),
                last_report=reported.get(lead),
                last_urged=at,
                urged_level=level,
            )
        )
    return sorted(units, key=lambda u: (-u.weeks, -u.missing, u.unit.order, u.unit.code))


def _weeks_in_a_row(series: Series, weeks: list[date]) -> int:
    left_out = (series.get(week, Tally()).missing > 0 for week in reversed(weeks))
    return sum(takewhile(bool, left_out))


def _last_reports(shown: ShownWeek, leads: Collection[int]) -> dict[int, datetime]:
    reports = ProgressReport.objects.filter(
        item__plan=shown.plan,
        item__lead__in=leads,
        week__gt=shown.week - WEEKS_SHOWN * ONE_WEEK,
        week__lte=shown.week,
        status__in=(*GIVEN, ReportStatus.SUPERSEDED),
    )
    rows = reports.values_list("item__lead").annotate(last=Max("submitted_at")).order_by()
    return dict(rows)


def _last_urgings(shown: ShownWeek, leads: Collection[int]) -> dict[int, tuple[datetime, str]]:
    """When each unit was asked last, and at which level of the ladder."""
    urgings = Urging.objects.filter(unit__in=leads, week__lte=shown.week)
    rows = urgings.values_list("unit", "level").annotate(last=Max("at")).order_by()
    found: dict[int, tuple[datetime, str]] = {}
    for unit, level, last in rows:
        found[unit] = max(found.get(unit, (last, level)), (last, level))
    return found


def missing_items(shown: ShownWeek, user: User, leads: Iterable[Actor]) -> dict[int, list[MissingItem]]:
    """By lead: what it owes and has not handed in, the most urgent first. One query."""
    rank = {light: place for place, light in enumerate((Light.OVERDUE, Light.BEHIND, Light.AT_RISK))}
    point = shown.rollup.point
    standings: Any = listed(shown.plan, point, user, Conditions(reported="missing"))
    standings = standings.filter(lead__in=[lead.pk for lead in leads]).order_by("item__code")
    items: dict[int, list[MissingItem]] = defaultdict(list)
    rows = standings.values_list("lead_id", "item__code", "item__title", "light", "filing")[:ITEMS_SHOWN]
    for lead, code, title, light, state in rows:
        items[lead].append(MissingItem(lead, code, title, light, is_begun=state != "missing"))
    for found in items.values():
        found.sort(key=lambda item: rank.get(Light(item.light), len(rank)))
    return dict(items)


def level_words(level: str) -> str:
    """A step of the ladder in the language of the page."""
    return str(Level(level).label) if level else ""
