"""What a weekly report is made of: figures of the week's cells, the ledger behind them, and what happened.

All of it is narrowed by the scope of the report and by nobody's eyes: a report says the same to whoever may
read it. Figures are those of the dashboards of the same scope (docs/numbers.md, "The weekly report").
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Q

from tasks_tracker.models import (
    OPEN_STATES,
    Actor,
    EarlySignal,
    Indicator,
    KeyTask,
    Measure,
    PlanChange,
    ProblemCase,
    Region,
    ReportScope,
    Standing,
    State,
    WeekRollup,
)
from tasks_tracker.queries import figures
from tasks_tracker.queries.changes import Slippage, slippage_of
from tasks_tracker.queries.dashboard import Compared
from tasks_tracker.queries.figures import Outline, Point, Rolled, Slice, Tallies
from tasks_tracker.queries.indicators import IndicatorLine, indicators_known
from tasks_tracker.queries.items import SEVEN
from tasks_tracker.queries.ledger import LedgerRow, Selection, cells_of, code_of, ledger
from tasks_tracker.queries.problems import ENDED
from tasks_tracker.queries.signals import Wanted, narrowed
from tasks_tracker.rules.weeks import FAR, ONE_WEEK, sunday_of

Filters = dict[str, str]
FILTERS = {ReportScope.KEY_TASK: "key_task", ReportScope.REGION: "region", ReportScope.ACTOR: "lead"}


@dataclass(frozen=True)
class Part:
    """A key task, a measure, a region or a unit, where it stands, and what its list is narrowed to."""

    of: KeyTask | Measure | Region | Actor
    slice: Compared
    filters: Filters


@dataclass(frozen=True)
class Facts:
    """Everything that the report of a selection may say. `parts` are the key tasks, or the measures of one;
    `places` the regions, or the units where there is only one region."""

    selection: Selection
    before: WeekRollup | None
    outline: Outline
    whole: Compared
    supporting: Compared
    parts: list[Part]
    places: list[Part]
    regions: dict[int, Slice]
    points: list[Point]
    ahead: list[tuple[date, Fraction]]
    rows: list[LedgerRow]  # what is counted, in the order of the outline
    problems: list[ProblemCase]
    signals: list[EarlySignal]
    changes: list[PlanChange]
    indicators: list[IndicatorLine]

    @property
    def week(self) -> date:
        """The Monday."""
        return self.selection.rollup.week

    @property
    def sunday(self) -> date:
        """The last day."""
        return sunday_of(self.week)

    @property
    def filters(self) -> Filters:
        """What lists are narrowed to that hold what the headline counts."""
        return {"key_task": SEVEN} | self.everything

    @property
    def everything(self) -> Filters:
        """The same with supporting measures."""
        return scope_filters(self.selection)

    @property
    def seven(self) -> list[LedgerRow]:
        """The rows that the headline counts: those of the key tasks."""
        return [row for row in self.rows if row.measure.key_task_id]

    @property
    def slippage(self) -> Slippage:
        """How often due days were moved in the week, and by how many days in all."""
        return slippage_of(self.changes)


def scope_filters(selection: Selection) -> Filters:
    """The parameters of lists about the subject of the selection."""
    name = FILTERS.get(ReportScope(selection.scope))
    return {name: code_of(selection.subject)} if name else {}


def facts_of(selection: Selection) -> Facts:
    """Read all of it; the number of queries does not grow with the items but by their chunks."""
    rollup = selection.rollup
    week = rollup.week
    outline = figures.outline_of(rollup.plan, week)
    before = rollup.plan.weeks.filter(week=week - ONE_WEEK).first()
    now = _Week(selection, rollup, outline)
    then = _Week(selection, before, outline.at(week - ONE_WEEK))
    task = selection.subject if isinstance(selection.subject, KeyTask) else None
    return Facts(
        selection=selection,
        before=before,
        outline=outline,
        whole=Compared(now.of(now.whole), then.of(then.whole)),
        supporting=Compared(now.whole.supporting, then.whole.supporting),
        parts=_parts(now, then, task),
        places=_places(now, then),
        regions={pk: now.of(part) for pk, part in now.by_region.items()},
        points=figures.history(cells_of(selection), rollup, outline, task),
        ahead=_ahead(selection, outline),
        rows=[row for row in ledger(selection) if row.counted],
        problems=_problems(selection),
        signals=_signals(selection),
        changes=_changes(selection),
        indicators=_indicators(selection),
    )


class _Week:
    """The cells of a week in the selection, rolled up as a whole, by region and by lead. One query."""

    def __init__(self, selection: Selection, rollup: WeekRollup | None, outline: Outline) -> None:
        self.selection, self.outline = selection, outline
        cells = cells_of(selection).filter(rollup=rollup)
        grouped: Tallies = figures.tallies(cells, "measure", "region", "lead") if rollup else {}
        self.whole = self._rolled({key: parts[()] for key, parts in figures.folded(grouped, 0).items()})
        self.by_region = self._by(grouped, 1)
        self.by_lead = self._by(grouped, 2)

    def _rolled(self, by_measure: dict[Any, figures.Tally]) -> Rolled:
        return figures.rolled({(pk,): tally for pk, tally in by_measure.items()}, self.outline)

    def _by(self, grouped: Tallies, position: int) -> dict[int, Rolled]:
        folded = figures.folded(grouped, position, 0)
        return {key: figures.rolled(own, self.outline) for key, own in folded.items()}

    def of(self, rolled: Rolled) -> Slice:
        """The headline: the key task that the report is about, or the seven together."""
        subject = self.selection.subject
        return rolled.part(subject if isinstance(subject, KeyTask) else None)


def _parts(now: _Week, then: _Week, task: KeyTask | None) -> list[Part]:
    """The key tasks with something in them; the measures where the report is about one key task."""
    own = scope_filters(now.selection)
    if task:
        return [
            Part(
                measure,
                Compared(now.whole.by_measure[measure.pk], then.whole.by_measure.get(measure.pk, Slice())),
                {"measure": measure.code},
            )
            for measure in now.outline.under(task)
            if measure.pk in now.whole.by_measure
        ]
    return [
        Part(
            each,
            Compared(now.whole.by_task[each.pk], then.whole.by_task[each.pk]),
            {"key_task": str(each.number)} | own,
        )
        for each in now.outline.in_use(now.whole)
    ]


def _places(now: _Week, then: _Week) -> list[Part]:
    """The regions in which something is counted; the units that lead it where that is one region only."""
    task = {"key_task": SEVEN} | scope_filters(now.selection)
    counted = [pk for pk, part in now.by_region.items() if now.of(part).tally.items]
    is_one_region = len(counted) <= 1
    weeks = [week.by_lead if is_one_region else week.by_region for week in (now, then)]
    model: Any = Actor if is_one_region else Region
    name = "lead" if is_one_region else "region"
    nothing = Slice()
    found = [
        Part(
            place,
            Compared(now.of(weeks[0][place.pk]), then.of(weeks[1][place.pk]))
            if place.pk in weeks[1]
            else Compared(now.of(weeks[0][place.pk]), nothing),
            {**task, name: place.code},
        )
        for place in model.objects.filter(pk__in=weeks[0]).order_by("order", "code")
    ]
    return [part for part in found if part.slice.now.tally.items]


def _ahead(selection: Selection, outline: Outline) -> list[tuple[date, Fraction]]:
    """The plan over its whole run; planned points know no leads."""
    subject = selection.subject
    if isinstance(subject, Actor):
        return []
    return figures.plan_ahead(
        selection.rollup.plan,
        outline,
        part=subject if isinstance(subject, KeyTask) else None,
        region=subject if isinstance(subject, Region) else None,
    )


def _of_subject(selection: Selection) -> Q:
    """The condition for rows that belong to an item of the subject, by its lead of today."""
    subject = selection.subject
    if isinstance(subject, KeyTask):
        return Q(item__measure__key_task=subject)
    if isinstance(subject, Region):
        return Q(item__region=subject)
    return Q(item__lead__path__startswith=subject.path) if subject else Q()


def _problems(selection: Selection) -> list[ProblemCase]:
    """Raised by the week and not solved in it, of items that had not ended in it; the longest first."""
    week = selection.rollup.week
    ended = Standing.objects.filter(since__lte=week, until__gt=week, state__in=ENDED).values("item")
    found = (
        ProblemCase.objects.filter(
            _of_subject(selection),
            Q(solved_week=None) | Q(solved_week__gt=week),
            item__plan=selection.rollup.plan,
            raised_week__lte=week,
        )
        .exclude(item__in=ended)
        .select_related("item__lead", "item__region", "needed_from")
    )
    return list(found.order_by("raised_week", "pk"))


def _signals(selection: Selection) -> list[EarlySignal]:
    """What the watch list of the week holds and nobody has settled, what needs attention first."""
    rollup = selection.rollup
    signals: Any = EarlySignal.objects
    wanted = Wanted(**scope_filters(selection))
    found = narrowed(signals.filter(plan=rollup.plan_id), wanted, rollup.week if rollup.is_frozen else FAR)
    return list(found.filter(state_then__in=OPEN_STATES))  # type: ignore[misc]


def _changes(selection: Selection) -> list[PlanChange]:
    """What was recorded about the plan in the days of the week."""
    week = selection.rollup.week
    found = PlanChange.objects.filter(
        _of_subject(selection),
        item__plan=selection.rollup.plan,
        at__date__gte=week,
        at__date__lte=sunday_of(week),
    )
    return list(found.select_related("item__lead").order_by("at", "pk"))


def _indicators(selection: Selection) -> list[IndicatorLine]:
    """Those of the measures; of a region or a unit those of its items."""
    subject, rollup = selection.subject, selection.rollup
    indicators: Any = Indicator.objects.select_related("measure__key_task", "item__measure__key_task")
    if isinstance(subject, KeyTask):
        found = indicators.filter(measure__key_task=subject)
    elif subject is None:
        found = indicators.filter(measure__policy=rollup.plan.policy_id, measure__key_task__isnull=False)
    else:
        found = indicators.filter(_of_subject(selection), item__plan=rollup.plan)
    known_by = rollup.week if rollup.is_frozen else None
    lines = indicators_known(found.order_by("measure__order", "item__code", "order", "pk"), known_by)
    return [line for line in lines if line.value]


def ends_of(changes: list[PlanChange]) -> dict[str, list[PlanChange]]:
    """The changes of state among them, by the new state; drafts that became items are no such change."""
    found: dict[str, list[PlanChange]] = defaultdict(list)
    for change in changes:
        if change.field == PlanChange.Field.STATE and change.old_value != State.DRAFT:
            found[change.new_value].append(change)
    return dict(found)
