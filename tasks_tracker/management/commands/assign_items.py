"""`manage.py assign_items FILE.csv`: brings work items into the plan, all of them or none."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tasks_tracker.actions.plan import Checked, DemonstrationPlan, RowsRefused, assign_items, check_items
from tasks_tracker.management.files import not_loaded, read_file
from tasks_tracker.management.weeks import current_plan
from tasks_tracker.models import Plan
from tasks_tracker.rules.ledger_csv import Fault, Sheet, column_name, read_sheet
from tasks_tracker.rules.outline import UnreadableText


class Command(BaseCommand):
    help = (
        "Assign the work items of FILE (.csv, UTF-8 or GBK) in the plan; one fault, and nothing is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--plan", metavar="CODE", help="default: the current plan")
        parser.add_argument("--dry-run", action="store_true", help="only check the file")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        plan = _plan(options["plan"])
        try:
            sheet = read_sheet(read_file(file))
            checked = self._check_or_assign(plan, sheet, options["dry_run"])
        except UnreadableText as error:
            raise not_loaded(file, error.code) from error
        except DemonstrationPlan:
            raise CommandError(
                _("This database holds demonstration data. Begin with an empty database.")
            ) from None
        except RowsRefused as error:
            for fault in error.faults:
                self.stdout.write(_in_words(fault))
            self.stdout.write(_("Faults: %d. Nothing was written.") % len(error.faults))
            sys.exit(1)
        done = {"new": len(checked.wanted), "there": checked.already_there}
        if options["dry_run"]:
            self.stdout.write(_("%(new)d to assign, %(there)d already there; nothing was written") % done)
        else:
            self.stdout.write(_("%(new)d assigned, %(there)d already there") % done)

    def _check_or_assign(self, plan: Plan, sheet: Sheet, dry_run: bool) -> Checked:
        if dry_run:
            return check_items(plan=plan, sheet=sheet)
        return assign_items(plan=plan, sheet=sheet, now=timezone.localtime())


def _plan(code: str | None) -> Plan:
    if code is None:
        return current_plan()
    plan = Plan.objects.filter(code=code).first()
    if plan is None:
        raise CommandError(_("There is no plan %s.") % code)
    return plan


def _in_words(fault: Fault) -> str:
    """One line: where it is, and what is wrong there."""
    column = column_name(fault.column, english=(get_language() or "").startswith("en"))
    place = {"row": fault.row, "column": column, "what": _what(fault.code) % {"value": fault.value}}
    return _("Row %(row)d, %(column)s: %(what)s") % place


def _what(code: str) -> str:
    return {
        "column_unknown": _("there is no such column"),
        "column_missing": _("this column is missing"),
        "column_twice": _("this column is there twice"),
        "no_rows": _("the file holds no work items"),
        "missing": _("this cell must not be empty"),
        "bad_code": _("“%(value)s” is not a code: letters, digits, hyphens, dots and underscores only"),
        "bad_weight": _("“%(value)s” is not a whole number from 1 to 1000"),
        "bad_day": _("“%(value)s” is not a day, write it as 2026-01-31"),
        "bad_word": _("“%(value)s” is none of the words that may stand here"),
        "bad_milestone": _("“%(value)s” is not a list of milestones, write “2026-06-30 50%% title; …”"),
        "milestones_out_of_order": _(
            "they must lie inside the run, one after the other, none below the one before"
        ),
        "due_before_start": _("the due day must lie after the start"),
        "too_long": _("it is longer than %(value)s characters"),
        "unknown": _("“%(value)s” is not known"),
        "ambiguous": _("several are called “%(value)s”, write the code"),
        "does_not_report": _("“%(value)s” does not report, so it cannot stand here"),
        "outside_plan": _("%(value)s lies outside the plan"),
        "code_twice": _("“%(value)s” is in the file twice"),
        "differs": _("“%(value)s” is there already with other content; that takes a change of plan"),
    }[code]
