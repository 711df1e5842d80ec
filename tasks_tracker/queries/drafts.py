"""The open draft of an outline, with what its lines can be put under."""

from dataclasses import dataclass

from tasks_tracker.models import Actor, DraftLine, KeyTask, OutlineDraft, Policy


@dataclass(frozen=True)
class OpenDraft:
    """A draft with its lines, the key tasks that the policy has, and the units to suggest as leads."""

    draft: OutlineDraft
    lines: list[DraftLine]
    key_tasks: list[KeyTask]
    leads: list[Actor]


def open_draft(policy: Policy) -> OpenDraft | None:
    """Four queries, or one where no draft is open."""
    drafts = OutlineDraft.objects.filter(policy=policy, state=OutlineDraft.State.OPEN)
    draft = drafts.select_related("policy", "policy_text", "made_by", "changed_by").first()
    if draft is None:
        return None
    return OpenDraft(
        draft=draft,
        lines=list(draft.lines.select_related("suggested_lead")),
        key_tasks=list(policy.key_tasks.filter(retired_on=None)),
        leads=list(Actor.objects.filter(reports=True, retired_on=None).order_by("order", "code")),
    )


def last_closed(policy: Policy) -> OutlineDraft | None:
    """What became of the draft before. One query."""
    drafts = OutlineDraft.objects.filter(policy=policy).exclude(state=OutlineDraft.State.OPEN)
    return drafts.select_related("policy_text", "changed_by").first()
