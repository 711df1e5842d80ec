"""Loading the policy text from a file that the user supplies."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tasks_tracker.actions import audit
from tasks_tracker.models import Paragraph, Policy, PolicyText, User
from tasks_tracker.rules.documents import read_document
from tasks_tracker.rules.outline import DecodedText, Locator, Outline, locate, split_paragraphs


class ForeignText(Exception):
    """Not one measure of the policy stands in the text: it is the text of something else."""


@dataclass(frozen=True)
class LoadResult:
    """The text that is current now, where the measures stand in it, and whether loading changed anything."""

    text: PolicyText
    outline: Outline
    changed: bool


@transaction.atomic
def load_policy_text(
    *, policy: Policy, content: bytes, file_name: str, by: User | None, now: datetime
) -> LoadResult:
    """Make `content` the policy's current text and locate every measure of the policy in it.

    Earlier texts are kept. The same bytes twice change nothing; the bytes of an earlier text make that one
    current again. A text that lacks measures is loaded all the same: `outline.missing` says which. One in
    which no measure stands takes the place of none, also where there is no measure yet.
    Raises UnreadableText and ForeignText before anything is written.
    """
    decoded = read_document(content)
    paragraphs = split_paragraphs(decoded.text)
    sha256 = digest_of(content)
    before = PolicyText.objects.filter(policy=policy, is_current=True).first()
    outline = locate(measure_locators(policy, sha256), paragraphs)
    if not outline.located:
        raise ForeignText
    if before is not None and before.sha256 == sha256:
        return LoadResult(before, outline, changed=False)
    text = store_text(policy, decoded, content, file_name, by, now)
    make_current(text, before, by=by)
    return LoadResult(text, outline, changed=True)


def digest_of(content: bytes) -> str:
    """By which a file is known again."""
    return hashlib.sha256(content).hexdigest()


def make_current(text: PolicyText, before: PolicyText | None, *, by: User | None) -> None:
    """The policy's own text from now on, with its audit row; `before` is kept. For a caller's transaction."""
    if before is not None:
        PolicyText.objects.filter(pk=before.pk).update(is_current=False)
    text.is_current, text.is_beside = True, False
    text.save(update_fields=["is_current", "is_beside"])
    audit.record(
        by=by,
        action="policy_text_loaded",
        obj=text,
        before={"sha256": before.sha256, "file_name": before.file_name} if before else None,
        after={
            "sha256": text.sha256,
            "file_name": text.file_name,
            "paragraphs": text.paragraphs.count(),
        },
    )


def measure_locators(policy: Policy, sha256: str) -> list[Locator]:
    """The locators of the policy's measures, in their order; not of those that stand in a text beside it."""
    own = Q(drafted_from=None) | Q(drafted_from__is_beside=False) | Q(drafted_from__sha256=sha256)
    return [
        Locator(code, paragraph, phrase)
        for code, paragraph, phrase in policy.measures.filter(own).values_list("code", "paragraph", "phrase")
    ]


def store_text(
    policy: Policy, decoded: DecodedText, content: bytes, file_name: str, by: User | None, now: datetime
) -> PolicyText:
    """The text of these bytes, as it is stored already or from now on; current only if it was."""
    text, is_new = PolicyText.objects.get_or_create(
        policy=policy,
        sha256=digest_of(content),
        defaults={
            "file_name": file_name[:200],
            "encoding": decoded.encoding,
            "loaded_at": now,
            "loaded_by": by,
            "is_current": False,
        },
    )
    if is_new:
        Paragraph.objects.bulk_create(
            Paragraph(policy_text=text, number=number, text=paragraph)
            for number, paragraph in enumerate(split_paragraphs(decoded.text), 1)
        )
    return text
