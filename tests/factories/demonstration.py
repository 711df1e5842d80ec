"""A small demonstration for tests: six weeks up to 2026-W47."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tasks_tracker.actions.demo import seed
from tasks_tracker.actions.demo.seed import calendar_of
from tasks_tracker.models import Plan
from tasks_tracker.rules.weeks import parse_week

SHANGHAI = ZoneInfo("Asia/Shanghai")
UNTIL = parse_week("2026-W47")
MONDAY_AFTER = datetime(2026, 11, 23, 13, 0, tzinfo=SHANGHAI)
ITEMS, WEEKS = 120, 6


def make(items: int = ITEMS, weeks: int = WEEKS, number: int = 1, now: datetime = MONDAY_AFTER) -> Plan:
    """A demonstration up to 2026-W47."""
    return seed.seed_demonstration(
        calendar=calendar_of(until=UNTIL, weeks=weeks, now=now),
        items=items,
        seed=number,
        password="for the tests only",
        tell=lambda _name, _done: None,
    )
