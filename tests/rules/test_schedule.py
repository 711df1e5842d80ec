"""From milestones to straight pieces of the plan."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.reference import Agreed, planned_percent
from tasks_tracker.rules.schedule import WHOLE, Segment, day_planned, plan_segments

START, DUE = date(2026, 1, 1), date(2026, 12, 31)


def test_without_milestones_one_piece_covers_the_run() -> None:
    assert plan_segments(START, DUE) == [Segment(START.toordinal(), DUE.toordinal(), 0, WHOLE)]


def test_a_milestone_bends_the_line() -> None:
    middle = date(2026, 6, 30)
    assert plan_segments(START, DUE, [(middle, 2500)]) == [
        Segment(START.toordinal(), middle.toordinal(), 0, 2500),
        Segment(middle.toordinal(), DUE.toordinal(), 2500, WHOLE),
    ]


def test_a_milestone_on_the_start_lifts_the_start() -> None:
    assert plan_segments(START, DUE, [(START, 500)]) == [
        Segment(START.toordinal(), DUE.toordinal(), 500, WHOLE)
    ]


def test_the_due_day_is_reached_at_100_percent() -> None:
    assert plan_segments(START, DUE, [(DUE, 9000)]) == plan_segments(START, DUE)


@pytest.mark.parametrize(
    ("milestones", "words"),
    [
        ([(date(2026, 6, 1), 3000), (date(2026, 5, 1), 4000)], "does not follow"),
        ([(date(2026, 6, 1), 3000), (date(2026, 6, 1), 4000)], "does not follow"),
        ([(START, 0), (START, 4000)], "does not follow"),
        ([(DUE, 9000), (DUE, WHOLE)], "does not follow"),
        ([(date(2026, 6, 1), 3000), (date(2026, 7, 1), 2999)], "falls"),
        ([(date(2025, 12, 31), 0)], "outside"),
        ([(date(2027, 1, 1), WHOLE)], "outside"),
        ([(date(2026, 6, 1), -1)], "not a percent"),
        ([(date(2026, 6, 1), WHOLE + 1)], "not a percent"),
    ],
)
def test_milestones_that_contradict_themselves_are_refused(
    milestones: list[tuple[date, int]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        plan_segments(START, DUE, milestones)


@pytest.mark.parametrize("due_on", [START, START - timedelta(days=1)])
def test_an_empty_run_is_refused(due_on: date) -> None:
    with pytest.raises(ValueError, match="after the start"):
        plan_segments(START, due_on)


@st.composite
def plans(draw: st.DrawFn) -> tuple[date, date, list[tuple[date, int]]]:
    """A start, a due day, and milestones in order between them, both days included."""
    starts_on = draw(st.dates(date(2024, 1, 1), date(2028, 1, 1)))
    length = draw(st.integers(1, 1200))
    days = draw(st.lists(st.integers(0, length), max_size=6, unique=True).map(sorted))
    percents = draw(st.lists(st.integers(0, WHOLE), min_size=len(days), max_size=len(days)).map(sorted))
    milestones = [(starts_on + timedelta(days=d), p) for d, p in zip(days, percents, strict=True)]
    return starts_on, starts_on + timedelta(days=length), milestones


@given(plans())
def test_the_pieces_cover_the_run_without_gap_and_never_fall(
    plan: tuple[date, date, list[tuple[date, int]]],
) -> None:
    starts_on, due_on, _milestones = plan
    pieces = plan_segments(*plan)
    assert pieces[0].from_day == starts_on.toordinal()
    assert pieces[-1].until_day == due_on.toordinal()
    assert pieces[-1].until_percent == WHOLE
    assert all(p.from_day < p.until_day and p.from_percent <= p.until_percent for p in pieces)
    for first, second in pairwise(pieces):
        assert first.until_day == second.from_day
        assert first.until_percent == second.from_percent


@given(plans(), st.integers(-5, 1205))
def test_the_pieces_say_what_the_rule_says_on_every_day(
    plan: tuple[date, date, list[tuple[date, int]]], offset: int
) -> None:
    starts_on, due_on, milestones = plan
    day = starts_on + timedelta(days=offset)
    agreed = Agreed(starts_on=starts_on, due_on=due_on, milestones=milestones)
    number = day.toordinal()
    on_piece = [
        p.from_percent
        + (p.until_percent - p.from_percent) * (number - p.from_day) // (p.until_day - p.from_day)
        for p in plan_segments(*plan)
        if p.from_day <= number < p.until_day
    ]
    expected = on_piece[0] if on_piece else 0 if day < starts_on else WHOLE
    assert expected == planned_percent(agreed, day)


def test_the_day_on_which_the_plan_stood_at_a_percent() -> None:
    pieces = plan_segments(START, DUE, [(date(2026, 3, 2), 2000), (date(2026, 5, 1), 2000)])
    assert day_planned(pieces, Fraction(1000)) == START.toordinal() + 30
    assert day_planned(pieces, Fraction(2000)) == date(2026, 5, 1).toordinal()
    assert day_planned(pieces, Fraction(6000)) == Fraction(date(2026, 5, 1).toordinal() + DUE.toordinal(), 2)
    assert day_planned(pieces, Fraction(0)) == START.toordinal()
    assert day_planned(pieces, Fraction(WHOLE)) == DUE.toordinal()
    assert day_planned(plan_segments(START, DUE, [(START, 500)]), Fraction(100)) is None
    assert day_planned([], Fraction(100)) is None


@given(st.integers(0, 363))
def test_the_plan_of_a_day_was_planned_for_that_day(days: int) -> None:
    """There and back again."""
    pieces = plan_segments(START, DUE, [(date(2026, 6, 30), 2500)])
    day = START.toordinal() + days
    piece = next(one for one in pieces if one.from_day <= day < one.until_day)
    rise = piece.until_percent - piece.from_percent
    percent = piece.from_percent + Fraction(rise * (day - piece.from_day), piece.until_day - piece.from_day)
    assert day_planned(pieces, percent) == day
