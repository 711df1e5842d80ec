"""Figures as words. The one rounding of every figure happens here, half away from zero."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from tasks_tracker.rules.weeks import sunday_of

MINUS = "\N{MINUS SIGN}"
_FIRST_WITH_SEPARATOR = 10_000

Hundredths = int | Fraction | None


def no_data() -> str:
    """The words for "nothing is known": never 0."""
    return gettext("no data")


def scaled(value: int | Fraction, digits: int) -> int:
    """`value` hundredths in units of the last shown digit, rounded half away from zero."""
    exact = abs(Fraction(value)) * 10**digits / 100
    rounded = int(exact + Fraction(1, 2))
    return -rounded if value < 0 else rounded


def written_out(units: int, digits: int) -> str:
    whole, rest = divmod(abs(units), 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else str(whole)


def percent(value: Hundredths, digits: int = 1) -> str:
    """6350 → "63.5"; None → "no data". The sign % is the page's to add."""
    if value is None:
        return no_data()
    units = scaled(value, digits)
    return (MINUS if units < 0 else "") + written_out(units, digits)


def percent_sign(value: Hundredths, digits: int = 1) -> str:
    """6350 → "63.5%"; None → "no data"."""
    return no_data() if value is None else f"{percent(value, digits)}%"


def points(value: Hundredths, digits: int = 1) -> str:
    """A difference with its sign: −220 → "−2.2", 75 → "+0.8"; None → "no data"."""
    if value is None:
        return no_data()
    units = scaled(value, digits)
    sign = MINUS if units < 0 else "+" if units > 0 else ""
    return sign + written_out(units, digits)


def thousands(number: int) -> str:
    """A count; a separator from five digits on."""
    text = f"{abs(number):,}" if abs(number) >= _FIRST_WITH_SEPARATOR else str(abs(number))
    return (MINUS if number < 0 else "") + text


def signed(number: int) -> str:
    """A change of a count, with its sign."""
    return ("+" if number > 0 else "") + thousands(number)


def decimal(number: Decimal) -> str:
    """A number exactly as recorded, without the zeros behind it; a separator from five digits on."""
    text = format(abs(number), "," if abs(number) >= _FIRST_WITH_SEPARATOR else "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (MINUS if number < 0 else "") + text


def week_label(week: date) -> str:
    """A Monday → "2026, week 47" in the reader's language."""
    year, number, _ = week.isocalendar()
    return gettext("%(year)d, week %(week)d") % {"year": year, "week": number}


def week_span(week: date) -> str:
    """A Monday → "11.16–11.22"."""
    last = sunday_of(week)
    return f"{week.month}.{week.day:02d}\N{EN DASH}{last.month}.{last.day:02d}"


def sentence(parts: Iterable[str]) -> str:
    """Several short statements as one line for a title or a screen reader."""
    return pgettext("between statements", ", ").join(part for part in parts if part)


def labelled(label: object, value: object) -> str:
    """A word and what it stands for, with the reader's colon between them."""
    return gettext("%(label)s: %(value)s") % {"label": label, "value": value}


def span(lower: Hundredths, upper: Hundredths, digits: int = 1) -> str:
    """From the lower to the upper bound: "63.1–72.5"; "no data" once where nothing is known."""
    if lower is None or upper is None:
        return no_data()
    return f"{percent(lower, digits)}\N{EN DASH}{percent(upper, digits)}"


def band_words(cuts: Sequence[int]) -> list[str]:
    """What the bands of a variance mean, the furthest behind first; `cuts` ascend."""
    edges = [points(cut).removesuffix(".0").removeprefix("+") for cut in cuts]
    return [
        gettext("below %(limit)s") % {"limit": edges[0]},
        *(gettext("%(low)s to %(high)s") % {"low": low, "high": high} for low, high in pairwise(edges)),
        gettext("%(limit)s and above") % {"limit": edges[-1]} if cuts[-1] else gettext("on plan or ahead"),
    ]


def day_words(day: date) -> str:
    """A day as letters are dated."""
    return date_format(day, "DATE_FORMAT")


def short_day(day: date) -> str:
    """A day without its year."""
    return gettext("%(month)d/%(day)d") % {"month": day.month, "day": day.day}
