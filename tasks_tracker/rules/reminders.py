"""When the clock asks for reports, counted from the cut-off of the week. Pure functions over wall time.

Rules: docs/numbers.md, "Reminders and urgings".
"""

from datetime import date, datetime, time, timedelta

EVE, MORNING, AFTER = "eve", "morning", "after"
EVE_AT = time(15)
MORNING_AT = time(9)


def moments(week: date, cutoff: datetime) -> list[tuple[str, datetime]]:
    """The occasions of a week with their moments, oldest first; `cutoff` in wall time.

    Nobody is asked before the week begins, nor is the morning's reminder sent when the cut-off is earlier.
    """
    day = cutoff.date()
    eve = datetime.combine(day - timedelta(days=1), EVE_AT, tzinfo=cutoff.tzinfo)
    morning = datetime.combine(day, MORNING_AT, tzinfo=cutoff.tzinfo)
    due = []
    if eve.date() >= week:
        due.append((EVE, eve))
    if morning < cutoff:
        due.append((MORNING, morning))
    return [*due, (AFTER, cutoff)]


def occasion_due(week: date, cutoff: datetime, now: datetime) -> str:
    """The latest occasion that has come by `now`; "" before the first. One that was missed is not made up."""
    come = [occasion for occasion, moment in moments(week, cutoff) if moment <= now]
    return come[-1] if come else ""
