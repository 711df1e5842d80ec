"""The waterfall: Plotly accepts it, every step is in sight, and colour is never the only sign."""

import plotly.graph_objects as go

from tasks_tracker.charts.bridge import Rung, waterfall
from tests.charts.test_dashboard_figures import with_real_colours

RUNGS = [
    Rung("2026-W43", 6792, 6792, "67.92%", end=True),
    Rung("实际进展", 6792, 7127, "+3.35", "/items/?changed=progress"),
    Rung("首次填报", 7127, 7095, "−0.32", "/items/?changed=reported"),
    Rung("新纳入", 7095, 7095, "0.00"),
    Rung("2026-W48", 7095, 7095, "70.95%", end=True),
]


def test_plotly_accepts_it_and_the_axis_holds_every_step_but_does_not_begin_at_0() -> None:
    figure = go.Figure(with_real_colours(waterfall(RUNGS)))
    low, high = figure.layout.xaxis.range
    assert 60 < low < 67.92
    assert 71.27 < high < 80
    assert list(figure.layout.yaxis.categoryarray) == [rung.label for rung in RUNGS]


def test_arrow_heads_point_where_the_figure_goes_and_lead_to_the_lists() -> None:
    heads = [trace for trace in waterfall(RUNGS)["data"] if trace["mode"] == "markers"]
    symbols = [head["marker"]["symbol"] for head in heads]
    assert symbols == ["circle", "triangle-right", "triangle-left", "line-ns-open", "circle"]
    assert [head["x"] for head in heads] == [[67.92], [71.27], [70.95], [70.95], [70.95]]
    assert [head["customdata"][0] for head in heads] == [rung.url for rung in RUNGS]


def test_every_step_says_its_value_and_begins_where_the_one_before_ends() -> None:
    layout = waterfall(RUNGS)["layout"]
    assert [words["text"] for words in layout["annotations"]] == [rung.text for rung in RUNGS]
    assert [(line["x0"], line["y0"], line["y1"]) for line in layout["shapes"]] == [
        (67.92, 0, 1),
        (71.27, 1, 2),
        (70.95, 2, 3),
        (70.95, 3, 4),
    ]


def test_where_nothing_moved_there_is_still_an_axis() -> None:
    still = [Rung("a", 5000, 5000, "50.00%", end=True), Rung("b", 5000, 5000, "50.00%", end=True)]
    low, high = waterfall(still)["layout"]["xaxis"]["range"]
    assert low < 50 < high
