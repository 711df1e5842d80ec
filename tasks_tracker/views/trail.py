"""The trail on the page of a work item: who did what when, and what changed. Addresses are for auditors."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tasks_tracker.models import AuditEntry
from tasks_tracker.queries.history import ItemPage
from tasks_tracker.queries.trail import MOST, trail_of
from tasks_tracker.tables.audit import action_words, came_words, field_words, value_words

SHOWN_AT_FIRST = 8
SAID_ELSEWHERE = frozenset({"item"})  # the page is about it


class Changed(NamedTuple):
    """One value: what it is, what it was ("" where nothing was said), what it became ("" where it ended)."""

    label: str
    old: str
    new: str


def item_trail(request: HttpRequest, page: ItemPage) -> dict[str, Any]:
    """`acts`, newest first, and whether there are earlier ones; all of them with `?trail=all`."""
    trail = trail_of(page.item, page.shown, MOST if "trail" in request.GET else SHOWN_AT_FIRST)
    return {"acts": [_act(entry) for entry in trail.entries], "goes_on": trail.goes_on}


def _act(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": date_format(timezone.localtime(entry.at), "Y-m-d H:i"),
        "by": str(entry.by) if entry.by else _("system"),
        "action": action_words(entry.action),
        "changed": list(_changed(entry)),
        "came": came_words(entry.channel),
    }


def _changed(entry: AuditEntry) -> Iterator[Changed]:
    for name in dict.fromkeys([*entry.before, *entry.after]):
        old, new = (_words(name, values) for values in (entry.before, entry.after))
        if name not in SAID_ELSEWHERE and old != new:
            yield Changed(field_words(entry.object_type, name), old, new)


def _words(name: str, values: dict[str, Any]) -> str:
    return value_words(name, values[name]) if name in values else ""
