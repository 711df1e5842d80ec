"""Fills a new system with demonstration data: a plan, people, work items and weeks of reports."""

import os
import sys
from argparse import ArgumentParser
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from tasks_tracker.actions.demo.accounts import DEMO_PASSWORD, UserNameTaken
from tasks_tracker.actions.demo.seed import (
    AlreadySeeded,
    PlanExists,
    ReferenceMissing,
    calendar_of,
    seed_demonstration,
)
from tasks_tracker.actions.demo.summary import Summary, summary_of
from tasks_tracker.models import Light, Plan
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import UnknownWeek, parse_week, week_of


class Command(BaseCommand):
    help = (
        "Make demonstration data: a plan, accounts, work items and weeks of reports, the same for the same "
        "seed. Everything is made in one transaction; a system that holds a plan already is left alone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--until", metavar="2026-W47", help="the running week; default: this week")
        parser.add_argument("--weeks", type=int, default=26, help="weeks of history; default: 26")
        parser.add_argument("--items", type=int, default=2000, help="work items; default: 2000")
        parser.add_argument("--seed", type=int, default=1, help="default: 1")
        parser.add_argument("--progress", action="store_true", help="show the bars without a terminal too")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.MODE == "production":
            raise CommandError(_("A production system (MODE=production) takes no demonstration data."))
        if options["items"] < 1 or options["weeks"] < 2:
            raise CommandError(_("At least 1 work item and 2 weeks are needed."))
        now = timezone.localtime()
        until = self._week(options.pop("until"), now)
        try:
            plan = self._seed(until, now, **options)
        except AlreadySeeded as found:
            self.stdout.write(_("The demonstration data are there already (plan %s).") % found)
            return
        except PlanExists as found:
            raise CommandError(
                _("There is a plan already (%s); demonstration data go only into a new system.") % found
            ) from found
        except ReferenceMissing as error:
            raise CommandError(
                _("The reference data are missing. Run first: manage.py load_reference")
            ) from error
        except UserNameTaken as taken:
            raise CommandError(
                _("There is a user “%s” already, who is no demonstration account.") % taken
            ) from taken
        self._say(summary_of(plan))

    def _week(self, text: str | None, now: datetime) -> date:
        try:
            return parse_week(text) if text else week_of(now.date())
        except UnknownWeek as error:
            raise CommandError(_("“%s” is not a week. Write it as 2026-W47.") % error) from error

    def _seed(
        self,
        until: date,
        now: datetime,
        *,
        weeks: int,
        items: int,
        seed: int,
        progress: bool,
        **_options: Any,
    ) -> Plan:
        shown = progress or sys.stderr.isatty()
        totals = {"items": (items, _("Work items")), "weeks": (weeks, _("Weeks"))}
        bars: dict[str, tqdm] = {}
        with ExitStack() as stack:

            def tell(name: str, done: int) -> None:
                if name not in bars:  # a bar begins with its own work, so that its speed is right
                    total, text = totals[name]
                    bar = tqdm(total=total, desc=text, disable=not shown, file=sys.stderr)
                    bars[name] = stack.enter_context(bar)
                bars[name].update(done)

            return seed_demonstration(
                calendar=calendar_of(until=until, weeks=weeks, now=now),
                items=items,
                seed=seed,
                password=os.environ.get("DEMO_PASSWORD") or DEMO_PASSWORD,
                tell=tell,
            )

    def _say(self, made: Summary) -> None:
        counts = {"items": made.items, "reports": made.reports, "weeks": made.frozen_weeks, "week": made.week}
        self.stdout.write(
            _("%(items)d work items, %(reports)d reports, %(weeks)d frozen weeks, running week %(week)s")
            % counts
        )
        lights = (f"{Light(code).label} {number}" for code, number in made.lights.items())
        self.stdout.write(" · ".join(lights))
        whole = made.whole
        shown = {
            "progress": whole.progress,
            "planned": whole.planned,
            "variance": whole.variance,
            "coverage": whole.coverage,
            "filled": made.filled_in,
        }
        numbers = {name: (rounded(value) or 0) / 100 for name, value in shown.items()}
        self.stdout.write(
            _(
                "progress %(progress).1f, planned %(planned).1f, variance %(variance)+.1f, "
                "coverage %(coverage).1f, reports filled in %(filled).1f (in percent and points)"
            )
            % numbers
        )
