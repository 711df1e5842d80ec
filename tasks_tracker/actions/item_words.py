"""Editing what is free to edit about an item: its words, its owner, who supports it.

What moves figures or duties moves through actions/replan.py only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from django.db import transaction

from tasks_tracker.actions import audit
from tasks_tracker.actions.replan import StepRefused, held
from tasks_tracker.models import Actor, Industry, User, WorkItem
from tasks_tracker.permissions import check_can_direct


@dataclass(frozen=True)
class Words:
    """What may be edited without a change of the plan."""

    title: str
    expected_result: str
    deliverable: str
    commitment: str
    owner: User | None
    industry: Industry | None
    supporting: Sequence[Actor]

    @classmethod
    def of(cls, item: WorkItem) -> Self:
        """As they stand now; the supporting units in the order of their codes."""
        own = {f.name: getattr(item, f.name) for f in fields(cls) if f.name != "supporting"}
        return cls(**own, supporting=tuple(item.supporting.order_by("code")))

    @property
    def written(self) -> dict[str, Any]:
        """Plain values, as the audit log and the form keep them."""
        return {
            "title": self.title,
            "expected_result": self.expected_result,
            "deliverable": self.deliverable,
            "commitment": self.commitment,
            "owner": self.owner.username if self.owner else "",
            "industry": self.industry.code if self.industry else "",
            "supporting": [actor.code for actor in self.supporting],
        }


@transaction.atomic
def edit_item(
    *, item: WorkItem, words: Words, seen: dict[str, Any], by: User, now: datetime
) -> dict[str, Any]:
    """Put the words in place; `seen` are the written ones that were on the form. Returns what changed.

    Raises StepRefused (`changed_meanwhile`, nothing written) and PermissionDenied.
    """
    check_can_direct(by, item)
    item, _week = held(item, now)
    before, after = Words.of(item).written, words.written
    if before != seen:
        raise StepRefused("changed_meanwhile")
    if not words.title.strip():
        raise StepRefused("title_missing", "title")
    changed = {name: value for name, value in after.items() if before[name] != value}
    if not changed:
        return {}
    for field in fields(words):
        if field.name != "supporting":
            setattr(item, field.name, getattr(words, field.name))
    item.save(update_fields=[f.name for f in fields(words) if f.name != "supporting"])
    item.supporting.set(words.supporting)
    audit.record(
        by=by,
        action="edit_item",
        obj=item,
        before={"item": item.code} | {name: before[name] for name in changed},
        after=changed,
    )
    return changed
