"""The components of every page, as template tags: `{% load components %}`.

Each tag has its template, with its contract on top, in templates/components/. Tags take ready values only
(integers in hundredths of a percent, strings, dates, the records of `shapes`) and never ask the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from django import template
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from tasks_tracker.models.plan import COUNTED_LIGHTS, Light
from tasks_tracker.reports.wording import band_words, signed
from tasks_tracker.templatetags import formats, geometry, steering
from tasks_tracker.templatetags.shapes import (
    REGION_CUTS,
    Entry,
    Gantt,
    HeatColumn,
    HeatRow,
    Mark,
    Strip,
    Tile,
)

register = template.Library()

for _filter in (
    formats.percent,
    formats.percent_sign,
    formats.css_percent,
    formats.points,
    formats.thousands,
    formats.decimal,
    formats.week_label,
    formats.week_span,
    formats.week_code,
    formats.light_label,
    formats.light_char,
):
    register.filter(_filter.__name__, _filter)

Context = dict[str, Any]


def _inside_a_sentence(template_name: str, context: Context) -> SafeString:
    """Render without the template's last line break, which would show as a blank between two words."""
    # Escaped by the template; strip() alone would lose the mark that says so.
    return mark_safe(get_template(template_name).render(context).strip())


def _inline(template_name: str) -> Callable[[Callable[..., Context]], Callable[..., Context]]:
    """Register an inclusion tag that stands inside a sentence."""

    def decorate(function: Callable[..., Context]) -> Callable[..., Context]:
        @wraps(function)
        def tag(*args: Any, **kwargs: Any) -> SafeString:
            return _inside_a_sentence(template_name, function(*args, **kwargs))

        register.simple_tag(tag, name=function.__name__)
        return function

    return decorate


_GOOD_DIRECTION = {Light.DONE: "up", Light.AT_RISK: "down", Light.BEHIND: "down", Light.OVERDUE: "down"}


# --- signs ------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str) -> SafeString:
    """A line icon of components/sprite.html; decoration only, so words stand beside it."""
    return format_html(
        '<svg class="ico" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>', name
    )


@register.simple_tag
def symbol(code: str) -> SafeString:
    """The shape of a light; decoration only, so its word stands beside it."""
    return format_html(
        '<svg class="sym sym-{0}" aria-hidden="true" focusable="false"><use href="#light-{0}"/></svg>', code
    )


@_inline("components/light.html")
def light(code: str, pill: bool = False, reason: str = "") -> Context:
    """Shape and word of a light; `reason` becomes its title."""
    return {"code": str(code), "word": formats.light_label(code), "pill": pill, "reason": reason}


@register.inclusion_tag("components/light_key.html")
def light_key() -> Context:
    """Legend of the lights that are counted."""
    return {"lights": [light(code.value) for code in COUNTED_LIGHTS]}


@_inline("components/demo_mark.html")
def demo_mark() -> Context:
    """The mark of demonstration data."""
    return {}


# --- numbers ----------------------------------------------------------------------------------------------
@_inline("components/delta.html")
def delta(
    value: formats.Hundredths,
    good: str = "up",
    unit: str = "points",
    digits: int = 1,
    zero_in_words: bool = True,
) -> Context:
    """A signed change; `good` says which direction is welcome (up, down, none).

    A variance is no change: with `zero_in_words` False it is 0.0 where it is none.
    """
    if value is None:
        return {"text": formats.no_data(), "tone": "flat"}
    text = formats.points(value, digits) if unit == "points" else signed(value)
    if not any(digit in "123456789" for digit in text):
        return {"text": pgettext("a difference", "no change") if zero_in_words else text, "tone": "flat"}
    if good == "none":
        return {"text": text, "tone": "flat"}
    return {"text": text, "tone": "good" if (value > 0) == (good == "up") else "bad"}


@_inline("components/num.html")
def num(text: int | str, url: str = "", title: str = "") -> Context:
    """A number that leads to the list behind it."""
    return {"text": formats.thousands(text) if isinstance(text, int) else text, "url": url, "title": title}


@register.simple_tag
def range_of(part: Any, digits: int = 0) -> str:
    """The bounds of a slice (`lower`, `upper`) as one text."""
    return formats.span(part.lower, part.upper, digits)


