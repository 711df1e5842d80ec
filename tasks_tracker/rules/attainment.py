"""How far an indicator has come from its baseline to its target: exact, and silent where there is no answer.

Rules: docs/numbers.md, "Indicators".
"""

from decimal import Decimal
from fractions import Fraction

WHOLE = 10_000


def attainment(
    value: Decimal | None, baseline: Decimal | None, target: Decimal | None, *, rising: bool
) -> Fraction | None:
    """The share of the way from baseline to target, in hundredths of a percent; below 0 when it went astray.

    Without a baseline a rising target above 0 is measured from 0. None where there is no way to measure: no
    value, a target in words, a falling target without a baseline, or a baseline that is the target already.
    """
    if value is None or target is None:
        return None
    if baseline is None:
        if not rising or target <= 0:
            return None
        baseline = Decimal(0)
    way = Fraction(target) - Fraction(baseline)
    return (Fraction(value) - Fraction(baseline)) / way * WHOLE if way else None


def is_reached(value: Decimal | None, target: Decimal | None, *, rising: bool) -> bool | None:
    """Whether the target is reached; None without a value or with a target in words."""
    if value is None or target is None:
        return None
    return value >= target if rising else value <= target


def is_consistent(baseline: Decimal | None, target: Decimal | None, *, rising: bool) -> bool:
    """The target does not lie against the direction; it may be the baseline, to be held."""
    if baseline is None or target is None:
        return True
    return target >= baseline if rising else target <= baseline
