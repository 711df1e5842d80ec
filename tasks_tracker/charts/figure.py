"""The one place that imports Plotly: a figure as JSON-able data, coloured by roles.

Colours are roles such as `var:--accent`; the page replaces them by the theme's values, so that a figure
follows light and dark. Validation is off because a role is no colour to Plotly; the tests put real colours in
and validate every figure.
"""

from typing import Any

import plotly.graph_objects as go

Trace = dict[str, Any]
FigureData = dict[str, Any]


def figure(traces: list[Trace], **layout: Any) -> FigureData:
    """Traces and layout → the dictionary that the page draws."""
    base: dict[str, Any] = {"template": "none", "showlegend": False}
    drawn = go.Figure(data=traces, layout=base | layout, _validate=False)
    data: FigureData = drawn.to_plotly_json()
    return data


def axis(**values: Any) -> dict[str, Any]:
    """An axis without zoom, drawn with hairlines."""
    return {
        "fixedrange": True,
        "zeroline": False,
        "gridcolor": "var:--line",
        "linecolor": "var:--line-2",
    } | values


def percent_axis(**values: Any) -> dict[str, Any]:
    """0 to 100 %."""
    ticks = {"tickvals": [0, 25, 50, 75, 100], "ticktext": ["0", "25", "50", "75", "100%"]}
    return axis(range=[0, 102], **ticks) | values


def light_role(code: str, part: str = "") -> str:
    """The colour role of a light: `light_role("at_risk", "text")` → `var:--at-risk-text`."""
    return f"var:--{code.replace('_', '-')}{'-' + part if part else ''}"
