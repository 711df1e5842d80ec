"""Editing the outline: key tasks and measures. Weights are ours, hold from a week on, and are on record.

What was used once is retired and never deleted: its figures and its history go on.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from tasks_tracker.actions import audit, rollup
from tasks_tracker.actions.editing import EditRefused, Plain, create, hold, plain, retire, save_changes
from tasks_tracker.models import KeyTask, Measure, Plan, PlannedPoint, User, WeightChange
from tasks_tracker.permissions import check_can_edit_measure, check_can_edit_plan
from tasks_tracker.rules.weeks import week_of

KEPT = ("code", "number", "title", "weight")  # what the audit log keeps of a row that is deleted


def check_may_edit(row: KeyTask | Measure, by: User) -> None:
    """Raises PermissionDenied. Key tasks are for national supervisors only."""
    if isinstance(row, Measure):
        check_can_edit_measure(by, row)
    else:
        check_can_edit_plan(by)


@transaction.atomic
def create_outline_row(*, row: KeyTask | Measure, values: Mapping[str, Any], by: User) -> KeyTask | Measure:
    """Add a key task or a measure; `row` names its policy. Raises PermissionDenied and ValidationError."""
    for name, value in values.items():
        setattr(row, name, value)
    check_may_edit(row, by)
    return create(row, values, by=by)


@transaction.atomic
def edit_outline_row(
    *,
    row: KeyTask | Measure,
    plan: Plan | None,
    values: Mapping[str, Any],
    reason: str,
    seen: Plain,
    by: User,
    now: datetime,
) -> bool:
    """Save what differs; False when nothing does.

    A new weight holds from the running week on, or from the first open one, and needs a reason.
    Raises PermissionDenied, StaleEdit, EditRefused (reason_missing) and ValidationError.
    """
    check_may_edit(row, by)
    held = hold(row, seen)
    change = _weight_change(held, values.get("weight", held.weight), reason, plan, now) if plan else None
    more = {"week": change.week.isoformat(), "reason": change.reason} if change else {}
    changed = save_changes(held, values, by=by, action=f"change_{row._meta.model_name}", **more)
    if change:
        change.by = by
        change.save()
    return changed


def _weight_change(
    row: KeyTask | Measure, weight: int, reason: str, plan: Plan, now: datetime
) -> WeightChange | None:
    """The record of a new weight, not saved yet; None where it stays."""
    if weight == row.weight:
        return None
    if not reason.strip():
        raise EditRefused("reason_missing", "reason")
    return WeightChange(
        key_task=row if isinstance(row, KeyTask) else None,
        measure=row if isinstance(row, Measure) else None,
        week=rollup.open_week_for(plan=plan, week=week_of(now.date()), now=now).week,
        old_weight=row.weight,
        new_weight=weight,
        reason=reason.strip(),
        at=now,
    )


@transaction.atomic
def retire_outline_row(*, row: KeyTask | Measure, retired: bool, by: User, now: datetime) -> bool:
    """Take it out of use or back into use; False when it is so already. Raises PermissionDenied."""
    check_may_edit(row, by)
    held = hold(row, {})
    if bool(held.retired_on) == retired:
        return False
    return retire(held, day=now.date() if retired else None, by=by)


@transaction.atomic
def delete_outline_row(*, row: KeyTask | Measure, by: User) -> None:
    """Delete what nothing was ever hung on. Raises PermissionDenied and EditRefused with the reason."""
    check_may_edit(row, by)
    held = hold(row, {})
    if reason := why_kept(held):
        raise EditRefused(reason)
    names = [name for name in KEPT if hasattr(held, name)]
    audit.record(by=by, action=f"delete_{held._meta.model_name}", obj=held, before=plain(held, names))
    if isinstance(held, Measure):
        PlannedPoint.objects.filter(measure=held).delete()
    try:
        held.delete()
    except models.ProtectedError:  # something was hung on it meanwhile
        raise EditRefused("in_use") from None


def why_kept(row: KeyTask | Measure) -> str:
    """Why it cannot be deleted: has_items, has_indicators, has_measures, limits_users; "" when it can."""
    if isinstance(row, Measure):
        if row.items.exists():
            return "has_items"
        return "has_indicators" if row.indicators.exists() else ""
    if row.measures.exists():
        return "has_measures"
    # Without it such an account would no longer be limited at all.
    return "limits_users" if User.objects.filter(key_tasks=row).exists() else ""
