"""The weekly workbook of a selection: figures from cells, rows from standings, words from the catalogue."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from tasks_tracker.models import COUNTED_LIGHTS, KeyTask, Reason, Region, ReportScope, State, WeekRollup
from tasks_tracker.queries import figures
from tasks_tracker.queries import ledger as reads
from tasks_tracker.queries.ledger import LedgerRow, Selection
from tasks_tracker.reports import words
from tasks_tracker.reports.document import (
    Column,
    Counts,
    Levels,
    Line,
    Mark,
    Moment,
    Row,
    Sheet,
    Sums,
    Value,
    Workbook,
)
from tasks_tracker.rules.rollup import WHOLE
from tasks_tracker.rules.weeks import ONE_WEEK, format_week, sunday_of


def weekly_workbook(selection: Selection, *, author: str, now: datetime) -> Workbook:
    """The workbook of the selection; its lists read the database while they are written."""
    rollup = selection.rollup
    week = rollup.week
    outline = figures.outline_of(rollup.plan, week)
    rows = _Rows(selection, outline)
    return Workbook(
        title=_("Weekly ledger of the key tasks of new industrialization"),
        subtitle=_("%(scope)s · week %(week)s (%(first)s – %(last)s)")
        % {
            "scope": scope_label(selection),
            "week": format_week(week),
            "first": week.isoformat(),
            "last": sunday_of(week).isoformat(),
        },
        author=author,
        week=format_week(week),
        facts=facts_about(selection, author, now),
        lights=words.light_marks(),
        levels=levels_of(selection, outline),
        history=_history(selection, outline),
        ledger=Sheet(
            name=_("Ledger"),
            title=_("Ledger of work items"),
            columns=words.ledger_columns(),
            rows=rows.of(reads.ledger(selection), words.ledger_columns()),
            empty=_("There is no work item in this scope in this week."),
        ),
        behind=Sheet(
            name=_("Behind schedule"),
            title=_("Overdue, behind and at risk"),
            columns=words.behind_columns(),
            rows=rows.of(reads.attention(selection), words.behind_columns()),
            empty=_("Nothing is overdue, behind or at risk."),
        ),
        unreported=_unreported(selection, rows),
        rules=(*facts_about(selection, author, now), *words.rules(rollup.plan)),
        words=words.labels(),
    )


def scope_label(selection: Selection) -> str:
    """What the workbook is about, in words."""
    subject = selection.subject
    if subject is None:
        user = selection.user
        if user is None or user.scope.is_national:
            return _("National")
        return user.actor.label if user.scope.path and user.actor else _("Own scope")
    return str(subject) if isinstance(subject, KeyTask) else subject.label


def facts_about(selection: Selection, author: str, now: datetime) -> tuple[tuple[str, str], ...]:
    """What the selection is, from when its figures are, and who made this of them."""
    rollup = selection.rollup
    facts = [
        (_("Plan"), rollup.plan.label),
        (_("Scope"), scope_label(selection)),
        (_("Week"), format_week(rollup.week)),
        (_("As of"), rollup.as_of.isoformat()),
        (_("Computed at"), minute(rollup.computed_at, now)),
        (_("State of the week"), _state(rollup, now)),
        (_("Made by"), author),
        (_("Made at"), minute(now, now)),
    ]
    if rollup.plan.is_demonstration:
        facts.append((_("Note"), _("Demonstration data, not real statistics")))
    return tuple(facts)


def _state(rollup: WeekRollup, now: datetime) -> str:
    if rollup.frozen_at is None:
        return _("open, the figures still move")
    return _("frozen on %(at)s") % {"at": minute(rollup.frozen_at, now)}


def minute(moment: datetime, now: datetime) -> str:
    """In the time zone of `now`, which is the house's."""
    return moment.astimezone(now.tzinfo).strftime("%Y-%m-%d %H:%M")


# --- figures ----------------------------------------------------------------------------------------------


def levels_of(selection: Selection, outline: figures.Outline) -> Levels:
    """The figures of the week, level by level, as a dashboard of the same scope shows them."""
    week = reads.cells_of(selection).filter(rollup=selection.rollup)
    grouped = figures.tallies(week, "measure", "region")
    by_measure = {(pk,): parts[()] for pk, parts in figures.folded(grouped, 0).items()}
    tasks = _Tasks(selection, outline)
    lines = tasks.lines(figures.rolled(by_measure, outline))
    places = {region.pk: region for region in Region.objects.all()}
    by_region = figures.folded(grouped, 1, 0)
    ordered = sorted(by_region, key=lambda pk: (places[pk].order, places[pk].code))
    regional = [tasks.lines(figures.rolled(by_region[pk], outline), places[pk]) for pk in ordered]
    return Levels(
        measures=lines.measures,
        tasks=lines.tasks,
        whole=lines.whole,
        supporting=lines.supporting,
        regions=tuple(each.whole for each in regional),
        region_tasks=tuple(line for each in regional for line in each.tasks if line.sums.weight),
        region_measures=tuple(line for each in regional for line in each.measures if line.task),
    )


