"""`manage.py create_admin NAME --role system_admin`: the accounts from which all others come."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from tasks_tracker.actions.accounts import NameTaken, create_admin
from tasks_tracker.models import ADMIN_ROLES, Role


class Command(BaseCommand):
    """Everybody else's account is made on the administration pages."""

    help = "Make the account of one of the three administrators. The password is asked for twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--role", required=True, choices=[r.value for r in Role if r in ADMIN_ROLES])
        parser.add_argument("--name", help="the person's name; default: the user name")
        parser.add_argument("--office", default="")
        parser.add_argument("--password-stdin", action="store_true", help="read it from standard input")

    def handle(self, *args: Any, username: str, role: str, **options: Any) -> None:
        password = self._read() if options["password_stdin"] else self._ask()
        try:
            user = create_admin(
                username=username,
                name=options["name"] or username,
                office=options["office"],
                role=role,
                password=password,
            )
        except NameTaken:
            raise CommandError(_("There is an account “%s” already.") % username) from None
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(f"{user.username}: {user.get_role_display()}")

    def _read(self) -> str:
        return sys.stdin.readline().rstrip("\r\n")

    def _ask(self) -> str:
        if not sys.stdin.isatty():
            raise CommandError(_("There is no terminal to ask for the password: use --password-stdin."))
        password = getpass(_("Password: "))
        if getpass(_("Password again: ")) != password:
            raise CommandError(_("The two passwords differ."))
        return password
