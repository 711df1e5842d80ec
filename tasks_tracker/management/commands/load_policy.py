"""Loads the policy text from a file and says which measures were found in it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.policy_text import ForeignText, LoadResult, load_policy_text
from tasks_tracker.management.files import known_policy, not_loaded, read_file
from tasks_tracker.models import Policy
from tasks_tracker.rules.outline import UnreadableText


class Command(BaseCommand):
    help = "Load the policy text from FILE (UTF-8 or GBK) and locate every measure in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--policy", metavar="CODE", default="nip-2024", help="default: nip-2024")

    def handle(self, *args: Any, file: Path, policy: str, **options: Any) -> None:
        tracked = known_policy(policy)
        content = read_file(file)
        try:
            result = load_policy_text(
                policy=tracked, content=content, file_name=file.name, by=None, now=timezone.now()
            )
        except UnreadableText as error:
            raise not_loaded(file, error.code) from error
        except ForeignText as error:
            raise not_loaded(file, "foreign") from error
        self._say(tracked, result)

    def _say(self, policy: Policy, result: LoadResult) -> None:
        """The first line is for scripts and the same in every language; what follows is for people."""
        outline = result.outline
        total = len(outline.located) + len(outline.missing)
        self.stdout.write(f"located {len(outline.located)} of {total}")
        if not result.changed:
            self.stdout.write(_("This text is already the current one; nothing was changed."))
        labels = {measure.code: measure.label for measure in policy.measures.all()}
        for place in outline.moved:
            words = {"code": place.locator.code, "title": labels[place.locator.code]}
            numbers = {"expected": place.locator.paragraph, "found": place.paragraph}
            self.stdout.write(
                _("moved: %(code)s %(title)s, paragraph %(expected)d → %(found)d") % {**words, **numbers}
            )
        for locator in outline.missing:
            words = {"code": locator.code, "title": labels[locator.code], "phrase": locator.phrase}
            self.stdout.write(_("not located: %(code)s %(title)s (%(phrase)s)") % words)
        if outline.missing:
            raise CommandError(
                _("The text is loaded; measures that cannot be located in it: %(count)d.")
                % {"count": len(outline.missing)}
            )
