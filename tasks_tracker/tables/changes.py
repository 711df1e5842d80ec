"""The ledger of plan changes, values in words."""

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import PlanChange, State
from tasks_tracker.queries.changes import days_moved
from tasks_tracker.rules.schedule import read_marks
from tasks_tracker.tables.items import RIGHT

FLAGS = (PlanChange.Field.IS_KEY, PlanChange.Field.DECOMPOSED)


def value_words(field: str, value: str) -> str:
    """A recorded value as one reads it."""
    if field == PlanChange.Field.STATE and value in State.values:
        return str(State(value).label)
    if field in FLAGS:
        return gettext("yes") if value == "1" else gettext("no")
    if field == PlanChange.Field.MILESTONES:
        marks = read_marks(value)
        lines = [f"{mark.due_on} {mark.percent / 100:g}% {mark.title}" for mark in marks]
        return "\n".join(lines) or gettext("none")
    return value


class ChangeTable(tables.Table):
    """Recorded changes, the newest first unless the address says otherwise."""

    row_header = "item"

    at = tables.DateTimeColumn(
        format="Y-m-d H:i", verbose_name=_("When"), order_by=("at", "pk"), attrs={"td": {"class": "nowrap"}}
    )
    item = tables.TemplateColumn(
        template_name="plan/cells/change_item.html",
        verbose_name=_("Work item"),
        order_by=("item__title", "pk"),
    )
    region = tables.Column(
        accessor="item__region__short_label", verbose_name=_("Region"), order_by=("item__region__order", "pk")
    )
    lead = tables.Column(
        accessor="item__lead__label", verbose_name=_("Lead"), order_by=("item__lead__order", "pk")
    )
    field = tables.Column(verbose_name=_("What"), order_by=("field", "pk"))
    value = tables.Column(verbose_name=_("Old → new"), orderable=False, empty_values=())
    days = tables.Column(verbose_name=_("Days"), orderable=False, empty_values=(), attrs=RIGHT)
    reason = tables.Column(verbose_name=_("Reason"), orderable=False, attrs={"td": {"class": "is-wide"}})
    asked_by = tables.Column(verbose_name=_("Asked by"), order_by=("asked_by__display_name", "pk"))
    approved_by = tables.Column(verbose_name=_("Approved by"), order_by=("approved_by__display_name", "pk"))

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-at",)

    def render_value(self, record: PlanChange) -> SafeString:
        """Old and new."""
        return format_html(
            "<del>{}</del> → <ins>{}</ins>",
            _lines(value_words(record.field, record.old_value)),
            _lines(value_words(record.field, record.new_value)),
        )

    def render_days(self, record: PlanChange) -> str:
        """By how many days a day moved."""
        days = days_moved(record)
        return "" if days is None else f"{days:+d}"


def _lines(text: str) -> SafeString:
    """Lines of a value under each other."""
    breaks = format_html("<br>")
    return format_html_join(breaks, "{}", ((line,) for line in text.split("\n")))
