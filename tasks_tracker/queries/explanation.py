"""Why a figure is what it is: the parts that it is averaged from, what it leaves out, and its work items.

Upper levels read cells only; the items of one measure, a flat set, are read from the standings of the week.
Rules: docs/numbers.md, "Explanations".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from tasks_tracker.models import (
    Actor,
    Cell,
    KeyTask,
    Measure,
    ProgressReport,
    Region,
    RegionGroup,
    Standing,
    User,
)
from tasks_tracker.models.people import within_unit
from tasks_tracker.queries.figures import Outline, Rolled, Slice, Tally, outline_of, rolled, tallies
from tasks_tracker.queries.items import (
    DECOMPOSED,
    SEVEN,
    SUPPORTING,
    Conditions,
    Options,
    listed,
    options_for,
)
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import WHOLE, Share, shares

WORDS = ("key_task", "measure", "region", "group", "lead")  # of an address, the same as the list's filters


class NotThere(LookupError):
    """A word of the address names nothing that the user may see: its name and what was written."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"{name}={value}")
        self.name, self.value = name, value


class Contradiction(LookupError):
    """The measure is none of the key task: their common figure would be one of nothing."""


@dataclass(frozen=True)
class Question:
    """Which figure is meant. Without `key_task`, `supporting` and `measure`: all key tasks."""

    key_task: KeyTask | None = None
    supporting: bool = False
    measure: Measure | None = None
    region: Region | None = None
    group: RegionGroup | None = None
    lead: Actor | None = None

    @property
    def conditions(self) -> Conditions:
        """The list of the items behind the figure."""
        task = str(self.key_task.number) if self.key_task else SUPPORTING if self.supporting else SEVEN
        return Conditions(
            key_task="" if self.measure else task,
            measure=self.measure.code if self.measure else "",
            region=self.region.code if self.region else "",
            group=self.group.code if self.group else "",
            lead=self.lead.code if self.lead else "",
        )

    @property
    def filters(self) -> dict[str, str]:
        """The same as it is written in addresses."""
        return {name: getattr(self.conditions, name) for name in WORDS if getattr(self.conditions, name)}

    @property
    def above(self) -> "Question | None":
        """The figure that this one is a part of; None for the whole."""
        task = self.measure.key_task if self.measure else None
        if self.measure:
            return self.beside(key_task=task) if task else self.beside(supporting=True)
        return self.beside() if self.key_task else None

    def beside(self, **level: Any) -> "Question":
        """The figure of another level in the same place."""
        return Question(**level, region=self.region, group=self.group, lead=self.lead)

    def below(self, part: KeyTask | Measure) -> "Question":
        """The figure of one part."""
        return self.beside(key_task=part) if isinstance(part, KeyTask) else self.beside(measure=part)


@dataclass(frozen=True)
class Part:
    """A key task or a measure with its weight of the week; `share` is None where it drops out."""

    row: KeyTask | Measure
    slice: Slice
    share: Share | None

    @property
    def missing(self) -> str:
        """Why it drops out: no `items` here, no `weights` on its items, or no `weight` of its own."""
        if self.share:
            return ""
        if not self.slice.tally.items:
            return "items"
        return "weight" if self.slice.figure else "weights"


class Aside(NamedTuple):
    """What a figure leaves open or out: how many items, their own weight, and its share.

    The share of what is unknown or stale is of the weight in force, averaged like the figure; that of what is
    suspended or cancelled is of the items' own weights, these two among them. Hundredths of a percent.
    """

    items: int
    weight: int
    share: Fraction | None


@dataclass(frozen=True)
class Explanation:
    """A figure taken apart. A measure is a flat set and has no parts but items."""

    question: Question
    slice: Slice
    parts: list[Part]
    supporting: Slice  # of the same place; apart from all key tasks

    @property
    def is_flat(self) -> bool:
        """The parts are work items."""
        return self.question.measure is not None

    @property
    def in_force(self) -> int:
        """The weight of the parts that do not drop out."""
        return sum(part.row.weight for part in self.parts if part.share)

    @property
    def asides(self) -> dict[str, Aside]:
        """What is unknown, stale, suspended and cancelled."""
        tally, figure = self.slice.tally, self.slice.figure
        everything = tally.weight + tally.suspended_weight + tally.cancelled_weight
        return {
            "unknown": Aside(
                tally.unknown_items,
                tally.weight - tally.known_weight,
                (1 - figure.coverage) * WHOLE if figure else None,
            ),
            "stale": Aside(tally.stale_items, tally.stale_weight, self.slice.stale),
            "suspended": Aside(
                tally.suspended_items, tally.suspended_weight, _of(tally.suspended_weight, everything)
            ),
            "cancelled": Aside(
                tally.cancelled_items, tally.cancelled_weight, _of(tally.cancelled_weight, everything)
            ),
        }


def _of(weight: int, everything: int) -> Fraction | None:
    return Fraction(weight * WHOLE, everything) if everything else None


@dataclass(frozen=True)
class CountedItem:
    """A work item as it counts in the figure, and the report that says so; None where none does."""

    standing: Any  # annotated, with its item and lead
    report: ProgressReport | None

    @property
    def percent(self) -> int | None:
        """The percent that counts; None = unknown."""
        percent: int | None = self.standing.shown_percent
        return percent

    @property
    def earned(self) -> int:
        """Weight × percent; an unknown item adds nothing."""
        return int(self.standing.earned)

    @property
    def to_plan(self) -> int:
        """Weight × planned."""
        return int(self.standing.weight * self.standing.planned)


