"""Numbers, weeks and lights as words. The one rounding of every figure happens here, half away from zero."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext, pgettext

from tasks_tracker.models.plan import Light
from tasks_tracker.rules.weeks import format_week, sunday_of

MINUS = "\N{MINUS SIGN}"
_FIRST_WITH_SEPARATOR = 10_000

Hundredths = int | Fraction | None


def no_data() -> str:
    """The words for "nothing is known": never 0."""
    return gettext("no data")


def _scaled(value: int | Fraction, digits: int) -> int:
    """`value` hundredths in units of the last shown digit, rounded half away from zero."""
    exact = abs(Fraction(value)) * 10**digits / 100
    rounded = int(exact + Fraction(1, 2))
    return -rounded if value < 0 else rounded


def _decimal(units: int, digits: int) -> str:
    whole, rest = divmod(abs(units), 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else str(whole)


def percent(value: Hundredths, digits: int = 1) -> str:
    """6350 → "63.5"; None → "no data". The sign % is the page's to add."""
    if value is None:
        return no_data()
    units = _scaled(value, digits)
    return (MINUS if units < 0 else "") + _decimal(units, digits)


def adding_up(values: Sequence[int | Fraction], digits: int = 2) -> list[str]:
    """Parts that are not negative, shown so that what is shown adds up to their sum as it is shown.

    The largest remainders are rounded up until it does: each text is off by less than one in its last digit.
    """
    exact = [Fraction(value) * 10**digits / 100 for value in values]
    units = [int(one) for one in exact]
    short = _scaled(sum((Fraction(value) for value in values), Fraction(0)), digits) - sum(units)
    for place in sorted(range(len(exact)), key=lambda place: units[place] - exact[place])[:short]:
        units[place] += 1
    return [_decimal(one, digits) for one in units]


def percent_sign(value: Hundredths, digits: int = 1) -> str:
    """6350 → "63.5%"; None → "no data"."""
    return no_data() if value is None else f"{percent(value, digits)}%"


def css_percent(value: int | Fraction) -> str:
    """6350 → "63.50%": a length in a style sheet, with a point in every language."""
    return f"{float(value) / 100:.2f}%"


def points(value: Hundredths, digits: int = 1) -> str:
    """A difference with its sign: −220 → "−2.2", 75 → "+0.8"; None → "no data"."""
    if value is None:
        return no_data()
    units = _scaled(value, digits)
    sign = MINUS if units < 0 else "+" if units > 0 else ""
    return sign + _decimal(units, digits)


def thousands(number: int) -> str:
    """A count; a separator from five digits on."""
    text = f"{abs(number):,}" if abs(number) >= _FIRST_WITH_SEPARATOR else str(abs(number))
    return (MINUS if number < 0 else "") + text


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


def week_code(week: date) -> str:
    """A Monday → "2026-W47", the form used in addresses."""
    return format_week(week)


def light_label(code: str) -> str:
    """The word of a light in the reader's language."""
    return str(Light(code).label)


def light_char(code: str) -> str:
    """The character that goes with the word where nothing can be drawn."""
    return Light(code).mark


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
