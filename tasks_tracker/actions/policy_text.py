"""Loading the policy text from a file that the user supplies."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tasks_tracker.actions import audit
from tasks_tracker.models import Paragraph, Policy, PolicyText, User
from tasks_tracker.rules.outline import DecodedText, Locator, Outline, decode, locate, split_paragraphs


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
    current again. A text that lacks measures is loaded all the same: `outline.missing` says which.
    Raises UnreadableText and ForeignText before anything is written.
    """
    decoded = decode(content)
    paragraphs = split_paragraphs(decoded.text)
    sha256 = hashlib.sha256(content).hexdigest()
    before = PolicyText.objects.filter(policy=policy, is_current=True).first()
    outline = locate(measure_locators(policy), paragraphs)
    if outline.missing and not outline.located:
        raise ForeignText
    if before is not None and before.sha256 == sha256:
        return LoadResult(before, outline, changed=False)
    if before is not None:
        PolicyText.objects.filter(pk=before.pk).update(is_current=False)
    text = PolicyText.objects.filter(policy=policy, sha256=sha256).first()
    if text is None:
        text = _store(policy, decoded, paragraphs, sha256, file_name, by, now)
    else:
        text.is_current = True
        text.save(update_fields=["is_current"])
    audit.record(
        by=by,
        action="policy_text_loaded",
        obj=text,
        before={"sha256": before.sha256, "file_name": before.file_name} if before else None,
        after={"sha256": sha256, "file_name": text.file_name, "paragraphs": len(paragraphs)},
    )
    return LoadResult(text, outline, changed=True)


def measure_locators(policy: Policy) -> list[Locator]:
    """The locators of the policy's measures, in their order."""
    return [
        Locator(code, paragraph, phrase)
        for code, paragraph, phrase in policy.measures.values_list("code", "paragraph", "phrase")
    ]


def _store(
    policy: Policy,
    decoded: DecodedText,
    paragraphs: list[str],
    sha256: str,
    file_name: str,
    by: User | None,
    now: datetime,
) -> PolicyText:
    text = PolicyText.objects.create(
        policy=policy,
        sha256=sha256,
        file_name=file_name[:200],
        encoding=decoded.encoding,
        loaded_at=now,
        loaded_by=by,
        is_current=True,
    )
    Paragraph.objects.bulk_create(
        Paragraph(policy_text=text, number=number, text=paragraph)
        for number, paragraph in enumerate(paragraphs, 1)
    )
    return text
