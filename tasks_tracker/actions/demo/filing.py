"""How a week's report is handed in: on time, late, returned and corrected, or still on its way.

Minutes count from the Monday of the reported week. A closed week is frozen on the Monday after it at 9:00:
what was decided by then counts in it.
"""

from dataclasses import dataclass
from enum import Enum
from random import Random

DAY = 24 * 60
CUTOFF = 4 * DAY + 17 * 60  # Friday 17:00
FREEZE = 7 * DAY + 9 * 60
FRIDAY_AFTERNOON = 4 * DAY + 16 * 60 + 20


class Status(Enum):
    """The status of a version, as the journal writes it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


@dataclass(frozen=True)
class Version:
    """One version of a week's report: when it was saved or submitted, and when decided (None = not yet)."""

    status: Status
    minute: int
    decided: int | None = None


def filed_on_time(rng: Random) -> list[Version]:
    """One version, accepted within the week."""
    submitted = _in_time(rng)
    return [Version(Status.ACCEPTED, submitted, _soon(rng, submitted))]


def filed_in_closed_week(rng: Random, *, may_wait: bool) -> list[Version]:
    """What became of a report in a week that is over. `may_wait`: it may still wait for its decision."""
    chance = rng.random()
    if chance < 0.05:
        return _returned(rng) + _corrected(rng, Status.ACCEPTED)
    if chance < 0.054:
        return _returned(rng)
    if chance < 0.06:
        first = _early(rng)
        seen = Version(Status.SUPERSEDED, first, _soon(rng, first))
        return [seen, *_corrected(rng, Status.ACCEPTED)]
    if may_wait and chance < 0.1:
        return [Version(Status.SUBMITTED, _late(rng) if chance < 0.08 else CUTOFF - 5)]
    if chance < 0.11:
        submitted = _late(rng)
        saturday = 5 * DAY + _clock(rng, 9, 12)
        decided = saturday if submitted < 5 * DAY else FREEZE - 15 + int(rng.random() * 12)
        return [Version(Status.ACCEPTED, submitted, decided)]
    return filed_on_time(rng)


def filed_in_running_week(rng: Random, now: int, *, owed: bool) -> list[Version]:
    """What is there of this week's report at minute `now`; earlier in the week everything is less far."""
    pace = min(1.0, now / FRIDAY_AFTERNOON)
    if rng.random() >= (0.93 if pace == 1.0 else max(0.3, 0.9 * pace)):
        return [_draft(rng, now)] if owed and rng.random() < 0.25 else []
    submitted = _daytime(int((_in_time(rng) if rng.random() < 0.95 else _late(rng)) * pace))
    if submitted > now:
        return [_draft(rng, now)] if rng.random() < 0.4 else []
    decided = max(_daytime(submitted + int(30 + rng.random() * 900 * pace)), submitted + 10)
    if decided > now or rng.random() < 0.2:
        return [Version(Status.SUBMITTED, submitted)]
    if rng.random() < 0.1:
        returned = Version(Status.RETURNED, submitted, decided)
        again = decided + 40 + int(rng.random() * 300)
        return [returned, Version(Status.SUBMITTED, again)] if again <= now else [returned]
    return [Version(Status.ACCEPTED, submitted, decided)]


def _draft(rng: Random, now: int) -> Version:
    return Version(Status.DRAFT, max(0, now - 10 - int(rng.random() * 300)))


def _returned(rng: Random) -> list[Version]:
    submitted = _early(rng)
    return [Version(Status.RETURNED, submitted, _soon(rng, submitted))]


def _corrected(rng: Random, status: Status) -> list[Version]:
    submitted = 4 * DAY + _clock(rng, 9, 16)
    return [Version(status, submitted, _soon(rng, submitted))]


def _in_time(rng: Random) -> int:
    """Wednesday to Friday, before the cut-off, in working hours."""
    day = 2 + rng.choices((0, 1, 2), (15, 35, 50))[0]
    return day * DAY + _clock(rng, 8.7, 16.8)


def _early(rng: Random) -> int:
    """Wednesday, so that the answer can still be given in the week."""
    return 2 * DAY + _clock(rng, 8.7, 17.5)


def _late(rng: Random) -> int:
    """After the cut-off: Friday evening, or the Monday before the week is frozen."""
    if rng.random() < 0.75:
        return CUTOFF + 2 + int(rng.random() * 110)
    return 7 * DAY + _clock(rng, 8.0, 8.6)


def _soon(rng: Random, submitted: int) -> int:
    """A decision on the same day, or the next morning when it comes in late; on Friday by 19:30."""
    decided = submitted + 20 + int(rng.random() * 150)
    if decided % DAY > 19 * 60 + 30:
        decided = (decided // DAY + 1) * DAY + _clock(rng, 8.6, 10)
    return decided


def _clock(rng: Random, low: float, high: float) -> int:
    return int(60 * (low + rng.random() * (high - low)))


def _daytime(minute: int) -> int:
    """The moment in working hours: a night becomes the afternoon before, an evening five o'clock."""
    day, clock = divmod(minute, DAY)
    if clock < 8 * 60 + 30 and day > 0:
        return (day - 1) * DAY + 16 * 60 + clock % 60
    if clock > 18 * 60:
        return day * DAY + 17 * 60 + clock % 60
    return minute
