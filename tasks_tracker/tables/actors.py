"""The list of leads."""

from fractions import Fraction
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.tables.items import ONLY_WIDE, RIGHT, CellColumn

LAST = Fraction(10**9)


class ActorTable(tables.Table):
    """Rows are `views.actors.ActorRow`: a line with its addresses. What is furthest behind comes first."""

    row_header = "actor"

    actor = CellColumn("actor", verbose_name=_("Unit"), order_by=("order",))
    items = CellColumn("actor_items", verbose_name=_("Work items"), attrs=RIGHT)
    bar = CellColumn(
        "actor_bar", verbose_name=_("Progress, range and plan"), orderable=False, attrs=ONLY_WIDE
    )
    percent = CellColumn(
        "actor_percent", verbose_name=_("Actual / planned"), attrs=RIGHT, order_by=("progress",)
    )
    variance = CellColumn("actor_variance", verbose_name=_("Variance"), attrs=RIGHT, order_by=("variance",))
    coverage = CellColumn("actor_coverage", verbose_name=_("Coverage"), attrs=RIGHT, order_by=("coverage",))
    lights = CellColumn(
        "actor_lights", verbose_name=_("Lights"), orderable=False, attrs={"td": {"class": "is-wide"}}
    )
    supporting = CellColumn("actor_supporting", verbose_name=_("Supporting measures"), attrs=RIGHT)
    filled_in = CellColumn(
        "actor_filled_in", verbose_name=_("Filled in"), attrs=RIGHT, order_by=("filled_in",)
    )
    missing = CellColumn("actor_missing", verbose_name=_("Not reported"), attrs=RIGHT, order_by=("missing",))

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense actor-list"}
        order_by = ("variance",)


def sortable(value: Any) -> Fraction:
    """A figure as a sort key; what is not known comes last."""
    return LAST if value is None else Fraction(value)
