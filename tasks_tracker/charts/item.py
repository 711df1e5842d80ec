"""The curve of one work item: what counted week by week against the plan, and what was returned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tasks_tracker.charts.figure import FigureData, axis, figure, percent_axis


@dataclass(frozen=True)
class DayPoint:
    """A value on a day, in hundredths of a percent."""

    day: date
    percent: int


def item_curve(
    steps: Sequence[DayPoint],
    plan: Sequence[DayPoint],
    returned: Sequence[DayPoint],
    today: DayPoint | None,
    planned: DayPoint,
) -> FigureData:
    """Steps of the percent that counts, the straight pieces of the plan, and a cross per returned report.

    `today` closes the last step: the day of the page with the percent that counts on it, None where
    nothing is known; `planned` is where the plan stands on that day.
    """
    actual = [*steps, *([today] if today and steps else [])]
    traces = [
        _line(plan, name=_("Planned"), line={"color": "var:--muted", "width": 1.4}),
        _line(actual, name=_("Actual"), line={"color": "var:--accent", "width": 2.6, "shape": "hv"}),
        {
            "type": "scatter",
            "mode": "markers",
            "name": _("Returned"),
            "x": _days(returned),
            "y": _percents(returned),
            "marker": {"symbol": "x-thin", "size": 9, "line": {"color": "var:--bad", "width": 2}},
            "hovertemplate": _("Returned") + " %{x}: %{y:.1f}%<extra></extra>",
        },
    ]
    return figure(
        traces,
        hovermode="closest",
        margin={"l": 36, "r": 60, "t": 10, "b": 24},
        xaxis=axis(type="date", showgrid=False, showline=True, ticks="outside", tickformat="%Y-%m", nticks=6),
        yaxis=percent_axis(),
        shapes=[_day_line(planned.day)],
        annotations=_words(today, planned, returned),
    )


def _days(points: Sequence[DayPoint]) -> list[str]:
    return [point.day.isoformat() for point in points]


def _percents(points: Sequence[DayPoint]) -> list[float]:
    return [point.percent / 100 for point in points]


def _line(points: Sequence[DayPoint], name: str, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": _days(points),
        "y": _percents(points),
        "line": line,
        "hovertemplate": name + " %{x}: %{y:.1f}%<extra></extra>",
    }


def _day_line(day: date) -> dict[str, Any]:
    line = {"color": "var:--line-2", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": day.isoformat(), "x1": day.isoformat(), "y0": 0, "y1": 100, "line": line}


def _words(today: DayPoint | None, planned: DayPoint, returned: Sequence[DayPoint]) -> list[dict[str, Any]]:
    """Direct labels instead of a legend; the higher of plan and actual is labelled above, the other below."""
    behind = today is not None and today.percent < planned.percent
    words = [_word(planned, f"{_('Planned')} {planned.percent / 100:.1f}", "var:--ink-2", above=behind)]
    if today is None:
        words[0] |= {"yanchor": "bottom", "yshift": 2}  # alone, the label keeps clear of the axis
    else:
        text = f"{_('Actual')} {today.percent / 100:.1f}"
        words.append(_word(today, text, "var:--accent", above=not behind))
    if returned:
        word = _word(returned[0], _("Returned"), "var:--bad", above=False)
        words.append(word | {"xanchor": "center", "yshift": -8, "xshift": 0})
    return words


def _word(point: DayPoint, text: str, colour: str, *, above: bool) -> dict[str, Any]:
    return {
        "x": point.day.isoformat(),
        "y": point.percent / 100,
        "text": text,
        "showarrow": False,
        "xanchor": "right" if above else "left",
        "yanchor": "bottom" if above else "top",
        "xshift": -6 if above else 6,
        "yshift": 2 if above else -2,
        "font": {"color": colour},
    }


def plan_preview(present: Sequence[DayPoint], proposed: Sequence[DayPoint], today: date) -> FigureData:
    """The plan as it is and, when given, as it is to be; both from the start to the due day."""
    traces = [
        _line(present, name=_("Agreed now"), line={"color": "var:--muted", "width": 1.4, "dash": "dot"})
    ]
    named = [(present, _("Agreed now"), "var:--ink-2")]
    if proposed:
        traces.append(_line(proposed, name=_("Proposed"), line={"color": "var:--accent", "width": 2.4}))
        named.append((proposed, _("Proposed"), "var:--accent"))
    words = [
        _word(points[len(points) // 2], name, colour, above=number == 0)
        for number, (points, name, colour) in enumerate(named)
    ]
    return figure(
        traces,
        hovermode="closest",
        margin={"l": 36, "r": 30, "t": 10, "b": 24},
        xaxis=axis(type="date", showgrid=False, showline=True, ticks="outside", tickformat="%Y-%m", nticks=6),
        yaxis=percent_axis(),
        shapes=[_day_line(today)],
        annotations=words,
    )
