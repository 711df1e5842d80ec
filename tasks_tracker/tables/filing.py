"""The tables of the page that says who owes what. What needs attention comes first; there are no places."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.tables.items import ONLY_WIDE, RIGHT


class FilingCell(tables.TemplateColumn):
    """A cell with a small template of its own, templates/supervision/cells/<name>.html."""

    def __init__(self, name: str, **options: object) -> None:
        super().__init__(template_name=f"supervision/cells/{name}.html", **options)


class FilingTable(tables.Table):
    """Rows are `views.filing.FilingRow`: a line with the lists behind its numbers."""

    row_header = "subject"

    subject = FilingCell("filing_subject", verbose_name=_("Subject"), order_by=("order",))
    due = FilingCell("filing_due", verbose_name=_("Owed"), attrs=RIGHT)
    reported = FilingCell("filing_reported", verbose_name=_("Reported"), attrs=RIGHT)
    missing = FilingCell("filing_missing", verbose_name=_("Not reported"), attrs=RIGHT)
    late = tables.Column(verbose_name=_("Late"), attrs=RIGHT)
    rate = FilingCell("filing_rate", verbose_name=_("Filled in"), attrs=RIGHT)
    change = FilingCell("filing_change", verbose_name=_("Since last week"), attrs=RIGHT)
    rates = FilingCell("filing_spark", verbose_name=_("Last weeks"), orderable=False, attrs=ONLY_WIDE)

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-missing", "rate")

    def __init__(self, *args: object, heading: str, **kwargs: object) -> None:
        """`heading` is what a row is: a key task, a region or a unit."""
        super().__init__(*args, **kwargs)
        self.columns["subject"].column.verbose_name = heading


class SilentTable(tables.Table):
    """Rows are `views.filing.SilentRow`: a unit, what it owes, and since when.

    `week` is kept in the links of the rows; "" for the newest.
    """

    row_header = "unit"
    week = ""

    unit = FilingCell("silent_unit", verbose_name=_("Unit"), order_by=("order",))
    missing = FilingCell(
        "silent_items",
        extra_context=lambda record, table: {"week": table.week},
        verbose_name=_("Not reported"),
        order_by=("missing",),
        attrs={"td": {"class": "is-wide"}},
    )
    weeks = FilingCell("silent_weeks", verbose_name=_("Weeks in a row"), attrs=RIGHT)
    last_report = FilingCell("silent_last_report", verbose_name=_("Last reported"))
    last_urged = FilingCell("silent_last_urged", verbose_name=_("Last asked"))
    urge = FilingCell("silent_urge", verbose_name="", orderable=False, empty_values=())

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense silent-list"}
        order_by = ("-weeks", "-missing")
