"""Rows of a table as work items to be: their names found, everything that is wrong with them said.

Reads only; what writes them stands in actions/plan.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from tasks_tracker.models import (
    Actor,
    Indicator,
    Industry,
    Measure,
    Milestone,
    Plan,
    Region,
    State,
    User,
    WorkItem,
)
from tasks_tracker.permissions import can_assign_in
from tasks_tracker.rules.ledger_csv import Fault, Row, Sheet, in_order
from tasks_tracker.rules.names import (
    LOOKED_UP,
    Answer,
    Finder,
    measure_forms,
    one_form,
    region_forms,
    unit_forms,
)
from tasks_tracker.rules.schedule import Mark
from tasks_tracker.rules.targets import read_target

FEW = 500  # so many codes fit into one statement on every database
BOUNDED = ("code", "title", "expected_result", "deliverable")
LONGEST_NAME = 60  # of an indicator
AGREED = (
    "title",
    "measure",
    "region",
    "lead",
    "weight",
    "starts_on",
    "due_on",
    "commitment",
    "is_key",
    "expected_result",
    "deliverable",
)
Aliases = Mapping[str, Mapping[str, str]]  # by kind: what a ledger says → the code that somebody chose


class RowsRefused(Exception):
    """Some rows are wrong, so nothing was written. `faults` lists all of them, from the top down.

    To the codes of rules.ledger_csv come: too_long, unknown, ambiguous, does_not_report, retired,
    outside_plan, outside_scope, code_twice, row_twice and differs (the code is there already with other
    content). As warnings: understood (taken for `others`), other_key_task, in_words
    (a target) and stands_otherwise (the same item is there with other terms).
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class Wanted:
    """A row whose names have been found: the work item as it is to be, not saved yet, and what goes with it.

    `there` is the item that is there already in its place.
    """

    item: WorkItem
    supporting: list[Actor]
    milestones: tuple[Mark, ...]
    indicator: Indicator | None = None
    there: WorkItem | None = None

    @property
    def content(self) -> tuple[Any, ...]:
        """What must agree for the item to be the one that is there already."""
        return content_of(self.item, (actor.pk for actor in self.supporting), self.milestones)


def content_of(
    item: WorkItem, supporting: Iterable[int], marks: Iterable[tuple[date, int, str]]
) -> tuple[Any, ...]:
    """Plan, terms, supporting units and milestones of an item."""
    return (
        item.plan_id,
        [getattr(item, name) for name in AGREED],
        sorted(supporting),
        sorted(tuple(mark) for mark in marks),
    )


