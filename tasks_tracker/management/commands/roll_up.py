"""`manage.py roll_up --week 2026-W47`: computes a week anew; with --verify, proves the stored figures."""

import sys
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.rollup import WeekIsFrozen, roll_up_week
from tasks_tracker.management.weeks import current_plan, typed_week
from tasks_tracker.models import Plan
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.weeks import format_week, week_of


class Command(BaseCommand):
    """The rules are in docs/numbers.md."""

    help = (
        "Roll an open week up: compute all its figures anew. With --verify change nothing, but recompute "
        "the week (open or closed) from the journal in plain Python and list what differs; exit code 1 then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", metavar="2026-W47", help="default: the running week")
        parser.add_argument("--verify", action="store_true", help="only compare; print `differences: N`")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.localtime()
        plan, running = current_plan(), week_of(now.date())
        week = typed_week(
            options["week"], default=running, latest=running, too_late=_("Week %(week)s has not begun yet.")
        )
        if options["verify"]:
            self._verify(plan, week)
        else:
            self._roll_up(plan, week, now)

    def _roll_up(self, plan: Plan, week: date, now: datetime) -> None:
        try:
            rollup = roll_up_week(plan=plan, week=week, now=now)
        except WeekIsFrozen:
            raise CommandError(
                _(
                    "Week %(week)s is closed: its figures are stored and never computed again. "
                    "Use --verify to prove them."
                )
                % {"week": format_week(week)}
            ) from None
        done = {"week": format_week(week), "day": rollup.as_of, "cells": rollup.cells.count()}
        self.stdout.write(_("Week %(week)s as of %(day)s: %(cells)d cells") % done)

    def _verify(self, plan: Plan, week: date) -> None:
        """The last line is for scripts and the same in every language."""
        rollup = plan.weeks.filter(week=week).first()
        if rollup is None:
            raise CommandError(_("Week %(week)s was never rolled up.") % {"week": format_week(week)})
        found = verify_week(rollup)
        for difference in found:
            self.stdout.write(str(difference))
        self.stdout.write(f"differences: {len(found)}")
        if found:
            sys.exit(1)
