"""Prints the demonstration accounts: user name, password, role, name and unit."""

import os
from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from tasks_tracker.actions.demo.accounts import DEMO_PASSWORD, named_accounts
from tasks_tracker.models import User


def width(text: str) -> int:
    """Columns that the text takes in a terminal: wide characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines whose columns stand under each other, two spaces apart."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text + " " * (size - width(text)) for text, size in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


class Command(BaseCommand):
    help = "Print the demonstration accounts as a table, with the password that seed_demo gave them."

    def handle(self, *args: Any, **options: Any) -> None:
        names = [account["username"] for account in named_accounts()]
        found = {user.username: user for user in User.objects.filter(is_demonstration=True)}
        users = [found[name] for name in names if name in found]
        if not users:
            raise CommandError(_("There are no demonstration accounts. Run first: manage.py seed_demo"))
        password = self._password(users[0])
        head = (_("User name"), _("Password"), _("Role"), _("Name"), _("Unit"))
        rows = [
            (user.username, password, str(user.get_role_display()), user.display_name, _unit(user))
            for user in users
        ]
        for line in aligned([head, *rows]):
            self.stdout.write(f"  {line}")

    def _password(self, user: User) -> str:
        """The password that opens the accounts, if it is one that can be known here."""
        for known in (os.environ.get("DEMO_PASSWORD"), DEMO_PASSWORD):
            if known and user.check_password(known):
                return known
        return _("(as set when seeding)")


def _unit(user: User) -> str:
    return " ".join(filter(None, (user.actor.label if user.actor else "", user.office)))
