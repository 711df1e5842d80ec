"""What changed between two weeks: a figure led from then to now, one kind of change after the other.

Exact: sums are integers, figures Fractions in hundredths of a percent. Rules: docs/numbers.md, "What
changed".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from tasks_tracker.rules.rollup import Figure, Sums, average, figure_of, rounded

SumsByMeasure = Mapping[int, Sums]


class Change(StrEnum):
    """The kinds of change, in the order in which they are applied."""

    PROGRESS = "progress"
    REPORTED = "reported"
    UNREPORTED = "unreported"
    WEIGHT = "weight"
    OUTLINE = "outline"
    ADDED = "added"
    REMOVED = "removed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Tree:
    """What is averaged, with the weights of one week: pairs (weight, ((measure, weight), …)).

    A branch is a key task. A set that is no plan, such as one key task, is a tree of one branch.
    """

    branches: tuple[tuple[int, tuple[tuple[int, int], ...]], ...]

    def figure(self, sums: SumsByMeasure) -> Figure | None:
        """The figure by the rule of the roll-up; None where nothing is in scope."""
        flat = {measure: figure_of(part) for measure, part in sums.items()}
        return average(
            (weight, average((own, flat.get(measure)) for measure, own in leaves))
            for weight, leaves in self.branches
        )

    def shares(self, sums: SumsByMeasure) -> dict[int, Fraction]:
        """Measure → the share of the whole that one unit of weight in it has."""
        present = [
            (weight, [(measure, own) for measure, own in leaves if own > 0 and _weight(sums, measure) > 0])
            for weight, leaves in self.branches
        ]
        present = [(weight, leaves) for weight, leaves in present if weight > 0 and leaves]
        whole = sum(weight for weight, _leaves in present)
        return {
            measure: Fraction(weight * own, whole * sum(other for _m, other in leaves) * sums[measure].weight)
            for weight, leaves in present
            for measure, own in leaves
        }


def _weight(sums: SumsByMeasure, measure: int) -> int:
    return sums[measure].weight if measure in sums else 0


@dataclass(frozen=True)
class Move:
    """One kind of change: what it adds to the sums of each measure, or the weights that hold after it."""

    change: Change
    sums: SumsByMeasure | None = None
    tree: Tree | None = None


@dataclass(frozen=True)
class State:
    """The figure after some of the changes: the tree and the sums it is made of."""

    tree: Tree
    sums: SumsByMeasure

    @property
    def figure(self) -> Figure | None:
        """None where nothing is in scope."""
        return self.tree.figure(self.sums)

    @property
    def progress(self) -> Fraction | None:
        """None where nothing is known."""
        figure = self.figure
        return figure.progress if figure else None

    def after(self, move: Move) -> "State":
        """The state when the change is applied."""
        return State(move.tree or self.tree, added(self.sums, move.sums or {}))


def added(one: SumsByMeasure, other: SumsByMeasure) -> dict[int, Sums]:
    """Both, measure by measure."""
    return {key: one.get(key, Sums()) + other.get(key, Sums()) for key in (*one, *other)}


@dataclass(frozen=True)
class Step:
    """What one kind of change moves the figure by, in hundredths of a point: exactly, and as it is shown."""

    change: Change
    points: Fraction
    shown: int

    def __neg__(self) -> "Step":
        return Step(self.change, -self.points, -self.shown)


@dataclass(frozen=True)
class Bridge:
    """From `then` to `now` over one step per kind of change; exact and shown steps both add up.

    Where nothing is known then or now there is nothing to subtract: `steps` is empty.
    """

    then: Fraction | None
    now: Fraction | None
    steps: tuple[Step, ...]

    def mirrored(self) -> "Bridge":
        """The way back: the steps in the opposite order with the opposite sign."""
        return Bridge(self.now, self.then, tuple(-step for step in reversed(self.steps)))


def bridge(start: State, moves: Iterable[Move]) -> Bridge:
    """Apply the changes one after the other; a step is what the figure moves by.

    A state in between in which nothing is known keeps the figure; the next one that has a figure carries the
    difference.
    """
    state, then = start, start.progress
    points: list[tuple[Change, Fraction]] = []
    last = now = then
    for move in moves:
        state = state.after(move)
        now = state.progress
        before, last = last, last if now is None else now
        if before is not None and last is not None:
            points.append((move.change, last - before))
    if then is None or now is None:
        return Bridge(then, now, ())
    shown = apportioned(then, [exact for _change, exact in points], now)
    return Bridge(then, now, tuple(Step(*each, units) for each, units in zip(points, shown, strict=True)))


def apportioned(then: Fraction, steps: Sequence[Fraction], now: Fraction) -> list[int]:
    """The steps in whole hundredths that sum up to the difference of the rounded ends.

    Each is rounded down; what is then missing goes, one each, to the steps with the largest remainders. So a
    step is never further than 1 from its exact value, and one that is 0 stays 0.
    """
    floors = [step.numerator // step.denominator for step in steps]
    missing = (rounded(now) or 0) - (rounded(then) or 0) - sum(floors)
    by_remainder = sorted(range(len(steps)), key=lambda place: (floors[place] - steps[place], place))
    bumped = set(by_remainder[:missing])
    return [floor + (place in bumped) for place, floor in enumerate(floors)]
