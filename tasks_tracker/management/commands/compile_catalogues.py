"""Compiles the message catalogues (.po → .mo) in plain Python, so that gettext need not be installed."""

from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _


class Command(BaseCommand):
    help = "Compile the message catalogues under locale/ (like compilemessages, without GNU gettext)."
    requires_system_checks = []

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        for source in (path for root in settings.LOCALE_PATHS for path in sorted(Path(root).rglob("*.po"))):
            compiled = source.with_suffix(".mo")
            if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
                continue
            catalogue = polib.pofile(str(source))
            catalogue.save_as_mofile(str(compiled))
            if verbosity:
                self.stdout.write(
                    _("%(file)s: %(count)d messages")
                    % {"file": source, "count": len(catalogue.translated_entries())}
                )
