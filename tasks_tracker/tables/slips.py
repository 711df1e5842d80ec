"""The register of slips."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import Slip
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.tables.filing import FilingCell
from tasks_tracker.tables.items import RIGHT


class SlipTable(tables.Table):
    """Slips annotated by `queries.slips.register`, newest first. `today` decides what is overdue."""

    row_header = "label"
    today = None

    label = FilingCell("slip_label", verbose_name=_("Slip"), order_by=("year", "number", "pk"))
    unit = tables.Column(verbose_name=_("Unit"), order_by=("unit__order", "unit__code", "pk"))
    week = tables.Column(verbose_name=_("Week"))
    items = tables.Column(verbose_name=_("Reports"), attrs=RIGHT)
    issued_at = FilingCell("slip_issued", verbose_name=_("Issued"), order_by=("issued_at", "pk"))
    answer_by = tables.DateColumn(format="Y-m-d", verbose_name=_("Answer by"))
    status = FilingCell("slip_status", verbose_name=_("Status"), order_by=("status", "pk"))

    class Meta:
        model = Slip
        template_name = "components/table.html"
        fields = ()
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-issued_at",)

    def render_week(self, value: object, record: Slip) -> str:
        """As weeks are written."""
        return format_week(record.week)
