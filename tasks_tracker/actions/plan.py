"""Setting up a plan, and assigning its work items from a table: all of them or, when anything is wrong, none.

An item counts in the figures from the running week on; weeks that are over keep what they had. One that
starts later is there as not started. Who may do this is for the caller to know: only commands call it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from tasks_tracker.actions import audit, plan_curve, rollup, standing
from tasks_tracker.actions.editing import plain
from tasks_tracker.actions.item_rows import Checker, RowsRefused, Wanted
from tasks_tracker.models import Indicator, Milestone, Plan, PlanSegment, Policy, User, WorkItem
from tasks_tracker.rules.ledger_csv import Fault, Sheet
from tasks_tracker.rules.schedule import Segment, plan_segments
from tasks_tracker.rules.weeks import FAR, week_of

# Of an indicator that comes with its item, in the audit log.
INDICATED = (
    "item",
    "name",
    "unit",
    "direction",
    "target",
    "target_text",
    "target_on",
    "commitment",
    "source",
)


class PlanRefused(Exception):
    """The plan cannot be set up so. Codes: wrong_way_round, code_taken, demonstration, plan_exists."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class DemonstrationPlan(Exception):
    """Real work items do not go into demonstration data."""


class Checked(NamedTuple):
    """Rows without a fault: those to assign, how many are there already, and what was taken for granted."""

    wanted: list[Wanted]
    already_there: int
    warnings: list[Fault]


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
    enter_all(checked.wanted, week, by)
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
    checker = Checker(plan, sheet, source=_("Ledger"))
    wanted = [checker.wanted(row) for row in sheet.rows]
    if faults := checker.faults:
        raise RowsRefused(faults)
    new = [each for each in wanted if each.there is None]
    return Checked(new, len(wanted) - len(new), checker.warnings)


def enter(wanted: Wanted, week: date, by: User | None) -> None:
    """Let the item enter the plan in `week`; runs inside the caller's transaction."""
    enter_all([wanted], week, by)


def enter_all(all_wanted: Sequence[Wanted], week: date, by: User | None) -> None:
    """Let the items enter the plan in `week`; runs inside the caller's transaction.

    As many statements for many as for one.
    """
    items = WorkItem.objects.bulk_create([wanted.item for wanted in all_wanted])
    supports = WorkItem.supporting.through
    supports.objects.bulk_create(
        supports(workitem_id=wanted.item.pk, actor_id=actor.pk)
        for wanted in all_wanted
        for actor in wanted.supporting
    )
    Milestone.objects.bulk_create(
        Milestone(item=wanted.item, number=number, **mark._asdict())
        for wanted in all_wanted
        for number, mark in enumerate(wanted.milestones, 1)
    )
    PlanSegment.objects.bulk_create(
        PlanSegment(item=wanted.item, since=week, until=FAR, **piece._asdict())
        for wanted in all_wanted
        for piece in _pieces(wanted)
    )
    standing.begin_all(items, week)
    audit.record_many(
        audit.signed_entry(by=by, action="assign_item", obj=item, after=_on_record(item)) for item in items
    )
    _add_indicators(all_wanted, by)


def _pieces(wanted: Wanted) -> list[Segment]:
    marks = [(mark.due_on, mark.percent) for mark in wanted.milestones]
    return plan_segments(wanted.item.starts_on, wanted.item.due_on, marks)


def _add_indicators(all_wanted: Sequence[Wanted], by: User | None) -> None:
    indicators = []
    for wanted in all_wanted:
        if wanted.indicator:
            wanted.indicator.item = wanted.item
            indicators.append(wanted.indicator)
    Indicator.objects.bulk_create(indicators)
    audit.record_many(
        audit.signed_entry(by=by, action="create_indicator", obj=each, after=_of_indicator(each))
        for each in indicators
    )


def _of_indicator(indicator: Indicator) -> dict[str, Any]:
    values = plain(indicator, INDICATED)
    return {name: value for name, value in values.items() if value not in ("", None)}


def _on_record(item: WorkItem) -> dict[str, Any]:
    return {
        "item": item.code,
        "lead": item.lead.code,
        "weight": item.weight,
        "starts_on": item.starts_on.isoformat(),
        "due_on": item.due_on.isoformat(),
    }
