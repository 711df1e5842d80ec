"""The list of work items."""

import django_tables2 as tables
from django.db.models import Case, F, IntegerField, OrderBy, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import NEEDS_ATTENTION, Light, Reason, Standing

RIGHT = {"th": {"class": "right"}, "td": {"class": "right"}}
ONLY_WIDE = {"th": {"class": "hide-phone"}, "td": {"class": "is-hidden-phone"}}
WORST_FIRST = (
    Light.OVERDUE,
    Light.BEHIND,
    Light.AT_RISK,
    Light.ON_TRACK,
    Light.NOT_STARTED,
    Light.DONE,
    Light.SUSPENDED,
)
PLAIN_REASONS = (Reason.DUE_DAY_PASSED, Reason.BEHIND_PLAN)  # the light says the same
TIE = "item__code"


class CellColumn(tables.TemplateColumn):
    """A cell with a small template of its own, templates/plan/cells/<name>.html."""

    def __init__(self, name: str, **options: object) -> None:
        super().__init__(template_name=f"plan/cells/{name}.html", **options)


def _row_words(record: Standing, table: tables.Table) -> dict[str, object]:
    """The reason of the light, where it says more than the light; the week to keep in links; whether the page
    of the lead is the reader's to see."""
    says_more = record.reason == Reason.OVERRIDDEN or (
        record.light in NEEDS_ATTENTION and record.reason not in PLAIN_REASONS
    )
    return {
        "reason": str(Reason(record.reason).label) if says_more else "",
        "week": table.week,
        "leads_here": record.lead.path.startswith(table.seen_below),
    }


class ItemTable(tables.Table):
    """Annotated standings with their items; the worst variance comes first unless the address says otherwise.

    `week` is kept in the links of the rows; "" for the newest. The column `since` needs another week beside
    the standings. Units below the path `seen_below` are linked.
    """

    week = ""
    seen_below = ""
    row_header = "title"

    light = CellColumn("light", extra_context=_row_words, verbose_name=_("Light"))
    title = CellColumn(
        "title", extra_context=_row_words, verbose_name=_("Work item"), order_by=("item__title",)
    )
    measure = CellColumn(
        "measure",
        verbose_name=_("Measure"),
        order_by=("item__measure__order", "item__measure__code"),
        attrs={"td": {"class": "ell cell-measure"}},
    )
    region = CellColumn(
        "region", verbose_name=_("Region"), order_by=("item__region__order", "item__region__code")
    )
    lead = CellColumn(
        "lead",
        extra_context=_row_words,
        verbose_name=_("Lead"),
        order_by=("lead__order", "lead__code"),
        attrs={"td": {"class": "ell cell-lead"}},
    )
    bar = CellColumn(
        "bar", verbose_name=_("Progress and plan"), orderable=False, empty_values=(), attrs=ONLY_WIDE
    )
    percent = CellColumn("percent", verbose_name=_("Actual / planned"), attrs=RIGHT)
    planned = tables.Column(visible=False, verbose_name=_("Planned"))
    variance = CellColumn("variance", verbose_name=_("Variance"), attrs=RIGHT)
    change = CellColumn("change", verbose_name=_("This week"), attrs=RIGHT)
    due = CellColumn("due", verbose_name=_("Due"), order_by=("due_on",), attrs=RIGHT)
    since = CellColumn("since", verbose_name=_("In the other week"), attrs=RIGHT, empty_values=())
    filing = CellColumn("filing", verbose_name=_("This week's report"), attrs=RIGHT, order_by=("filing",))

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense item-list"}
        row_attrs = {"data-code": lambda record: record.item.code}
        order_by = ("variance",)

    def order_light(self, standings: QuerySet[Standing], descending: bool) -> tuple[QuerySet[Standing], bool]:
        """By urgency, not by the word."""
        rank = Case(
            *(When(light=light, then=Value(place)) for place, light in enumerate(WORST_FIRST)),
            default=Value(len(WORST_FIRST)),
            output_field=IntegerField(),
        )
        return standings.order_by(
            rank.desc() if descending else rank.asc(), _known_first("shown_variance", False), TIE
        ), True

    def order_since(self, standings: QuerySet[Standing], descending: bool) -> tuple[QuerySet[Standing], bool]:
        """By the change between the two weeks; what is known in one of them only comes last."""
        moved = F("shown_percent") - F("other_percent")
        order = moved.desc(nulls_last=True) if descending else moved.asc(nulls_last=True)
        return standings.order_by(order, TIE), True

    def order_percent(
        self, standings: QuerySet[Standing], descending: bool
    ) -> tuple[QuerySet[Standing], bool]:
        """What is not known comes last, both ways."""
        return standings.order_by(_known_first("shown_percent", descending), TIE), True

    def order_planned(
        self, standings: QuerySet[Standing], descending: bool
    ) -> tuple[QuerySet[Standing], bool]:
        """By the planned percent."""
        return standings.order_by(_known_first("planned", descending), TIE), True

    def order_variance(
        self, standings: QuerySet[Standing], descending: bool
    ) -> tuple[QuerySet[Standing], bool]:
        """Ascending = furthest behind first."""
        return standings.order_by(_known_first("shown_variance", descending), TIE), True

    def order_change(
        self, standings: QuerySet[Standing], descending: bool
    ) -> tuple[QuerySet[Standing], bool]:
        """By the change since the week before."""
        return standings.order_by(_known_first("change", descending), TIE), True


def _known_first(name: str, descending: bool) -> OrderBy:
    """NULL means not known; databases disagree on where it sorts."""
    return F(name).desc(nulls_last=True) if descending else F(name).asc(nulls_last=True)
