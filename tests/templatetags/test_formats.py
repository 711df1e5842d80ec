"""Numbers and weeks as words: one rounding, a real minus, never 0 for "no data"."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.models.plan import Light
from tasks_tracker.templatetags import formats

MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (6350, 1, "63.5"),
        (6355, 1, "63.6"),
        (6354, 1, "63.5"),
        (0, 1, "0.0"),
        (10_000, 0, "100"),
        (8750, 2, "87.50"),
        (Fraction(26250, 4), 1, "65.6"),
        (5, 2, "0.05"),
    ],
)
def test_a_percent_is_rounded_once_half_away_from_zero(value: int, digits: int, shown: str) -> None:
    assert formats.percent(value, digits) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (-220, 1, "\N{MINUS SIGN}2.2"),
        (75, 1, "+0.8"),
        (-75, 1, "\N{MINUS SIGN}0.8"),
        (-4, 1, "0.0"),
        (0, 2, "0.00"),
    ],
)
def test_points_carry_their_sign_and_a_real_minus(value: int, digits: int, shown: str) -> None:
    assert formats.points(value, digits) == shown


def test_no_data_is_said_in_words_and_never_as_a_number() -> None:
    with override("en"):
        assert formats.percent(None) == formats.points(None) == formats.percent_sign(None) == "no data"


def test_counts_get_a_separator_from_five_digits_on() -> None:
    assert [formats.thousands(number) for number in (7, 1394, 12345, -1_000_000)] == [
        "7",
        "1394",
        "12,345",
        "\N{MINUS SIGN}1,000,000",
    ]


def test_a_week_has_a_code_a_label_and_its_days() -> None:
    with override("en"):
        assert formats.week_label(MONDAY) == "2026, week 47"
    assert formats.week_code(MONDAY) == "2026-W47"
    assert formats.week_span(MONDAY) == "11.16\N{EN DASH}11.22"


def test_every_light_has_a_word_and_a_character() -> None:
    words = {formats.light_label(code) for code in Light.values}
    marks = {formats.light_char(code) for code in Light.values}
    assert len(words) == len(marks) == len(Light.values)


def test_a_query_parameter_is_replaced_and_the_others_stay() -> None:
    assert formats.with_query("/items/?week=2026-W47&light=done", light="behind") == (
        "/items/?week=2026-W47&light=behind"
    )
    assert formats.with_query("/items/?a=1&page=2", page=None) == "/items/?a=1"
    assert formats.with_query("", light="done") == ""


@given(st.lists(st.fractions(0, 10_000, max_denominator=997), max_size=12), st.integers(0, 3))
def test_parts_are_shown_so_that_they_add_up(values: list[Fraction], digits: int) -> None:
    shown = [Decimal(text) for text in formats.adding_up(values, digits)]
    whole = sum(values, Fraction(0))
    assert sum(shown) == Decimal(formats.percent(whole, digits))
    for text, value in zip(shown, values, strict=True):
        assert abs(Fraction(text) - value / 100) < Fraction(1, 10**digits)


def test_a_third_each_of_a_whole_is_one_whole() -> None:
    assert formats.adding_up([Fraction(10_000, 3)] * 3) == ["33.34", "33.33", "33.33"]
    assert formats.adding_up([]) == []
