"""`manage.py make_pack --week 2026-W47`: makes what is missing in the pack of a closed week."""

import sys
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tasks_tracker.actions import weekly_pack
from tasks_tracker.forms.weekly_report import FAILURES
from tasks_tracker.management.weeks import current_plan, typed_week
from tasks_tracker.models import PackFile, Plan, ReportScope
from tasks_tracker.rules.weeks import ONE_WEEK, UnknownWeek, format_week, week_of


class Command(BaseCommand):
    """Ends with 1 when a file could not be made."""

    help = (
        "Make what is missing in the pack of weekly reports of a closed week. Ends with 1 if a file failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", metavar="2026-W47", help="default: last week")

    def handle(self, *args: Any, **options: Any) -> None:
        now, plan = timezone.localtime(), current_plan()
        last = week_of(now.date()) - ONE_WEEK
        too_late = _("Week %(week)s is not over yet.")
        week = typed_week(options["week"], default=last, latest=last, too_late=too_late)
        with translation.override(settings.LANGUAGE_CODE):
            run = self._made(plan, week, now)
        counts = {"week": format_week(week), "done": len(run.done), "failed": len(run.failed)}
        self.stdout.write(_("Pack of week %(week)s: %(done)d files made, %(failed)d failed") % counts)
        weekly_pack.expire_files(now=now)
        if run.failed:
            sys.exit(1)

    def _made(self, plan: Plan, week: date, now: datetime) -> weekly_pack.Run:
        try:
            return weekly_pack.make_pack(plan=plan, week=week, now=now, watch=self._say)
        except UnknownWeek as unknown:
            raise CommandError(_("“%s” is no week that was rolled up.") % unknown) from None
        except weekly_pack.WeekIsOpen as open_week:
            raise CommandError(_("Week %s is not closed yet.") % open_week) from None

    def _say(self, file: PackFile) -> None:
        about = f"{ReportScope(file.scope).label} {file.subject}".strip()
        said = FAILURES[file.error] if file.state == PackFile.State.FAILED else file.get_state_display()
        self.stdout.write(f"{about} {file.format}: {said}")
