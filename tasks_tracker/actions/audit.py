"""The audit row of an act, written inside the act's transaction, and the seals over the rows."""

import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from tasks_tracker.models import AuditEntry, AuditSeal, User, WorkItem
from tasks_tracker.permissions import check_can_read_audit_log
from tasks_tracker.rules import seals
from tasks_tracker.rules.origin import origin

BATCH = 1_000


def record(
    *,
    by: User | None,
    action: str,
    obj: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """Add a row: who did `action` to `obj`, with plain values before and after. `by` is None for jobs.

    Plain values are texts, whole numbers, truths, None, and lists and dicts of these. Raises TypeError for
    others: a fraction, say, is not written the same way by every database. `at` is now unless given.
    """
    entry = signed_entry(by=by, action=action, obj=obj, before=before, after=after, at=at)
    entry.save()
    return entry


def record_many(entries: Iterable[AuditEntry]) -> None:
    """Add the rows that `signed_entry` made."""
    AuditEntry.objects.bulk_create(entries, batch_size=BATCH)


def signed_entry(
    *,
    by: User | None,
    action: str,
    obj: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    """The row of an act with its MAC, not saved yet; like `record`."""
    came = origin()
    entry = AuditEntry(
        at=at or timezone.now(),
        by=by,
        channel=came.channel,
        address=came.address,
        action=action,
        object_type=obj._meta.model_name or "",
        object_id=str(obj.pk),
        item_id=_item_of(obj),
        before=_plain(before or {}),
        after=_plain(after or {}),
    )
    nonce = secrets.token_hex(seals.NONCE_LENGTH // 2)
    entry.mac = seals.mac_of(entry.contents, key=settings.AUDIT_KEYS[0], nonce=nonce)
    return entry


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """The values as every database gives them back."""
    text = json.dumps(values)
    plain: dict[str, Any] = json.loads(text, parse_float=_no_fraction, parse_constant=_no_fraction)
    return plain


def _no_fraction(text: str) -> None:
    raise TypeError(f"{text} is no value for the audit log")


def _item_of(obj: models.Model) -> int | None:
    """The work item that `obj` is, belongs to, or belongs to through its report."""
    if isinstance(obj, WorkItem):
        return obj.pk
    owner = obj if hasattr(obj, "item_id") else getattr(obj, "report", None)
    return getattr(owner, "item_id", None)


@transaction.atomic
def record_export(*, by: User, entries: int, filters: dict[str, str]) -> AuditEntry:
    """Put on record that entries of the log leave the house. Raises PermissionDenied."""
    check_can_read_audit_log(by)
    return record(by=by, action="export_audit_log", obj=by, after={"entries": entries, "filters": filters})


class Sealed(NamedTuple):
    """What a sealing did. `head` is the newest seal, None before there is any."""

    entries: int
    head: AuditSeal | None


def seal_entries(*, now: datetime) -> Sealed:
    """Seal every committed entry that has no seal yet; take no lock on any.

    An entry whose transaction takes longer gets its seal the next time: the chain runs in the order of
    sealing. Of two sealings at once one wins and the other does nothing more.
    """
    entries, row = 0, 0
    while batch := _seal_after(row, now):
        entries, row = entries + len(batch), batch[-1].entry_id
    return Sealed(entries, AuditSeal.objects.last())


def _seal_after(row: int, now: datetime) -> list[AuditSeal]:
    """Seal the next entries behind `row`; nothing when there are none, or when somebody else was faster."""
    try:
        with transaction.atomic():
            last = AuditSeal.objects.last()
            number, digest = (last.number, last.digest) if last else (0, "")
            made: list[AuditSeal] = []
            for entry in AuditEntry.objects.filter(seal=None, pk__gt=row).order_by("pk")[:BATCH]:
                number += 1
                digest = seals.link_of(
                    entry.contents,
                    entry.mac,
                    entry=entry.pk,
                    number=number,
                    previous=digest,
                    key=settings.AUDIT_KEYS[0],
                )
                made.append(AuditSeal(number=number, entry=entry, digest=digest, at=now))
            AuditSeal.objects.bulk_create(made)
            return made
    except IntegrityError:
        return []
