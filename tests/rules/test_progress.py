"""What a report has to say: never more than the rules ask."""

from datetime import date

import pytest

from tasks_tracker.rules.progress import asks_problem, fields_asked

DUE, DAY = date(2026, 12, 31), date(2026, 11, 19)


@pytest.mark.parametrize(
    ("percent", "day", "asks"),
    [
        (5_000, DAY, False),  # exactly ten points behind is not behind
        (4_999, DAY, True),
        (9_000, DAY, False),
        (None, DAY, False),  # unknown is behind nothing
        (10_000, date(2027, 1, 1), True),  # overdue, whatever the percent
        (None, date(2027, 1, 1), True),
        (9_000, DUE, False),  # the due day itself is in time
    ],
)
def test_a_problem_is_asked_when_the_item_is_behind_or_overdue(
    percent: int | None, day: date, asks: bool
) -> None:
    assert asks_problem(percent, 6_000, DUE, day, -1_000) is asks


def test_percent_and_note_always_the_rest_only_where_it_applies() -> None:
    assert fields_asked(6_000, 6_000, problem=False) == ["percent", "progress_note"]
    assert fields_asked(None, 6_000, problem=False) == ["percent", "progress_note"]
    assert fields_asked(5_000, None, problem=False) == ["percent", "progress_note"]
    assert fields_asked(5_999, 6_000, problem=False) == ["percent", "decrease_reason", "progress_note"]
    assert fields_asked(6_000, 6_000, problem=True) == ["percent", "progress_note", "problems"]