# --- marks ------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/bullet.html")
def bullet(
    percent: formats.Hundredths,
    planned: formats.Hundredths = None,
    previous: formats.Hundredths = None,
    lower: formats.Hundredths = None,
    upper: formats.Hundredths = None,
    large: bool = False,
    label: str = "",
) -> Context:
    """A bar from 0 to 100 % with the plan as a tick, last week as a line and the range of what is unknown."""
    said = geometry.statement(percent=percent, planned=planned, previous=previous, lower=lower, upper=upper)
    return {
        "label": formats.sentence([label, said]),
        "large": large,
        "known": percent is not None,
        **geometry.bullet_marks(percent, planned, previous, lower, upper),
    }


@register.inclusion_tag("components/dumbbell.html")
def dumbbell(
    percent: formats.Hundredths,
    planned: formats.Hundredths = None,
    previous: formats.Hundredths = None,
    reference: formats.Hundredths = None,
    low: int = 0,
    high: int = geometry.WHOLE,
) -> Context:
    """A dot against its plan on an axis that shows `low` to `high` only."""
    return {
        "label": geometry.statement(percent=percent, planned=planned, previous=previous, reference=reference),
        "known": percent is not None,
        **geometry.dumbbell_marks(percent, planned, previous, reference, (low, high)),
    }


@register.inclusion_tag("components/dumbbell_axis.html")
def dumbbell_axis(low: int, high: int) -> Context:
    """Key and axis of a column of dumbbells."""
    return {"ticks": geometry.ticks(low, high)}


@register.inclusion_tag("components/stack.html")
def stack(counts: Mapping[str, int], url: str = "", small: bool = False) -> Context:
    """Counts by light as one bar; `url` is the list behind it, `light=<code>` is added to its query."""
    segments = [
        {
            "code": code.value,
            "count": counts[code],
            "text": formats.thousands(counts[code]),
            "label": gettext("%(light)s: %(count)s items")
            % {"light": code.label, "count": formats.thousands(counts[code])},
            "url": formats.with_query(url, light=code.value),
        }
        for code in Light
        if counts.get(code, 0) > 0
    ]
    return {"segments": segments, "small": small}


@register.inclusion_tag("components/light_strip.html")
def light_strip(
    counts: Mapping[str, int],
    previous: Mapping[str, int] | None = None,
    history: Mapping[str, Sequence[int | None]] | None = None,
    url: str = "",
) -> Context:
    """The big counts by light with share of all counted, change since last week and the last weeks."""
    total = sum(counts.get(code, 0) for code in COUNTED_LIGHTS)
    return {
        "cells": [
            {
                "code": code.value,
                "word": code.label,
                "count": formats.thousands(counts.get(code, 0)),
                "share": _share(counts.get(code, 0), total) if code in COUNTED_LIGHTS else "",
                "change": counts.get(code, 0) - previous.get(code, 0) if previous is not None else None,
                "good": _GOOD_DIRECTION.get(code, "none"),
                "history": (history or {}).get(code),
                "url": formats.with_query(url, light=code.value),
            }
            for code in Light
            if code in COUNTED_LIGHTS or counts.get(code, 0)
        ]
    }


def _share(count: int, total: int) -> str:
    return formats.percent_sign(formats.Fraction(count * geometry.WHOLE, total)) if total else ""


@_inline("components/spark.html")
def spark(values: Sequence[int | None], label: str = "", width: int = 96, height: int = 22) -> Context:
    """The shape of a series, oldest first; the last point is marked, gaps stay gaps."""
    lines, last = geometry.spark_lines(values or (), width, height)
    return {"lines": lines, "last": last, "label": label, "width": width, "height": height}


# --- grids ------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/tilemap.html")
def tilemap(tiles: Iterable[Tile], label: str = "") -> Context:
    """Regions as tiles in a fixed schematic arrangement."""
    return {"tiles": sorted(tiles, key=lambda tile: (tile.row, tile.column)), "label": label}


@register.inclusion_tag("components/band_key.html")
def band_key(cuts: Sequence[int] = REGION_CUTS, row: bool = False) -> Context:
    """Legend of the five bands of a variance; `cuts` ascend, in hundredths of a point."""
    texts = band_words(cuts)
    bands = [{"band": f"d{len(cuts) - position}", "text": text} for position, text in enumerate(texts)]
    return {"bands": bands, "row": row}


