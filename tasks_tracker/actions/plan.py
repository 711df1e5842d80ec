"""Setting up a plan, and assigning its work items from a table: all of them or, when anything is wrong, none.

An item counts in the figures from the running week on; weeks that are over keep what they had. One that
starts later is there as not started. Who may do this is for the caller to know: only commands call it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from tasks_tracker.actions import audit, plan_curve, rollup, standing
from tasks_tracker.models import (
    Actor,
    Measure,
    Milestone,
    Plan,
    PlanSegment,
    Policy,
    Region,
    State,
    User,
    WorkItem,
)
from tasks_tracker.rules.ledger_csv import Fault, Row, Sheet, in_order
from tasks_tracker.rules.schedule import Mark, plan_segments
from tasks_tracker.rules.weeks import FAR, week_of

FEW = 500  # so many codes fit into one statement on every database
BOUNDED = ("code", "title", "expected_result", "deliverable")
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


class PlanRefused(Exception):
    """The plan cannot be set up so. Codes: wrong_way_round, code_taken, demonstration, plan_exists."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DemonstrationPlan(Exception):
    """Real work items do not go into demonstration data."""


class RowsRefused(Exception):
    """Some rows are wrong, so nothing was written. `faults` lists all of them, from the top down.

    To the codes of rules.ledger_csv come: too_long, unknown, ambiguous, does_not_report, retired,
    outside_plan, code_twice and differs (the code is there already with other content).
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class Wanted:
    """A row whose names have been found: the work item as it is to be, not saved yet."""

    item: WorkItem
    supporting: list[Actor]
    milestones: tuple[Mark, ...]

    @property
    def content(self) -> tuple[Any, ...]:
        """What must agree for the item to be the one that is there already."""
        return _content(self.item, (actor.pk for actor in self.supporting), self.milestones)


class Checked(NamedTuple):
    """Rows without a fault: those to assign, and how many are there already with the same content."""

    wanted: list[Wanted]
    already_there: int


@transaction.atomic
def create_plan(
    *,
    code: str,
    policy: Policy,
    title: str,
    title_en: str = "",
    starts_on: date,
    ends_on: date,
    first: bool = False,
    by: User | None = None,
) -> Plan:
    """Set up a plan with the thresholds and the cut-off that a plan has by default.

    With `first` only where there is none yet: of two who set one up at the same time, one does.
    Raises PlanRefused.
    """
    Policy.objects.select_for_update(no_key=True).get(pk=policy.pk)
    if first and Plan.objects.exists():
        raise PlanRefused("plan_exists")
    if ends_on <= starts_on:
        raise PlanRefused("wrong_way_round")
    if Plan.objects.filter(is_demonstration=True).exists():
        raise PlanRefused("demonstration")
    if Plan.objects.filter(code=code).exists():
        raise PlanRefused("code_taken")
    plan = Plan(
        code=code, policy=policy, title=title, title_en=title_en, starts_on=starts_on, ends_on=ends_on
    )
    plan.full_clean()
    plan.save()
    days = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    audit.record(by=by, action="create_plan", obj=plan, after={"code": code, "title": title, **days})
    return plan


@transaction.atomic
def assign_items(*, plan: Plan, sheet: Sheet, by: User | None = None, now: datetime) -> Checked:
    """Assign the items of the sheet, compute the running week and draw the plan anew.

    Doing it twice assigns nothing more. Raises RowsRefused and DemonstrationPlan; writes nothing then.
    """
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)  # in turns with roll-ups and other assigners
    checked = check_items(plan=plan, sheet=sheet)
    week = week_of(now.date())
    for wanted in checked.wanted:
        enter(wanted, week, by)
    rollup.roll_up_week(plan=plan, week=week, now=now)
    plan_curve.draw_plan(plan=plan)
    return checked


def check_items(*, plan: Plan, sheet: Sheet) -> Checked:
    """What `assign_items` would do. Raises like it; reads only."""
    if plan.is_demonstration:
        raise DemonstrationPlan
    return check_rows(plan=plan, sheet=sheet)


def check_rows(*, plan: Plan, sheet: Sheet) -> Checked:
    """The rows as work items to be; raises RowsRefused. Whether they may go into the plan is not asked."""
    checker = _Checker(plan, sheet)
    wanted = [checker.wanted(row) for row in sheet.rows]
    if faults := checker.faults:
        raise RowsRefused(faults)
    new = [each for each in wanted if each.item.code not in checker.there]
    return Checked(new, len(wanted) - len(new))


def enter(wanted: Wanted, week: date, by: User | None) -> None:
    """Let the item enter the plan in `week`; runs inside the caller's transaction."""
    item, marks = wanted.item, wanted.milestones
    item.save()
    item.supporting.set(wanted.supporting)
    Milestone.objects.bulk_create(
        Milestone(item=item, number=number, **mark._asdict()) for number, mark in enumerate(marks, 1)
    )
    pieces = plan_segments(item.starts_on, item.due_on, [(mark.due_on, mark.percent) for mark in marks])
    PlanSegment.objects.bulk_create(
        PlanSegment(item=item, since=week, until=FAR, **piece._asdict()) for piece in pieces
    )
    standing.begin(item, week)
    standing.mark_stale(item, week)
    after = {
        "item": item.code,
        "lead": item.lead.code,
        "weight": item.weight,
        "starts_on": item.starts_on.isoformat(),
        "due_on": item.due_on.isoformat(),
    }
    audit.record(by=by, action="assign_item", obj=item, after=after)