class Checker:
    """Finds what the rows name and collects every fault, at most one of each cell."""

    def __init__(
        self,
        plan: Plan,
        sheet: Sheet,
        *,
        by: User | None = None,
        aliases: Aliases | None = None,
        source: str = "",
    ) -> None:
        """With `by` rows outside of that user's scope are at fault; `source` is where targets are from."""
        self.plan, self.by, self.source = plan, by, source
        self.first_fault = {(fault.row, fault.column): fault for fault in reversed(sheet.faults)}
        self.faulty_rows = {fault.row for fault in sheet.faults}
        self.warnings = list(sheet.warnings)
        self.seen: set[str] = set()
        self.seen_content: set[tuple[Any, ...]] = set()
        self.find = _finders(plan, aliases or {})
        self.national = Region.objects.filter(kind=Region.Kind.NATIONAL).first()
        self.there = _with_codes({row.code for row in sheet.rows} - {""})
        bare = {row.title for row in sheet.rows if not row.code}
        self.same = _with_titles(plan, bare) if bare else {}

    @property
    def faults(self) -> list[Fault]:
        """All of them, from the top down."""
        return in_order(self.first_fault.values())

    def is_faulty(self, row: Row) -> bool:
        """Something in the row is wrong."""
        return row.number in self.faulty_rows

    def wanted(self, row: Row) -> Wanted:
        """The row as a work item; empty rows stand in for what was not found, and then it is refused."""
        self._check_words(row)
        lead = self._lead(row)
        item = WorkItem(
            plan=self.plan,
            code=row.code,
            title=row.title,
            measure=self._measure(row),
            region=self._region(row, lead),
            lead=lead,
            industry=self._one(row, "industry", row.industry) if row.industry else None,
            weight=row.weight,
            starts_on=row.starts_on,
            due_on=row.due_on,
            commitment=row.commitment,
            is_key=row.is_key,
            expected_result=row.expected_result,
            deliverable=row.deliverable,
            state=State.ASSIGNED,
            is_demonstration=self.plan.is_demonstration,
        )
        self._check_scope(row, item)
        found = [actor for name in row.supporting if (actor := self._one(row, "supporting", name))]
        supporting = [actor for actor in dict.fromkeys(found) if actor != lead or row.code in self.there]
        wanted = Wanted(item, supporting, row.milestones, self._indicator(row))
        there = self._compare(row, wanted) if row.code else self._compare_bare(row, wanted)
        return replace(wanted, there=there)

    def _note(self, row: Row, column: str, code: str, value: str = "", others: tuple[str, ...] = ()) -> None:
        self.faulty_rows.add(row.number)
        self.first_fault.setdefault((row.number, column), Fault(row.number, column, code, value, others))

    def _warn(self, row: Row, column: str, code: str, value: str, *others: str) -> None:
        self.warnings.append(Fault(row.number, column, code, value, others))

    def _one(self, row: Row, column: str, name: str) -> Any:
        finder = self.find[LOOKED_UP[column]]
        answer: Answer = finder.find(name)
        if len(answer.rows) != 1:
            self._note(row, column, "ambiguous" if answer.rows else "unknown", name, answer.offered)
            return None
        [found] = answer.rows
        if getattr(found, "retired_on", None) and row.code not in self.there:
            self._note(row, column, "retired", name)
        if answer.understood and one_form(name) != one_form(finder.label(found)):
            self._warn(row, column, "understood", name, finder.label(found))
        return found

    def _measure(self, row: Row) -> Measure:
        measure: Measure | None = self._one(row, "measure", row.measure)
        if measure is None:
            return Measure()
        if row.key_task and not _is_of(measure, row.key_task):
            self._warn(row, "key_task", "other_key_task", row.key_task, str(measure.key_task or measure))
        return measure

    def _region(self, row: Row, lead: Actor) -> Region:
        if row.region:
            region = self._one(row, "region", row.region)
        else:  # the one of the lead, once that is found
            region = lead.region or self.national if lead.pk else None
        if region and not region.reports and region.kind != Region.Kind.NATIONAL:
            self._note(row, "region", "does_not_report", row.region)
        return region or Region()

    def _lead(self, row: Row) -> Actor:
        lead: Actor | None = self._one(row, "lead", row.lead)
        if lead and not lead.reports:  # only government actors do
            self._note(row, "lead", "does_not_report", row.lead)
        return lead or Actor()

    def _check_words(self, row: Row) -> None:
        for column in BOUNDED:
            self._check_length(row, column, getattr(row, column), WorkItem._meta.get_field(column))
        for mark in row.milestones:
            self._check_length(row, "milestones", mark.title, Milestone._meta.get_field("title"))
        if row.starts_on < self.plan.starts_on:
            self._note(row, "starts_on", "outside_plan", row.starts_on.isoformat())
        if row.due_on > self.plan.ends_on:
            self._note(row, "due_on", "outside_plan", row.due_on.isoformat())

    def _check_length(self, row: Row, column: str, text: str, field: Any) -> None:
        if len(text) > field.max_length:
            self._note(row, column, "too_long", str(field.max_length))

    def _check_scope(self, row: Row, item: WorkItem) -> None:
        if self.by is None or not (item.measure.pk and item.region.pk):
            return
        if not can_assign_in(self.by, item.measure, item.region):
            tasks = self.by.scope.key_tasks
            is_other_task = bool(tasks) and item.measure.key_task_id not in tasks
            self._note(row, "measure" if is_other_task else "region", "outside_scope")

    def _indicator(self, row: Row) -> Indicator | None:
        column = "target" if row.target else "indicator"
        text = row.target or row.indicator
        if not text:
            return None
        target = read_target(text)
        if target is None or len(row.indicator if row.target else "") > LONGEST_NAME:
            self._note(row, column, "too_long", str(LONGEST_NAME if target else 80))
            return None
        if target.words:
            self._warn(row, column, "in_words", target.words)
        directions = Indicator.Direction
        return Indicator(
            name=(row.indicator if row.target and row.indicator else row.title)[:LONGEST_NAME],
            unit=target.unit,
            direction=directions.RISING if target.rising else directions.FALLING,
            target=target.number,
            target_text=target.words,
            target_on=row.due_on,
            commitment=row.commitment,
            source=self.source,
            is_demonstration=self.plan.is_demonstration,
        )

    def _compare(self, row: Row, wanted: Wanted) -> WorkItem | None:
        if row.code in self.seen:
            self._note(row, "code", "code_twice", row.code)
        self.seen.add(row.code)
        there = self.there.get(row.code)
        if there and not self.is_faulty(row):
            supporting = (actor.pk for actor in there.supporting.all())
            marks = [(mark.due_on, mark.percent, mark.title) for mark in there.milestones.all()]
            if content_of(there, supporting, marks) != wanted.content:
                self._note(row, "code", "differs", row.code)
        return there

    def _compare_bare(self, row: Row, wanted: Wanted) -> WorkItem | None:
        """A row without a code is the item with the same title, measure, region and lead."""
        item = wanted.item
        key = (row.title, item.measure.pk, item.region.pk, item.lead.pk)
        if self.is_faulty(row):
            return None
        if key in self.seen_content:
            self._note(row, "title", "row_twice", row.title)
        self.seen_content.add(key)
        there = self.same.get(key)
        if there and (there.weight, there.starts_on, there.due_on) != (row.weight, row.starts_on, row.due_on):
            self._warn(row, "title", "stands_otherwise", there.code)
        return there


