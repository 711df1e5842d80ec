"""`manage.py follow_up`: what the job of that name does, and what came of it."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.follow_up import follow_up
from tasks_tracker.management.weeks import current_plan
from tasks_tracker.rules.weeks import format_week


class Command(BaseCommand):
    """For installations without a beat, and to see whom the clock cannot reach."""

    help = "Remind of reports before the cut-off and urge after it, whatever is due now and was not done yet."

    def handle(self, *args: Any, **options: Any) -> None:
        told = follow_up(plan=current_plan(), now=timezone.localtime())
        for each in told:
            line = _("Week %(week)s, %(occasion)s: %(items)d reports asked for, %(people)d people told")
            words = {"week": format_week(each.week), "occasion": each.occasion.label}
            self.stdout.write(line % {**words, "items": each.items, "people": each.people})
            for unit in each.silent:
                self.stdout.write(
                    _("Nobody to tell: %(unit)s has neither reporter nor reviewer") % {"unit": unit}
                )
        if not told:
            self.stdout.write(_("Nothing is due"))