@dataclass(frozen=True)
class _Lines:
    measures: tuple[Line, ...]
    tasks: tuple[Line, ...]
    whole: Line
    supporting: Line


class _Tasks:
    """The outline as far as the selection shows it."""

    def __init__(self, selection: Selection, outline: figures.Outline) -> None:
        self.outline = outline
        self.only = selection.subject if selection.scope == ReportScope.KEY_TASK else None
        self.key_tasks = [task for task in outline.key_tasks if self.only in (None, task)]

    def weight(self, task: KeyTask) -> int:
        """In the workbook of one key task the total is that key task, whatever its weight."""
        return 1 if self.only else task.weight

    def lines(self, rolled: figures.Rolled, region: Region | None = None) -> _Lines:
        """The lines of the whole selection, or of one region."""
        code = int(region.code) if region else None
        measures = [
            _measure_line(number, measure, rolled.by_measure[measure.pk], code)
            for number, measure in enumerate(self.outline.measures, 1)
            if measure.pk in rolled.by_measure
        ]
        tasks = []
        for task in self.key_tasks:
            children = [
                (m.weight, rolled.by_measure[m.pk])
                for m in self.outline.under(task)
                if m.pk in rolled.by_measure
            ]
            line = _parent(str(task), rolled.by_task[task.pk], children, self.weight(task))
            tasks.append(_placed(line, task=task.number, region=code))
        whole = rolled.by_task[self.only.pk] if isinstance(self.only, KeyTask) else rolled.whole
        top = [(self.weight(task), rolled.by_task[task.pk]) for task in self.key_tasks]
        apart = [
            (m.weight, rolled.by_measure[m.pk]) for m in self.outline.supporting if m.pk in rolled.by_measure
        ]
        title = region.short_label if region else _("Total")
        return _Lines(
            measures=tuple(measures),
            tasks=tuple(tasks),
            whole=_placed(_parent(title, whole, top), region=code),
            supporting=_parent(_("Supporting measures"), rolled.supporting, apart),
        )


def _placed(line: Line, *, task: int = 0, region: int | None = None) -> Line:
    return Line(line.title, line.sums, line.weight, task=task, region=region, counts=line.counts)


def _measure_line(number: int, measure: Any, part: figures.Slice, region: int | None) -> Line:
    tally = part.tally
    return Line(
        title=measure.label,
        sums=Sums(
            tally.weight,
            tally.known_weight,
            tally.stale_weight,
            float(Fraction(tally.earned, WHOLE)),
            float(Fraction(tally.planned, WHOLE)),
        ),
        weight=measure.weight,
        code=measure.code,
        measure=number,
        task=measure.key_task.number if measure.key_task else 0,
        region=region,
        counts=_counts(tally),
    )


def _parent(
    title: str, part: figures.Slice, children: Iterable[tuple[int, figures.Slice]], weight: int = 1
) -> Line:
    total = sum(own for own, child in children if child.figure)
    figure = part.figure
    sums = Sums()
    if figure:
        sums = Sums(
            total,
            float(figure.coverage * total),
            float(figure.stale * total),
            float(figure.lower * total / WHOLE),
            float(figure.planned * total / WHOLE),
        )
    return Line(title, sums, weight, counts=_counts(part.tally))


def _counts(tally: figures.Tally) -> Counts:
    lights = (
        *(tally.lights[light] for light in COUNTED_LIGHTS),
        tally.suspended_items,
        tally.cancelled_items,
    )
    return Counts(items=tally.items, lights=lights, owed=tally.due, given=tally.due_reported)


def _history(selection: Selection, outline: figures.Outline) -> tuple[Moment, ...]:
    task = selection.subject if isinstance(selection.subject, KeyTask) else None
    points = figures.history(reads.cells_of(selection), selection.rollup, outline, task)
    return tuple(
        Moment(
            format_week(point.week),
            _share(point.slice.progress),
            _share(point.slice.planned),
            _share(point.slice.coverage),
        )
        for point in points
    )


def _share(hundredths: Fraction | None) -> float | None:
    return None if hundredths is None else float(hundredths / WHOLE)


