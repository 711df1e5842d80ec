"""The ledger of plan changes, values in words."""

from collections.abc import Iterable, Mapping

import django_tables2 as tables
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import Actor, PlanChange, State
from tasks_tracker.queries.changes import days_moved
from tasks_tracker.rules.schedule import read_marks
from tasks_tracker.tables.items import RIGHT

NOWRAP = {"td": {"class": "nowrap"}}
FLAGS = (PlanChange.Field.IS_KEY, PlanChange.Field.DECOMPOSED)


Leads = Mapping[str, str]


def leads_of(changes: Iterable[PlanChange]) -> Leads:
    """The names of the leads that stand in the changes, by code. One query, or none."""
    moved = [change for change in changes if change.field == PlanChange.Field.LEAD]
    codes = {code for change in moved for code in (change.old_value, change.new_value)}
    return {actor.code: actor.label for actor in Actor.objects.filter(code__in=codes)} if codes else {}


def change_words(change: PlanChange, leads: Leads) -> tuple[str, str]:
    """The old and the new value as one reads them; of milestones only what differs."""
    old, new = (value_words(change.field, value, leads) for value in (change.old_value, change.new_value))
    if change.field != PlanChange.Field.MILESTONES:
        return old, new
    before, after = old.split("\n"), new.split("\n")
    return (
        "\n".join(line for line in before if line not in after) or "–",
        "\n".join(line for line in after if line not in before) or "–",
    )


def value_words(field: str, value: str, leads: Leads) -> str:
    """A recorded value as one reads it; a lead by its name."""
    if field == PlanChange.Field.LEAD:
        return leads.get(value, value)
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
    week = ""  # of a past week, kept in the links
    leads: Leads | None = None  # of the rows of the page, read with the first of them

    at = tables.DateTimeColumn(
        format="Y-m-d H:i", verbose_name=_("When"), order_by=("at", "pk"), attrs=NOWRAP
    )
    item = tables.TemplateColumn(
        template_name="plan/cells/change_item.html",
        extra_context=lambda record, table: {"week": table.week},
        verbose_name=_("Work item"),
        order_by=("item__title", "pk"),
    )
    region = tables.Column(
        accessor="item__region__short_label",
        verbose_name=_("Region"),
        order_by=("item__region__order", "pk"),
        attrs=NOWRAP,
    )
    lead = tables.Column(
        accessor="item__lead__label", verbose_name=_("Lead"), order_by=("item__lead__order", "pk")
    )
    field = tables.Column(verbose_name=_("What"), order_by=("field", "pk"), attrs=NOWRAP)
    value = tables.Column(verbose_name=_("Old → new"), orderable=False, empty_values=())
    days = tables.Column(verbose_name=_("Days"), orderable=False, empty_values=(), attrs=RIGHT)
    reason = tables.Column(verbose_name=_("Reason"), orderable=False, attrs={"td": {"class": "is-wide"}})
    asked_by = tables.Column(
        verbose_name=_("Asked by"), order_by=("asked_by__display_name", "pk"), attrs=NOWRAP
    )
    approved_by = tables.Column(
        verbose_name=_("Approved by"), order_by=("approved_by__display_name", "pk"), attrs=NOWRAP
    )

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense"}
        order_by = ("-at",)

    def render_value(self, record: PlanChange) -> SafeString:
        """Old and new."""
        if self.leads is None:
            self.leads = leads_of(row.record for row in self.paginated_rows)
        old, new = change_words(record, self.leads)
        return format_html("<del>{}</del> → <ins>{}</ins>", linebreaksbr(old), linebreaksbr(new))

    def render_days(self, record: PlanChange) -> str:
        """By how many days a day moved."""
        days = days_moved(record)
        return "" if days is None else f"{days:+d}"
