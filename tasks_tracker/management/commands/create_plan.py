"""`manage.py create_plan CODE …`: sets up the plan that is tracked."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from tasks_tracker.actions.plan import PlanRefused, create_plan
from tasks_tracker.management.files import known_policy


def day(text: str) -> date:
    """A day as typed on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(_("“%s” is not a day. Write it as 2026-01-31.") % text) from None


class Command(BaseCommand):
    help = "Set up a plan for a policy. Work items come into it with assign_items."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE")
        parser.add_argument("--policy", metavar="CODE", default="nip-2024", help="default: nip-2024")
        parser.add_argument("--title", required=True)
        parser.add_argument("--title-en", default="")
        parser.add_argument("--starts", metavar="2026-01-01", type=day, required=True)
        parser.add_argument("--ends", metavar="2027-12-31", type=day, required=True)

    def handle(self, *args: Any, code: str, **options: Any) -> None:
        try:
            plan = create_plan(
                code=code,
                policy=known_policy(options["policy"]),
                title=options["title"],
                title_en=options["title_en"],
                starts_on=options["starts"],
                ends_on=options["ends"],
            )
        except PlanRefused as error:
            raise CommandError(_reason(error.code, code)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(
            _("Plan %(code)s: %(starts)s – %(ends)s. assign_items fills it.")
            % {"code": code, "starts": plan.starts_on, "ends": plan.ends_on}
        )


def _reason(refusal: str, code: str) -> str:
    return {
        "wrong_way_round": _("A plan ends after it starts."),
        "code_taken": _("There is a plan %s already.") % code,
        "demonstration": _("This database holds demonstration data. Begin with an empty database."),
    }[refusal]
