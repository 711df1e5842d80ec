"""Why a figure is what it is: taken apart so that it can be rebuilt by hand, down to the work items."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from tasks_tracker.models import KeyTask, Measure
from tasks_tracker.queries import explanation as query
from tasks_tracker.queries.explanation import WORDS, Explanation, Part, Question
from tasks_tracker.queries.items import sums_of
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.tables.pages import page_of_list
from tasks_tracker.templatetags.formats import adding_up, percent, percent_sign, points
from tasks_tracker.views.dashboard import scope_words
from tasks_tracker.views.errors import Missing
from tasks_tracker.views.weeks import address, week_of_page

DIGITS = 2  # one more than elsewhere, so that a pocket calculator comes out where the page does


class Formula(NamedTuple):
    """One figure and the sentence that computes it, with its own numbers."""

    name: str
    text: str


@require_safe
@vary_on_headers("HX-Request")
def why(request: HttpRequest) -> HttpResponse:
    """The explanation of the figure in the address; only what a panel needs when a page asks for it."""
    shown = week_of_page(request)
    question = _question(request, shown)
    told = query.explain(shown, request.user, question)
    context = {
        "shown": shown,
        "told": told,
        "part": told.slice,
        "now": told.slice,
        "subject": _subject(question),
        "places": _places(request, question),
        "above": _above(shown, question),
        "formulas": _formulas(told),
        "rows": _rows(shown, told),
        "foot": _foot(told),
        "asides": _asides(shown, told),
        "supporting_url": _supporting_url(shown, told),
        "own_url": address("why", shown, **question.filters),
        "list_url": address("items", shown, **question.filters),
        "page_url": _page_url(shown, question),
        "scope_words": scope_words(request),
        "limits": shown.rollup.point.limits,
    }
    if told.is_flat:
        context |= _items(request, shown, told)
    only_panel = request.htmx and not request.htmx.history_restore_request
    return render(request, "why/panel.html" if only_panel else "why/why.html", context)


def _question(request: HttpRequest, shown: ShownWeek) -> Question:
    """What the address asks; raises Missing, with words, for what is not there."""
    words = {name: request.GET.get(name, "") for name in WORDS}
    try:
        return query.asked(shown, request.user, words)
    except query.NotThere as missing:
        kinds = {
            "key_task": _("key task"),
            "measure": _("measure"),
            "region": _("region"),
            "group": _("region group"),
            "lead": _("unit"),
        }
        raise Missing(
            _("There is no %(kind)s “%(value)s”, or it is not yours to see.")
            % {"kind": kinds[missing.name], "value": missing.value[:20]}
        ) from None
    except query.Contradiction:
        raise Missing(_("This measure does not belong to that key task.")) from None


def _subject(question: Question) -> str:
    """What the figure is about."""
    if question.measure:
        return f"{question.measure.code} {question.measure.label}"
    if question.key_task:
        return f"{question.key_task.number} {question.key_task.label}"
    return _("Supporting measures") if question.supporting else _("All key tasks")


def _places(request: HttpRequest, question: Question) -> list[dict[str, str]]:
    """Region, group and unit, each with the address of the same figure without it."""
    rows = (
        ("region", _("Region"), question.region),
        ("group", _("Region group"), question.group),
        ("lead", _("Lead"), question.lead),
    )
    return [
        {"label": label, "value": row.label, "query": _without(request, name)}
        for name, label, row in rows
        if row
    ]


def _without(request: HttpRequest, name: str) -> str:
    changed = request.GET.copy()
    for gone in (name, "page"):
        changed.pop(gone, None)
    return changed.urlencode()


def _above(shown: ShownWeek, question: Question) -> list[tuple[str, str]]:
    """The figures that this one is a part of, the whole first."""
    chain: list[tuple[str, str]] = []
    above = question.above
    while above:
        chain.append((_subject(above), address("why", shown, **above.filters)))
        above = above.above
    return chain[::-1]


def _page_url(shown: ShownWeek, question: Question) -> str:
    """The page on which the figure stands, where it has one of its own."""
    if question.group or question.lead:
        return ""
    if question.measure or question.key_task:
        if question.region:
            return ""
        return _part_url(shown, question.measure or question.key_task)
    if question.region:
        return address("region", shown, question.region.code)
    return "" if question.supporting else address("dashboard", shown)


def _part_url(shown: ShownWeek, row: KeyTask | Measure | None) -> str:
    if isinstance(row, KeyTask):
        return address("key_task", shown, row.number)
    return address("measure", shown, row.code) if row else ""


def _formulas(told: Explanation) -> list[Formula]:
    """The rules in one sentence each, with this figure's own numbers put in."""
    part = told.slice
    if part.figure is None:
        return []
    values = {
        "progress": percent_sign(part.progress, DIGITS),
        "lower": percent_sign(part.lower, DIGITS),
        "upper": percent_sign(part.upper, DIGITS),
        "coverage": percent_sign(part.coverage, DIGITS),
        "planned": percent_sign(part.planned, DIGITS),
        "variance": points(part.variance, DIGITS),
        "weight": part.tally.weight,
        "known_weight": part.tally.known_weight,
        "earned": percent(part.tally.earned, DIGITS),
        "to_plan": percent(part.tally.planned, DIGITS),
    }
    return [Formula(name, text % values) for name, text in _sentences(told)]


