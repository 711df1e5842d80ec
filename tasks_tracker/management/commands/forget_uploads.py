"""`manage.py forget_uploads`: what the job of that name does."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.week_workbook import forget_expired


class Command(BaseCommand):
    """For whoever runs no beat."""

    help = "Delete filled-in workbooks that were checked and not handed in within WORKBOOK_HOURS."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("%(n)d deleted") % {"n": forget_expired(now=timezone.localtime())})
