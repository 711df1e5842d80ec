"""When the clock asks: relative to the cut-off of the week, wherever a holiday has moved it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tasks_tracker.rules import weeks
from tasks_tracker.rules.reminders import AFTER, EVE, MORNING, moments, occasion_due

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


FRIDAY = at(MONDAY + timedelta(days=4), 17)


@pytest.mark.parametrize(
    ("now", "occasion"),
    [
        (at(date(2026, 11, 19), 14, 59), ""),
        (at(date(2026, 11, 19), 15), EVE),
        (at(date(2026, 11, 20), 8, 59), EVE),
        (at(date(2026, 11, 20), 9), MORNING),
        (at(date(2026, 11, 20), 16, 59), MORNING),
        (at(date(2026, 11, 20), 17), AFTER),
        (at(date(2026, 11, 23), 8), AFTER),
    ],
)
def test_thursday_afternoon_friday_morning_and_after_the_cutoff(now: datetime, occasion: str) -> None:
    assert occasion_due(MONDAY, FRIDAY, now) == occasion


def test_a_cutoff_on_monday_has_no_eve_and_one_before_nine_no_morning() -> None:
    monday = at(MONDAY, 17)
    assert [occasion for occasion, _moment in moments(MONDAY, monday)] == [MORNING, AFTER]
    early = at(MONDAY + timedelta(days=2), 9)
    assert [occasion for occasion, _moment in moments(MONDAY, early)] == [EVE, AFTER]


def test_before_the_national_holiday_everything_moves_with_the_cutoff() -> None:
    week = date(2026, 9, 28)
    wednesday = at(date(2026, 9, 30), 12)
    assert dict(moments(week, wednesday)) == {
        EVE: at(date(2026, 9, 29), 15),
        MORNING: at(date(2026, 9, 30), 9),
        AFTER: wednesday,
    }


# --- the calendar of obligations --------------------------------------------------------------------------
def test_week_53_is_no_month_end_because_its_friday_is_in_january() -> None:
    week_53 = weeks.parse_week("2026-W53")
    assert week_53 == date(2026, 12, 28)
    assert week_53 + timedelta(days=4) == date(2027, 1, 1)
    assert not weeks.is_month_end_week(week_53)
    assert weeks.last_month_end_week(week_53) == weeks.parse_week("2026-W52")


def test_the_cutoff_of_week_53_lies_in_the_next_year() -> None:
    week_53 = weeks.parse_week("2026-W53")
    cutoff = weeks.usual_cutoff(week_53, 4, time(17), SHANGHAI)
    assert cutoff == at(date(2027, 1, 1), 17)
    assert occasion_due(week_53, cutoff, at(date(2026, 12, 31), 15)) == EVE
    assert not weeks.as_of(week_53, at(date(2027, 1, 1), 16, 59), 4, time(17)).cutoff_passed
    assert weeks.as_of(week_53, at(date(2027, 1, 1), 17), 4, time(17)).cutoff_passed


def test_no_month_has_its_last_friday_in_the_next_iso_year() -> None:
    """Which would put its reports into a year that the month is not in."""
    for year in range(2020, 2060):
        for week in weeks.weeks_between(weeks.week_of(date(year, 1, 1)), date(year, 12, 31)):
            friday = week + timedelta(days=4)
            if weeks.is_month_end_week(week):
                assert friday.isocalendar().year == friday.year


def test_a_moved_cutoff_holds_whatever_zone_it_is_stored_in() -> None:
    moved = datetime(2026, 9, 30, 4, 0, tzinfo=ZoneInfo("UTC"))  # noon in Beijing
    week = date(2026, 9, 28)
    before = weeks.as_of(week, at(date(2026, 9, 30), 11, 59), 4, time(17), moved)
    assert (before.cutoff_passed, before.cutoff) == (False, at(date(2026, 9, 30), 12))
    assert before.cutoff is not None
    assert before.cutoff.hour == 12
    assert weeks.as_of(week, at(date(2026, 9, 30), 12), 4, time(17), moved).cutoff_passed
    # The point is the same as one that was stored, which knows no cut-off.
    assert before == weeks.AsOf(week, date(2026, 9, 30), cutoff_passed=False)
