"""Loads the policy text from a file and locates the measures in it, or drafts an outline from it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.actions.drafts import DraftRefused, make_draft
from tasks_tracker.actions.policy_text import ForeignText, LoadResult, load_policy_text
from tasks_tracker.forms.drafts import draft_refusal
from tasks_tracker.management.files import known_policy, not_loaded, read_file
from tasks_tracker.models import Policy
from tasks_tracker.rules.outline import UnreadableText


class Command(BaseCommand):
    help = (
        "Load the policy text from FILE (text or .docx) and locate every measure in it, or draft an outline."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--policy", metavar="CODE", default="nip-2024", help="default: nip-2024")
        parser.add_argument(
            "--draft",
            action="store_true",
            help="propose key tasks and measures for a supervisor to correct and adopt; load nothing",
        )

    def handle(self, *args: Any, file: Path, policy: str, draft: bool, **options: Any) -> None:
        tracked = known_policy(policy)
        content = read_file(file)
        if draft:
            self._draft(tracked, file, content)
            return
        try:
            result = load_policy_text(
                policy=tracked, content=content, file_name=file.name, by=None, now=timezone.now()
            )
        except UnreadableText as error:
            raise not_loaded(file, error.code) from error
        except ForeignText as error:
            raise not_loaded(file, "foreign") from error
        self._say(tracked, result)

    def _draft(self, policy: Policy, file: Path, content: bytes) -> None:
        try:
            made = make_draft(
                policy=policy, content=content, file_name=file.name, by=None, now=timezone.now()
            )
        except UnreadableText as error:
            raise not_loaded(file, error.code) from error
        except DraftRefused as refused:
            raise CommandError(draft_refusal(refused)) from refused
        lines = list(made.lines.all())
        tasks = sum(1 for line in lines if line.is_key_task)
        supporting = sum(1 for line in lines if line.area)
        measures = len(lines) - tasks - supporting
        self.stdout.write(f"drafted {tasks} key tasks, {measures} measures, {supporting} supporting measures")
        self.stdout.write(
            _("A supervisor corrects and adopts the draft on the page “Draft from a document”.")
        )

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
