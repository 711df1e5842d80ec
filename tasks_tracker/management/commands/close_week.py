"""`manage.py close_week --week 2026-W47`: freezes a week that is over, and what was left open before it.

Then it looks for early signals in it, for the last time, and has its pack made.
"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker import jobs
from tasks_tracker.actions import rollup, signals
from tasks_tracker.management.weeks import current_plan, typed_week
from tasks_tracker.rules.weeks import ONE_WEEK, format_week, week_of


class Command(BaseCommand):
    """Frozen figures are stored and never computed again."""

    help = "Close a week that is over, and any week before it that was left open: its figures are frozen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", metavar="2026-W47", help="default: last week")

    def handle(self, *args: Any, **options: Any) -> None:
        now, plan = timezone.localtime(), current_plan()
        last = week_of(now.date()) - ONE_WEEK
        week = typed_week(
            options["week"], default=last, latest=last, too_late=_("Week %(week)s is not over yet.")
        )
        frozen = rollup.close_week(plan=plan, week=week, now=now, by=None)
        signals.find_due(plan=plan, now=now)
        if not settings.CELERY_TASK_ALWAYS_EAGER:  # without a worker the command make_pack makes it
            jobs.make_pack.delay()
        for each in frozen:
            self.stdout.write(_("Week %(week)s closed") % {"week": format_week(each.week)})
        if not frozen:
            self.stdout.write(_("Week %(week)s was closed already") % {"week": format_week(week)})
