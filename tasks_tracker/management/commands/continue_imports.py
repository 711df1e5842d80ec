"""`manage.py continue_imports`: goes on with imports whose worker was killed, and forgets old files."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.import_rows import import_piece, left_alone
from tasks_tracker.actions.imports import expire_imports


class Command(BaseCommand):
    help = "Go on with imports of plans whose worker was killed, and forget the files whose day has come."

    def handle(self, *args: Any, **options: Any) -> None:
        alone = left_alone(now=timezone.localtime())
        for pk in alone:
            while import_piece(pk=pk, now=timezone.localtime()):
                pass
        forgotten = expire_imports(now=timezone.localtime())
        words = _("%(imports)d imports finished, %(files)d files forgotten")
        self.stdout.write(words % {"imports": len(alone), "files": forgotten})
