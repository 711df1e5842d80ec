"""Addresses for the dashboards' templates: every number links to its list in the shown week."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tasks_tracker.models import Actor, Reason
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.templatetags import formats, geometry
from tasks_tracker.templatetags.components import why
from tasks_tracker.templatetags.formats import with_query

register = template.Library()


def _in_week(context: template.Context, path: str, **parameters: Any) -> str:
    shown = context.get("shown")
    week = {} if shown is None or shown.is_latest else {"week": format_week(shown.week)}
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    query = urlencode(week | given, doseq=True)
    return f"{path}?{query}" if query else path


@register.simple_tag(takes_context=True)
def list_url(context: template.Context, **filters: Any) -> str:
    """The list of work items behind a number; filters are the list's own parameters."""
    return _in_week(context, reverse("items"), **filters)


@register.simple_tag(takes_context=True)
def compare_url(context: template.Context, **part: Any) -> str:
    """What changed since the week before in a part of the plan, named by the filters of the list."""
    return _in_week(context, reverse("compare"), **part)


@register.simple_tag(takes_context=True)
def week_url(context: template.Context, name: str, *args: Any) -> str:
    """The address of another page in the shown week."""
    return _in_week(context, reverse(name, args=args))


@register.simple_tag(takes_context=True)
def why_link(context: template.Context, about: str = "", **filters: Any) -> SafeString:
    """The "why?" of a figure in the shown week; filters are those of its list, `about` names it."""
    return why("", url=_in_week(context, reverse("why"), **filters), about=about)


@register.simple_tag(takes_context=True)
def unit_link(context: template.Context, unit: Actor) -> str:
    """The name of a unit, as a link to its page in the shown week where the reader may see that."""
    user = context["request"].user
    if not unit.path.startswith(user.scope.path):
        return unit.label
    return format_html('<a href="{}">{}</a>', week_url(context, "actor", unit.code), unit.label)


@register.simple_tag(takes_context=True)
def wall_url(context: template.Context, **place: Any) -> str:
    """The wall screen of the shown week; `place` is a key task or a region."""
    return _in_week(context, reverse("wall"), **place)


@register.simple_tag
def filtered_link(url: str, name: str, value: str) -> SafeString:
    """A short link to the same list with one filter more."""
    return format_html('<a href="{}">{}</a>', with_query(url, **{name: value}), _("list"))


@register.filter
def reason_label(code: str) -> str:
    """The words of a reason."""
    return str(Reason(code).label) if code in Reason.values else ""


@register.inclusion_tag("components/wall_curve.html")
def wall_curve(points: Sequence[Any], label: str, table: Any) -> dict[str, Any]:
    """The curve of the wall screen as a drawing that needs no script; points as in geometry.curve_marks."""
    known = [point for point in points if point.actual is not None]
    return {
        "marks": geometry.curve_marks(points),
        "levels": (25, 50, 75),
        "actual": formats.percent(known[-1].actual) if known else "",
        "planned": formats.percent(known[-1].planned) if known else "",
        "is_late": bool(known) and known[-1].week > points[len(points) // 2].week,
        "label": label,
        "table": table,
    }
