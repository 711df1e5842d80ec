"""Celery doorbells: parse, one action call. Each job is also a command."""

from celery import shared_task
from django.utils import timezone

from tasks_tracker.actions import plan_curve, rollup
from tasks_tracker.models import Plan
from tasks_tracker.rules.weeks import ONE_WEEK, week_of


@shared_task
def roll_up_stale_cells() -> None:
    """Recompute the cells that accepted reports have made stale, until none is left."""
    if not Plan.objects.exists():
        return  # the beat rings every minute from the first day on, before any plan is set up
    while rollup.roll_up_stale_cells(plan=Plan.objects.current(), now=timezone.localtime()):
        pass


@shared_task
def roll_up_open_week() -> None:
    """Compute the running week anew: time alone changes lights."""
    now = timezone.localtime()
    plan = Plan.objects.current()
    rollup.roll_up_week(plan=plan, week=week_of(now.date()), now=now)
    plan_curve.draw_plan(plan=plan)


@shared_task
def close_week() -> None:
    """Freeze last week, and any week before it that was left open."""
    now = timezone.localtime()
    last_week = week_of(now.date()) - ONE_WEEK
    rollup.close_week(plan=Plan.objects.current(), week=last_week, now=now, by=None)