@register.inclusion_tag("components/heatmap.html")
def heatmap(
    columns: Sequence[HeatColumn], rows: Sequence[HeatRow], corner: str = "", label: str = ""
) -> Context:
    """A table of small coloured cells; every cell says its value in words too."""
    return {
        "columns": columns,
        "rows": [(row, list(zip(row.cells, columns, strict=True))) for row in rows],
        "corner": corner,
        "label": label,
        "lit": any(cell.light for row in rows for cell in row.cells),
    }


@register.inclusion_tag("components/gantt.html")
def gantt(chart: Gantt, label: str) -> Context:
    """Items on a time axis; each row says in words what it draws and leads to its item."""
    return {"chart": chart, "label": label}


@register.inclusion_tag("components/strips.html")
def strips(strips: Iterable[Strip], name: str) -> Context:
    """Where `name` stands among others, one line per figure."""
    return {"strips": strips, "name": name}


@register.inclusion_tag("components/history.html", takes_context=True)
def history(context: Context, entries: Iterable[Entry]) -> Context:
    """The reports of an item, newest first, each with signatures, files and decision."""
    return {"entries": entries, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/milestone_list.html")
def milestone_list(marks: Iterable[Mark]) -> Context:
    """Milestones in order of their due day."""
    return {"marks": marks}


# --- steering ---------------------------------------------------------------------------------------------
register.inclusion_tag("components/week_bar.html", takes_context=True)(steering.week_bar)
register.inclusion_tag("components/seg.html", takes_context=True)(steering.seg)
register.inclusion_tag("components/nav_links.html", takes_context=True)(steering.nav_links)
register.inclusion_tag("components/pager.html", takes_context=True)(steering.pager)


@register.simple_block_tag
def why(content: str, url: str = "", label: str = "", about: str = "") -> SafeString:
    """A "why?" that opens beside the figure; works without script.

    Without content it is a link to the explanation, which is fetched beside the figure when it is asked for.
    """
    return _inside_a_sentence(
        "components/why.html",
        {"url": url, "label": label or gettext("why?"), "about": about, "body": content},
    )


# --- blocks -----------------------------------------------------------------------------------------------
_STATE_ICONS = {"done": "check", "forbidden": "lock", "frozen": "lock", "offline": "cloud"}


@register.inclusion_tag("components/state.html")
def state(kind: str, title: str, text: str = "", link_url: str = "", link_text: str = "") -> Context:
    """What stands where content cannot; kind: empty, done, error, offline, conflict, forbidden, frozen."""
    return {
        "kind": kind,
        "icon_name": _STATE_ICONS.get(kind, ""),
        "noted": kind in {"error", "offline", "conflict"},
        "title": title,
        "text": text,
        "link_url": link_url,
        "link_text": link_text,
    }


@register.inclusion_tag("components/chart.html")
def chart(id: str, figure: Mapping[str, Any], label: str, height: int = 280, table: Any = None) -> Context:
    """A Plotly figure (plain JSON) with the sentence it says and the table that says the same.

    `table` has `head`, `rows` and `caption` (shapes.Twin or a record of the same form).
    """
    return {
        "id": id,
        "data_id": f"{id}-data",
        "figure": figure,
        "label": label,
        "height": height,
        "table": table,
    }


@register.inclusion_tag("components/charts_script.html")
def charts_script() -> Context:
    """The scripts a page with charts needs; goes into the block `charts`."""
    return {}


# --- forms ------------------------------------------------------------------------------------------------
@register.inclusion_tag("components/field.html")
def field(bound: BoundField, compact: bool = False, wide: bool = False, needed: bool = False) -> Context:
    """One field: label, control, help and errors, tied together for screen readers.

    `needed`: not marked as optional although it may stay empty, as its help says when it may.
    """
    return {
        "field": bound,
        "compact": compact,
        "wide": wide,
        "needed": needed,
        "is_check": getattr(bound.field.widget, "input_type", "") == "checkbox" and not bound.use_fieldset,
    }


@register.inclusion_tag("components/stale_edit.html")
def stale_edit(form: BaseForm) -> Context:
    """What somebody else changed while this form was open; nothing when nobody did."""
    return {"differences": getattr(form, "differences", ())}


@register.inclusion_tag("components/errors.html")
def errors(form: BaseForm) -> Context:
    """What is wrong with a form, each line a link to its field."""
    return {"form": form, "wrong": [bound for bound in form if bound.errors and not bound.is_hidden]}
