"""The arithmetic of the roll-up: exact, order-free, and honest about what is not known.

Sums are integers; ratios are Fractions; nothing is rounded here. Percentages are in hundredths of a percent
(10000 = 100 %). Rules: docs/numbers.md, "Roll-up".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from math import gcd, lcm
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


@dataclass(frozen=True, slots=True)
class Figure:
    """Progress of a set, as integers over one common `base`: exact, and cheap to average.

    A figure exists only where something is in scope; an empty set has no Figure but None. The properties are
    exact too: coverage and stale share as fractions of 1, the rest in hundredths of a percent.
    """

    base: int
    known: int
    earned: int
    to_plan: int
    old: int

    @classmethod
    def of(cls, base: int, *parts: int) -> Self:
        """In lowest terms, so that equal figures are equal."""
        common = gcd(base, *parts)
        return cls(base // common, *(part // common for part in parts))

    @property
    def coverage(self) -> Fraction:
        """Share of the weight that is known."""
        return Fraction(self.known, self.base)

    @property
    def lower(self) -> Fraction:
        """What progress would be if all that is unknown stood at 0."""
        return Fraction(self.earned, self.base)

    @property
    def planned(self) -> Fraction:
        """Planned progress of all, known or not."""
        return Fraction(self.to_plan, self.base)

    @property
    def stale(self) -> Fraction:
        """Share of the weight whose last report is old."""
        return Fraction(self.old, self.base)

    @property
    def progress(self) -> Fraction | None:
        """Lower bound ÷ coverage: progress of what is reported; None when nothing is known — never 0."""
        return Fraction(self.earned, self.known) if self.known else None

    @property
    def upper(self) -> Fraction:
        """What progress would be if all that is unknown stood at 100 %."""
        return Fraction(self.earned + WHOLE * (self.base - self.known), self.base)

    @property
    def variance(self) -> Fraction | None:
        """Progress − planned, in hundredths of a point; negative = behind."""
        progress = self.progress
        return None if progress is None else progress - self.planned


def figure_of(sums: Sums) -> Figure | None:
    """The figure of a flat set; None when nothing in it has weight."""
    if sums.weight <= 0:
        return None
    return Figure.of(sums.weight, sums.known_weight, sums.earned, sums.planned, sums.stale_weight)


Child = tuple[int, Figure | None]  # weight and figure


def average(children: Iterable[Child]) -> Figure | None:
    """The figure of a parent from (weight, figure) of its children.

    Children without anything in scope drop out: their weight is spread over the others, not counted as 0.
    """
    present = _in_force(children)
    if not present:
        return None
    base = lcm(*(figure.base for _, figure in present))
    shares = [(weight * (base // figure.base), figure) for weight, figure in present]
    return Figure.of(
        base * sum(weight for weight, _ in present),
        sum(share * figure.known for share, figure in shares),
        sum(share * figure.earned for share, figure in shares),
        sum(share * figure.to_plan for share, figure in shares),
        sum(share * figure.old for share, figure in shares),
    )


@dataclass(frozen=True, slots=True)
class Share:
    """What one child is of its parent: its share of the weight in force, and what it adds to each figure.

    Exact: over all children `weight` adds up to 1 and every other field to that figure of the parent.
    `progress` is None where nothing of the parent is known.
    """

    weight: Fraction
    coverage: Fraction
    lower: Fraction
    planned: Fraction
    progress: Fraction | None


def shares(children: Sequence[Child]) -> list[Share | None]:
    """The average taken apart again, child by child; None for those that drop out of it."""
    parent = average(children)
    total = sum(weight for weight, _figure in _in_force(children))
    coverage = parent.coverage if parent else Fraction(0)
    return [
        _share(Fraction(weight, total), figure, coverage) if figure is not None and weight > 0 else None
        for weight, figure in children
    ]


def _share(weight: Fraction, figure: Figure, coverage: Fraction) -> Share:
    lower = weight * figure.lower
    return Share(
        weight=weight,
        coverage=weight * figure.coverage,
        lower=lower,
        planned=weight * figure.planned,
        progress=lower / coverage if coverage else None,
    )


def _in_force(children: Iterable[Child]) -> list[tuple[int, Figure]]:
    return [(weight, figure) for weight, figure in children if figure is not None and weight > 0]


def rounded(value: Fraction | None) -> int | None:
    """One rounding, at display: half away from zero, in hundredths."""
    if value is None:
        return None
    magnitude = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return magnitude if value >= 0 else -magnitude
