"""Days as offices write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.days import Period, is_long_term, may_be_october, read_period, read_run

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-03-31", (3, 31), (3, 31)),
        ("2026/3/31", (3, 31), (3, 31)),
        ("2026.3.31", (3, 31), (3, 31)),
        ("20260331", (3, 31), (3, 31)),
        ("2026-03-31 00:00:00", (3, 31), (3, 31)),
        ("２０２６年３月３１日", (3, 31), (3, 31)),
        ("2026年3月31日前完成", (3, 31), (3, 31)),
        ("2026 年 3 月", (3, 1), (3, 31)),
        ("2026年3月底前", (3, 21), (3, 31)),
        ("2026年三月中旬", (3, 11), (3, 20)),
        ("2026.3", (3, 1), (3, 31)),
        ("26年3月", (3, 1), (3, 31)),
        ("2026年上半年", (1, 1), (6, 30)),
        ("2026年第三季度", (7, 1), (9, 30)),
        ("2026年底", (12, 1), (12, 31)),
        ("2026年度", (1, 1), (12, 31)),
        ("2026", (1, 1), (12, 31)),
        ("46112", (3, 31), (3, 31)),
    ],
)
def test_what_names_its_year(text: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    assert read_period(text) == Period(date(2026, *first), date(2026, *last))


@pytest.mark.parametrize("text", ["3月底", "上半年", "四季度", "年底", "12月31日", "全年"])
def test_without_a_year_one_is_taken_and_that_is_said(text: str) -> None:
    assert read_period(text) is None
    found = read_period(text, 2026)
    assert found is not None
    assert (found.assumed, found.last.year) == (True, 2026)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "明天",
        "早",
        "底",
        "2026-13-01",
        "2026-02-30",
        "2026年13月",
        "3月32日",
        "12",
        "1.1.2026",
        "长期",
        "x" * 99,
    ],
)
def test_what_is_no_day(text: str) -> None:
    assert read_period(text, 2026) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026年1月至2027年6月", date(2026, 1, 1), date(2027, 6, 30)),
        ("2026.1-2026.12", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026年1-12月", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-01-05-2026-12-31", date(2026, 1, 5), date(2026, 12, 31)),
        ("2026-2027年", date(2026, 1, 1), date(2027, 12, 31)),
        ("2026年", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_runs(text: str, first: date, last: date) -> None:
    assert read_run(text) == Period(first, last)


def test_a_run_that_ends_before_it_begins_is_none() -> None:
    assert read_run("2027年1月至2026年6月") is None


def test_what_has_no_end_and_what_may_be_october() -> None:
    assert is_long_term(" 长期坚持 ")
    assert not is_long_term("长期到2027年")
    assert may_be_october("2026.1")
    assert not may_be_october("2026.10")


@given(DAYS)
def test_every_day_is_read_back_however_it_is_written(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    for text in (
        f"{y}-{m:02}-{d:02}",
        f"{y}/{m}/{d}",
        f"{y}.{m}.{d}",
        f"{y}年{m}月{d}日",
        f"{y}{m:02}{d:02}",
    ):
        assert read_period(text) == Period(day, day)
    assert read_period(str((day - date(1899, 12, 30)).days)) == Period(day, day)


@given(DAYS)
def test_a_month_ends_on_its_last_day(day: date) -> None:
    found = read_period(f"{day.year}年{day.month}月底")
    assert found is not None
    assert (found.last + timedelta(days=1)).day == 1
    assert found.last.month == day.month


@given(st.text(alphabet="0123456789年月日号底末初上下半季度一二三四十.-/至到前第 今明长期q", max_size=20))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    for found in (read_period(text, 2026), read_run(text, 2026)):
        assert found is None or found.first <= found.last
