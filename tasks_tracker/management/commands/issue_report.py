"""`manage.py issue_report --week 2026-W46 --scope national --format docx --output FILE`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tasks_tracker.actions.issue_report import WrittenReport, issue_report
from tasks_tracker.models import Plan, ReportScope, User
from tasks_tracker.queries.ledger import UnknownSubject
from tasks_tracker.reports.writers import FORMATS, NoChineseFont
from tasks_tracker.rules.weeks import UnknownWeek, parse_week


class Command(BaseCommand):
    help = "Writes the weekly report of a week to a file: Word, PDF or Excel."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", required=True, help="for example 2026-W46")
        parser.add_argument("--scope", choices=ReportScope.values, default=ReportScope.NATIONAL.value)
        parser.add_argument("--subject", default="", help="key task number, region code or actor code")
        parser.add_argument("--format", choices=FORMATS, default="docx")
        parser.add_argument("--output", required=True, type=Path)
        parser.add_argument("--user", help="as this user sees it, on record under that name")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"] or settings.LANGUAGE_CODE):
            made = self._made(**options)
            try:
                options["output"].write_bytes(made.content)
            except OSError as error:
                raise CommandError(f"{options['output']}: {error.strerror}") from None
            done = {"file": options["output"], "bytes": len(made.content), "sha256": made.sha256}
            self.stdout.write(_("%(file)s: %(bytes)d bytes, SHA-256 %(sha256)s") % done)

    def _made(self, **options: Any) -> WrittenReport:
        try:
            return issue_report(
                plan=Plan.objects.current(),
                week=parse_week(options["week"]),
                scope=options["scope"],
                subject=options["subject"],
                format=options["format"],
                by=User.objects.get(username=options["user"]) if options["user"] else None,
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
        except (PermissionDenied, NoChineseFont) as refusal:
            raise CommandError(str(refusal)) from None
