"""`manage.py roll_up_stale_cells`: what the job of that name does, once and until nothing is left."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions import rollup
from tasks_tracker.management.weeks import current_plan


class Command(BaseCommand):
    """For installations without a worker, and after a lost one."""

    help = "Recompute the figures that reports and plan changes have made stale, in every open week."

    def handle(self, *args: Any, **options: Any) -> None:
        plan, now, total = current_plan(), timezone.localtime(), 0
        while cleared := rollup.roll_up_stale_cells(plan=plan, now=now):
            total += cleared
        self.stdout.write(_("Stale notes cleared: %(count)d") % {"count": total})
