"""The bridge from then to now: it adds up, to the last digit shown, whatever changed."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.bridge import Bridge, Change, Move, State, Step, Tree, apportioned, bridge
from tasks_tracker.rules.rollup import Sums, rounded

FLAT = Tree(((1, ((1, 1),)),))
weights = st.integers(0, 5)
trees = st.tuples(weights, weights, weights, weights).map(
    lambda w: Tree(((w[0], ((1, 1), (2, w[1]))), (w[2], ((3, w[3]),))))
)


@st.composite
def flat_sums(draw: st.DrawFn) -> Sums:
    weight = draw(st.integers(0, 20))
    known = draw(st.integers(0, weight))
    return Sums(weight, weight, known, 0, draw(st.integers(0, 10_000 * known)), 0)


sums_by_measure = st.dictionaries(st.integers(1, 3), flat_sums())


def difference(then: dict[int, Sums], now: dict[int, Sums]) -> dict[int, Sums]:
    """What leads from one set of sums to another."""
    none = Sums()
    return {
        m: Sums(*(getattr(now.get(m, none), f) - getattr(then.get(m, none), f) for f in Sums.__annotations__))
        for m in {*then, *now}
    }


@st.composite
def ways(draw: st.DrawFn) -> tuple[list[State], list[Move]]:
    """A way over any states: their weights and sums change freely."""
    states = draw(st.lists(st.builds(State, trees, sums_by_measure), min_size=2, max_size=8))
    moves = [
        Move(change, difference(dict(one.sums), dict(other.sums)), other.tree)
        for change, one, other in zip(Change, states, states[1:], strict=False)
    ]
    return states, moves


@given(ways())
def test_the_steps_add_up_exactly_and_as_they_are_shown(way: tuple[list[State], list[Move]]) -> None:
    states, moves = way
    result = bridge(states[0], moves)
    assert (result.then, result.now) == (states[0].progress, states[-1].progress)
    if result.then is None or result.now is None:
        assert not result.steps
    else:
        assert [step.change for step in result.steps] == [move.change for move in moves]
        assert result.then + sum(step.points for step in result.steps) == result.now
        assert rounded(result.then) + sum(step.shown for step in result.steps) == rounded(result.now)


@given(ways())
def test_the_way_back_takes_every_step_back(way: tuple[list[State], list[Move]]) -> None:
    there = bridge(way[0][0], way[1])
    back = there.mirrored()
    assert (back.then, back.now) == (there.now, there.then)
    assert [-step for step in reversed(back.steps)] == list(there.steps)
    assert back.mirrored() == there


@given(st.builds(State, trees, sums_by_measure))
def test_where_nothing_changes_every_step_is_nothing(state: State) -> None:
    result = bridge(state, [Move(change) for change in Change])
    assert result.then == result.now
    assert {(step.points, step.shown) for step in result.steps} <= {(0, 0)}


exact = st.fractions(0, 10_000, max_denominator=997)


@given(st.lists(exact, min_size=1, max_size=9))
def test_a_shown_step_is_within_a_hundredth_of_its_value_and_nothing_stays_nothing(
    values: list[Fraction],
) -> None:
    steps = [after - before for before, after in pairwise(values)]
    shown = apportioned(values[0], steps, values[-1])
    assert rounded(values[0]) + sum(shown) == rounded(values[-1])
    for step, units in zip(steps, shown, strict=True):
        assert abs(units - step) < 1 or (units == step)
        assert units == step or step.denominator > 1


def test_whole_hundredths_are_shown_as_they_are() -> None:
    assert apportioned(Fraction(7000), [Fraction(125), Fraction(-50)], Fraction(7075)) == [125, -50]


def test_what_is_missing_goes_to_the_largest_remainder() -> None:
    third = Fraction(1, 3)
    assert apportioned(Fraction(0), [third, third, 4 * third], Fraction(2)) == [1, 0, 1]


def test_nothing_known_in_between_keeps_the_figure_and_the_next_step_carries_it() -> None:
    one, other = {1: Sums(1, 1, 1, 0, 4_000, 0)}, {1: Sums(1, 1, 1, 0, 9_000, 0)}
    leaves = Move(Change.REMOVED, difference(one, {}))
    result = bridge(State(FLAT, one), [leaves, Move(Change.ADDED, other)])
    nothing, everything = Fraction(0), Fraction(5_000)
    assert result.steps == (Step(Change.REMOVED, nothing, 0), Step(Change.ADDED, everything, 5_000))


@pytest.mark.parametrize("then", [{}, {1: Sums(1, 1, 0, 0, 0, 0)}, {1: Sums(1, 0, 0, 0, 0, 0)}])
def test_from_no_data_there_is_no_bridge(then: dict[int, Sums]) -> None:
    now = {1: Sums(1, 1, 1, 0, 9_000, 0)}
    result = bridge(State(FLAT, then), [Move(Change.REPORTED, difference(then, now))])
    assert result == Bridge(None, Fraction(9_000), ())


@given(st.builds(State, trees, sums_by_measure))
def test_the_shares_make_up_the_lower_bound(state: State) -> None:
    figure = state.figure
    shares = state.tree.shares(state.sums)
    earned = sum((share * state.sums[measure].earned for measure, share in shares.items()), Fraction(0))
    assert earned == (figure.lower if figure else 0)
    if figure:
        assert sum(share * state.sums[measure].weight for measure, share in shares.items()) == 1
