"""`manage.py export_workbook --week 2026-W47 --scope region --subject 420000 --output FILE`."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tasks_tracker.actions.workbook import make_workbook
from tasks_tracker.models import Plan, ReportScope, User
from tasks_tracker.queries.ledger import UnknownSubject
from tasks_tracker.rules.weeks import UnknownWeek, parse_week


class Command(BaseCommand):
    help = "Writes the weekly workbook of a week to a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", required=True, help="for example 2026-W47")
        parser.add_argument("--scope", choices=ReportScope.values, default=ReportScope.NATIONAL.value)
        parser.add_argument("--subject", default="", help="key task number, region code or actor code")
        parser.add_argument("--output", required=True, type=Path)
        parser.add_argument(
            "--user", required=True, help="export as this user sees it, on record under that name"
        )
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"] or settings.LANGUAGE_CODE):
            self._export(**options)

    def _export(self, **options: Any) -> None:
        try:
            made = make_workbook(
                plan=Plan.objects.current(),
                week=parse_week(options["week"]),
                scope=options["scope"],
                subject=options["subject"],
                by=User.objects.get(username=options["user"]),
                now=timezone.localtime(),
            )
        except Plan.DoesNotExist:
            raise CommandError(_("There is no plan yet.")) from None
        except User.DoesNotExist:
            raise CommandError(_("There is no user “%s”.") % options["user"]) from None
        except UnknownWeek:
            raise CommandError(_("“%s” is no week that was rolled up.") % options["week"]) from None
        except UnknownSubject:
            raise CommandError(
                _("There is no “%(subject)s” (%(scope)s).")
                % {"scope": ReportScope(options["scope"]).label, "subject": options["subject"]}
            ) from None
        except PermissionDenied as refusal:
            raise CommandError(str(refusal)) from None
        try:
            with made.file, options["output"].open("wb") as output:
                shutil.copyfileobj(made.file, output)
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from None
        done = {"file": options["output"], "items": made.items, "bytes": made.size}
        self.stdout.write(_("%(file)s: %(items)d work items, %(bytes)d bytes") % done)
