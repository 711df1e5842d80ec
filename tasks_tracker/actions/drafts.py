"""Drafting key tasks and measures from a document, correcting the draft, and adopting or discarding it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max

from tasks_tracker.actions import audit, editing
from tasks_tracker.actions.policy_text import make_current, store_text
from tasks_tracker.models import DraftLine, KeyTask, Measure, OutlineDraft, Policy, PolicyText, User
from tasks_tracker.permissions import check_can_edit_plan
from tasks_tracker.rules.documents import read_document
from tasks_tracker.rules.drafting import Proposal, propose
from tasks_tracker.rules.outline import split_paragraphs

EDITED = ("kept", "is_key_task", "code", "title", "short", "parent", "under", "area", "suggested_lead")
MEASURE_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
KEY_TASK_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_AREAS = tuple(Measure.SupportingArea)


@dataclass(frozen=True)
class Fault:
    """Why a line cannot be adopted. `code`: title_missing, short_missing, code_missing, bad_code, bad_number,
    code_taken (by the plan or by a line before), place_missing, place_dropped.
    """

    line: DraftLine
    code: str


class DraftRefused(Exception):
    """Nothing was written.

    `code`: nothing_found, already_open, closed, stale, nothing_kept, faults, taken.
    """

    def __init__(self, code: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.faults = list(faults)


@transaction.atomic
def make_draft(
    *, policy: Policy, content: bytes, file_name: str, by: User | None, now: datetime
) -> OutlineDraft:
    """Propose key tasks and measures from the outline of a document and keep them as the open draft.

    Numbers go on after those that the policy has. `by` is None for the command. The current text stays.
    Raises PermissionDenied, UnreadableText and DraftRefused (nothing_found, already_open).
    """
    if by is not None:
        check_can_edit_plan(by)
    if OutlineDraft.objects.filter(policy=policy, state=OutlineDraft.State.OPEN).exists():
        raise DraftRefused("already_open")
    decoded = read_document(content)
    proposals = propose(split_paragraphs(decoded.text))
    if not proposals:
        raise DraftRefused("nothing_found")
    text = store_text(policy, decoded, content, file_name, by, now)
    try:
        with transaction.atomic():
            draft = OutlineDraft.objects.create(
                policy=policy, policy_text=text, made_by=by, made_at=now, changed_by=by, changed_at=now
            )
    except IntegrityError:  # somebody else began one in this very moment
        raise DraftRefused("already_open") from None
    _store(draft, proposals)
    audit.record(by=by, action="draft_outline", obj=draft, after=_summary(draft, len(proposals)))
    return draft


def _summary(draft: OutlineDraft, lines: int) -> dict[str, Any]:
    text = draft.policy_text
    return {"file_name": text.file_name, "sha256": text.sha256, "lines": lines}


def _store(draft: OutlineDraft, proposals: Sequence[Proposal]) -> None:
    codes = _codes(draft.policy, proposals)
    lines = [
        DraftLine(
            draft=draft,
            position=position,
            kept=proposal.kept,
            is_key_task=proposal.is_key_task,
            code=codes[position],
            title=proposal.title,
            short=proposal.short,
            paragraph=proposal.paragraph,
            phrase=proposal.phrase,
            area=proposal.area,
        )
        for position, proposal in enumerate(proposals)
    ]
    DraftLine.objects.bulk_create(lines)
    for line, proposal in zip(lines, proposals, strict=True):
        if proposal.parent is not None:
            line.parent = lines[proposal.parent]
    DraftLine.objects.bulk_update([line for line in lines if line.parent], ["parent"])


def _codes(policy: Policy, proposals: Sequence[Proposal]) -> list[str]:
    """A number for each key task and a code for each measure, behind those that there are."""
    number: int = policy.key_tasks.aggregate(last=Max("number"))["last"] or 0
    counts: dict[object, int] = {}
    for code in policy.measures.filter(key_task=None).values_list("code", flat=True):
        head, _dot, tail = code.rpartition(".")
        if tail.isdecimal() and len(tail) < 6:
            counts[head] = max(counts.get(head, 0), int(tail))
    codes: list[str] = []
    for proposal in proposals:
        if proposal.is_key_task:
            number += 1
            codes.append(str(number))
            continue
        area = f"S{_AREAS.index(Measure.SupportingArea(proposal.area)) + 1}" if proposal.area else ""
        head = area or codes[proposal.parent or 0]
        if proposal.kept:
            counts[head] = counts.get(head, 0) + 1
        codes.append(f"{head}.{counts[head]}" if proposal.kept else "")
    return codes


@transaction.atomic
def save_draft(
    *, draft: OutlineDraft, values: Mapping[int, Mapping[str, Any]], seen: int, by: User, now: datetime
) -> None:
    """Correct the lines: row number → EDITED by name. `seen` is the revision that the page was made with.

    Raises PermissionDenied and DraftRefused (closed, stale): somebody else was faster.
    """
    check_can_edit_plan(by)
    _take(draft, seen, by, now)
    changed = _write(draft, values)
    if changed:
        audit.record(by=by, action="correct_draft", obj=draft, after={"lines": changed})


def _take(draft: OutlineDraft, seen: int, by: User, now: datetime, **values: Any) -> None:
    """Of two people with the same page one gets the next revision."""
    open_ = OutlineDraft.objects.filter(pk=draft.pk, state=OutlineDraft.State.OPEN)
    new = {"revision": F("revision") + 1, "changed_by": by, "changed_at": now} | values
    if not open_.filter(revision=seen).update(**new):
        raise DraftRefused("stale" if open_.exists() else "closed")
    draft.refresh_from_db()


def _write(draft: OutlineDraft, values: Mapping[int, Mapping[str, Any]]) -> int:
    """Set what differs; how many lines do."""
    changed = []
    for line in draft.lines.filter(pk__in=values):
        new = values[line.pk]
        if any(getattr(line, _column(name)) != _plain(value) for name, value in new.items()):
            for name, value in new.items():
                setattr(line, _column(name), _plain(value))
            changed.append(line)
    DraftLine.objects.bulk_update(changed, EDITED)
    return len(changed)


def _column(name: str) -> str:
    return f"{name}_id" if name in ("parent", "under", "suggested_lead") else name


def _plain(value: Any) -> Any:
    return getattr(value, "pk", value)


@transaction.atomic
def discard_draft(*, draft: OutlineDraft, seen: int, by: User, now: datetime) -> None:
    """Give the draft up; its document is kept. Raises PermissionDenied and DraftRefused (closed, stale)."""
    check_can_edit_plan(by)
    _take(draft, seen, by, now, state=OutlineDraft.State.DISCARDED)
    audit.record(by=by, action="discard_draft", obj=draft, after=_summary(draft, draft.lines.count()))


def adopt_draft(
    *, draft: OutlineDraft, values: Mapping[int, Mapping[str, Any]], seen: int, by: User, now: datetime
) -> tuple[int, int]:
    """Correct the lines and make key tasks and measures of those that are kept; how many of each.

    All of them, or none: raises PermissionDenied and DraftRefused (closed, stale, nothing_kept, faults or
    taken).
    The document becomes the policy's text where there is none yet, else it stands beside it.
    """
    try:
        with transaction.atomic():
            return _adopt(draft, values, seen, by, now)
    except IntegrityError:  # somebody took a number meanwhile
        raise DraftRefused("taken") from None


def _adopt(
    draft: OutlineDraft, values: Mapping[int, Mapping[str, Any]], seen: int, by: User, now: datetime
) -> tuple[int, int]:
    save_draft(draft=draft, values=values, seen=seen, by=by, now=now)
    _take(draft, draft.revision, by, now, state=OutlineDraft.State.ADOPTED)
    lines = list(draft.lines.filter(kept=True).select_related("parent", "under", "suggested_lead"))
    if not lines:
        raise DraftRefused("nothing_kept")
    if faults := faults_of(draft, lines):
        raise DraftRefused("faults", faults)
    text = _settle_text(draft, by)
    tasks = {line.pk: _make_key_task(line, text, by) for line in lines if line.is_key_task}
    measures = [line for line in lines if not line.is_key_task]
    order: int = draft.policy.measures.aggregate(last=Max("order"))["last"] or 0
    for place, line in enumerate(measures, order + 1):
        _make_measure(line, text, tasks, place, by)
    counts = {"key_tasks": len(tasks), "measures_adopted": len(measures)}
    audit.record(by=by, action="adopt_draft", obj=draft, after=_summary(draft, len(lines)) | counts)
    return len(tasks), len(measures)


def _settle_text(draft: OutlineDraft, by: User) -> PolicyText:
    text = draft.policy_text
    if not PolicyText.objects.filter(policy=draft.policy, is_current=True).exists():
        make_current(text, None, by=by)
    elif not text.is_current:
        text.is_beside = True
        text.save(update_fields=["is_beside"])
    return text


def _make_key_task(line: DraftLine, text: PolicyText, by: User) -> KeyTask:
    values = {"number": int(line.code), "title": line.title, "short": line.short, "drafted_from": text}
    return editing.create(KeyTask(policy=text.policy), values, by=by)


def _make_measure(
    line: DraftLine, text: PolicyText, tasks: Mapping[int, KeyTask], order: int, by: User
) -> Measure:
    values = {
        "code": line.code,
        "key_task": tasks.get(line.parent_id) if line.parent_id else line.under,
        "supporting_area": line.area,
        "title": line.title,
        "paragraph": line.paragraph,
        "phrase": line.phrase,
        "suggested_lead": line.suggested_lead,
        "order": order,
        "drafted_from": text,
    }
    return editing.create(Measure(policy=text.policy), values, by=by)


# --- what stands in the way ---------------------------------------------------------------------------------
def faults_of(draft: OutlineDraft, lines: Sequence[DraftLine]) -> list[Fault]:
    """Everything that keeps these lines from being adopted. Two queries."""
    numbers = {str(number) for number in draft.policy.key_tasks.values_list("number", flat=True)}
    codes = set(draft.policy.measures.values_list("code", flat=True))
    kept = {line.pk for line in lines if line.is_key_task}
    faults: list[Fault] = []
    for line in lines:
        taken = numbers if line.is_key_task else codes
        faults += [Fault(line, code) for code in _faults(line, taken, kept)]
        taken.add(line.code)
    return faults


def _faults(line: DraftLine, taken: set[str], kept: set[int]) -> list[str]:
    found = [] if line.title.strip() else ["title_missing"]
    pattern = KEY_TASK_NUMBER if line.is_key_task else MEASURE_CODE
    if not line.code:
        found.append("code_missing")
    elif not pattern.fullmatch(line.code) or line.code == "new":
        found.append("bad_number" if line.is_key_task else "bad_code")
    elif line.code in taken:
        found.append("code_taken")
    if line.is_key_task:
        return found if line.short.strip() else [*found, "short_missing"]
    if line.parent_id:
        return found if line.parent_id in kept else [*found, "place_dropped"]
    return found if line.under_id or line.area else [*found, "place_missing"]
