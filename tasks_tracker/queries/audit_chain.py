"""Proving the audit log: every entry against its MAC, every seal against the one before it."""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings

from tasks_tracker.models import AuditEntry, AuditSeal
from tasks_tracker.rules import seals

CHUNK = 1_000  # rows held in memory at a time


class Finding(NamedTuple):
    """A row that is not as it was written. `code` says how; `entry` and `seal` name it (0: nothing).

    changed: the entry is not what was sealed. inserted: the entry did not come from the product, or was
    changed before it was sealed. removed: the entry of this seal is gone. seal_missing: from `seal` to `last`
    there is none. seal_changed: the seal does not follow from the one before it; it was changed, or stood in
    another place. head_missing: the noted seal is not in the chain; the end was cut off or made anew.
    """

    code: str
    entry: int = 0
    seal: int = 0
    last: int = 0


class Proof:
    """One walk over the log. The counts and the head are right when `findings()` has come to its end."""

    def __init__(self, noted: tuple[int, str] | None = None) -> None:
        """`noted`: number and digest of a seal that was written down elsewhere."""
        self.noted = noted
        self.entries = self.seals = self.waiting = 0
        self.head: AuditSeal | None = None

    def findings(self) -> Iterator[Finding]:
        """Every row that was changed, removed, inserted or moved, in the order of the chain."""
        yield from self._of_the_chain()
        yield from self._of_what_waits()
        if self.noted and not AuditSeal.objects.filter(number=self.noted[0], digest=self.noted[1]).exists():
            yield Finding("head_missing", seal=self.noted[0])

    def _of_the_chain(self) -> Iterator[Finding]:
        before = [""]  # the digest of the seal before, and where that was changed, what it should be
        for seal, entry in _sealed_entries():
            number = self.head.number + 1 if self.head else 1
            if number < seal.number:
                yield Finding("seal_missing", seal=number, last=seal.number - 1)
            links = _links(seal, entry, before) if entry else []
            follows = seal.digest in links or number < seal.number
            if finding := _finding(seal, entry, follows=follows):
                yield finding
            self.seals += 1
            self.entries += entry is not None
            self.head = seal
            before = [seal.digest, *([] if follows else links[: len(settings.AUDIT_KEYS)])]

    def _of_what_waits(self) -> Iterator[Finding]:
        for entry in AuditEntry.objects.filter(seal=None).order_by("pk").iterator(CHUNK):
            self.entries += 1
            self.waiting += 1
            if not seals.is_mac_of(entry.contents, entry.mac, keys=settings.AUDIT_KEYS):
                yield Finding("inserted", entry.pk)


def _sealed_entries() -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    """Each seal with its entry, along the chain."""
    number = -1
    while chunk := list(AuditSeal.objects.filter(number__gt=number).order_by("number")[:CHUNK]):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in chunk])
        yield from ((seal, entries.get(seal.entry_id)) for seal in chunk)
        number = chunk[-1].number


def _links(seal: AuditSeal, entry: AuditEntry, before: list[str]) -> list[str]:
    """What the digest of the seal may be, by each key: first behind the seal before as it stands."""
    return [
        seals.link_of(
            entry.contents, entry.mac, entry=entry.pk, number=seal.number, previous=previous, key=key
        )
        for previous in before
        for key in settings.AUDIT_KEYS
    ]


def _finding(seal: AuditSeal, entry: AuditEntry | None, *, follows: bool) -> Finding | None:
    if entry is None:
        return Finding("removed", seal.entry_id, seal.number)
    if not seals.is_mac_of(entry.contents, entry.mac, keys=settings.AUDIT_KEYS):
        return Finding("inserted" if follows else "changed", entry.pk, seal.number)
    return None if follows else Finding("seal_changed", entry.pk, seal.number)
