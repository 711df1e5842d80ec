"""The workbooks that were handed out."""

import django_tables2 as tables
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import ReportScope, WorkbookExport
from tasks_tracker.rules.weeks import format_week

NUMBER = {"th": {"class": "right"}, "td": {"class": "right"}}


class ExportTable(tables.Table):
    """Who exported what, newest first."""

    row_header = "made_at"

    made_at = tables.DateTimeColumn(format="Y-m-d H:i", verbose_name=_("Made at"))
    week = tables.Column(verbose_name=_("Week"))
    about = tables.Column(verbose_name=_("About"), empty_values=(), order_by=("scope", "subject"))
    made_by = tables.Column(verbose_name=_("Made by"), order_by=("made_by__display_name",))
    items = tables.Column(verbose_name=_("Work items"), attrs=NUMBER)
    size = tables.Column(verbose_name=_("Size"), attrs=NUMBER)
    sha256 = tables.Column(verbose_name=_("SHA-256"), orderable=False)

    class Meta:
        model = WorkbookExport
        template_name = "components/table.html"
        fields = ("made_at", "week", "about", "made_by", "items", "size", "sha256")
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-made_at",)
        empty_text = _("No workbook has been exported yet.")

    def render_week(self, record: WorkbookExport) -> str:
        """As weeks are written."""
        return format_week(record.week)

    def render_about(self, record: WorkbookExport) -> str:
        """The subject's name, which the view puts on the rows of the page."""
        return getattr(record, "subject_name", "") or record.subject or str(ReportScope(record.scope).label)

    def render_size(self, value: int) -> str:
        """In kilobytes or megabytes."""
        return filesizeformat(value)

    def render_sha256(self, value: str) -> str:
        """The beginning is enough to compare by eye."""
        return value[:12]
