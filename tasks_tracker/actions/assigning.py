"""Bringing work items into the plan from the product itself: one, one per region, or the parts of another.

What can be wrong with an item is checked as it is for a table of items (actions/plan.py). An item counts from
the open week on. Codes are made here: region, measure and a number, so that doing a distribution twice finds
what is there already.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from tasks_tracker.actions import audit, rollup
from tasks_tracker.actions.item_rows import RowsRefused, Wanted
from tasks_tracker.actions.lifecycle import SUSPENDABLE
from tasks_tracker.actions.plan import Checked, check_rows, enter, enter_all
from tasks_tracker.actions.replan import StepRefused, check_reason, check_run, held, move
from tasks_tracker.models import Actor, Industry, Measure, Plan, Region, State, User, WorkItem
from tasks_tracker.permissions import (
    can_answer_for,
    can_assign_in,
    can_decompose,
    can_lead_part,
    check_can_plan,
)
from tasks_tracker.rules.ledger_csv import HEAVIEST, Fault, Row, Sheet
from tasks_tracker.rules.weeks import week_of

MOST_PARTS = 40
LONGEST_TITLE, LONGEST_CODE = 120, 40  # as the columns are wide


@dataclass(frozen=True)
class Part:
    """A piece of an item that is to be an item of its own, with a lead, a weight and dates of its own."""

    title: str
    lead: Actor
    weight: int
    starts_on: date
    due_on: date
    expected_result: str = ""


def short_code(region: Region) -> str:
    """420000 → 42, 210200 → 2102, 000000 → 00."""
    code = region.code
    while len(code) > 2 and code.endswith("00"):
        code = code[:-2]
    return code


def next_code(measure: Measure, region: Region) -> str:
    """The next free code under a measure in a region, such as 42-5.2-03."""
    start = f"{short_code(region)}-{measure.code}-"
    taken = WorkItem.objects.filter(code__startswith=start).values_list("code", flat=True)
    numbers = [int(rest) for code in taken if (rest := code.removeprefix(start)).isdecimal()]
    return f"{start}{max(numbers, default=0) + 1:02d}"


@transaction.atomic
def assign_item(
    *, plan: Plan, row: Row, draft: bool = False, industry: Industry | None = None, by: User, now: datetime
) -> WorkItem:
    """Create one item and, unless it is to stay a draft, assign it. A row without a code gets the next one.

    Raises RowsRefused and PermissionDenied; writes nothing then.
    """
    check_can_plan(by)
    _take_turn(plan)
    if not row.code:
        row = replace(row, code=_code_for(plan, row))
    checked = check_rows(plan=plan, sheet=Sheet((row,), ()))
    if not checked.wanted:
        raise RowsRefused([Fault(row.number, "code", "code_twice", row.code)])
    [wanted] = checked.wanted
    _check_scope(by, checked)
    wanted.item.industry = industry
    wanted.item.state = State.DRAFT if draft else State.ASSIGNED
    enter(wanted, _open_week(plan, now), by)
    return wanted.item


def _code_for(plan: Plan, row: Row) -> str:
    measure = plan.policy.measures.filter(code=row.measure).first()
    region = Region.objects.filter(code=row.region).first()
    return next_code(measure, region) if measure and region else "new"  # a row that is refused anyway


@transaction.atomic
def distribute_measure(*, plan: Plan, sheet: Sheet, name: str, by: User, now: datetime) -> Checked:
    """Assign all the rows, or none. Rows that are there already with the same content are left alone.

    Raises RowsRefused and PermissionDenied.
    """
    check_can_plan(by)
    _take_turn(plan)
    checked = check_distribution(plan=plan, sheet=sheet, by=by)
    week = _open_week(plan, now)
    enter_all(checked.wanted, week, by)
    if checked.wanted:
        measure = checked.wanted[0].item.measure
        audit.record(
            by=by,
            action="distribute_measure",
            obj=measure,
            after={"title": name, "items": [wanted.item.code for wanted in checked.wanted]},
        )
    return checked


def check_distribution(*, plan: Plan, sheet: Sheet, by: User) -> Checked:
    """What `distribute_measure` would do. Raises like it; reads only."""
    check_can_plan(by)
    checked = check_rows(plan=plan, sheet=sheet)
    _check_scope(by, checked)
    return checked


def _check_scope(by: User, checked: Checked) -> None:
    for wanted in checked.wanted:
        if not can_assign_in(by, wanted.item.measure, wanted.item.region):
            raise PermissionDenied(_("This measure or region lies outside your scope."))


@transaction.atomic
def decompose_item(
    *, item: WorkItem, parts: Sequence[Part], reason: str, by: User, now: datetime
) -> list[WorkItem]:
    """Split an item: from the open week on its parts are counted in its place and report for it.

    An item that is decomposed already gets further parts. Raises StepRefused and PermissionDenied.
    """
    _check_may_decompose(by, item)
    check_reason(reason)
    item, week = held(item, now)
    _check_may_decompose(by, item)
    if item.state not in SUSPENDABLE:
        raise StepRefused("state_changed")
    if not 0 < len(parts) <= MOST_PARTS:
        raise StepRefused("no_parts")
    number = item.children.count()
    children = [_child(item, part, number + row, row, by) for row, part in enumerate(parts, 1)]
    enter_all([Wanted(child, [], ()) for child in children], week, by)
    if not item.decomposed:
        move(item, week, {"decomposed": True}, reason=reason, asked_by=by, approved_by=by, now=now)
    audit.record(
        by=by,
        action="decompose_item",
        obj=item,
        before={"item": item.code},
        after={"items": [child.code for child in children], "reason": reason.strip()},
    )
    return children


def _check_may_decompose(by: User, item: WorkItem) -> None:
    if not can_decompose(by, item):
        raise PermissionDenied(_("Only the lead unit or a supervisor splits this work item."))


def _child(item: WorkItem, part: Part, number: int, row: int, by: User) -> WorkItem:
    """The part as a work item to be; raises StepRefused with the number of its row."""
    region = part.lead.region or item.region
    child = WorkItem(
        code=f"{item.code}-{number}",
        plan=item.plan,
        measure=item.measure,
        region=region,
        lead=part.lead,
        industry=item.industry,
        title=part.title.strip(),
        expected_result=part.expected_result.strip(),
        commitment=item.commitment,
        weight=part.weight,
        starts_on=part.starts_on,
        due_on=part.due_on,
        is_key=item.is_key,
        state=State.ASSIGNED,
        parent=item,
        is_demonstration=item.is_demonstration,
    )
    own_line = can_answer_for(by, item) or can_assign_in(by, item.measure, region)
    checks = (
        ("title_missing", "title", bool(child.title)),
        ("title_too_long", "title", len(child.title) <= LONGEST_TITLE),
        ("code_too_long", "title", len(child.code) <= LONGEST_CODE),
        ("bad_weight", "weight", 1 <= part.weight <= HEAVIEST),
        ("does_not_report", "lead", part.lead.reports),
        ("not_own_unit", "lead", own_line and can_lead_part(by, part.lead)),
    )
    for code, field, holds in checks:
        if not holds:
            raise StepRefused(code, field, row)
    try:
        check_run(child, part.starts_on, part.due_on)
    except StepRefused as refused:
        raise StepRefused(refused.code, refused.field, row) from None
    return child


def _take_turn(plan: Plan) -> None:
    """Two people never take the same code; the plan is taken before the week (see `rollup`)."""
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)


def _open_week(plan: Plan, now: datetime) -> date:
    return rollup.open_week_for(plan=plan, week=week_of(now.date()), now=now).week