# --- lists ------------------------------------------------------------------------------------------------


class _Rows:
    """Ledger rows as values of a list, by the keys of its columns."""

    def __init__(self, selection: Selection, outline: figures.Outline) -> None:
        self.rollup = selection.rollup
        self.tasks = {task.pk: task for task in outline.key_tasks}
        self.weights = {measure.pk: measure.weight for measure in outline.measures}
        self.numbers = {measure.pk: number for number, measure in enumerate(outline.measures, 1)}
        self.marks = {mark.code: mark for mark in words.light_marks()}
        self.states = {str(state): str(state.label) for state in State}
        self.reasons = {str(reason): str(reason.label) for reason in Reason} | {"": ""}
        self.filings = words.filing_words(self.rollup.cutoff_passed)
        self.demonstration = _("Demonstration data")
        self.no_change = _("No change")
        self.supporting = _("Supporting measures")
        self.cadences = {True: _("weekly"), False: _("monthly")}

    def of(self, rows: Iterable[LedgerRow], columns: tuple[Column, ...]) -> Iterator[Row]:
        """The values of the columns, row by row."""
        keys = [column.key for column in columns]
        for row in rows:
            values = self.values(row)
            yield tuple(values[key] for key in keys)

    def values(self, row: LedgerRow) -> dict[str, Value]:
        """Everything that a list may print about an item."""
        task = self.tasks.get(row.measure.key_task_id or 0)
        return self._names(row, task) | self._numbers(row, task)

    def _names(self, row: LedgerRow, task: KeyTask | None) -> dict[str, Value]:
        return {
            "code": row.code,
            "title": row.title,
            "task_title": str(task) if task else self.supporting,
            "measure_code": row.measure.code,
            "measure_title": row.measure.label,
            "region": row.region.short_label,
            "lead": row.lead.label,
            "owner": row.owner,
            "industry": row.industry,
            "commitment": row.commitment,
            "state": self.states[row.state],
            "light": self.marks.get(row.light, Mark("", "")),
            "reason": self.reasons[row.reason],
            "reported_week": format_week(row.reported_week) if row.reported_week else "",
            "filing": self.filings[row.filing] if row.counted else "—",
            "cadence": self.cadences[row.weekly],
            "demonstration": self.demonstration if row.is_demonstration else "",
            "note": row.note or (self.no_change if row.no_change else ""),
            "problems": row.problems,
            "next_steps": row.next_steps,
        }

    def _numbers(self, row: LedgerRow, task: KeyTask | None) -> dict[str, Value]:
        variance = row.variance
        return {
            "weight": row.weight,
            "starts_on": row.starts_on,
            "due_on": row.due_on,
            "percent": None if row.percent is None else row.percent / WHOLE,
            "planned": row.planned / WHOLE,
            "variance": None if variance is None else variance / 100,
            "known": int(row.known),
            "counted": int(row.counted),
            "stale": int(row.stale),
            "owed": int(row.due),
            "given": int(row.reported),
            "task": task.number if task else 0,
            "measure": self.numbers[row.measure.pk],
            "region_code": int(row.region.code),
            "measure_weight": self.weights[row.measure.pk],
            "task_weight": task.weight if task else 0,
            "days_over": max((self.rollup.as_of - row.due_on).days, 0) or None,
            "silent_weeks": self._silent(row.reported_week),
        }

    def _silent(self, reported: date | None) -> int | None:
        return (self.rollup.week - reported) // ONE_WEEK if reported else None


def _unreported(selection: Selection, rows: _Rows) -> Sheet:
    units = reads.owed_by_lead(selection)
    missing = sum(owed - given for _lead, owed, given in units.values())
    silent = sum(owed > given for _lead, owed, given in units.values())
    notes = [
        _("%(units)s units have not given %(missing)s of %(owed)s reports owed.")
        % {"units": silent, "missing": missing, "owed": sum(owed for _lead, owed, _given in units.values())}
    ]
    if not selection.rollup.cutoff_passed:
        notes.append(_("The cut-off of the week has not passed: these reports are owed, not late."))
    columns = words.unreported_columns()

    def lines() -> Iterator[Row]:
        for row in reads.unreported(selection):
            _lead, owed, given = units.get(row.lead.pk, (row.lead, 0, 0))
            values = rows.values(row) | {"unit_owed": owed, "unit_missing": owed - given}
            yield tuple(values[column.key] for column in columns)

    return Sheet(
        name=_("Non-reporters"),
        title=_("Reports owed this week and not given"),
        columns=columns,
        rows=lines(),
        empty=_("Every report owed this week was given."),
        notes=tuple(notes),
    )
