"""Setting a light by hand, and taking that back. The computed light stays beside it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tasks_tracker.actions import audit, rollup, standing
from tasks_tracker.models import LIGHTS_TO_SET, RUNNING_STATES, LightOverride, User, WorkItem
from tasks_tracker.permissions import check_can_override_light
from tasks_tracker.rules.weeks import week_of

LONGEST_DAYS = 92  # a quarter: after that the plan is to be changed, not the light


class OverrideRefused(Exception):
    """The light cannot be set so. `code` names the rule and `field` says where; the page words both.

    Codes: not_running, unknown_light, expiry_passed, expiry_too_far, reason_missing, nothing_to_withdraw.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


def can_be_set(item: WorkItem, today: date) -> bool:
    """Lights are set on running items that have started and are counted themselves."""
    return item.state in RUNNING_STATES and not item.decomposed and item.starts_on <= today


@transaction.atomic
def override_light(
    *, item: WorkItem, light: str, expires_on: date, reason: str, by: User, now: datetime
) -> LightOverride:
    """Set the light through `expires_on`; it counts from the running week and replaces the one set before.

    Raises OverrideRefused and PermissionDenied; writes nothing then.
    """
    check_can_override_light(by, item)
    _check(item, light, expires_on, reason, now.date())
    week = rollup.open_week_for(plan=item.plan, week=week_of(now.date()), now=now).week
    before = _end(item, week, by, now)
    override = LightOverride.objects.create(
        item=item, since=week, light=light, expires_on=expires_on, reason=reason.strip(), by=by, at=now
    )
    standing.advance(item, week, override=light, override_until=expires_on)
    audit.record(
        by=by,
        action="override_light",
        obj=override,
        before=_values(before),
        after=_values(override),
    )
    return override


@transaction.atomic
def withdraw_override(*, item: WorkItem, by: User, now: datetime) -> LightOverride:
    """From the running week on the computed light holds again. Raises like `override_light`."""
    check_can_override_light(by, item)
    week = rollup.open_week_for(plan=item.plan, week=week_of(now.date()), now=now).week
    ended = _end(item, week, by, now)
    if ended is None or ended.expires_on < now.date():
        raise OverrideRefused("nothing_to_withdraw")
    standing.advance(item, week, override="", override_until=None)
    audit.record(by=by, action="withdraw_override", obj=ended, before=_values(ended))
    return ended


def _check(item: WorkItem, light: str, expires_on: date, reason: str, today: date) -> None:
    if not can_be_set(item, today):
        raise OverrideRefused("not_running")
    if light not in dict(LIGHTS_TO_SET):
        raise OverrideRefused("unknown_light", "light")
    if expires_on < today:
        raise OverrideRefused("expiry_passed", "expires_on")
    if expires_on > today + timedelta(days=LONGEST_DAYS):
        raise OverrideRefused("expiry_too_far", "expires_on")
    if not reason.strip():
        raise OverrideRefused("reason_missing", "reason")


def _end(item: WorkItem, week: date, by: User, now: datetime) -> LightOverride | None:
    """End what was set before, if anything, so that it counts in the weeks before `week` only."""
    override = LightOverride.objects.filter(item=item, withdrawn_at=None).first()
    if override:
        override.until, override.withdrawn_by, override.withdrawn_at = week, by, now
        override.save(update_fields=["until", "withdrawn_by", "withdrawn_at"])
    return override


def _values(override: LightOverride | None) -> dict[str, Any]:
    if override is None:
        return {}
    return {
        "item": override.item.code,
        "light": override.light,
        "expires_on": override.expires_on.isoformat(),
        "reason": override.reason,
    }
