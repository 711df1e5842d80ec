"""The watch list, one early signal with its history, and what supervisors do about it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tasks_tracker.actions import signal_acts as actions
from tasks_tracker.actions.signal_acts import SignalRefused
from tasks_tracker.charts.item import DayPoint, item_curve
from tasks_tracker.forms.signals import SignalFilter, SignalForm, refusal_text, status_of
from tasks_tracker.models import OPEN_STATES, EarlySignal, Plan
from tasks_tracker.permissions import can_handle_signal, can_see_business_data
from tasks_tracker.queries import signals as query
from tasks_tracker.queries.items import options_for
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.tables.pages import page_of
from tasks_tracker.tables.signals import SignalTable
from tasks_tracker.templatetags.formats import percent, percent_sign, week_label
from tasks_tracker.templatetags.shapes import Twin
from tasks_tracker.views.panels import Panel
from tasks_tracker.views.weeks import address, week_of_page


@dataclass(frozen=True)
class Verb:
    """Something that is done about a signal: its action, and the words for it."""

    act: Any
    states: tuple[str, ...]
    label: Any
    asks: Any
    said: Any


VERBS = {
    "assess": Verb(
        actions.assess_signal,
        (EarlySignal.State.NEW,),
        gettext_lazy("Assess it"),
        gettext_lazy("What it means"),
        gettext_lazy("The signal is assessed."),
    ),
    "handle": Verb(
        actions.handle_signal,
        OPEN_STATES,
        gettext_lazy("Handle it"),
        gettext_lazy("What is done about it"),
        gettext_lazy("The signal is being handled; the lead is told."),
    ),
    "solve": Verb(
        actions.solve_signal,
        OPEN_STATES,
        gettext_lazy("Mark it as solved"),
        gettext_lazy("How it was solved"),
        gettext_lazy("The signal is solved."),
    ),
}


@require_safe
def signals(request: HttpRequest) -> HttpResponse:
    """The signals in scope as they stood in the shown week; what needs attention first."""
    shown = week_of_page(request)
    form = SignalFilter(request.GET, options_for(shown.plan, request.user))
    found = query.listed(shown.plan, request.user, form.wanted, query.up_to(shown))
    rules = query.rules_of(shown.plan)
    table = page_of(SignalTable(found), request)
    tracks = query.tracks_of([*rules, *(row.record.rule for row in table.paginated_rows)])
    for row in table.paginated_rows:
        row.record.track = tracks.get(row.record.rule_id)
        row.record.url = address("signal", shown, row.record.pk)
    context = {
        "shown": shown,
        "form": form,
        "chips": form.chips(),
        "table": table,
        "number": table.paginator.count,
        "run": query.last_run(shown.plan, shown.week),
        "all_url": address("signals", shown),
        "rules": [(rule, tracks.get(rule.pk)) for rule in rules],
    }
    return render(request, "signals/signals.html", context)


@require_safe
def signal(request: HttpRequest, pk: int) -> HttpResponse:
    """One signal: the figures, the course, the weeks in which it was seen, and what was done."""
    return _page(request, pk)


@require_POST
def signal_act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do something about it. What is refused stands in the form again; who came second is told."""
    if not can_see_business_data(request.user):
        raise PermissionDenied(_("Administrators see no business data."))
    found = query.signal_by(request.user, pk, Plan.objects.current())
    if found is None:
        raise _missing()
    if not can_handle_signal(request.user, found):
        raise PermissionDenied(_("Only a supervisor in charge says what becomes of an early signal."))
    chosen = VERBS[verb]
    form = SignalForm(request.POST, label=chosen.asks, prefix=verb)
    if not form.is_valid():
        return _page(request, pk, tried=(verb, form), status=422)
    try:
        chosen.act(signal=found, by=request.user, now=timezone.localtime(), **form.cleaned_data)
    except SignalRefused as refused:
        form.refuse(refused)
        said = refusal_text(refused)
        return _page(request, pk, tried=(verb, form), conflict=said, status=status_of(refused))
    messages.success(request, str(chosen.said))
    return redirect("signal", pk)


