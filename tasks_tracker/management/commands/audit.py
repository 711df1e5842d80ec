"""`manage.py audit --verify`: proves that the audit log is as it was written; `--seal` seals what is new."""

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks_tracker.actions.audit import seal_entries
from tasks_tracker.models import AuditSeal
from tasks_tracker.queries.audit_chain import Finding, Proof
from tasks_tracker.rules.seals import DIGEST_LENGTH

WORDS = {
    "changed": gettext_lazy("entry %(entry)d (seal %(seal)d) was changed"),
    "inserted": gettext_lazy("entry %(entry)d did not come from the product, or was changed before its seal"),
    "removed": gettext_lazy("entry %(entry)d (seal %(seal)d) was removed"),
    "seal_missing": gettext_lazy("seals %(seal)d to %(last)d were removed"),
    "seal_changed": gettext_lazy("seal %(seal)d (entry %(entry)d) was changed or moved"),
    "head_missing": gettext_lazy(
        "the noted seal %(seal)d is not in the chain: its end was removed or made anew"
    ),
}


def noted_head(text: str) -> tuple[int, str]:
    """`NUMBER:DIGEST`, as `audit` and the log of the worker print it."""
    if not (found := re.fullmatch(rf"(\d{{1,18}}):([0-9a-f]{{{DIGEST_LENGTH}}})", text)):
        raise ArgumentTypeError(_("“%s” is no head. It is written NUMBER:DIGEST.") % text)
    return int(found[1]), found[2]


class Command(BaseCommand):
    """Lines with a colon are for scripts and the same in every language."""

    help = (
        "Prove the audit log (--verify): print `audit: clean`, or name every entry and seal that was "
        "changed, removed, inserted or moved; exit code 1 then. Or seal what is new (--seal), like the job."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--verify", action="store_true", help="prove the log; changes nothing")
        what.add_argument("--seal", action="store_true", help="seal the entries that have no seal yet")
        parser.add_argument(
            "--head", metavar="NUMBER:DIGEST", type=noted_head, help="with --verify: a head noted earlier"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["seal"]:
            sealed = seal_entries(now=timezone.now())
            self.stdout.write(f"sealed: {sealed.entries}")
            self._say_head(sealed.head)
        else:
            self._verify(Proof(options["head"]))

    def _verify(self, proof: Proof) -> None:
        found = 0
        for found, finding in enumerate(proof.findings(), 1):  # noqa: B007 — the last number is the count
            self.stdout.write(_words(finding))
        self.stdout.write(f"entries: {proof.entries}, seals: {proof.seals}, waiting: {proof.waiting}")
        self._say_head(proof.head)
        self.stdout.write(f"audit: {found} findings" if found else "audit: clean")
        if found:
            sys.exit(1)

    def _say_head(self, head: AuditSeal | None) -> None:
        self.stdout.write(f"head: {head}" if head else "head: -")


def _words(finding: Finding) -> str:
    return str(WORDS[finding.code]) % finding._asdict()
