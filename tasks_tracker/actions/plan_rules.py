"""Editing the plan itself: its title and days, the thresholds of the lights, the cut-off."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from tasks_tracker.actions.editing import EditRefused, Plain, hold, save_changes
from tasks_tracker.models import Plan, User
from tasks_tracker.permissions import check_can_edit_plan

RULES = (
    "at_risk_below",
    "behind_below",
    "severely_behind_below",
    "due_soon_days",
    "cutoff_weekday",
    "cutoff_time",
)


@transaction.atomic
def edit_plan(*, plan: Plan, values: Mapping[str, Any], seen: Plain, by: User) -> bool:
    """Save what differs; a changed rule begins a new version of the rules. False when nothing differs.

    Open weeks are to be rolled up anew; frozen ones keep the thresholds that are stored with them.
    Raises PermissionDenied, StaleEdit, ValidationError and EditRefused (items_outside).
    """
    check_can_edit_plan(by)
    held = hold(plan, seen)
    _check_run(held, values)
    version = held.rule_version + any(getattr(held, name) != values[name] for name in RULES)
    return save_changes(held, {**values, "rule_version": version}, by=by, action="change_plan")


def _check_run(plan: Plan, values: Mapping[str, Any]) -> None:
    """A plan that is cut shorter still holds its items."""
    if values["starts_on"] > plan.starts_on:
        early = plan.items.filter(starts_on__lt=values["starts_on"]).count()
        if early:
            raise EditRefused("items_outside", "starts_on", n=early)
    if values["ends_on"] < plan.ends_on:
        late = plan.items.filter(due_on__gt=values["ends_on"]).count()
        if late:
            raise EditRefused("items_outside", "ends_on", n=late)
