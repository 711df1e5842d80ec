"""The figures of the dashboards, from plain dataclasses. Percentages come in hundredths of a percent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from tasks_tracker.charts.figure import FigureData, axis, figure, light_role, percent_axis
from tasks_tracker.models import COUNTED_LIGHTS, Light
from tasks_tracker.rules.rollup import rounded

HALF_A_YEAR = timedelta(days=182)


@dataclass(frozen=True)
class CurvePoint:
    """One week of a curve; None where nothing is known, or the week is still to come."""

    week: date
    planned: Fraction | None
    actual: Fraction | None = None
    lower: Fraction | None = None
    upper: Fraction | None = None
    reference: Fraction | None = None


@dataclass(frozen=True)
class StatusBar:
    """One bar of a status chart: what it is, its list, and the number of items per light."""

    label: str
    counts: Mapping[str, int]
    urls: Mapping[str, str]


@dataclass(frozen=True)
class MatrixCell:
    """One cell of the key task × region matrix; `variance` is None where there is nothing or no data."""

    text: str
    variance: Fraction | None
    url: str
    title: str


def _shown(value: Fraction | None) -> float | None:
    return None if value is None else float(value) / 100


def _tenths(value: Fraction) -> str:
    """One decimal, rounded once: 6915 → 69.2."""
    return f"{(rounded(value / 10) or 0) / 10:.1f}"


def curve(points: Sequence[CurvePoint], shown: date, *, reference: str = "") -> FigureData:
    """Planned against actual over the weeks, with the range that is left open by what is not reported."""
    known = [p for p in points if p.actual is not None]
    traces = [
        *_range(known),
        _named_line(points, "planned", _("Planned"), color="var:--muted", width=1.4),
    ]
    if reference:
        traces.append(_named_line(known, "reference", reference, color="var:--muted", width=1.2, dash="dot"))
    is_long = bool(points) and points[-1].week - points[0].week > HALF_A_YEAR
    traces.append(_named_line(known, "actual", _("Actual"), color="var:--accent", width=2.6))
    return figure(
        traces + _last_point(known),
        hovermode="x unified",
        margin={"l": 36, "r": 12, "t": 8, "b": 24},
        xaxis=axis(
            type="date",
            showgrid=False,
            showline=True,
            ticks="outside",
            tickformat="%Y-%m" if is_long else "%m-%d",
            nticks=6,
        ),
        yaxis=percent_axis(),
        shapes=[_week_line(shown)],
        annotations=_curve_words(known),
    )


def _range(known: Sequence[CurvePoint]) -> list[dict[str, Any]]:
    """The band between what is certain and what is possible."""
    weeks = [p.week.isoformat() for p in known]
    band: dict[str, Any] = {"width": 0, "hoverinfo": "skip"}
    return [
        _line(weeks, [_shown(p.lower) for p in known], **band),
        _line(weeks, [_shown(p.upper) for p in known], **band, fill="tonexty", fillcolor="var:--accent-soft"),
    ]


def _named_line(points: Sequence[CurvePoint], value: str, name: str, **line: Any) -> dict[str, Any]:
    """One series of the points, which says its name when pointed at."""
    weeks = [p.week.isoformat() for p in points]
    values = [_shown(getattr(p, value)) for p in points]
    return _line(weeks, values, name=name, hovertemplate=f"{name} %{{y:.1f}}%<extra></extra>", **line)


def _line(x: list[str], y: list[float | None], *, width: float, **rest: Any) -> dict[str, Any]:
    line = {"width": width} | {name: rest.pop(name) for name in ("color", "dash") if name in rest}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, **rest}


def _last_point(known: list[CurvePoint]) -> list[dict[str, Any]]:
    if not known:
        return []
    marker = {"color": "var:--accent", "size": 8}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [known[-1].week.isoformat()],
            "y": [_shown(known[-1].actual)],
            "marker": marker,
            "hoverinfo": "skip",
        }
    ]


def _week_line(week: date) -> dict[str, Any]:
    line = {"color": "var:--line-2", "width": 1, "dash": "dot"}
    day = week.isoformat()
    return {"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 100, "line": line}


def _curve_words(known: list[CurvePoint]) -> list[dict[str, Any]]:
    """Direct labels instead of a legend; the higher one goes above, so that they never overlap."""
    if not known:
        return []
    last = known[-1]
    behind = (last.actual or 0) < (last.planned or 0)
    words = []
    for name, value, colour, above in (
        (_("Planned"), last.planned, "var:--ink-2", behind),
        (_("Actual"), last.actual, "var:--accent", not behind),
    ):
        if value is not None:
            words.append(
                {
                    "x": last.week.isoformat(),
                    "y": _shown(value),
                    "text": f"{name} {_tenths(value)}",
                    "showarrow": False,
                    "xanchor": "right" if above else "left",
                    "yanchor": "bottom" if above else "top",
                    "xshift": -6 if above else 6,
                    "yshift": 2 if above else -2,
                    "font": {"color": colour},
                }
            )
    return words


def gap_bars(points: Sequence[CurvePoint]) -> FigureData:
    """Variance per week: is the gap widening?"""
    known = [p for p in points if p.actual is not None and p.planned is not None]
    values = [float((p.actual or 0) - (p.planned or 0)) / 100 for p in known]
    weeks = [_week_number(p.week) for p in known]
    colours = ["var:--gap" if value < 0 else "var:--on-track" for value in values]
    if values and values[-1] < 0:
        colours[-1] = "var:--behind"
    low, high = min([*values, 0.0]), max([*values, 0.0])
    return figure(
        [
            {
                "type": "bar",
                "x": weeks,
                "y": values,
                "marker": {"color": colours},
                "textposition": "none",
                "hovertemplate": _("Week") + " %{x}: %{y:+.2f}<extra></extra>",
            }
        ],
        bargap=0.25,
        margin={"l": 36, "r": 12, "t": 6, "b": 24},
        xaxis=axis(type="category", showgrid=False, tickvals=weeks[::-5][::-1]),
        yaxis=axis(
            range=[low * 1.3 if low < 0 else 0, high * 1.3 if high > 0 else 0] if values else [-1, 0],
            nticks=4,
        ),
    )


def _week_number(week: date) -> str:
    year, number, _day = week.isocalendar()
    return f"{year % 100}/{number}"


def status_bars(bars: Sequence[StatusBar], *, horizontal: bool = False) -> FigureData:
    """Number of items per light, one stacked bar each; a click opens the list."""
    labels = [bar.label for bar in bars]
    traces = []
    for light in COUNTED_LIGHTS:
        counts = [bar.counts.get(light, 0) for bar in bars]
        along, across = ("x", "y") if horizontal else ("y", "x")
        traces.append(
            {
                "type": "bar",
                "name": str(light.label),
                along: counts,
                across: labels,
                "orientation": "h" if horizontal else "v",
                "marker": _bar_marker(light),
                "textposition": "none",
                "customdata": [bar.urls.get(light, "") for bar in bars],
                "hovertemplate": f"%{{{across}}} {light.label}: %{{{along}}}<extra></extra>",
            }
        )
    category = axis(type="category", showgrid=False, automargin=True)
    count = axis(nticks=5)
    if horizontal:
        category |= {"autorange": "reversed"}
    return figure(
        traces,
        barmode="stack",
        bargap=0.3,
        margin={"l": 36, "r": 12, "t": 8, "b": 24},
        xaxis=count if horizontal else category,
        yaxis=category if horizontal else count,
    )


def _bar_marker(light: Light) -> dict[str, Any]:
    if light is Light.NOT_STARTED:
        return {"color": "var:--panel", "line": {"color": "var:--not-started-line", "width": 1}}
    return {"color": light_role(light), "line": {"color": "var:--panel", "width": 0.5}}


BANDS = ("d4", "d3", "d2", "d1", "d0")


def matrix(
    columns: Sequence[str], rows: Sequence[str], cells: Sequence[Sequence[MatrixCell]], cuts: Sequence[int]
) -> FigureData:
    """Key task × region: the variance of each cell as a banded colour and as digits; a click opens the list.

    `cuts` are the four ascending limits of the five bands, in hundredths of a point.
    """
    trace = {
        "type": "heatmap",
        "x": list(columns),
        "y": list(rows),
        "z": [[_level(cell, cuts) for cell in line] for line in cells],
        "zmin": 0,
        "zmax": 4,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "hoverongaps": False,
        "colorscale": _steps(),
        "customdata": [[cell.url for cell in line] for line in cells],
        "text": [[cell.title for cell in line] for line in cells],
        "hovertemplate": "%{text}<extra></extra>",
    }
    names: dict[str, Any] = {"type": "category", "showgrid": False, "automargin": True}
    return figure(
        [trace, _digits(columns, rows, cells, cuts)],
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis=axis(range=[-0.5, max(len(columns), 1) - 0.5], side="top", tickangle=-90, **names),
        yaxis=axis(range=[max(len(rows), 1) - 0.5, -0.5], **names),
    )


def _level(cell: MatrixCell, cuts: Sequence[int]) -> int | None:
    """The band of a cell, 0 = furthest behind; None where there is nothing to colour."""
    return None if cell.variance is None else sum(cell.variance >= cut for cut in cuts)


def _digits(
    columns: Sequence[str], rows: Sequence[str], cells: Sequence[Sequence[MatrixCell]], cuts: Sequence[int]
) -> dict[str, Any]:
    """The digits of all cells as one trace; an annotation for each takes longer than the rest of the page."""
    placed = [
        (column, row, cell)
        for row, line in zip(rows, cells, strict=True)
        for column, cell in zip(columns, line, strict=True)
    ]
    return {
        "type": "scatter",
        "mode": "text",
        "x": [column for column, _row, _cell in placed],
        "y": [row for _column, row, _cell in placed],
        "text": [cell.text for _column, _row, cell in placed],
        "textfont": {"size": 11, "color": [_ink(_level(cell, cuts)) for _column, _row, cell in placed]},
        "hoverinfo": "skip",
    }


def _ink(level: int | None) -> str:
    """The colour of digits that is readable on a band."""
    return "var:--muted" if level is None else f"var:--{BANDS[level]}-on"


def _steps() -> list[list[Any]]:
    """A colour scale of five flat steps."""
    return [[edge / 5, f"var:--{name}"] for n, name in enumerate(BANDS) for edge in (n, n + 1)]
