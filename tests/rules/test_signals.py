"""The arithmetic of early signals: what a range says, what a pace loses, when two texts are the same."""

from fractions import Fraction

import pytest

from tasks_tracker.rules.signals import (
    SPECS,
    Forecast,
    fingerprint,
    forecast,
    is_stuck,
    lost,
    normalised,
    pace_needed,
    quantile,
    streak,
)


def test_every_default_lies_within_its_bounds() -> None:
    for spec in SPECS.values():
        assert spec.parameters
        for parameter in spec.parameters:
            assert parameter.least <= parameter.default <= parameter.most


def test_an_even_pace_gives_one_week() -> None:
    """One point a week, 20 points to go."""
    assert forecast([7000 + 100 * n for n in range(11)]) == Forecast(20, 20)


def test_an_uneven_pace_gives_a_range() -> None:
    """Blocks of four weeks brought 0, 0, 1, 2, 3, 4 and 3 points: quartiles 0.5 and 3, and 20 to go."""
    series = [7600, 7600, 7600, 7600, 7600, 7600, 7700, 7800, 7900, 8000, 8000]
    assert forecast(series) == Forecast(27, None)  # 20·4 ÷ 3 = 26.7; 160 weeks cannot be foretold


def test_a_monthly_step_counts_like_four_weekly_ones() -> None:
    monthly = [6000] * 4 + [6400] * 4 + [6800] * 4 + [7200]
    assert forecast(monthly) == Forecast(28, 28)


def test_nothing_is_said_when_the_history_is_too_short() -> None:
    assert forecast([7000 + 100 * n for n in range(7)]) is None
    assert forecast([None, *(7000 + 100 * n for n in range(7))]) is None
    assert forecast([7000 + 100 * n for n in range(8)]) is not None
    assert forecast([]) is None


def test_without_progress_there_is_no_week() -> None:
    assert forecast([7000] * 12) == Forecast(None, None)


def test_what_is_done_needs_no_week() -> None:
    assert forecast([9000, 9500, *[10_000] * 10]) == Forecast(0, 0)


@pytest.mark.parametrize(("share", "value"), [(0, 1), (Fraction(1, 4), Fraction(7, 4)), (1, 4)])
def test_a_quantile_lies_between_two_values(share: Fraction, value: Fraction) -> None:
    assert quantile([1, 2, 3, 4], Fraction(share)) == value


def test_pace_is_lost_when_every_week_moves_less_than_planned() -> None:
    assert lost([5000, 5200, 5300, 5300], [5000, 5210, 5420, 5630]) == 330
    assert lost([5000, 5200, 5410, 5500], [5000, 5210, 5420, 5630]) is None  # one week kept up


def test_the_pace_that_is_needed_ends_on_the_due_day() -> None:
    assert pace_needed(5300, 70) == 470
    assert pace_needed(5300, 0) is None


def test_stuck_is_the_same_percent_below_the_end() -> None:
    assert is_stuck([9200, 9200, 9200], 9000)
    assert is_stuck([9000, 9000], 9000)
    assert not is_stuck([8999, 8999], 9000)
    assert not is_stuck([9100, 9200], 9000)
    assert not is_stuck([None, 9200], 9000)
    assert not is_stuck([10_000, 10_000], 9000)


def test_a_streak_ends_with_the_last_report() -> None:
    assert streak([True, False, True, True]) == 2
    assert streak([True, False]) == 0
    assert streak([]) == 0


def test_texts_are_the_same_apart_from_width_case_blanks_and_punctuation() -> None:
    assert normalised("已建成 3 家ＡＢ中心。") == normalised("已建成3家ab中心")
    assert fingerprint("已建成3家中心，正在验收！") == fingerprint("已建成３家中心；正在验收")
    assert fingerprint("已建成3家中心") != fingerprint("已建成4家中心")
