"""The arithmetic of the roll-up: the worked example, the empty sets, and what must hold for every set."""

from fractions import Fraction
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.rollup import WHOLE, Figure, Share, Sums, average, figure_of, rounded, shares

percents = st.integers(0, WHOLE)


@st.composite
def items(draw: st.DrawFn, weights: st.SearchStrategy[int] | None = None) -> Sums:
    """One work item as summands: known with some percent, or unknown."""
    weight = draw(weights or st.integers(0, 1000))
    percent = draw(st.none() | percents)
    known = weight if percent is not None else 0
    return Sums(
        items=1,
        weight=weight,
        known_weight=known,
        stale_weight=draw(st.sampled_from([0, known])),
        earned=weight * (percent or 0),
        planned=weight * draw(percents),
    )


sets = st.lists(items(), max_size=20).map(lambda rows: reduce(add, rows, Sums()))
figures = sets.map(figure_of)
children = st.lists(st.tuples(st.integers(0, 20), figures), max_size=8)


def item(weight: int, percent: int | None, planned: int = 0) -> Sums:
    known = weight if percent is not None else 0
    return Sums(1, weight, known, 0, weight * (percent or 0), weight * planned)


def test_the_worked_example_is_seven_eighths_of_what_is_reported() -> None:
    figure = figure_of(item(3, 100_00) + item(1, 50_00) + item(1, None))
    assert figure is not None
    assert rounded(figure.progress) == 87_50
    assert figure.coverage == Fraction(80, 100)
    assert (rounded(figure.lower), rounded(figure.upper)) == (70_00, 90_00)


@pytest.mark.parametrize("empty", [Sums(), item(0, 50_00), item(0, None)])
def test_a_set_without_weight_has_no_figure(empty: Sums) -> None:
    assert figure_of(empty) is None


def test_where_nothing_is_known_there_is_no_progress_but_the_whole_range() -> None:
    figure = figure_of(item(2, None, planned=40_00))
    assert figure is not None
    assert figure.progress is None
    assert figure.variance is None
    assert (figure.lower, figure.upper, figure.planned) == (0, WHOLE, 40_00)


def test_a_parent_of_nothing_has_no_figure() -> None:
    assert average([]) is None
    assert average([(3, None), (0, figure_of(item(1, 50_00)))]) is None


def test_children_with_nothing_in_scope_drop_out_and_are_not_counted_as_zero() -> None:
    half = figure_of(item(1, 50_00))
    assert average([(1, half), (9, None)]) == half


def test_a_parent_weighs_its_children_and_not_their_items() -> None:
    many = figure_of(reduce(add, [item(10, 100_00)] * 50))
    few = figure_of(item(1, 0))
    figure = average([(1, many), (1, few)])
    assert figure is not None
    assert figure.progress == 50_00


def test_an_unknown_child_lowers_the_coverage_and_not_the_progress() -> None:
    figure = average([(1, figure_of(item(1, 60_00))), (1, figure_of(item(1, None)))])
    assert figure is not None
    assert figure.progress == 60_00
    assert figure.coverage == Fraction(1, 2)
    assert (figure.lower, figure.upper) == (30_00, 80_00)


@given(figures | children.map(average))
def test_progress_lies_between_nothing_and_all_and_within_its_bounds(figure: Figure | None) -> None:
    if figure is None:
        return
    assert 0 <= figure.coverage <= 1
    assert 0 <= figure.stale <= figure.coverage
    assert 0 <= figure.lower <= figure.upper <= WHOLE
    assert 0 <= figure.planned <= WHOLE
    if figure.progress is None:
        assert figure.coverage == 0
    else:
        assert figure.lower <= figure.progress <= figure.upper
        assert figure.variance == figure.progress - figure.planned


@given(st.lists(items(), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_matter(rows: list[Sums], shuffler: "object") -> None:
    mixed = list(rows)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    assert reduce(add, rows, Sums()) == reduce(add, mixed, Sums())


@given(children, st.randoms(use_true_random=False))
def test_the_order_of_children_does_not_matter(
    parts: list[tuple[int, Figure | None]], shuffler: "object"
) -> None:
    mixed = list(parts)
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    assert average(parts) == average(mixed)


@given(st.lists(items(), max_size=12), st.integers(1, 50))
def test_scaling_all_weights_of_items_changes_nothing(rows: list[Sums], factor: int) -> None:
    total = reduce(add, rows, Sums())
    scaled = Sums(
        total.items,
        total.weight * factor,
        total.known_weight * factor,
        total.stale_weight * factor,
        total.earned * factor,
        total.planned * factor,
    )
    assert figure_of(total) == figure_of(scaled)


@given(children, st.integers(1, 50))
def test_scaling_all_weights_of_children_changes_nothing(
    parts: list[tuple[int, Figure | None]], factor: int
) -> None:
    assert average(parts) == average([(weight * factor, figure) for weight, figure in parts])


@given(children)
def test_rolling_a_rolled_up_parent_up_again_changes_nothing(
    parts: list[tuple[int, Figure | None]],
) -> None:
    once = average(parts)
    assert average([(7, once)]) == once


@given(sets, sets)
def test_the_sum_of_parts_is_the_figure_of_the_whole(left: Sums, right: Sums) -> None:
    whole, parts = figure_of(left + right), [(s.weight, figure_of(s)) for s in (left, right)]
    assert average(parts) == whole


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(1, 2), 1),
        (Fraction(-1, 2), -1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-5, 2), -3),
        (Fraction(49, 100), 0),
        (Fraction(-49, 100), 0),
        (Fraction(87_50), 87_50),
        (None, None),
    ],
)
def test_halves_are_rounded_away_from_zero(value: Fraction | None, shown: int | None) -> None:
    assert rounded(value) == shown


@given(st.fractions())
def test_rounding_moves_by_half_a_hundredth_at_most(value: Fraction) -> None:
    shown = rounded(value)
    assert shown is not None
    assert abs(shown - value) <= Fraction(1, 2)
    assert rounded(-value) == -shown


@given(children)
def test_what_the_children_add_is_exactly_the_parent(rows: list[tuple[int, Figure | None]]) -> None:
    parts, parent = shares(rows), average(rows)
    in_force = [part for part in parts if part is not None]
    assert len(parts) == len(rows)
    assert [part is None for part in parts] == [not weight or figure is None for weight, figure in rows]
    if parent is None:
        assert in_force == []
        return
    assert sum(part.weight for part in in_force) == 1
    assert sum(part.coverage for part in in_force) == parent.coverage
    assert sum(part.lower for part in in_force) == parent.lower
    assert sum(part.planned for part in in_force) == parent.planned
    if parent.progress is None:
        assert {part.progress for part in in_force} == {None}
    else:
        assert sum(part.progress or 0 for part in in_force) == parent.progress


def test_a_share_is_what_is_left_when_others_drop_out() -> None:
    half = figure_of(item(1, 50_00, planned=60_00))
    assert shares([(1, half), (3, half), (6, None)]) == [
        Share(Fraction(1, 4), Fraction(1, 4), Fraction(12_50), Fraction(15_00), Fraction(12_50)),
        Share(Fraction(3, 4), Fraction(3, 4), Fraction(37_50), Fraction(45_00), Fraction(37_50)),
        None,
    ]
