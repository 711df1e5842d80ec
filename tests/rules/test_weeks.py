"""Reporting weeks: how they are written, where a month ends, and when the cut-off has passed."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules import weeks
from tasks_tracker.rules.weeks import FAR, FIRST, ONE_WEEK, UnknownWeek

SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIDAY, FIVE = 4, time(17)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def test_a_week_is_written_with_the_iso_year() -> None:
    assert weeks.format_week(date(2026, 11, 16)) == "2026-W47"
    assert weeks.format_week(date(2024, 12, 30)) == "2025-W01"
    assert weeks.parse_week("2026-W47") == date(2026, 11, 16)
    assert weeks.parse_week(" 2026w53 ") == date(2026, 12, 28)


@given(days)
def test_every_day_lies_in_its_week_and_every_week_reads_back(day: date) -> None:
    monday = weeks.week_of(day)
    assert monday.weekday() == 0
    assert monday <= day <= weeks.sunday_of(monday)
    assert weeks.parse_week(weeks.format_week(monday)) == monday


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-W00",
        "2026-W54",
        "2025-W53",
        "2026-W7",
        "2026-11-16",
        "0000-W01",
        "0001-W01",
        "9999-W02",
        "9999-W52",
        "W47;",
        "二〇二六-W47",
    ],
)
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(UnknownWeek):
        weeks.parse_week(text)


def test_the_ends_of_time_are_mondays() -> None:
    assert FIRST.weekday() == FAR.weekday() == 0


def test_weeks_between_counts_both_ends_and_is_empty_backwards() -> None:
    first = date(2026, 11, 2)
    assert weeks.weeks_between(first, first + 2 * ONE_WEEK) == [first, first + ONE_WEEK, first + 2 * ONE_WEEK]
    assert weeks.weeks_between(first, first) == [first]
    assert weeks.weeks_between(first, first - ONE_WEEK) == []


def test_november_2026_ends_in_the_week_of_friday_the_27th() -> None:
    assert weeks.is_month_end_week(date(2026, 11, 23))
    assert not weeks.is_month_end_week(date(2026, 11, 16))
    assert weeks.last_month_end_week(date(2026, 11, 16)) == date(2026, 10, 26)
    assert weeks.last_month_end_week(date(2026, 11, 23)) == date(2026, 11, 23)


@given(st.integers(1990, 2100), st.integers(1, 12))
def test_every_month_ends_in_exactly_one_week(year: int, month: int) -> None:
    fridays = [
        day
        for number in range(1, monthrange(year, month)[1] + 1)
        if (day := date(year, month, number)).weekday() == FRIDAY
    ]
    ends = [friday for friday in fridays if weeks.is_month_end_week(weeks.week_of(friday))]
    assert ends == [fridays[-1]]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI)


def test_the_running_week_is_looked_at_from_today_and_a_past_one_from_its_sunday() -> None:
    monday = date(2026, 11, 16)
    running = weeks.as_of(monday, at(date(2026, 11, 18), 9), FRIDAY, FIVE)
    assert (running.day, running.cutoff_passed) == (date(2026, 11, 18), False)
    past = weeks.as_of(monday, at(date(2026, 11, 30), 9), FRIDAY, FIVE)
    assert (past.day, past.cutoff_passed) == (date(2026, 11, 22), True)


@pytest.mark.parametrize(("hour", "minute", "passed"), [(16, 59, False), (17, 0, True), (17, 1, True)])
def test_the_cutoff_passes_on_friday_at_five(hour: int, minute: int, passed: bool) -> None:
    monday = date(2026, 11, 16)
    point = weeks.as_of(monday, at(monday + timedelta(days=4), hour, minute), FRIDAY, FIVE)
    assert point.cutoff_passed is passed
