"""Editing a row that somebody else may edit too: nothing is overwritten unseen, and all is on record."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any, TypeVar

from django.db import models

from tasks_tracker.actions import audit
from tasks_tracker.models import User

Row = TypeVar("Row", bound=models.Model)
Plain = dict[str, Any]


class EditRefused(Exception):
    """The row cannot be saved so. `code` names the rule and `field` says where; the form words both."""

    def __init__(self, code: str, field: str = "", **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.values = values


class StaleEdit(Exception):
    """Somebody changed the row since it was read; nothing was written. `now` has the values that moved."""

    def __init__(self, now: Plain) -> None:
        super().__init__(", ".join(now))
        self.now = now


def plain(row: object, names: Iterable[str]) -> Plain:
    """The named values as JSON holds them: rows by their codes, days and numbers as text."""
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, models.Manager):
        value = value.all()
    if isinstance(value, list | models.QuerySet):
        return sorted(_plain(each) for each in value)
    if isinstance(value, models.Model):
        return str(getattr(value, "code", value.pk))
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, bool | int | str) or value is None else str(value)


def hold(row: Row, seen: Mapping[str, Any]) -> Row:
    """`row` read anew and held until the caller's transaction ends.

    Raises StaleEdit when a value differs from what was `seen`, and the row's DoesNotExist when it is gone.
    """
    manager = type(row)._default_manager
    held: Row = manager.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    now = plain(held, seen)
    if moved := {name: value for name, value in now.items() if value != seen[name]}:
        raise StaleEdit(moved)
    return held


def save_changes(row: models.Model, values: Mapping[str, Any], *, by: User, action: str, **more: Any) -> bool:
    """Write what differs, and its audit row with `more` beside the values after; False when nothing does.

    Raises ValidationError for what the row's own rules forbid.
    """
    before = plain(row, values)
    links = {name for name in values if row._meta.get_field(name).many_to_many}
    for name in values.keys() - links:
        setattr(row, name, values[name])
    after = plain(row, values.keys() - links) | {name: _plain(list(values[name])) for name in links}
    changed = [name for name in values if before[name] != after[name]]
    if not changed:
        return False
    row.full_clean()
    row.save()
    for name in links & set(changed):
        getattr(row, name).set(values[name])
    audit.record(
        by=by,
        action=action,
        obj=row,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed} | more,
    )
    return True


def create(row: Row, values: Mapping[str, Any], *, by: User) -> Row:
    """Make the row from plain fields and links, with its audit row. Raises ValidationError."""
    links = {name for name in values if row._meta.get_field(name).many_to_many}
    for name in values.keys() - links:
        setattr(row, name, values[name])
    row.full_clean()
    row.save()
    for name in links:
        getattr(row, name).set(values[name])
    given = {name: value for name, value in plain(row, values).items() if value not in ("", None, [])}
    audit.record(by=by, action=f"create_{row._meta.model_name}", obj=row, after=given)
    return row


def retire(row: models.Model, *, day: date | None, by: User) -> bool:
    """Take the row out of use from `day` on, or (None) back into use; what was done with it stays."""
    verb = "retire" if day else "restore"
    return save_changes(row, {"retired_on": day}, by=by, action=f"{verb}_{row._meta.model_name}")
