"""`manage.py export_workbook --week 2026-W47 --scope region --subject 420000 --output FILE`."""

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

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
        parser.add_argument("--user", help="export as this user sees it, on record under that name")
        parser.add_argument("--language", choices=[code for code, _ in settings.LANGUAGES])

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
                by=User.objects.get(username=options["user"]) if options["user"] else None,
                now=timezone.localtime(),
            )
        except Plan.DoesNotExist:
            raise CommandError("There is no plan yet.") from None
        except User.DoesNotExist:
            raise CommandError(f"There is no user “{options['user']}”.") from None
        except UnknownWeek:
            raise CommandError(f"“{options['week']}” is no week that was rolled up.") from None
        except UnknownSubject:
            raise CommandError(f"There is no {options['scope']} “{options['subject']}”.") from None
        except PermissionDenied as refusal:
            raise CommandError(str(refusal)) from None
        try:
            with made.file, options["output"].open("wb") as output:
                shutil.copyfileobj(made.file, output)
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from None
        self.stdout.write(f"{options['output']}: {made.items} items, {made.size} bytes")
