"""Every figure is one that Plotly accepts, once its colour roles are real colours, and shows its data."""

import json
import re
from datetime import date, timedelta
from fractions import Fraction

import plotly.graph_objects as go
import pytest

from tasks_tracker.charts.dashboard import (
    CurvePoint,
    MatrixCell,
    StatusBar,
    curve,
    gap_bars,
    matrix,
    status_bars,
)
from tasks_tracker.charts.figure import FigureData

MONDAY = date(2026, 11, 16)


def with_real_colours(figure: FigureData) -> FigureData:
    """The figure as the page draws it: each role replaced by a colour."""
    text = re.sub(r'"var:--[a-z0-9-]+"', '"#123456"', json.dumps(figure))
    result: FigureData = json.loads(text)
    return result


def points(*values: tuple[int, int | None]) -> list[CurvePoint]:
    first = MONDAY - timedelta(weeks=len(values) - 1)
    return [
        CurvePoint(
            week=first + timedelta(weeks=n),
            planned=Fraction(planned),
            actual=None if actual is None else Fraction(actual),
            lower=None if actual is None else Fraction(actual - 300),
            upper=None if actual is None else Fraction(actual + 200),
        )
        for n, (planned, actual) in enumerate(values)
    ]


BARS = [StatusBar("稳增长", {"done": 3, "overdue": 1}, {"done": "/items/?light=done"})]
CELLS = [[MatrixCell("−12", Fraction(-1200), "/items/", "far"), MatrixCell("·", None, "", "none")]]


@pytest.mark.parametrize(
    "figure",
    [
        curve(points((4000, 3900), (5000, 4700), (6000, None)), MONDAY, reference="全国"),
        curve([], MONDAY),
        gap_bars(points((4000, 3900), (5000, 5100))),
        gap_bars([]),
        status_bars(BARS),
        status_bars(BARS, horizontal=True),
        matrix(["湖北", "江苏"], ["稳增长"], CELLS, (-450, -300, -150, 0)),
    ],
    ids=["curve", "empty curve", "gap", "empty gap", "status", "status across", "matrix"],
)
def test_plotly_accepts_the_figure(figure: FigureData) -> None:
    go.Figure(with_real_colours(figure))


def test_no_figure_holds_a_literal_colour() -> None:
    drawn = json.dumps([curve(points((1, 2)), MONDAY), status_bars(BARS), gap_bars(points((1, 2)))])
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb", drawn)


def test_the_curve_shows_what_is_known_and_the_plan_beyond() -> None:
    figure = curve(points((4000, 3900), (5000, 4700), (6000, None)), MONDAY)
    planned = next(trace for trace in figure["data"] if trace.get("name") == "计划")
    actual = next(trace for trace in figure["data"] if trace.get("name") == "实际")
    assert planned["y"] == [40, 50, 60]
    assert actual["y"] == [39, 47]


def test_the_two_labels_of_the_curve_never_stand_on_the_same_side() -> None:
    words = curve(points((5000, 4700)), MONDAY)["layout"]["annotations"]
    assert {word["yanchor"] for word in words} == {"top", "bottom"}
    assert [word["text"] for word in words] == ["计划 50.0", "实际 47.0"]


def test_a_status_bar_counts_every_light_and_leads_to_its_list() -> None:
    traces = {trace["name"]: trace for trace in status_bars(BARS)["data"]}
    assert traces["已完成"]["y"] == [3]
    assert traces["已完成"]["customdata"] == ["/items/?light=done"]
    assert traces["逾期"]["y"] == [1]
    assert len(traces) == 6


def test_a_cell_without_items_has_no_colour_and_a_far_one_the_strongest() -> None:
    figure = matrix(["湖北", "江苏"], ["稳增长"], CELLS, (-450, -300, -150, 0))
    assert figure["data"][0]["z"] == [[0, None]]
    assert figure["data"][1]["text"] == ["−12", "·"]
