"""The bridge from one week to another as a waterfall on a zoomed axis. Values in hundredths of a percent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasks_tracker.charts.figure import FigureData, axis, figure

ROOM = 0.18  # of the width, on both sides, for the words at the marks


@dataclass(frozen=True)
class Rung:
    """One row: from where to where the figure moves, in words too; `end` marks then and now."""

    label: str
    before: int
    after: int
    text: str
    url: str = ""
    end: bool = False


def waterfall(rungs: Sequence[Rung]) -> FigureData:
    """Then on top, now at the bottom, a segment per step: arrow head, colour and sign say where it goes."""
    low, high = _range(rungs)
    return figure(
        [trace for rung in rungs for trace in _traces(rung)],
        margin={"l": 8, "r": 8, "t": 24, "b": 8},
        xaxis=axis(range=[low, high], side="top", nticks=6, ticksuffix="%"),
        yaxis=axis(
            type="category",
            categoryorder="array",
            categoryarray=[rung.label for rung in rungs],
            range=[len(rungs) - 0.5, -0.5],
            showgrid=False,
            automargin=True,
        ),
        shapes=_connectors(rungs),
        annotations=[_words(rung) for rung in rungs],
    )


def _range(rungs: Sequence[Rung]) -> tuple[float, float]:
    values = [value / 100 for rung in rungs for value in (rung.before, rung.after)]
    low, high = min(values), max(values)
    room = max((high - low) * ROOM, 0.25)
    return low - 2 * room, high + 3 * room  # words stand to the right of then and now


def _role(rung: Rung) -> str:
    if rung.end:
        return "var:--accent"
    return "var:--muted" if rung.before == rung.after else _signed(rung, "var:--on-track", "var:--behind")


def _signed(rung: Rung, up: Any, down: Any) -> Any:
    return up if rung.after > rung.before else down


def _traces(rung: Rung) -> list[dict[str, Any]]:
    colour, place = _role(rung), {"y": [rung.label, rung.label]}
    hover = f"{rung.label} {rung.text}<extra></extra>"
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": [rung.before / 100, rung.after / 100],
        **place,
        "line": {"color": colour, "width": 7},
        "hoverinfo": "skip",
    }
    flat = rung.end or rung.before == rung.after
    head = {
        "type": "scatter",
        "mode": "markers",
        "x": [rung.after / 100],
        "y": [rung.label],
        "marker": {
            "color": colour,
            "size": 13 if rung.end else 12,
            "symbol": _symbol(rung),
            "line": {"color": colour, "width": 1},
        },
        "customdata": [rung.url],
        "hovertemplate": hover,
    }
    return [head] if flat else [line, head]


def _symbol(rung: Rung) -> str:
    if rung.end:
        return "circle"
    return "line-ns-open" if rung.before == rung.after else _signed(rung, "triangle-right", "triangle-left")


def _connectors(rungs: Sequence[Rung]) -> list[dict[str, Any]]:
    """Where a step ends the next one begins."""
    line = {"color": "var:--line-2", "width": 1, "dash": "dot"}
    return [
        {"type": "line", "x0": rung.after / 100, "x1": rung.after / 100, "y0": n, "y1": n + 1, "line": line}
        for n, rung in enumerate(rungs[:-1])
    ]


def _words(rung: Rung) -> dict[str, Any]:
    """The value beyond the arrow head, so that nothing lies under it."""
    right = rung.end or rung.after >= rung.before
    return {
        "x": rung.after / 100,
        "y": rung.label,
        "text": rung.text,
        "showarrow": False,
        "xanchor": "left" if right else "right",
        "xshift": 10 if right else -10,
        "font": {"color": "var:--ink"},
    }
