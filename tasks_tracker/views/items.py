"""The list of work items: the place behind every number."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from tasks_tracker.forms.filters import WITH, ItemFilter, other_week
from tasks_tracker.models import ReportScope
from tasks_tracker.permissions import can_plan
from tasks_tracker.queries import items as query
from tasks_tracker.queries.changes import slippages
from tasks_tracker.queries.explanation import WORDS
from tasks_tracker.queries.items import Conditions, Summary
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.tables.items import ItemTable
from tasks_tracker.tables.pages import page_of
from tasks_tracker.views.weeks import address, week_of_page

MAIN_FILTERS = ("q", "key_task", "measure", "region", "lead", "due", "filing")
MORE_FILTERS = ("group", "role", "reported", "known", "key", "state", "owner", "changed", "with_light", WITH)


@require_safe
@vary_on_headers("HX-Request")
def items(request: HttpRequest) -> HttpResponse:
    """The list in the shown week; only its panel when the filters ask for it."""
    shown = week_of_page(request)
    options = query.options_for(shown.plan, request.user)
    form = ItemFilter(request.GET, options, shown.weeks)
    conditions = _beside(shown, form)
    summary = query.summary(shown, request.user, conditions, options)
    context = {
        "shown": shown,
        "form": form,
        "main_filters": [form[name] for name in MAIN_FILTERS],
        "more_filters": [form[name] for name in MORE_FILTERS],
        "more_open": any(name in conditions.active for name in MORE_FILTERS),
        "chips": form.chips(),
        "table": _table(request, shown, conditions),
        "summary": summary,
        "bars": _bars(request, summary),
        "blocking": _blocking(request, shown, conditions, form) if not summary.items else [],
        "apart": conditions.counts_apart,
        "tabs": _tabs(request, shown),
        "all_url": address("items", shown),
        "may_assign": can_plan(request.user),
        "why_url": _why_url(shown, conditions),
        "export_url": _export_url(shown, conditions),
        "kept": [(name, value) for name in ("sort", "per_page") for value in request.GET.getlist(name)],
    }
    only_panel = request.htmx and not request.htmx.history_restore_request
    return render(request, "plan/items_swap.html" if only_panel else "plan/items.html", context)


def _beside(shown: ShownWeek, form: ItemFilter) -> Conditions:
    """What is asked, with the week it is compared with: the one named, or the one before."""
    conditions = form.conditions
    week = other_week(form)
    if week is None and (conditions.changed or conditions.with_light):
        week = shown.neighbour(-1) or shown.week
    return replace(conditions, other=shown.at(week).rollup.point) if week else conditions


def _table(request: HttpRequest, shown: ShownWeek, conditions: Conditions) -> ItemTable:
    standings = query.listed(shown.plan, shown.rollup.point, request.user, conditions)
    table = ItemTable(
        standings.select_related("item", "item__measure", "item__region", "lead"),
        exclude=() if conditions.other else ("since",),
    )
    table.seen_below = request.user.scope.path
    table.week = "" if shown.is_latest else format_week(shown.week)
    page_of(table, request)
    rows = [row.record for row in table.paginated_rows]
    slipped = slippages([standing.item_id for standing in rows], shown.week)
    for standing in rows:
        standing.slippage = slipped.get(standing.item_id)
    return table


def _bars(request: HttpRequest, summary: Summary) -> list[dict[str, Any]]:
    """How the list spreads over the key tasks, each bar a link to its part."""
    most = max((share.items for share in summary.by_task), default=0)
    return [
        {
            "label": share.key_task.short_label if share.key_task else _("Supporting"),
            "title": share.key_task.label if share.key_task else _("Supporting measures"),
            "items": share.items,
            "height": max(2, 22 * share.items // most),
            "query": _query_with(
                request.GET, "key_task", str(share.key_task.number) if share.key_task else query.SUPPORTING
            ),
        }
        for share in summary.by_task
    ]


def _why_url(shown: ShownWeek, conditions: Conditions) -> str:
    """The explanation of the figure that the dashboards show of the same items; "" where they show none."""
    if not set(conditions.active) <= set(WORDS):
        return ""
    return address("why", shown, **{name: getattr(conditions, name) for name in WORDS})


def _export_url(shown: ShownWeek, conditions: Conditions) -> str:
    """The workbook that holds the list: of the region, lead or key task asked for, else of everything."""
    scopes = (
        (ReportScope.REGION, conditions.region),
        (ReportScope.ACTOR, conditions.lead),
        (ReportScope.KEY_TASK, conditions.key_task if conditions.key_task.isdigit() else ""),
    )
    scope, subject = next((pair for pair in scopes if pair[1]), ("", ""))
    return address("exports", shown, scope=scope, subject=subject)


def _query_with(query_dict: QueryDict, name: str, value: str) -> str:
    changed = query_dict.copy()
    changed.pop("page", None)
    changed[name] = value
    return changed.urlencode()


def _blocking(
    request: HttpRequest, shown: ShownWeek, conditions: Conditions, form: ItemFilter
) -> list[dict[str, Any]]:
    """For an empty list: which filter to take out, and what is there then."""
    field_of = {"lights": "light"}
    return [
        {
            "label": form.fields[field_of.get(name, name)].label,
            "items": number,
            "query": form.query_without(field_of.get(name, name)),
        }
        for name, number in query.blocking(shown, request.user, conditions)
    ]


def _tabs(request: HttpRequest, shown: ShownWeek) -> list[dict[str, Any]]:
    """Lists that are often asked for."""
    asked = request.GET.copy()
    for name in ("week", "page", "per_page", "sort"):
        asked.pop(name, None)
    tabs: list[tuple[str, dict[str, str]]] = [
        (_("Mine"), {"owner": "me"}),
        (_("Due this week"), {"reported": "due"}),
        (_("Behind"), {"light": "behind"}),
        (_("Overdue"), {"light": "overdue"}),
        (_("Not reported"), {"reported": "missing"}),
    ]
    return [
        {
            "label": label,
            "url": address("items", shown, **query),
            "current": dict(asked.lists()) == {name: [value] for name, value in query.items()},
        }
        for label, query in tabs
    ]
