"""The sections that the pages of a key task, a measure, a region and a unit share, ready to be drawn."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

from django.utils.translation import gettext as _

from tasks_tracker.models import NEEDS_ATTENTION, Region
from tasks_tracker.queries.dashboard import Compared, RegionLine
from tasks_tracker.queries.problems import UNSOLVED, KindCount
from tasks_tracker.queries.sections import Sections
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import WHOLE
from tasks_tracker.templatetags.formats import labelled, percent_sign, points, sentence
from tasks_tracker.templatetags.shapes import Dot, Strip
from tasks_tracker.views.timeline import gantt_of
from tasks_tracker.views.weeks import address

FEWEST_REGIONS = 3
LEVELS = 3
STEPS = 46  # dots closer than one of these lie on one another


def section_context(found: Sections, shown: ShownWeek) -> dict[str, Any]:
    """What `dashboard/_sections.html` draws, with the list or ledger behind each number."""
    place = found.place
    problems = found.problems
    return {
        "sections": found,
        "timeline": gantt_of(found.timeline, shown, with_region=place.region is None),
        "attention": found.timeline.attention,
        "attention_url": address("items", shown, **place.filters, light=[str(x) for x in NEEDS_ATTENTION]),
        "place_url": address("items", shown, **place.filters),
        "problem_kinds": [(kind, _ledger(found, shown, kind)) for kind in problems.kinds],
        "problems_url": _ledger(found, shown),
        "most_problems": max((kind.unsolved for kind in problems.kinds), default=1),
        "filing_units": [
            {
                "line": line,
                **{
                    name: address(
                        "items", shown, **(place.filters | {"lead": line.lead.code} | {"reported": value})
                    )
                    for name, value in (("items", ""), ("due", "due"), ("missing", "missing"))
                },
            }
            for line in found.filing.units
        ],
        "missing_url": address("items", shown, **place.filters, reported="missing"),
    }


def _ledger(found: Sections, shown: ShownWeek, kind: KindCount | None = None) -> str:
    asked: dict[str, Any] = {"state": UNSOLVED} | ({"kind": kind.kind} if kind else {})
    return address("problems", shown, **asked, **found.place.everything)


@dataclass(frozen=True)
class Measured:
    """A figure by which regions are laid out: in hundredths, and how it reads."""

    label: str
    of: Callable[[Compared], Fraction | None]
    text: Callable[[Fraction], str]


def _figures() -> tuple[Measured, ...]:
    return (
        Measured(_("Variance"), lambda part: part.now.variance, points),
        Measured(_("This week"), lambda part: part.gain, points),
        Measured(_("Share overdue"), _overdue, lambda value: percent_sign(value, 0)),
        Measured(_("Filled in"), lambda part: part.now.tally.filled_in, lambda value: percent_sign(value, 0)),
    )


def _overdue(part: Compared) -> Fraction | None:
    tally = part.now.tally
    return Fraction(tally.overdue * WHOLE, tally.items) if tally.items else None


def position_strips(lines: Iterable[RegionLine], region: Region, shown: ShownWeek) -> list[Strip]:
    """Where a region stands among those that report; nothing where there are too few of them to compare."""
    reporting = [line for line in lines if line.region.reports and line.region.kind != Region.Kind.NATIONAL]
    drawn = (_strip(measured, reporting, region, shown) for measured in _figures())
    return [strip for strip in drawn if strip]


def _strip(measured: Measured, lines: list[RegionLine], region: Region, shown: ShownWeek) -> Strip | None:
    values = {line.region: value for line in lines if (value := measured.of(line.slice)) is not None}
    if len(values) < FEWEST_REGIONS or region not in values:
        return None
    low, high = min(values.values()), max(values.values())
    room = (high - low) / 20 or Fraction(100)
    low, high = low - room, high + room

    def place(value: Fraction) -> str:
        return f"{float((value - low) / (high - low) * 100):.2f}%"

    own, middle = values[region], Fraction(median(values.values()))
    others = sorted(
        ((value, other) for other, value in values.items() if other != region), key=lambda x: x[0]
    )
    said = _("%(own)s; median %(median)s, from %(low)s to %(high)s") % {
        "own": measured.text(own),
        "median": measured.text(middle),
        "low": measured.text(min(values.values())),
        "high": measured.text(max(values.values())),
    }
    return Strip(
        label=measured.label,
        own=measured.text(own),
        own_place=place(own),
        median=measured.text(middle),
        median_place=place(middle),
        dots=_dots(others, place, measured, shown, high - low),
        ticks=[(place(value), measured.text(value)) for value in _ticks(values.values())],
        said=labelled(measured.label, said),
    )


def _ticks(values: Iterable[Fraction]) -> list[Fraction]:
    known = [*values]
    return sorted({min(known), max(known)})


def _dots(
    others: Iterable[tuple[Fraction, Region]],
    place: Callable[[Fraction], str],
    measured: Measured,
    shown: ShownWeek,
    width: Fraction,
) -> list[Dot]:
    """Dots in the order of their values; those that would cover one another are lifted."""
    dots: list[Dot] = []
    last: dict[int, Fraction] = {}
    for value, other in others:
        free = (level for level in range(LEVELS) if value - last.get(level, value - width) >= width / STEPS)
        level = next(free, LEVELS - 1)
        last[level] = value
        dots.append(
            Dot(
                place=place(value),
                level=level,
                title=sentence([other.short_label, measured.text(value)]),
                url=address("region", shown, other.code),
            )
        )
    return dots
