"""`manage.py assign_items FILE.csv`: brings work items into the plan, all of them or none."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tasks_tracker.actions.item_rows import RowsRefused
from tasks_tracker.actions.plan import Checked, DemonstrationPlan, assign_items, check_items
from tasks_tracker.forms.rows import fault_words
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
        for warning in checked.warnings:
            self.stdout.write(_in_words(warning))
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
    place = {"row": fault.row, "column": column, "what": fault_words(fault)}
    return _("Row %(row)d, %(column)s: %(what)s") % place
