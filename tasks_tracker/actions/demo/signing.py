"""Who signs a report of the demonstration within its unit, and when; drawn apart from what is reported."""

from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from tasks_tracker.actions.demo.book import Book
from tasks_tracker.actions.demo.filing import Status, Version
from tasks_tracker.models import ReportStatus, UnitReview, User

RETURNED_BY_UNIT = 0.4  # of what is returned
STILL_WITH_UNIT = 0.45  # of what waits


@dataclass(frozen=True)
class Signed:
    """The signatures of one version; `status` differs from the version's once the unit has signed."""

    status: str = ""
    unit_review: str = ""
    reviewed_by: User | None = None
    reviewed_at: datetime | None = None
    decided_by: User | None = None
    decided_at: datetime | None = None


def sign(book: Book, week: date, number: int, version: Version) -> Signed:
    """The review comes between handing in and the decision; a unit without reviewer has none."""
    rng = Random(f"{book.seed}/review/{book.item.code}/{week}/{number}")
    decided_at = None if version.decided is None else book.at(week, version.decided)
    decider = None if version.decided is None else book.decider
    reviewer = book.reviewer
    if reviewer is None:
        return Signed(unit_review=UnitReview.NO_REVIEWER, decided_by=decider, decided_at=decided_at)
    if version.status is Status.RETURNED and rng.random() < RETURNED_BY_UNIT:
        return Signed(unit_review=UnitReview.NEEDED, decided_by=reviewer, decided_at=decided_at)
    minute = _reviewed(rng, version)
    if version.decided is None and (rng.random() < STILL_WITH_UNIT or not book.is_past(week, minute)):
        return Signed(unit_review=UnitReview.NEEDED)
    return Signed(
        status=ReportStatus.REVIEWED if version.status is Status.SUBMITTED else "",
        unit_review=UnitReview.NEEDED,
        reviewed_by=reviewer,
        reviewed_at=book.at(week, minute),
        decided_by=decider,
        decided_at=decided_at,
    )


def _reviewed(rng: Random, version: Version) -> int:
    """Somewhere between handing in and the decision; within two hours where none has been made."""
    until = version.minute + 120 if version.decided is None else version.decided
    return version.minute + 1 + int((until - version.minute - 2) * (0.2 + 0.6 * rng.random()))
