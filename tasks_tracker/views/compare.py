"""What changed between two weeks: the bridge, what moved it most, and lights that turned."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tasks_tracker.forms.filters import CHANGES, WITH, CompareFilter
from tasks_tracker.models import COUNTED_LIGHTS, KeyTask, Light, Measure
from tasks_tracker.queries.compare import Part, Steps, TwoWeeks, reweighted, steps_between
from tasks_tracker.queries.figures import outline_of
from tasks_tracker.queries.items import Options, options_for
from tasks_tracker.queries.movers import (
    SEVERITY,
    Moved,
    effects,
    lights_of,
    movers,
    places_moved,
    turned,
)
from tasks_tracker.queries.pairs import LIGHT, NOT_COUNTED
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.bridge import Bridge, Change
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.views.bridge import bridge_panel, reason_words
from tasks_tracker.views.dashboard import scope_words
from tasks_tracker.views.weeks import address, week_of_page

MOST = 10
MOST_PLACES = 8
MOST_TURNED = 15
ROW_HEIGHT = 36  # of the waterfall, in px
RARE = (Change.UNREPORTED,)  # shown only where it happened


@dataclass(frozen=True)
class StepRow:
    """One step: its items and their list, what it moved, and the figure before and after it."""

    change: Change
    label: str
    items: int
    reasons: str
    url: str
    points: int | None
    before: int | None
    after: int | None


@dataclass(frozen=True)
class MoverRow:
    """An item and what it moved the figure by; percents None where nothing was known."""

    row: Any
    effect: Fraction
    then: int | None
    now: int | None
    url: str


@dataclass(frozen=True)
class PlaceRow:
    """A key task, measure or region, and the same comparison of it alone."""

    label: str
    then: Fraction | None
    now: Fraction | None
    gain: Fraction | None
    url: str


@dataclass(frozen=True)
class LightCell:
    """A pair of lights: how many items, their list, and whether that is worse (1), better (-1) or neither."""

    items: int
    url: str
    tone: int
    title: str


class Page:
    """Two weeks as the page shows them, from `other` to `shown`, and the addresses that keep the part.

    The rules know an earlier and a later week; where `other` is the later one everything is read backwards.
    """

    def __init__(self, request: HttpRequest, shown: ShownWeek, other: ShownWeek, part: Part) -> None:
        self.shown, self.other, self.part = shown, other, part
        self.backwards = other.week > shown.week
        then, now = (shown, other) if self.backwards else (other, shown)
        self.weeks = TwoWeeks(then, now, request.user, part, outline_of(shown.plan))
        self.filters = {
            "key_task": "" if part.measure else part.key_task,
            "measure": part.measure,
            "region": part.region,
            "lead": part.lead,
        }

    def items(self, base: ShownWeek, **asked: object) -> str:
        """The list of work items of one of the two weeks, beside the other."""
        beside = self.other if base is self.shown else self.shown
        return address("items", base, **{WITH: format_week(beside.week)}, **self.filters, **asked)

    def compare(self, shown: ShownWeek, other: ShownWeek, **changed: object) -> str:
        """This page about other weeks or another part."""
        return address("compare", shown, **{WITH: format_week(other.week)} | self.filters | changed)

    def ordered(self, then: Any, now: Any) -> tuple[Any, Any]:
        """What belongs to the earlier and to the later week, in the order of the page."""
        return (now, then) if self.backwards else (then, now)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """The shown week against any other, for the part that the filters name."""
    shown = week_of_page(request)
    options = options_for(shown.plan, request.user)
    form = CompareFilter(request.GET, options, shown.weeks)
    before = form.other or shown.neighbour(-1) or shown.week
    page = Page(request, shown, shown.at(before), form.part)
    steps = steps_between(page.weeks)
    bridge = steps.bridge.mirrored() if page.backwards else steps.bridge
    outline = reweighted(page.weeks)
    rows = _step_rows(page, steps, bridge, len(outline))
    context = {
        "page": page,
        "both": (page.other, shown),
        "scope_words": scope_words(request),
        "shown": shown,
        "other": page.other,
        "form": form,
        "bridge": bridge,
        "steps": rows,
        "panel": bridge_panel(page.other, shown, bridge, rows) if bridge.steps else None,
        "chart_height": ROW_HEIGHT * (len(rows) + 3),
        "total": sum(step.shown for step in bridge.steps),
        "same_week": shown.week == page.other.week,
        "reweighted": [
            (_name(row.subject), *page.ordered(row.then, row.now), row.reasons) for row in outline
        ],
        "links": _links(page),
        "all_url": address("compare", shown),
    }
    return render(request, "dashboard/compare.html", context | _moved(page, steps, options) | _lights(page))


def _name(subject: Any) -> str:
    """A key task with its number, a measure with its code, a region."""
    if isinstance(subject, KeyTask):
        return f"{subject.number} {subject.short_label}"
    return f"{subject.code} {subject.label}" if isinstance(subject, Measure) else str(subject.short_label)


def _links(page: Page) -> dict[str, str]:
    """Other pairs of weeks with the same part: swapped, and both a week earlier or later."""
    links = {"swap": page.compare(page.other, page.shown)}
    for name, step in (("earlier", -1), ("later", 1)):
        shown, other = page.shown.neighbour(step), page.other.neighbour(step)
        if shown and other:
            links[name] = page.compare(page.shown.at(shown), page.other.at(other))
    return links


# --- the bridge ---------------------------------------------------------------------------------------------
def _step_rows(page: Page, steps: Steps, bridge: Bridge, reweighings: int) -> list[StepRow]:
    labels = dict(CHANGES) | {Change.OUTLINE: _("Weights of key tasks and measures")}
    shown = {step.change: step.shown for step in bridge.steps}
    order = list(reversed(Change)) if page.backwards else list(Change)
    rows, place = [], rounded(bridge.then)
    for change in order:
        items = reweighings if change == Change.OUTLINE else steps.items[change]
        points = shown.get(change)
        after = None if place is None or points is None else place + points
        if items or change not in RARE:
            url = _list_of(page, change) if items else ""
            reasons = reason_words(change, steps.reasons)
            rows.append(StepRow(change, str(labels[change]), items, reasons, url, points, place, after))
        place = after
    return rows


def _list_of(page: Page, change: Change) -> str:
    """What left is listed as it stood in the earlier week, all else as it stands in the later one."""
    if change == Change.OUTLINE:
        return "#weights"
    earlier, later = page.ordered(page.other, page.shown)
    left = change in (Change.REMOVED, Change.CANCELLED)
    return page.items(earlier if left else later, changed=str(change))


# --- what moved it most -------------------------------------------------------------------------------------
def _moved(page: Page, steps: Steps, options: Options) -> dict[str, Any]:
    whole, places = places_moved(page.weeks, options.regions)
    stale = steps.bridge.then != whole.then or steps.bridge.now != whole.now
    return {
        "stale": stale and not page.shown.rollup.is_frozen,
        "movers": _mover_lists(page, steps),
        "moved_url": page.items(page.shown, changed=str(Change.PROGRESS), sort="-since"),
        "reported_url": page.items(page.shown, changed=str(Change.REPORTED), sort="-since"),
        "number_moved": steps.items[Change.PROGRESS],
        "number_reported": steps.items[Change.REPORTED],
        "places": [
            (_("Key tasks"), _places(page, places.key_tasks, "key_task", "number")),
            (_("Measures"), _places(page, places.measures, "measure", "code")),
            (_("Regions"), _places(page, places.regions, "region", "code")),
        ],
    }


def _mover_lists(page: Page, steps: Steps) -> list[tuple[str, list[MoverRow]]]:
    """What lifted the figure and what lowered it, as far as reports did. Two queries, or none."""
    found = movers(page.weeks, steps)
    if found is None:
        return []
    lifted = found.filter(effect__gt=0).order_by("-effect", "item__code")[:MOST]
    lowered = found.filter(effect__lt=0).order_by("effect", "item__code")[:MOST]
    if page.backwards:
        lifted, lowered = lowered, lifted
    return [
        (_("Lifted the figure"), _mover_rows(page, steps, lifted)),
        (_("Lowered the figure"), _mover_rows(page, steps, lowered)),
    ]


def _mover_rows(page: Page, steps: Steps, found: Iterable[Any]) -> list[MoverRow]:
    rows, sign = list(found), -1 if page.backwards else 1
    return [
        MoverRow(
            row,
            sign * effect,
            *page.ordered(row.then_percent if row.then_known else None, row.now_percent),
            address("item", page.shown, row.item.code),
        )
        for row, effect in zip(rows, effects(steps, rows), strict=True)
    ]


def _places(page: Page, places: list[Moved], name: str, code: str) -> list[PlaceRow]:
    sign = -1 if page.backwards else 1
    rows = []
    for place in places[:MOST_PLACES]:
        narrowed = {name: getattr(place.subject, code)}
        if name == "measure":
            narrowed["key_task"] = ""
        then, now = page.ordered(place.then, place.now)
        gain = None if place.gain is None else sign * place.gain
        rows.append(
            PlaceRow(_name(place.subject), then, now, gain, page.compare(page.shown, page.other, **narrowed))
        )
    return rows


# --- lights that turned -------------------------------------------------------------------------------------
def _lights(page: Page) -> dict[str, Any]:
    before, after = page.other.rollup.point, page.shown.rollup.point
    found = lights_of(page.weeks, before, after)
    heads = [*(str(light) for light in COUNTED_LIGHTS), ""]
    counts = found.counts
    tones = Counter({pair: n for pair, n in counts.items() if all(pair) and pair[0] != pair[1]})
    chosen = turned(page.weeks, found, after, MOST_TURNED)
    return {
        "light_heads": heads,
        "light_rows": [
            (row, [_light_cell(page, row, column, counts[row, column]) for column in heads]) for row in heads
        ],
        "turned": [(row, address("item", page.shown, row.item.code)) for row in chosen],
        "turned_url": page.items(page.shown, changed=LIGHT, sort="light"),
        "number_turned": tones.total(),
        "number_worse": sum(n for pair, n in tones.items() if _tone(*pair) > 0),
        "number_better": sum(n for pair, n in tones.items() if _tone(*pair) < 0),
    }


def _tone(before: str, after: str) -> int:
    """1 when the light became worse, -1 when it became better."""
    worse = SEVERITY[Light(after)] - SEVERITY[Light(before)] if before and after else 0
    return (worse > 0) - (worse < 0)


def _light_cell(page: Page, before: str, after: str, items: int) -> LightCell:
    """`before` in the other week, `after` in the shown one; "" where the item was not counted."""
    if after:
        url = page.items(page.shown, light=after, with_light=before or NOT_COUNTED)
    else:
        url = page.items(page.other, light=before, with_light=NOT_COUNTED)
    tone = _tone(before, after)
    words = {1: _("worse"), -1: _("better"), 0: ""}[tone]
    number = ngettext("%(n)s item", "%(n)s items", items) % {"n": items}
    return LightCell(items, url if items else "", tone, f"{number} {words}".strip())