def _content(
    item: WorkItem, supporting: Iterable[int], marks: Iterable[tuple[date, int, str]]
) -> tuple[Any, ...]:
    return (
        item.plan_id,
        [getattr(item, name) for name in AGREED],
        sorted(supporting),
        sorted(tuple(mark) for mark in marks),
    )


class _Checker:
    """Finds what the rows name and collects every fault, at most one of each cell."""

    def __init__(self, plan: Plan, sheet: Sheet) -> None:
        self.plan = plan
        self.first_fault = {(fault.row, fault.column): fault for fault in reversed(sheet.faults)}
        self.seen: set[str] = set()
        self.measures = {measure.code: [measure] for measure in plan.policy.measures.all()}
        self.regions = _by_name(Region.objects.all(), "code", "name", "short", "name_en", "short_en")
        self.actors = _by_name(Actor.objects.all(), "code", "name", "name_en")
        codes = {row.code for row in sheet.rows}
        items = WorkItem.objects.with_names().prefetch_related("supporting", "milestones")
        if len(codes) <= FEW:
            items = items.filter(code__in=codes)
        self.there = {item.code: item for item in items if item.code in codes}

    @property
    def faults(self) -> list[Fault]:
        """All of them, from the top down."""
        return in_order(self.first_fault.values())

    def wanted(self, row: Row) -> Wanted:
        """The row as a work item; empty rows stand in for what was not found, and then it is refused."""
        self._check_words(row)
        item = WorkItem(
            plan=self.plan,
            code=row.code,
            title=row.title,
            measure=self._one(row, "measure", row.measure, self.measures) or Measure(),
            region=self._region(row),
            lead=self._lead(row),
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
        found = (self._one(row, "supporting", name, self.actors) for name in row.supporting)
        wanted = Wanted(item, [actor for actor in found if actor], row.milestones)
        self._compare(row, wanted)
        return wanted

    def _note(self, row: Row, column: str, code: str, value: str = "") -> None:
        self.first_fault.setdefault((row.number, column), Fault(row.number, column, code, value))

    def _one(self, row: Row, column: str, name: str, known: dict[str, list[Any]]) -> Any:
        found = known.get(name, [])
        if len(found) == 1:
            if getattr(found[0], "retired_on", None) and row.code not in self.there:
                self._note(row, column, "retired", name)
            return found[0]
        self._note(row, column, "ambiguous" if found else "unknown", name)
        return None

    def _region(self, row: Row) -> Region:
        region: Region | None = self._one(row, "region", row.region, self.regions)
        if region and not region.reports and region.kind != Region.Kind.NATIONAL:
            self._note(row, "region", "does_not_report", row.region)
        return region or Region()

    def _lead(self, row: Row) -> Actor:
        lead: Actor | None = self._one(row, "lead", row.lead, self.actors)
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

    def _compare(self, row: Row, wanted: Wanted) -> None:
        if row.code in self.seen:
            self._note(row, "code", "code_twice", row.code)
        self.seen.add(row.code)
        there = self.there.get(row.code)
        if there and not any(number == row.number for number, _column in self.first_fault):
            supporting = (actor.pk for actor in there.supporting.all())
            marks = [(mark.due_on, mark.percent, mark.title) for mark in there.milestones.all()]
            if _content(there, supporting, marks) != wanted.content:
                self._note(row, "code", "differs", row.code)


def _by_name(rows: Iterable[Any], *names: str) -> dict[str, list[Any]]:
    """Rows by code and by each of their names; a name that several bear leads to all of them."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for name in {getattr(row, attribute) for attribute in names} - {""}:
            found[name].append(row)
    return found
