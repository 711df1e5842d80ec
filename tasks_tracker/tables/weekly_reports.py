"""The register of weekly reports."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import WeeklyReport
from tasks_tracker.rules.weeks import format_week


class ReportCell(tables.TemplateColumn):
    """A cell with a small template of its own, templates/reporting/cells/<name>.html."""

    def __init__(self, name: str, **options: object) -> None:
        super().__init__(template_name=f"reporting/cells/{name}.html", **options)


class WeeklyReportTable(tables.Table):
    """Reports annotated by `queries.weekly_reports.register`, the newest week first."""

    row_header = "title"

    title = ReportCell("report_title", verbose_name=_("Report"), order_by=("scope", "subject", "pk"))
    week = tables.Column(verbose_name=_("Week"), order_by=("week", "pk"))
    serial = ReportCell("report_serial", verbose_name=_("Issue"), order_by=("year", "number", "pk"))
    state = ReportCell("report_state", verbose_name=_("State"), orderable=False)
    last_at = ReportCell("report_published", verbose_name=_("Published at"))

    class Meta:
        model = WeeklyReport
        template_name = "components/table.html"
        fields = ()
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-week",)

    def render_week(self, record: WeeklyReport) -> str:
        """As weeks are written."""
        return format_week(record.week)
