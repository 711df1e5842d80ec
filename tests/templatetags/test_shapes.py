"""Bands of a variance and limits of a zoomed axis."""

import pytest

from tasks_tracker.templatetags.shapes import ITEM_CUTS, band, zoom


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-451, "d4"), (-450, "d3"), (-300, "d2"), (-150, "d1"), (-1, "d1"), (0, "d0"), (900, "d0"), (None, "")],
)
def test_a_variance_falls_into_one_band(value: int | None, expected: str) -> None:
    assert band(value) == expected


def test_items_have_wider_bands_than_regions() -> None:
    assert [band(value, ITEM_CUTS) for value in (-1501, -1200, -600, 0, 300)] == [
        "d4",
        "d3",
        "d2",
        "d1",
        "d0",
    ]


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([6653, 7131, 7317], (6500, 7500)),
        ([], (0, 10_000)),
        ([None, 7000], (6500, 7500)),
        ([0, 10_000], (0, 10_000)),
        ([10_000], (9500, 10_000)),
        ([0], (0, 500)),
    ],
)
def test_a_zoomed_axis_holds_all_values(values: list[int | None], limits: tuple[int, int]) -> None:
    low, high = zoom(values)
    assert (low, high) == limits
    assert all(low <= value <= high for value in values if value is not None)