def _missing() -> Http404:
    return Http404(_("There is no such early signal in this week, or it is not yours to see."))


def _page(
    request: HttpRequest,
    pk: int,
    *,
    tried: tuple[str, SignalForm] | None = None,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = week_of_page(request)
    found = query.signal_of(shown.plan, request.user, pk, query.up_to(shown))
    if found is None:
        raise _missing()
    course = query.course_of(found, shown)
    evidence: dict[str, Any] = getattr(found, "evidence", None) or {}
    sightings = query.sightings_of(found, shown.week)
    acting = shown.is_latest and can_handle_signal(request.user, found)
    rule = query.rule_of(shown.plan, found.code)
    context = {
        "shown": shown,
        "signal": found,
        "evidence": evidence,
        "curve": _curve(course, shown) if course else None,
        "counts": [count for count in map(_count, reversed(sightings)) if count is not None],
        "sightings": sightings,
        "members": query.members_of(found, request.user) if found.item is None else [],
        "regions": query.region_names(evidence.get("named", [])),
        "source": query.visible_item(request.user, evidence.get("source_item")),
        "made": query.visible_item(request.user, found.made_item_id),
        "acts": list(found.acts.filter(week__lte=query.up_to(shown)).select_related("by", "unit")),
        "offers": [_offer(verb, found, tried) for verb in _offered(found)] if acting else [],
        "may_make_item": acting and found.state in OPEN_STATES,
        "conflict": conflict,
        "rule": rule,
        "track": query.tracks_of([found.rule]).get(found.rule_id),
        "urls": _urls(found, shown),
    }
    return render(request, "signals/signal.html", context, status=status)


def _offered(found: EarlySignal) -> list[str]:
    """What may be done now."""
    return [verb for verb, chosen in VERBS.items() if found.state in chosen.states]


def _offer(verb: str, found: EarlySignal, tried: tuple[str, SignalForm] | None) -> dict[str, Any]:
    """The form as it was typed, or a fresh one."""
    was_tried = tried is not None and tried[0] == verb
    if tried and was_tried:
        form = tried[1]
    else:
        form = SignalForm(label=VERBS[verb].asks, prefix=verb, initial={"seen": found.revision})
    return {"verb": verb, "label": VERBS[verb].label, "form": form, "was_tried": was_tried}


def _count(sighting: Any) -> int | None:
    """The number that a signal about several items has in a week."""
    told = sighting.evidence
    return told.get("at_risk", told.get("cases"))


def _urls(found: EarlySignal, shown: ShownWeek) -> dict[str, str]:
    """The lists from which the figures can be rebuilt."""
    urls = {}
    if found.item:
        urls["item"] = address("item", shown, found.item.code)
        urls["changes"] = f"{reverse('changes')}?item={found.item.code}"
    elif found.key_task and found.region:
        place = {"key_task": found.key_task.number, "region": found.region.code}
        urls["list"] = address("items", shown, **place, light="at_risk")
    elif found.unit:
        urls["list"] = f"{reverse('problems')}?state=unsolved&kind={found.kind}&needed_from={found.unit.code}"
    return urls


def _curve(course: query.Course, shown: ShownWeek) -> Panel:
    """Reported against planned, up to the shown week."""
    plan = [DayPoint(date.fromordinal(s.from_day), s.from_percent) for s in course.segments]
    if course.segments:
        last = course.segments[-1]
        plan.append(DayPoint(date.fromordinal(last.until_day), last.until_percent))
    steps = [DayPoint(week, value) for week, value in course.steps]
    day, planned = shown.rollup.as_of, int(course.standing.planned)  # type: ignore[attr-defined]
    today = DayPoint(day, steps[-1].percent) if steps else None
    label = _("Reported %(percent)s, planned %(planned)s on %(day)s.") % {
        "percent": percent_sign(today.percent if today else None),
        "planned": percent_sign(planned),
        "day": day.isoformat(),
    }
    rows = [[week_label(step.day), percent(step.percent)] for step in reversed(steps)]
    twin = Twin(head=[_("Counts from week"), _("Percent")], rows=rows)
    return Panel(item_curve(steps, plan, [], today, DayPoint(day, planned)), label, twin)
