"""The light of a set: one rule after the other, by the thresholds of the week."""

from fractions import Fraction

import pytest

from tasks_tracker.rules.lights import light_of_set
from tasks_tracker.rules.weeks import Limits

LIMITS = Limits(-3_000, -1_000, -500, 7)


@pytest.mark.parametrize(
    ("counts", "variance", "light"),
    [
        ({}, None, ""),
        ({"done": 0, "behind": 0}, None, ""),
        ({"done": 3}, Fraction(2_000), "done"),
        ({"not_started": 2}, Fraction(0), "not_started"),
        ({"not_started": 1, "done": 2}, Fraction(0), "not_started"),
        ({"overdue": 1}, Fraction(0), "overdue"),
        ({"overdue": 2, "done": 1}, Fraction(-100), "overdue"),
        ({"at_risk": 1, "not_started": 4}, Fraction(300), "at_risk"),
        ({"overdue": 1, "on_track": 9}, Fraction(-100), "on_track"),
        ({"overdue": 1}, None, "overdue"),
        ({"on_track": 1}, None, ""),
        ({"on_track": 1, "overdue": 1}, None, ""),
        ({"at_risk": 1, "overdue": 1}, None, ""),
        ({"on_track": 4, "behind": 1}, Fraction(-1_001), "behind"),
        ({"on_track": 4, "behind": 1}, Fraction(-1_000), "at_risk"),
        ({"on_track": 4, "behind": 1}, Fraction(-500), "on_track"),
    ],
)
def test_the_first_rule_that_holds_decides(
    counts: dict[str, int], variance: Fraction | None, light: str
) -> None:
    assert light_of_set(counts, variance, LIMITS) == light


def test_the_thresholds_are_those_of_the_week() -> None:
    strict = Limits(-300, -200, -100, 7)
    assert light_of_set({"on_track": 2, "behind": 1}, Fraction(-201), strict) == "behind"
