"""`manage.py check_evidence`: proves the evidence store; with --sweep, deletes what no report names."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.evidence import sweep, verify_store
from tasks_tracker.templatetags.formats import labelled


class Command(BaseCommand):
    """After a restore, and now and then: the database names the files, the store holds them."""

    help = (
        "Read every file that a report names and compare it with its SHA-256; list what is missing or "
        "changed; exit code 1 then. With --sweep first delete files that no report names, when they are "
        "older than a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sweep", action="store_true", help="delete what was removed from drafts")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sweep"]:
            self.stdout.write(_("%(n)d swept away") % {"n": sweep(now=timezone.now())})
        faults = verify_store()
        for fault in faults:
            what = _("missing") if fault.is_missing else _("changed")
            self.stdout.write(f"{labelled(what, fault.sha256)} · {', '.join(fault.names)}")
        self.stdout.write(f"faults: {len(faults)}")  # for scripts, the same in every language
        if faults:
            sys.exit(1)