def _sentences(told: Explanation) -> list[tuple[str, str]]:
    """What follows from coverage, lower bound and plan at every level, around how these come about."""
    coverage, lower, planned = _of_level(told)
    upper = _("%(upper)s = %(lower)s lower bound + (100%% − %(coverage)s coverage)")
    bounds = [(_("Coverage"), coverage), (_("Lower bound"), lower), (_("Upper bound"), upper)]
    plan = (_("Planned"), planned)
    if told.slice.progress is None:
        nothing = _("Nothing is known: there is no figure, and the true one may be anything.")
        return [(_("Progress"), nothing), *bounds, plan]
    return [
        (_("Progress"), _("%(progress)s = %(lower)s lower bound ÷ %(coverage)s coverage")),
        *bounds,
        plan,
        (_("Variance"), _("%(variance)s points = %(progress)s progress − %(planned)s planned")),
    ]


def _of_level(told: Explanation) -> tuple[str, str, str]:
    """Coverage, lower bound and plan: of a flat set from its sums, further up from the parts."""
    if told.is_flat:
        return (
            _("%(coverage)s = weight %(known_weight)s of what is known ÷ weight %(weight)s of all"),
            _("%(lower)s = %(earned)s, the sum of weight × percent, ÷ weight %(weight)s of all"),
            _("%(planned)s = %(to_plan)s, the sum of weight × planned, ÷ weight %(weight)s of all"),
        )
    return (
        _("%(coverage)s = the sum of the parts’ coverage × share of the weight"),
        _("%(lower)s = the sum of the parts’ lower bound × share of the weight"),
        _("%(planned)s = the sum of the parts’ planned × share of the weight"),
    )


def _rows(shown: ShownWeek, told: Explanation) -> list[dict[str, Any]]:
    """The parts with what they add, shown so that each column adds up to its foot."""
    in_force = [part.share for part in told.parts if part.share]
    columns = {
        "weight": adding_up([share.weight * 10_000 for share in in_force], DIGITS),
        "coverage": adding_up([share.coverage * 10_000 for share in in_force], DIGITS),
        "lower": adding_up([share.lower for share in in_force], DIGITS),
        "planned": adding_up([share.planned for share in in_force], DIGITS),
        "progress": adding_up([share.progress or 0 for share in in_force], DIGITS),
    }
    lines = iter([dict(zip(columns, texts, strict=True)) for texts in zip(*columns.values(), strict=True)])
    return [_row(shown, told.question, part, next(lines) if part.share else {}) for part in told.parts]


def _row(shown: ShownWeek, question: Question, part: Part, adds: dict[str, str]) -> dict[str, Any]:
    below = question.below(part.row)
    gone = {
        "": "",
        "items": _("not applicable here: no work items in scope; its weight is spread over the others"),
        "weights": _("not applicable here: its work items have no weight; its own is spread over the others"),
        "weight": _("has no weight of its own and counts in no figure above it"),
    }
    return {
        "part": part,
        "name": _subject(below),
        "adds": adds,
        "gone": gone[part.missing],
        "why": address("why", shown, **below.filters),
        "items": address("items", shown, **below.filters),
    }


def _foot(told: Explanation) -> dict[str, str]:
    part = told.slice
    return {
        "coverage": percent(part.coverage, DIGITS),
        "lower": percent(part.lower, DIGITS),
        "planned": percent(part.planned, DIGITS),
        "progress": percent(part.progress, DIGITS),
    }


def _asides(shown: ShownWeek, told: Explanation) -> list[dict[str, Any]]:
    """What the figure leaves open or out, each with its list."""
    rows = (
        ("unknown", _("Unknown"), _("should have been reported, never was"), {"known": "unknown"}),
        (
            "stale",
            _("Stale"),
            _("last accepted report older than two periods; still counted"),
            {"known": "stale"},
        ),
        ("suspended", _("Suspended"), _("in no figure"), {"state": "suspended"}),
        ("cancelled", _("Cancelled"), _("in no figure"), {"state": "cancelled"}),
    )
    return [
        {
            "label": label,
            "note": note,
            "aside": told.asides[name],
            "url": address("items", shown, **told.question.filters, **narrower),
        }
        for name, label, note, narrower in rows
    ]


def _supporting_url(shown: ShownWeek, told: Explanation) -> str:
    """The supporting measures stand apart from the whole; "" where there are none or it is not the whole."""
    question = told.question
    if question.key_task or question.measure or question.supporting or not told.supporting.tally.items:
        return ""
    return address("why", shown, **question.beside(supporting=True).filters)


def _items(request: HttpRequest, shown: ShownWeek, told: Explanation) -> dict[str, Any]:
    """One page of the items of a flat set, and the sums of all of them."""
    standings = query.counted_items(shown, request.user, told.question)
    sums = sums_of(standings)
    page = page_of_list(standings, request)
    number = query.count_decomposed(shown, request.user, told.question)
    return {
        "page": page,
        "items": query.with_reports(page.object_list),
        "sums": sums,
        "is_behind": sums != told.slice.tally.sums,
        "decomposed": _decomposed_words(number) if number else "",
        "decomposed_url": address("items", shown, **told.question.filters, state="decomposed"),
    }


def _decomposed_words(number: int) -> str:
    words = ngettext(
        "%(n)s item was decomposed and stands where its parts stand; they are counted in its place.",
        "%(n)s items were decomposed and stand where their parts stand; these are counted in their place.",
        number,
    )
    return words % {"n": number}
