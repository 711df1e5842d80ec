"""What all sections are written with: figures that get a token and an address, and paragraphs."""

import re
from collections.abc import Iterable
from fractions import Fraction
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from tasks_tracker.models import Actor, KeyTask, Measure, Region
from tasks_tracker.queries.figures import Slice
from tasks_tracker.queries.weekly_report import Facts, Filters
from tasks_tracker.reports.drafted import Figure, Written, gap
from tasks_tracker.reports.paper import Level, Line
from tasks_tracker.reports.wording import MINUS, Hundredths, no_data, percent_sign, points, thousands
from tasks_tracker.rules.numerals import chinese
from tasks_tracker.rules.texts import shortened
from tasks_tracker.rules.tokens import quoted
from tasks_tracker.rules.weeks import format_week

_NO_NAME = re.compile(r"[^a-z0-9]+")


class Script:
    """Collects the figures and paragraphs of a report while its sections are written."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.figures: dict[str, Figure] = {}
        self.paragraphs: list[Written] = []

    # --- figures ------------------------------------------------------------------------------------------
    def figure(self, name: str, text: str, url: str = "") -> str:
        """Note a figure; returns its token."""
        self.figures[name] = Figure(text, url)
        return f"{{{name}}}"

    def count(self, name: str, number: int, **filters: str) -> str:
        """A number of work items, with their list."""
        return self.figure(name, thousands(number), self.items(**filters))

    def url(self, page: str, *args: object, **query: str) -> str:
        """The address of a page in the week of the report."""
        words = urlencode({"week": format_week(self.facts.week), **query})
        return f"{reverse(page, args=args)}?{words}"

    def items(self, **filters: str) -> str:
        """The list of the items that the headline counts, narrowed further."""
        return self.url("items", **(self.facts.filters | filters))

    def why(self, filters: Filters) -> str:
        """The explanation of a figure."""
        return self.url("why", **{name: value for name, value in filters.items() if value != "seven"})

    # --- paragraphs ---------------------------------------------------------------------------------------
    def say(self, section: str, key: str, text: str, lead: str = "", level: Level = Level.TEXT) -> Line:
        """Note a paragraph; returns the gap in which it stands."""
        self.paragraphs.append(Written(key, section, text))
        return gap(key, level, lead)


# --- words ------------------------------------------------------------------------------------------------
def name_of(of: KeyTask | Measure | Region | Actor) -> str:
    """The name of a part as it stands in a table."""
    if isinstance(of, Region):
        return of.short_label
    if isinstance(of, KeyTask):
        return numbered(of.number, of.short_label)
    return f"{of.code} {of.label}" if isinstance(of, Measure) else of.label


def key_for(of: KeyTask | Measure | Region | Actor) -> str:
    """What begins the names of the tokens and paragraphs of a part."""
    code = str(of.number) if isinstance(of, KeyTask) else of.code
    kind = of._meta.model_name or ""
    return f"{kind.replace('keytask', 'task')}_{_NO_NAME.sub('_', code.lower())}"


def _numeral(number: int) -> str:
    return chinese(number) if (get_language() or "").startswith("zh") else str(number)


def numbered(number: int, words: str) -> str:
    """A heading of the first level, or a key task with its number."""
    return pgettext("heading", "%(number)s. %(words)s") % {"number": _numeral(number), "words": words}


def sub_numbered(number: int, words: str) -> str:
    """A heading of the second level."""
    return pgettext("heading", "(%(number)s) %(words)s") % {"number": _numeral(number), "words": words}


def moved(change: Hundredths) -> str:
    """A change of a percentage in words: up, down, or unchanged as it is shown."""
    if change is None:
        return no_data()
    size = points(change).lstrip(f"+{MINUS}")
    if not _is_shown(size):
        return pgettext("a difference", "unchanged")
    return (_("up %(n)s points") if change > 0 else _("down %(n)s points")) % {"n": size}


def against_plan(variance: Hundredths) -> str:
    """A variance in words."""
    if variance is None:
        return no_data()
    size = points(variance).lstrip(f"+{MINUS}")
    if not _is_shown(size):
        return _("on plan")
    return (_("%(n)s points ahead of plan") if variance > 0 else _("%(n)s points behind plan")) % {"n": size}


def more_or_fewer(now: int, before: int | None) -> str:
    """A change of a number of items in words."""
    if before is None:
        return no_data()
    if now == before:
        return pgettext("a difference", "unchanged")
    words = _("%(n)s more") if now > before else _("%(n)s fewer")
    return words % {"n": thousands(abs(now - before))}


def _is_shown(text: str) -> bool:
    return any(digit in "123456789" for digit in text)


def listed(parts: Iterable[str]) -> str:
    """Short things one after the other."""
    return pgettext("between things listed", ", ").join(parts)


def statements(parts: Iterable[str]) -> str:
    """Statements of several words, one after the other."""
    return pgettext("between long statements", "; ").join(parts)


def said(text: str, most: int) -> str:
    """What somebody reported, shortened, without the full stop at its end."""
    return shortened(quoted(text), most).rstrip(_STOPS)


_STOPS = "\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH SEMICOLON};. "


def headline(
    script: Script, key: str, part: Slice, gain: Fraction | None, filters: Filters
) -> dict[str, str]:
    """Progress, plan, variance and change of a slice as tokens that begin with `key`."""
    why = script.why(filters)
    begin = f"{key}_" if key else ""
    return {
        "progress": script.figure(f"{begin}progress", percent_sign(part.progress), why),
        "planned": script.figure(f"{begin}planned", percent_sign(part.planned), why),
        "variance": script.figure(f"{begin}variance", against_plan(part.variance), why),
        "gain": script.figure(f"{begin}gain", moved(gain), why),
    }


def counts(script: Script, key: str, part: Slice, names: Iterable[str], filters: Filters) -> dict[str, str]:
    """Numbers of items by light as tokens that begin with `key`, each with its list."""
    begin = f"{key}_" if key else ""
    return {
        name: script.count(f"{begin}{name}", part.tally.lights[name], **filters, light=name) for name in names
    } | {"items": script.count(f"{begin}items", part.tally.items, **filters)}