def _with_codes(codes: set[str]) -> dict[str, WorkItem]:
    items = WorkItem.objects.with_names().prefetch_related("supporting", "milestones")
    if len(codes) <= FEW:
        items = items.filter(code__in=codes)
    return {item.code: item for item in items if item.code in codes} if codes else {}


def _with_titles(plan: Plan, titles: set[str]) -> dict[tuple[Any, ...], WorkItem]:
    items = WorkItem.objects.filter(plan=plan)
    if len(titles) <= FEW:
        items = items.filter(title__in=titles)
    return {(i.title, i.measure_id, i.region_id, i.lead_id): i for i in items if i.title in titles}


def _is_of(measure: Measure, text: str) -> bool:
    """The measure stands under the key task that the text names, by number or title."""
    task = measure.key_task
    if task is None:
        return False
    said = one_form(text)
    return said == str(task.number) or any(
        form in said or said in form for form in (one_form(task.title), one_form(task.short)) if said
    )


def _finders(plan: Plan, aliases: Aliases) -> dict[str, Finder]:
    measures = plan.policy.measures.select_related("key_task")
    actors = Actor.objects.select_related("region")
    make: Any = partial(_finder, aliases=aliases)
    return {
        "measure": make("measure", measures, ("code", "title", "title_en"), measure_forms, _coded),
        "region": make("region", Region.objects.all(), REGION_NAMES, region_forms, _named),
        "unit": make("unit", actors, ("code", "name", "name_en"), unit_forms, _named),
        "industry": make("industry", Industry.objects.all(), ("code", "name", "name_en"), unit_forms, _named),
    }


REGION_NAMES = ("code", "name", "short", "name_en", "short_en")


def _finder(
    kind: str, rows: Any, names: tuple[str, ...], forms: Any, label: Any, *, aliases: Aliases
) -> Finder:
    return Finder(_by_name(rows, *names), means=forms, label=label, aliases=aliases.get(kind))


def _named(row: Any) -> str:
    return str(row.name)


def _coded(measure: Any) -> str:
    return f"{measure.code} {measure.title}"


def _by_name(rows: Iterable[Any], *names: str) -> dict[str, list[Any]]:
    """Rows by code and by each of their names; a name that several bear leads to all of them."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for name in {getattr(row, attribute) for attribute in names} - {""}:
            found[name].append(row)
    return found
