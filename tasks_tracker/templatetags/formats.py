"""Numbers, weeks and lights as words, for templates: those of `reports.wording`, and what only pages need."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tasks_tracker.models.plan import Light
from tasks_tracker.reports.wording import (
    MINUS,
    Hundredths,
    decimal,
    labelled,
    no_data,
    percent,
    percent_sign,
    points,
    scaled,
    sentence,
    span,
    thousands,
    week_label,
    week_span,
    written_out,
)
from tasks_tracker.rules.weeks import format_week

__all__ = [
    "MINUS",
    "Hundredths",
    "adding_up",
    "css_percent",
    "decimal",
    "labelled",
    "light_char",
    "light_label",
    "no_data",
    "percent",
    "percent_sign",
    "points",
    "sentence",
    "span",
    "thousands",
    "week_code",
    "week_label",
    "week_span",
    "with_query",
]


def adding_up(values: Sequence[int | Fraction], digits: int = 2) -> list[str]:
    """Parts that are not negative, shown so that what is shown adds up to their sum as it is shown.

    The largest remainders are rounded up until it does: each text is off by less than one in its last digit.
    """
    exact = [Fraction(value) * 10**digits / 100 for value in values]
    units = [int(one) for one in exact]
    short = scaled(sum((Fraction(value) for value in values), Fraction(0)), digits) - sum(units)
    for place in sorted(range(len(exact)), key=lambda place: units[place] - exact[place])[:short]:
        units[place] += 1
    return [written_out(one, digits) for one in units]


def css_percent(value: int | Fraction) -> str:
    """6350 → "63.50%": a length in a style sheet, with a point in every language."""
    return f"{float(value) / 100:.2f}%"


def week_code(week: date) -> str:
    """A Monday → "2026-W47", the form used in addresses."""
    return format_week(week)


def light_label(code: str) -> str:
    """The word of a light in the reader's language."""
    return str(Light(code).label)


def light_char(code: str) -> str:
    """The character that goes with the word where nothing can be drawn."""
    return Light(code).mark


def with_query(url: str, **changes: str | None) -> str:
    """`url` with query parameters set, or dropped where the value is None; "" stays ""."""
    if not url:
        return ""
    parts = urlsplit(url)
    query = [
        (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key not in changes
    ]
    query += [(key, value) for key, value in changes.items() if value is not None]
    return urlunsplit(parts._replace(query=urlencode(query)))