def asked(shown: ShownWeek, user: User, words: dict[str, str]) -> Question:
    """The question in the words of an address, among what `user` may choose from. Five queries.

    Raises NotThere for a word that names nothing, Contradiction for a measure of another key task.
    """
    options = options_for(shown.plan, user)
    key_task, supporting = _key_task(options, words["key_task"])
    measure = _found(options.measures, "measure", words)
    if measure and (
        (key_task and measure.key_task_id != key_task.pk)
        or (supporting and measure.key_task_id is not None)
        or (words["key_task"] == SEVEN and measure.key_task_id is None)
    ):
        raise Contradiction
    if measure and measure.key_task_id:
        key_task = next(task for task in options.key_tasks if task.pk == measure.key_task_id)
        measure.key_task = key_task
    return Question(
        key_task=None if measure else key_task,
        supporting=supporting and not measure,
        measure=measure,
        region=_found(options.regions, "region", words),
        group=_found(options.groups, "group", words),
        lead=_found(options.leads, "lead", words),
    )


def _key_task(options: Options, word: str) -> tuple[KeyTask | None, bool]:
    if word in ("", SEVEN, SUPPORTING):
        return None, word == SUPPORTING
    for task in options.key_tasks:
        if str(task.number) == word:
            return task, False
    raise NotThere("key_task", word)


def _found(rows: Iterable[Any], name: str, words: dict[str, str]) -> Any:
    """The row of that code; None where none is asked for."""
    if not words[name]:
        return None
    for row in rows:
        if row.code == words[name]:
            return row
    raise NotThere(name, words[name])


def explain(shown: ShownWeek, user: User, question: Question) -> Explanation:
    """The figure of the week as `user` sees it, with the weights of then. Four queries."""
    outline = outline_of(shown.plan, shown.week)
    result = rolled(tallies(_cells(shown, user, question), "measure"), outline)
    whole, parts = _level(question, outline, result)
    return Explanation(
        question=question,
        slice=whole,
        parts=[part for part in parts if _belongs(part, user)],
        supporting=result.supporting,
    )


def _cells(shown: ShownWeek, user: User, question: Question) -> QuerySet[Cell]:
    """The cells behind the figure: what the user's dashboards add up, narrowed to the place."""
    cells = Cell.objects.visible_to(user).filter(rollup=shown.rollup)
    if question.region:
        cells = cells.filter(region=question.region)
    if question.group:
        cells = cells.filter(region__groups=question.group)
    if question.lead:
        subtree = Actor.objects.filter(within_unit("path", question.lead.code), pk=OuterRef("lead"))
        cells = cells.filter(Exists(subtree))
    return cells


def _level(question: Question, outline: Outline, result: Rolled) -> tuple[Slice, list[Part]]:
    """The figure that is asked for, and the parts one level down."""
    nothing = Slice()
    if question.measure:
        return result.by_measure.get(question.measure.pk, nothing), []
    if question.key_task or question.supporting:
        measures = outline.under(question.key_task) if question.key_task else outline.supporting
        whole = result.by_task[question.key_task.pk] if question.key_task else result.supporting
        return whole, _parts([(row, result.by_measure.get(row.pk, nothing)) for row in measures])
    return result.whole, _parts([(task, result.by_task[task.pk]) for task in outline.key_tasks])


def _parts(rows: Sequence[tuple[KeyTask | Measure, Slice]]) -> list[Part]:
    split = shares([(row.weight, part.figure) for row, part in rows])
    return [Part(row, part, share) for (row, part), share in zip(rows, split, strict=True)]


def _belongs(part: Part, user: User) -> bool:
    """Not outside of what the user may see, and not retired with nothing left on it."""
    if part.slice.tally != Tally():
        return True
    only = user.scope.key_tasks
    task = part.row.pk if isinstance(part.row, KeyTask) else part.row.key_task_id
    return not part.row.retired_on and (not only or task in only)


def counted_items(shown: ShownWeek, user: User, question: Question) -> QuerySet[Standing]:
    """The items of a flat set as they count, unknown ones first, then the furthest behind plan."""
    standings = listed(shown.plan, shown.rollup.point, user, question.conditions)
    counted = ProgressReport.objects.filter(
        item=OuterRef("item"), week=OuterRef("reported_week"), counted_week__lte=shown.week
    )
    return (
        standings.annotate(report_pk=Subquery(counted.order_by("-version").values("pk")[:1]))
        .select_related("item__region", "item__parent", "lead")
        .order_by(F("shown_variance").asc(nulls_first=True), "item__code")
    )


def with_reports(standings: Iterable[Any]) -> list[CountedItem]:
    """The items of one page with the reports that count. One query."""
    rows = list(standings)
    reports = ProgressReport.objects.select_related("submitted_by__actor", "decided_by").in_bulk(
        [row.report_pk for row in rows if row.report_pk]
    )
    return [CountedItem(row, reports.get(row.report_pk)) for row in rows]


def count_decomposed(shown: ShownWeek, user: User, question: Question) -> int:
    """How many items of the set stand where their parts stand. One query."""
    conditions = replace(question.conditions, state=DECOMPOSED)
    return listed(shown.plan, shown.rollup.point, user, conditions).count()
