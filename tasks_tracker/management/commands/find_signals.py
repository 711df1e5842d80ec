"""`manage.py find_signals --week 2026-W47`: looks for early signals, as the job of that name does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks_tracker.actions.signals import SignalsRefused, find_due, find_signals
from tasks_tracker.management.weeks import current_plan, typed_week
from tasks_tracker.rules.weeks import format_week, week_of

REFUSALS = {
    "not_rolled_up": gettext_lazy("Week %(week)s was never rolled up."),
    "cutoff_not_passed": gettext_lazy("The cut-off of week %(week)s has not passed yet."),
    "later_week_done": gettext_lazy("A week after %(week)s was looked at already; what was found stays."),
}


class Command(BaseCommand):
    """The rules are in docs/numbers.md, "Early signals"."""

    help = (
        "Look for early signals in a week whose cut-off has passed; without --week in the last one, and in "
        "what was missed before it. Doing it twice changes nothing; a closed week is looked at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", metavar="2026-W47", help="default: whatever is due")

    def handle(self, *args: Any, **options: Any) -> None:
        now, plan = timezone.localtime(), current_plan()
        if options["week"] is None:
            runs = find_due(plan=plan, now=now)
        else:
            running = week_of(now.date())
            too_late = _("Week %(week)s has not begun yet.")
            week = typed_week(options["week"], default=running, latest=running, too_late=too_late)
            try:
                runs = [find_signals(plan=plan, week=week, now=now)]
            except SignalsRefused as refused:
                words = str(REFUSALS[refused.code]) % {"week": format_week(week)}
                raise CommandError(words) from None
        line = _("Week %(week)s: %(found)d found, %(raised)d of them new; %(ceased)d ceased")
        for run in runs:
            counts = {"found": run.found, "raised": run.raised, "ceased": run.ceased}
            self.stdout.write(line % {"week": format_week(run.week), **counts})
        if not runs:
            self.stdout.write(_("Nothing is due"))
