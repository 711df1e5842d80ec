"""Editing who takes part and where: actors in their tree, and regions.

The tree has no history: whose subtree an actor stands in is asked today, for every week. So moving one is a
change of scope, and on record.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Substr

from tasks_tracker.actions import audit
from tasks_tracker.actions.editing import EditRefused, Plain, create, hold, plain, retire, save_changes
from tasks_tracker.models import RUNNING_STATES, Actor, Region, User, WeekRollup
from tasks_tracker.permissions import check_can_edit_plan

# The tree ends at prefecture level, and who merely takes part has nobody below.
LEAVES = (Actor.Level.PREFECTURE, Actor.Level.PARTICIPANT)
PATH_LENGTH = Actor._meta.get_field("path").max_length or 0


@transaction.atomic
def create_actor(*, values: Mapping[str, Any], by: User) -> Actor:
    """Add an actor. Raises PermissionDenied, EditRefused (codes as in edit_actor) and ValidationError."""
    check_can_edit_plan(by)
    _take_turn()
    values = _with_fresh_parent(values)
    actor = Actor(code=values["code"])
    _check_place(actor, values["parent"])
    return create(actor, values, by=by)


@transaction.atomic
def edit_actor(*, actor: Actor, values: Mapping[str, Any], seen: Plain, by: User) -> bool:
    """Save what differs; with another parent the whole subtree moves along. False when nothing differs.

    Raises PermissionDenied, StaleEdit, ValidationError, and EditRefused: parent_is_a_leaf, below_itself,
    tree_too_deep, has_children (a leaf has none), leads_items (who leads running items reports).
    """
    check_can_edit_plan(by)
    _take_turn()
    held = hold(actor, seen)
    values = _with_fresh_parent(values)
    old_path = held.path
    _check_place(held, values["parent"])
    _check_below(held, values["level"])
    if held.reports and not values["reports"]:
        _check_leads_nothing(held)
    changed = save_changes(held, values, by=by, action="change_actor")
    if held.path != old_path:
        _move_subtree(old_path, held.path)
    return changed


@transaction.atomic
def retire_actor(*, actor: Actor, retired: bool, by: User, now: datetime) -> bool:
    """Take it out of use or back into use; False when it is so already. Raises PermissionDenied."""
    check_can_edit_plan(by)
    held = hold(actor, {})
    if bool(held.retired_on) == retired:
        return False
    return retire(held, day=now.date() if retired else None, by=by)


@transaction.atomic
def delete_actor(*, actor: Actor, by: User) -> None:
    """Delete an actor that nothing was ever hung on. Raises PermissionDenied and EditRefused."""
    check_can_edit_plan(by)
    _take_turn()
    held = hold(actor, {})
    if reason := why_kept(held):
        raise EditRefused(reason)
    audit.record(by=by, action="delete_actor", obj=held, before=plain(held, ("code", "name", "parent")))
    try:
        held.delete()
    except models.ProtectedError:  # cells, changes, exports, …
        raise EditRefused("in_use") from None


def why_kept(actor: Actor) -> str:
    """Why it cannot be deleted: has_items, has_users, has_children, is_suggested; "" when it can."""
    if actor.led_items.exists() or actor.supported_items.exists():
        return "has_items"
    if actor.users.exists():
        return "has_users"
    if actor.children.exists():
        return "has_children"
    return "is_suggested" if actor.suggested_measures.exists() else ""


@transaction.atomic
def edit_region(*, region: Region, values: Mapping[str, Any], seen: Plain, by: User) -> bool:
    """Save names, groups and whether it reports; its code stays. False when nothing differs.

    Raises PermissionDenied, StaleEdit, ValidationError and EditRefused (region_has_items).
    """
    check_can_edit_plan(by)
    held = hold(region, seen)
    if held.reports and not values["reports"] and held.items.filter(state__in=RUNNING_STATES).exists():
        raise EditRefused("region_has_items", "reports")
    return save_changes(held, values, by=by, action="change_region")


def _take_turn() -> None:
    """Two moves take turns on the whole tree: each alone may be right and both together a circle."""
    list(Actor.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def _with_fresh_parent(values: Mapping[str, Any]) -> dict[str, Any]:
    """The parent as it stands in this turn: the path of what is below begins with its path."""
    parent = values["parent"]
    return {**values, "parent": parent and Actor.objects.get(pk=parent.pk)}


def _check_place(actor: Actor, parent: Actor | None) -> None:
    if parent is None:
        return
    if parent.level in LEAVES and parent.pk != actor.parent_id:
        raise EditRefused("parent_is_a_leaf", "parent")
    path = parent.path
    if actor.pk and path.startswith(actor.path):
        raise EditRefused("below_itself", "parent")
    deepest = len(path) + len(actor.code) + 1
    if actor.pk:
        below = Actor.objects.filter(path__startswith=actor.path).values_list("path", flat=True)
        deepest += max(len(each) for each in below) - len(actor.path)
    if deepest > PATH_LENGTH:
        raise EditRefused("tree_too_deep", "parent")


def _check_below(actor: Actor, level: str) -> None:
    if level in LEAVES and level != actor.level and actor.children.exists():
        raise EditRefused("has_children", "level")


def _check_leads_nothing(actor: Actor) -> None:
    if actor.led_items.filter(state__in=RUNNING_STATES).exists():
        raise EditRefused("leads_items", "reports")


def _move_subtree(old: str, new: str) -> None:
    """Let every path below `old` begin with `new`, and let figures by subtree be added up anew."""
    below = Actor.objects.filter(Q(path__startswith=old))
    below.update(path=Concat(Value(new), Substr("path", len(old) + 1)))
    newest = WeekRollup.objects.order_by("-week").first()
    if newest:  # its stamp tells every process that what it remembers is of another tree
        WeekRollup.objects.filter(week=newest.week).update(times_computed=F("times_computed") + 1)
