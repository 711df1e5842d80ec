"""Moving the cut-off of a week because of a holiday, and taking that back."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from tasks_tracker.actions import audit, rollup
from tasks_tracker.actions.notices import notify
from tasks_tracker.models import UNIT_ROLES, CutoffException, Notice, Plan, User
from tasks_tracker.permissions import check_can_move_cutoff
from tasks_tracker.rules.weeks import format_week

MOVED = gettext_noop("The cut-off of week %(week)s is now %(cutoff)s: %(reason)s")


class CutoffRefused(Exception):
    """The cut-off cannot be moved so. `code` names the rule and `field` says where; the page words both.

    Codes: passed_already, outside_week, in_the_past, outside_plan, not_moved, reason_missing,
    changed_meanwhile.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@transaction.atomic
def move_cutoff(
    *, plan: Plan, week: date, cutoff: datetime, reason: str, by: User, now: datetime
) -> CutoffException:
    """Let the week end at `cutoff` instead; it replaces an earlier move, and every unit is told.

    What has passed is not moved: reports were marked late by it. Raises CutoffRefused and PermissionDenied.
    """
    check_can_move_cutoff(by)
    before = _check(plan, week, cutoff, reason, now)
    _end(plan, week, by, now)
    try:
        with transaction.atomic():
            moved = CutoffException.objects.create(
                plan=plan, week=week, cutoff=cutoff, reason=reason.strip(), by=by, at=now
            )
    except IntegrityError as error:  # somebody else moved it at the same moment
        raise CutoffRefused("changed_meanwhile") from error
    audit.record(
        by=by,
        action="move_cutoff",
        obj=moved,
        before=_values(week, before),
        after=_values(week, cutoff) | {"reason": moved.reason},
    )
    _tell(week, cutoff, moved.reason, now)
    return moved


@transaction.atomic
def withdraw_cutoff(*, plan: Plan, week: date, by: User, now: datetime) -> CutoffException:
    """From now on the usual cut-off of the week holds again. Raises like `move_cutoff`."""
    check_can_move_cutoff(by)
    if _cutoff(plan, week, now) <= now:
        raise CutoffRefused("passed_already")
    ended = _end(plan, week, by, now)
    if ended is None:
        raise CutoffRefused("not_moved")
    usual = _cutoff(plan, week, now)
    if usual <= now:  # undone: the transaction takes the withdrawal back
        raise CutoffRefused("passed_already")
    audit.record(
        by=by,
        action="withdraw_cutoff",
        obj=ended,
        before=_values(week, ended.cutoff),
        after=_values(week, usual),
    )
    return ended


def _check(plan: Plan, week: date, cutoff: datetime, reason: str, now: datetime) -> datetime:
    """The cut-off as it was."""
    before = _cutoff(plan, week, now)
    if not plan.starts_on <= week + timedelta(days=6) or week > plan.ends_on:
        raise CutoffRefused("outside_plan", "week")
    if before <= now:
        raise CutoffRefused("passed_already", "week")
    if not week <= cutoff.date() < week + timedelta(days=7):
        raise CutoffRefused("outside_week", "day")
    if cutoff <= now:
        raise CutoffRefused("in_the_past", "day")
    if cutoff == before:
        raise CutoffRefused("not_moved", "day")
    if not reason.strip():
        raise CutoffRefused("reason_missing", "reason")
    return before


def _cutoff(plan: Plan, week: date, now: datetime) -> datetime:
    cutoff = rollup.point_of(plan, week, now).cutoff
    assert cutoff is not None
    return cutoff


def _end(plan: Plan, week: date, by: User, now: datetime) -> CutoffException | None:
    moved = CutoffException.objects.in_force(plan).filter(week=week).first()
    if moved:
        moved.withdrawn_by, moved.withdrawn_at = by, now
        moved.save(update_fields=["withdrawn_by", "withdrawn_at"])
    return moved


def _values(week: date, cutoff: datetime) -> dict[str, Any]:
    return {"week": week.isoformat(), "cutoff": _written(cutoff)}


def _written(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _tell(week: date, cutoff: datetime, reason: str, now: datetime) -> None:
    written = format_week(week)
    draft = Notice(
        kind=Notice.Kind.CUTOFF,
        words=MOVED,
        arguments={"week": written, "cutoff": _written(cutoff), "reason": reason},
        link=reverse("cutoffs"),
    )
    notify(to=User.objects.filter(is_active=True, role__in=UNIT_ROLES), draft=draft, now=now)
