"""`manage.py send_mails`: what the job of that name does, naming every e-mail that did not leave."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.mails import send_mails


class Command(BaseCommand):
    """Ends with 1 when an e-mail did not leave."""

    help = "Send the e-mails that wait. Ends with 1 when one did not leave, and says which and why."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMAIL_URL:
            self.stdout.write(_("E-mail is off: EMAIL_URL is not set"))
            return
        sent = send_mails(now=timezone.localtime())
        self.stdout.write(_("E-mails sent: %(count)d") % {"count": sent.sent})
        for words, lines in (
            (_("put off"), sent.put_off),
            (_("not delivered"), sent.failed),
            (_("perhaps sent"), sent.unclear),
        ):
            for line in lines:
                self.stdout.write(f"{words}: {line}")
        if sent.put_off or sent.failed or sent.unclear:
            sys.exit(1)
