"""Changing what is agreed about an item: always on the record, from the open week on.

Frozen weeks keep what they had, and so does last week while it is still open. Rules: docs/numbers.md.
"""

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Self

from django.db import transaction
from django.db.models import Q

from tasks_tracker.actions import audit, rollup, standing
from tasks_tracker.models import Actor, Milestone, PlanChange, PlanSegment, State, User, WorkItem
from tasks_tracker.permissions import check_can_direct
from tasks_tracker.rules.ledger_csv import HEAVIEST, in_the_run
from tasks_tracker.rules.schedule import Mark, plan_segments, written_marks
from tasks_tracker.rules.weeks import FAR, week_of

MOST_MILESTONES = 20
OVER = (State.CLOSED, State.CANCELLED)
LAID_OUT = {PlanChange.Field.STARTS_ON, PlanChange.Field.DUE_ON, PlanChange.Field.MILESTONES}


class StepRefused(Exception):
    """A step of the life cycle, or a change of the plan, is not possible. `code` names the rule.

    Codes: state_changed, changed_meanwhile, already_asked, already_decided (somebody was faster); is_over,
    nothing_changed, reason_missing, due_before_start, outside_plan, outside_whole, parts_outside,
    bad_weight, milestones_out_of_order, too_many_milestones, does_not_report, not_own_unit, no_parts,
    parts_running, whole_closed, is_decomposed, statement_missing, shortfall_missing, catch_up_missing,
    not_later, grade_missing, title_missing, title_too_long, code_too_long.
    `field` says where; `row` counts the parts from 1.
    """

    def __init__(self, code: str, field: str = "", row: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.row = row


@dataclass(frozen=True)
class Terms:
    """What is agreed about an item and moves only on the record."""

    lead: Actor
    weight: int
    starts_on: date
    due_on: date
    is_key: bool
    milestones: tuple[Mark, ...]

    @classmethod
    def of(cls, item: WorkItem) -> Self:
        """As they stand now. Two queries at most."""
        marks = item.milestones.order_by("due_on", "number").values_list("due_on", "percent", "title")
        return cls(
            lead=item.lead,
            weight=item.weight,
            starts_on=item.starts_on,
            due_on=item.due_on,
            is_key=item.is_key,
            milestones=tuple(Mark(*mark) for mark in marks),
        )

    def differing(self, other: "Terms") -> dict[str, Any]:
        """The values of `other` that are not these, by name."""
        return {
            field.name: getattr(other, field.name)
            for field in fields(self)
            if getattr(self, field.name) != getattr(other, field.name)
        }

    @property
    def written(self) -> dict[str, str]:
        """Every value as the journal writes it."""
        return {name: written(getattr(self, name)) for name in asdict(self)}


def written(value: Any) -> str:
    """A value as PlanChange keeps it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return written_marks(value)
    return value.code if isinstance(value, Actor) else str(value)


def held(item: WorkItem, now: datetime) -> tuple[WorkItem, date]:
    """The item as it is now and the week from which a change of it holds, both kept until the caller's end.

    The week is taken before the item, as accepting a report does; see `rollup`.
    """
    week = rollup.open_week_for(plan=item.plan, week=week_of(now.date()), now=now).week
    items = WorkItem.objects.select_for_update(no_key=True, of=("self",))
    return items.select_related("plan", "lead").get(pk=item.pk), week


@transaction.atomic
def change_plan(
    *, item: WorkItem, terms: Terms, seen: Terms, reason: str, by: User, now: datetime
) -> list[PlanChange]:
    """Let `terms` hold from the open week on; `seen` is what was on the form.

    Raises StepRefused (`changed_meanwhile` when something else holds by now) and PermissionDenied; writes
    nothing then.
    """
    check_can_direct(by, item)
    item, week = held(item, now)
    before = Terms.of(item)
    if before != seen:
        raise StepRefused("changed_meanwhile")
    if item.state in OVER:
        raise StepRefused("is_over")
    changes = before.differing(terms)
    if not changes:
        raise StepRefused("nothing_changed")
    check_reason(reason)
    check_terms(item, terms, new_lead="lead" in changes)
    rows = move(item, week, changes, reason=reason, asked_by=by, approved_by=by, now=now)
    audit.record(
        by=by,
        action="replan_item",
        obj=item,
        before={"item": item.code} | {row.field: row.old_value for row in rows},
        after={row.field: row.new_value for row in rows} | {"reason": reason.strip()},
    )
    return rows


def check_reason(reason: str) -> None:
    """Raises StepRefused for an empty one."""
    if not reason.strip():
        raise StepRefused("reason_missing", "reason")


def check_terms(item: WorkItem, terms: Terms, *, new_lead: bool) -> None:
    """Raises StepRefused when the terms cannot hold for the item, its whole and its parts."""
    check_run(item, terms.starts_on, terms.due_on)
    if not 1 <= terms.weight <= HEAVIEST:
        raise StepRefused("bad_weight", "weight")
    if new_lead and not terms.lead.reports:
        raise StepRefused("does_not_report", "lead")
    if len(terms.milestones) > MOST_MILESTONES:
        raise StepRefused("too_many_milestones", "milestones")
    if not in_the_run(terms.milestones, terms.starts_on, terms.due_on):
        raise StepRefused("milestones_out_of_order", "milestones")


def check_run(item: WorkItem, starts_on: date, due_on: date) -> None:
    """Raises StepRefused when the item cannot run so: within its plan and its whole, around its parts."""
    if due_on <= starts_on:
        raise StepRefused("due_before_start", "due_on")
    bounds, code = item.plan, "outside_plan"
    _check_within(starts_on, due_on, bounds.starts_on, bounds.ends_on, code)
    if item.parent:
        _check_within(starts_on, due_on, item.parent.starts_on, item.parent.due_on, "outside_whole")
    if item.decomposed:
        outside = item.children.exclude(state__in=OVER)
        if outside.filter(Q(starts_on__lt=starts_on) | Q(due_on__gt=due_on)).exists():
            raise StepRefused("parts_outside", "due_on")


def _check_within(starts_on: date, due_on: date, first: date, last: date, code: str) -> None:
    if starts_on < first:
        raise StepRefused(code, "starts_on")
    if due_on > last:
        raise StepRefused(code, "due_on")


def move(
    item: WorkItem,
    week: date,
    changes: dict[str, Any],
    *,
    reason: str,
    asked_by: User,
    approved_by: User,
    now: datetime,
) -> list[PlanChange]:
    """Write the changes down and let them hold from `week` on; `changes` are new values by PlanChange.Field.

    Runs inside the caller's transaction, on an item that is `held`.
    """
    signed = {"reason": reason.strip(), "asked_by": asked_by, "approved_by": approved_by, "at": now}
    before = {name: written(_value(item, name)) for name in changes}
    rows = PlanChange.objects.bulk_create(
        PlanChange(
            item=item, week=week, field=name, old_value=before[name], new_value=written(value), **signed
        )
        for name, value in changes.items()
    )
    own = {name: value for name, value in changes.items() if name != PlanChange.Field.MILESTONES}
    for name, value in own.items():
        setattr(item, name, value)
    if own:
        item.save(update_fields=list(own))
    if PlanChange.Field.MILESTONES in changes:
        _put_milestones(item, changes["milestones"])
    if LAID_OUT & changes.keys():
        lay_out(item, week)
    columns = {"lead_id" if name == PlanChange.Field.LEAD else name for name in own}
    standing.advance(item, week, **{name: getattr(item, name) for name in columns})
    return rows


def _value(item: WorkItem, name: str) -> Any:
    return Terms.of(item).milestones if name == PlanChange.Field.MILESTONES else getattr(item, name)


def _put_milestones(item: WorkItem, marks: tuple[Mark, ...]) -> None:
    """Replace the milestones; one that keeps its title keeps the day on which it was reached."""
    reached = dict(item.milestones.exclude(reached_on=None).values_list("title", "reached_on"))
    item.milestones.all().delete()
    Milestone.objects.bulk_create(
        Milestone(item=item, number=number, reached_on=reached.get(mark.title), **mark._asdict())
        for number, mark in enumerate(sorted(marks), 1)
    )


def lay_out(item: WorkItem, week: date) -> None:
    """Put the straight pieces of the plan in force from `week` on; those before end there."""
    PlanSegment.objects.filter(item=item, since__gte=week).delete()
    PlanSegment.objects.filter(item=item, until__gt=week).update(until=week)
    marks = item.milestones.order_by("due_on").values_list("due_on", "percent")
    PlanSegment.objects.bulk_create(
        PlanSegment(item=item, since=week, until=FAR, **piece._asdict())
        for piece in plan_segments(item.starts_on, item.due_on, marks)
    )
