"""`manage.py back_test_signals --weeks 26`: how often the rules of early signals were right on past weeks."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.signals import TESTED_WEEKS, back_test_signals
from tasks_tracker.management.weeks import current_plan


class Command(BaseCommand):
    """What "right" means for each rule is in docs/numbers.md, "Early signals"."""

    help = "Evaluate past weeks as they were, and keep how many of the warnings of each rule came true."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--weeks", type=int, default=TESTED_WEEKS, help="default: 26")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["weeks"] <= 520:
            raise CommandError(_("Give a number of weeks between 1 and 520."))
        tracks = back_test_signals(plan=current_plan(), weeks=options["weeks"], now=timezone.localtime())
        for track in tracks:
            line = _("%(rule)s: right in %(hits)d of %(warnings)d")
            counts = {"hits": track.hits, "warnings": track.warnings}
            self.stdout.write(line % {"rule": track.rule.get_code_display(), **counts})
        if not tracks:
            self.stdout.write(_("There are not enough weeks yet"))
