"""The audit log."""

import json
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import AuditEntry


class ValuesColumn(tables.Column):
    """The values before or after an act, as `name: value` pairs."""

    def render(self, value: dict[str, Any]) -> str:
        """Texts as they are, everything else as JSON."""
        return "; ".join(
            f"{name}: {text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)}"
            for name, text in value.items()
        )


class AuditTable(tables.Table):
    """Who did what to which object, newest first."""

    row_header = "at"

    at = tables.DateTimeColumn(format="Y-m-d H:i:s", verbose_name=_("At"))
    by = tables.Column(verbose_name=_("User"), default=_("system"), order_by=("by__username",))
    action = tables.Column(verbose_name=_("Action"))
    object_type = tables.Column(verbose_name=_("Object type"))
    object_id = tables.Column(verbose_name=_("Object"))
    before = ValuesColumn(
        verbose_name=_("Before"), orderable=False, empty_values=(None, {}), attrs={"td": {"class": "is-wide"}}
    )
    after = ValuesColumn(
        verbose_name=_("After"), orderable=False, empty_values=(None, {}), attrs={"td": {"class": "is-wide"}}
    )

    class Meta:
        model = AuditEntry
        template_name = "components/table.html"
        fields = ("at", "by", "action", "object_type", "object_id", "before", "after")
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-at",)
