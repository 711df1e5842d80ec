"""Where the marks of a component stand: positions as ready CSS and SVG text, and the sentence they say."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext

from tasks_tracker.templatetags import formats

WHOLE = 10_000
Value = int | Fraction
Hundredths = Value | None
_TICKS = 3
_PAD = 3  # pixels around a spark line, so that its last point is not cut off


def _place(value: Value, low: int = 0, high: int = WHOLE) -> str:
    """The place of a value on an axis as a CSS percentage with a point, whatever the locale."""
    inside = min(max(value, low), high)
    return f"{float(inside - low) * 100 / (high - low):.2f}%"


def _span(start: Value, end: Value, low: int = 0, high: int = WHOLE) -> str:
    inside = [min(max(value, low), high) for value in (start, end)]
    return f"{float(inside[1] - inside[0]) * 100 / (high - low):.2f}%"


def bullet_marks(
    percent: Hundredths, planned: Hundredths, previous: Hundredths, lower: Hundredths, upper: Hundredths
) -> dict[str, Any]:
    """CSS positions of a bullet's marks; a key is None when its mark is not drawn."""
    behind = percent is not None and planned is not None and percent < planned
    uncertain = lower is not None and upper is not None and upper > lower
    return {
        "actual": None if percent is None else _place(percent),
        "plan": None if planned is None else _place(planned),
        "previous": None if previous is None or percent is None else _place(previous),
        "gap": (_place(percent), _span(percent, planned)) if behind else None,  # type: ignore[arg-type]
        "range": (_place(lower), _span(lower, upper)) if uncertain else None,  # type: ignore[arg-type]
    }


def dumbbell_marks(
    percent: Hundredths,
    planned: Hundredths,
    previous: Hundredths,
    reference: Hundredths,
    limits: tuple[int, int],
) -> dict[str, Any]:
    """CSS positions of a dumbbell's marks on an axis between `limits`."""
    low, high = limits
    line = None
    if percent is not None and planned is not None and percent != planned:
        start, end = sorted((percent, planned))
        line = (_place(start, low, high), _span(start, end, low, high))
    places = {"actual": percent, "plan": planned, "previous": previous, "reference": reference}
    return {
        **{key: None if value is None else _place(value, low, high) for key, value in places.items()},
        "line": line,
        "ahead": percent is not None and planned is not None and percent > planned,
        "grid": [tick["place"] for tick in ticks(low, high)],
    }


def ticks(low: int, high: int) -> list[dict[str, str]]:
    """Three ticks of an axis: both ends and the middle; the last one carries the sign %."""
    values = [low + (high - low) * step // (_TICKS - 1) for step in range(_TICKS)]
    texts = [formats.percent(value).removesuffix(".0") for value in values]
    texts[-1] += "%"
    return [
        {"place": _place(value, low, high), "text": text} for value, text in zip(values, texts, strict=True)
    ]


def statement(
    *,
    percent: Hundredths,
    planned: Hundredths = None,
    previous: Hundredths = None,
    lower: Hundredths = None,
    upper: Hundredths = None,
    reference: Hundredths = None,
) -> str:
    """What the marks of a bullet or a dumbbell say, in words."""
    said = [gettext("progress %(value)s") % {"value": formats.percent_sign(percent)}]
    if planned is not None:
        said.append(gettext("planned %(value)s") % {"value": formats.percent_sign(planned)})
    if percent is not None and previous is not None:
        said.append(gettext("last week %(value)s") % {"value": formats.percent_sign(previous)})
    if reference is not None:
        said.append(gettext("national %(value)s") % {"value": formats.percent_sign(reference)})
    if lower is not None and upper is not None and upper > lower:
        limits = {"low": formats.percent_sign(lower), "high": formats.percent_sign(upper)}
        said.append(gettext("range %(low)s to %(high)s") % limits)
    return formats.sentence(said)


def spark_lines(
    values: Sequence[int | None], width: int, height: int
) -> tuple[list[str], tuple[str, str] | None]:
    """Polylines of the known stretches of `values`, and the place of the last point if it is known."""
    known = [value for value in values if value is not None]
    if not known:
        return [], None
    low, high = min(known), max(known)
    step = (width - 2 * _PAD) / max(len(values) - 1, 1)

    def point(position: int, value: int) -> tuple[str, str]:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{_PAD + position * step:.1f}", f"{height - _PAD - share * (height - 2 * _PAD):.1f}"

    lines: list[list[str]] = [[]]
    for position, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            lines[-1].append(",".join(point(position, value)))
    last = None if values[-1] is None else point(len(values) - 1, values[-1])
    return [" ".join(line) for line in lines if len(line) > 1], last


def curve_marks(points: Sequence[Any]) -> dict[str, Any]:
    """Polylines and places of a curve over the weeks in a box of 100 × 100, 0 to 100 % from below.

    Points have `week`, `planned`, `actual`, `lower` and `upper`, oldest first. `years` are the places of New
    Year, `last` that of the last point with an actual value, `band` the outline of the range.
    """
    if not points:
        return {"planned": "", "actual": "", "band": "", "last": None, "years": []}
    first, days = points[0].week, max((points[-1].week - points[0].week).days, 1)

    def across(day: date) -> str:
        return f"{(day - first).days * 100 / days:.2f}"

    def down(value: Value) -> str:
        return f"{100 - min(max(float(value), 0), WHOLE) * 100 / WHOLE:.2f}"

    def line(name: str, among: Sequence[Any]) -> list[str]:
        return [f"{across(p.week)},{down(getattr(p, name))}" for p in among if getattr(p, name) is not None]

    known = [point for point in points if point.actual is not None]
    last = (across(known[-1].week), down(known[-1].actual)) if known else None
    years = range(first.year + 1, points[-1].week.year + 1)
    return {
        "planned": " ".join(line("planned", points)),
        "actual": " ".join(line("actual", known)),
        "band": " ".join([*line("lower", known), *reversed(line("upper", known))]),
        "last": last,
        "years": [(across(date(year, 1, 1)), str(year)) for year in years],
    }
