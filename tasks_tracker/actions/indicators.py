"""Indicators and their values. A value is never changed: a correction is a new one that takes its place."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from tasks_tracker.actions import audit
from tasks_tracker.actions.editing import EditRefused, Plain, create, hold, plain, retire, save_changes
from tasks_tracker.models import Indicator, IndicatorValue, TargetChange, User
from tasks_tracker.permissions import check_can_edit_indicator, check_can_record_value
from tasks_tracker.rules.attainment import is_consistent

AIMS = tuple(str(name) for name in TargetChange.Field.values)
KEPT = ("value", "as_of", "source")  # of a value, in the audit log
FIRST_DAY = date(1900, 1, 1)


@transaction.atomic
def create_indicator(*, indicator: Indicator, values: Mapping[str, Any], by: User) -> Indicator:
    """Add an indicator to the measure or the work item that `indicator` names.

    Raises PermissionDenied, EditRefused (wrong_direction) and ValidationError.
    """
    check_can_edit_indicator(by, indicator)
    _check_direction(values)
    subject = indicator.measure or indicator.item
    assert subject is not None
    order = type(indicator)._default_manager.filter(measure=indicator.measure, item=indicator.item).count()
    place = "measure" if indicator.measure else "item"
    return create(indicator, {**values, "order": order, place: subject}, by=by)


@transaction.atomic
def edit_indicator(
    *, indicator: Indicator, values: Mapping[str, Any], reason: str, seen: Plain, by: User, now: datetime
) -> bool:
    """Save what differs; a new target or baseline needs a reason and is kept beside the indicator.

    Raises PermissionDenied, StaleEdit, EditRefused (reason_missing, wrong_direction) and ValidationError.
    """
    check_can_edit_indicator(by, indicator)
    held = hold(indicator, seen)
    _check_direction(values)
    before, reason = plain(held, AIMS), reason.strip()
    after = plain(Indicator(**{name: values[name] for name in AIMS}), AIMS)
    moved = [name for name in AIMS if before[name] != after[name]]
    if moved and not reason:
        raise EditRefused("reason_missing", "reason")
    more = {"reason": reason} if moved else {}
    changed = save_changes(held, values, by=by, action="change_indicator", **more)
    TargetChange.objects.bulk_create(
        TargetChange(
            indicator=held,
            field=name,
            old_value=before[name] or "",
            new_value=after[name] or "",
            reason=reason,
            by=by,
            at=now,
        )
        for name in moved
    )
    return changed


@transaction.atomic
def retire_indicator(*, indicator: Indicator, retired: bool, by: User, now: datetime) -> bool:
    """Take it out of use or back into use; its values stay. Raises PermissionDenied."""
    check_can_edit_indicator(by, indicator)
    held = hold(indicator, {})
    if bool(held.retired_on) == retired:
        return False
    return retire(held, day=now.date() if retired else None, by=by)


@transaction.atomic
def record_value(
    *,
    indicator: Indicator,
    value: Decimal,
    as_of: date,
    source: str,
    corrects: IndicatorValue | None = None,
    by: User,
    now: datetime,
) -> IndicatorValue:
    """Record where the indicator stood on a day; with `corrects` in place of that value, which stays too.

    Raises PermissionDenied, EditRefused (retired, in_future, too_early, source_missing, day_taken,
    already_corrected) and ValidationError.
    """
    check_can_record_value(by, indicator)
    held = hold(indicator, {})  # two who record for one indicator take turns
    _check_value(held, as_of, source, now)
    corrects = _taken_back(corrects) if corrects else None
    if held.values.filter(as_of=as_of, is_current=True).exists():
        raise EditRefused("day_taken", "as_of")
    row = IndicatorValue(
        indicator=held,
        value=value,
        as_of=as_of,
        source=source.strip(),
        recorded_by=by,
        recorded_at=now,
        corrects=corrects,
    )
    row.full_clean()
    row.save()
    after = {"indicator": held.name, **plain(row, KEPT)}
    if corrects:
        audit.record(by=by, action="correct_value", obj=row, before=plain(corrects, KEPT), after=after)
    else:
        audit.record(by=by, action="record_value", obj=row, after=after)
    return row


def _taken_back(wrong: IndicatorValue) -> IndicatorValue:
    """The value that is corrected, out of force now. It is read anew: somebody may have been quicker."""
    wrong = IndicatorValue.objects.get(pk=wrong.pk)
    if not wrong.is_current:
        raise EditRefused("already_corrected")
    wrong.is_current = False
    wrong.save(update_fields=["is_current"])
    return wrong


def _check_value(indicator: Indicator, as_of: date, source: str, now: datetime) -> None:
    if indicator.retired_on:
        raise EditRefused("retired")
    if as_of > now.date():
        raise EditRefused("in_future", "as_of")
    if as_of < FIRST_DAY:
        raise EditRefused("too_early", "as_of")
    if not source.strip():
        raise EditRefused("source_missing", "source")


def _check_direction(values: Mapping[str, Any]) -> None:
    rising = values["direction"] == Indicator.Direction.RISING
    if not is_consistent(values["baseline"], values["target"], rising=rising):
        raise EditRefused("wrong_direction", "direction")
