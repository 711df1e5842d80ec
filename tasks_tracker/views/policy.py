"""The policy text with the lights of its measures."""

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tasks_tracker.models import Light, Measure, PolicyText
from tasks_tracker.permissions import can_edit_measure, can_edit_plan
from tasks_tracker.queries.policy_text import (
    NO_ITEMS,
    NO_MEASURE,
    NOT_REPORTED,
    PolicyPage,
    Wanted,
    policy_page,
)
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.tables.items import WORST_FIRST
from tasks_tracker.templatetags.formats import light_label
from tasks_tracker.views.weeks import address, week_of_page

READINGS = ("sentences", "running")


def policy_address(shown: ShownWeek, measure: Measure) -> str:
    """Where the measure stands in the policy text, in the same week."""
    return f"{address('policy', shown, text=measure.drafted_from_id)}#m-{measure.code}"


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """The text of the policy in a week, sentence by sentence or as running text."""
    shown = week_of_page(request)
    wanted = _wanted(request)
    may_edit_plan = can_edit_plan(request.user)
    text = _number(request.GET.get("text"))
    page = policy_page(shown, request.user, wanted, text=text, with_drafts=may_edit_plan)
    reading = request.GET.get("view", "")
    context = {
        "shown": shown,
        "page": page,
        "wanted": wanted,
        "reading": reading if reading in READINGS else READINGS[0],
        "readings": [("sentences", _("Sentence by sentence")), ("running", _("Running text"))],
        "blocks": [(folded, list(found)) for folded, found in groupby(page.paragraphs, lambda p: not p.part)],
        "nothing_left": bool(wanted) and all(paragraph.off for paragraph in page.paragraphs),
        "first_supporting": next((p.number for p in page.paragraphs if p.part == "supporting"), None),
        "open_query": _query(request, light=[NO_MEASURE], key_task=[]),
        "text_links": [(text, _text_address(shown, text)) for text in page.texts if text != page.text],
        "filters": _filters(request, page, wanted),
        "places": _places(request, page, wanted),
        "without_filter": _query(request, light=[], key_task=[]),
        "may_edit_plan": may_edit_plan,
        "may_add": _may_add(request, page),
    }
    return render(request, "policy/policy.html", context)


def _text_address(shown: ShownWeek, text: PolicyText) -> str:
    return address("policy", shown, text=None if text.is_current else text.pk)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _wanted(request: HttpRequest) -> Wanted:
    known = {*WORST_FIRST, NOT_REPORTED, NO_ITEMS, NO_MEASURE}
    key_task = request.GET.get("key_task", "")
    return Wanted(
        lights=frozenset(known.intersection(request.GET.getlist("light"))),
        key_task=0 if key_task == "supporting" else _number(key_task),
    )


def _query(request: HttpRequest, **changes: list[str]) -> str:
    query = request.GET.copy()
    for name, values in changes.items():
        query.setlist(name, values)
    return query.urlencode()


def _filters(request: HttpRequest, page: PolicyPage, wanted: Wanted) -> list[dict[str, Any]]:
    """A switch per light: measures that bear it; per sentence for what no measure covers."""
    words = {
        NOT_REPORTED: _("not reported"),
        NO_ITEMS: _("No work items"),
        NO_MEASURE: _("Not broken down"),
        **{light: light_label(light) for light in WORST_FIRST},
    }
    counts = {light: page.count(light) for light in (*WORST_FIRST, NOT_REPORTED, NO_ITEMS)}
    counts[NO_MEASURE] = page.coverage.open + page.supporting_coverage.open
    return [
        {
            "code": code,
            "word": words[code],
            "count": count,
            "on": code in wanted.lights,
            "query": _query(request, light=sorted(wanted.lights ^ {code})),
            "is_light": code in Light.values,
        }
        for code, count in counts.items()
        if count or code in wanted.lights
    ]


def _places(request: HttpRequest, page: PolicyPage, wanted: Wanted) -> list[dict[str, Any]]:
    """The key tasks, and the supporting measures, as filters."""
    places = [(task.key_task.number, str(task.key_task.number)) for task in page.tasks]
    if page.supporting:
        places.append((0, "supporting"))
    return [
        {
            "number": number,
            "on": wanted.key_task == number,
            "query": _query(request, key_task=[] if wanted.key_task == number else [value]),
        }
        for number, value in places
    ]


def _may_add(request: HttpRequest, page: PolicyPage) -> set[int]:
    """The paragraphs of the current text from which the user may make a measure."""
    if page.text is None or not page.text.is_current or not page.shown.is_latest:
        return set()
    may: dict[int | None, bool] = {}
    for paragraph in page.paragraphs:
        key = paragraph.under.pk if paragraph.under else None
        if key not in may:
            may[key] = can_edit_measure(request.user, Measure(key_task_id=key))
    return {p.number for p in page.paragraphs if p.part and may[p.under.pk if p.under else None]}
