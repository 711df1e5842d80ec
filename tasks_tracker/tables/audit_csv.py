"""The audit log as a table for spreadsheets: UTF-8 with its mark, so that WPS and Excel read the Chinese."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from django.utils import timezone
from django.utils.translation import gettext as _

from tasks_tracker.models import AuditEntry
from tasks_tracker.tables.audit import action_words, came_words, object_words, values_words

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet computes what begins so


def csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """The head and one line for each entry, in words; reads one entry at a time."""
    yield MARK + _line(
        [
            _("Number"),
            _("At"),
            _("User name"),
            _("User"),
            _("Way in"),
            _("Network address"),
            _("Action"),
            _("Object type"),
            _("Object"),
            _("Before"),
            _("After"),
        ]
    )
    for entry in entries:
        yield _line(_cells(entry))


def _cells(entry: AuditEntry) -> list[str]:
    return [
        str(entry.pk),
        timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds"),
        entry.by.username if entry.by else "",
        str(entry.by) if entry.by else _("system"),
        came_words(entry.channel),
        entry.address,
        action_words(entry.action),
        object_words(entry.object_type),
        entry.object_id,
        values_words(entry.object_type, entry.before),
        values_words(entry.object_type, entry.after),
    ]


def _line(cells: Iterable[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
    return line.getvalue()
