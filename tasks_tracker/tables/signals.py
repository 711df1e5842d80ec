"""The watch list."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.tables.items import RIGHT


class SignalCell(tables.TemplateColumn):
    """A cell with a small template of its own, templates/signals/cells/<name>.html."""

    def __init__(self, name: str, **options: object) -> None:
        super().__init__(template_name=f"signals/cells/{name}.html", **options)


class SignalTable(tables.Table):
    """Signals of `queries.signals.listed`, in its order unless the address says otherwise."""

    row_header = "about"

    about = SignalCell("about", verbose_name=_("About"), order_by=("subject", "pk"))
    reason = SignalCell("reason", verbose_name=_("Rule and figures"), order_by=("urgency", "pk"))
    where = SignalCell("where", verbose_name=_("Region and lead"), orderable=False)
    state = SignalCell("state", verbose_name=_("State"), order_by=("place", "pk"))
    since = SignalCell("since", verbose_name=_("Since"), order_by=("first_week", "pk"))
    record = SignalCell("record", verbose_name=_("How often right"), orderable=False, attrs=RIGHT)

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense"}
