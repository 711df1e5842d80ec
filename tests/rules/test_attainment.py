"""How far an indicator has come: exact for rising and falling targets, silent where there is no answer."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from tasks_tracker.rules.attainment import attainment, is_consistent, is_reached


@pytest.mark.parametrize(
    ("value", "baseline", "target", "rising", "expected"),
    [
        ("150", "100", "200", True, 5_000),
        ("90", "100", "200", True, -1_000),  # it fell
        ("250", "100", "200", True, 15_000),
        ("95", "100", "90", False, 5_000),
        ("88", "100", "90", False, 12_000),
        ("50", None, "200", True, 2_500),
        ("50", None, "200", False, None),  # from where should it fall?
        ("50", None, "0", True, None),
        ("5", "5", "5", True, None),  # to be held
        ("0.1", "0", "0.3", True, Fraction(10_000, 3)),
    ],
)
def test_the_share_of_the_way(
    value: str, baseline: str | None, target: str, rising: bool, expected: Fraction | int | None
) -> None:
    numbers = (Decimal(value), Decimal(baseline) if baseline else None, Decimal(target))
    assert attainment(*numbers, rising=rising) == expected


def test_nothing_is_attained_of_what_is_not_known_or_no_number() -> None:
    assert attainment(None, Decimal(1), Decimal(2), rising=True) is None
    assert attainment(Decimal(1), Decimal(1), None, rising=True) is None
    assert is_reached(None, Decimal(2), rising=True) is None


def test_it_is_reached_exactly_from_the_whole_way_on() -> None:
    """On random numbers: 100 % and more is reached, less is not; rising and falling mirror each other."""
    rng = Random(7)
    for _n in range(500):
        baseline, way, value = (Decimal(rng.randint(1, 10**8)) / 10_000 for _ in range(3))
        up = attainment(value, baseline, baseline + way, rising=True)
        assert up is not None
        assert (up >= 10_000) == is_reached(value, baseline + way, rising=True)
        assert attainment(-value, -baseline, -(baseline + way), rising=False) == up
        assert is_consistent(baseline, baseline + way, rising=True)
        assert not is_consistent(baseline, baseline + way, rising=False)
