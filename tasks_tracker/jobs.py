"""Celery doorbells: parse, one action call. Each job is also a command."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tasks_tracker.actions import (
    audit,
    import_rows,
    imports,
    mails,
    plan_curve,
    rollup,
    signals,
    week_workbook,
    weekly_pack,
)
from tasks_tracker.actions import follow_up as following
from tasks_tracker.models import Plan
from tasks_tracker.rules.weeks import ONE_WEEK, week_of

log = logging.getLogger(__name__)


def _plan() -> Plan | None:
    """None before any plan is set up: the beat rings from the first day on."""
    return Plan.objects.select_related("policy").order_by("starts_on", "pk").last()


@shared_task
def roll_up_stale_cells() -> None:
    """Recompute the cells that accepted reports have made stale, until none is left."""
    plan = _plan()
    while plan and rollup.roll_up_stale_cells(plan=plan, now=timezone.localtime()):
        pass


@shared_task
def roll_up_open_week() -> None:
    """Compute the running week anew: time alone changes lights."""
    if plan := _plan():
        now = timezone.localtime()
        rollup.roll_up_week(plan=plan, week=week_of(now.date()), now=now)
        plan_curve.draw_plan(plan=plan)


@shared_task
def close_week() -> None:
    """Freeze last week, and any week before it that was left open."""
    if plan := _plan():
        now = timezone.localtime()
        rollup.close_week(plan=plan, week=week_of(now.date()) - ONE_WEEK, now=now, by=None)
        signals.find_due(plan=plan, now=now)
        if not settings.CELERY_TASK_ALWAYS_EAGER:  # without workers a pack is a command of its own
            make_pack.delay()


@shared_task
def make_pack() -> None:
    """Make the pack of the last closed week, or what of it is missing; let old files expire."""
    if plan := _plan():
        weekly_pack.make_due(plan=plan, now=timezone.localtime())


@shared_task
def find_signals() -> None:
    """Look for early signals in the last week whose cut-off has passed, and in what was missed before it."""
    if plan := _plan():
        signals.find_due(plan=plan, now=timezone.localtime())


@shared_task
def back_test_signals() -> None:
    """See how often the rules of early signals were right in the last half year."""
    if plan := _plan():
        signals.back_test_signals(plan=plan, weeks=signals.TESTED_WEEKS, now=timezone.localtime())


@shared_task
def follow_up() -> None:
    """Remind before the cut-off, urge after it: whatever is due and was not done yet."""
    if plan := _plan():
        following.follow_up(plan=plan, now=timezone.localtime())


@shared_task
def send_mails() -> None:
    """Send the e-mails that wait; one that fails is tried again when its time comes."""
    mails.send_mails(now=timezone.localtime())


@shared_task
def import_plan(pk: int) -> None:
    """Import the rows of a confirmed ledger, piece by piece; ringing it again does nothing twice."""
    while import_rows.import_piece(pk=pk, now=timezone.localtime()):
        pass


@shared_task
def continue_imports() -> None:
    """Go on with imports whose worker was killed."""
    for pk in import_rows.left_alone(now=timezone.localtime()):
        import_plan(pk)


@shared_task
def expire_imports() -> None:
    """Forget the files of imports whose day has come."""
    imports.expire_imports(now=timezone.localtime())


@shared_task
def seal_audit_log() -> None:
    """Seal what was put on record since the last time; log the head, out of the database's reach."""
    sealed = audit.seal_entries(now=timezone.now())
    if sealed.entries:
        log.info("Audit log sealed, head %s", sealed.head)


@shared_task
def forget_uploads() -> None:
    """Delete filled-in workbooks that nobody handed in before their time was over."""
    week_workbook.forget_expired(now=timezone.localtime())
