"""The lists of actors and regions that supervisors edit."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.tables.items import RIGHT


class ActorEditTable(tables.Table):
    """Actors with what hangs on them, in the order of the organisation. Rows carry `led` and `people`."""

    row_header = "name"

    name = tables.TemplateColumn(
        template_name="editing/cells/actor.html", verbose_name=_("Unit"), order_by=("order", "code")
    )
    level = tables.Column(verbose_name=_("Level"))
    parent = tables.Column(
        accessor="parent__label", verbose_name=_("Reports to"), order_by=("parent__order", "parent__code")
    )
    region = tables.Column(
        accessor="region__short_label", verbose_name=_("Region"), order_by=("region__order",)
    )
    led = tables.TemplateColumn(
        template_name="editing/cells/led.html", verbose_name=_("Work items"), attrs=RIGHT
    )
    people = tables.Column(verbose_name=_("Accounts"), attrs=RIGHT)
    reports = tables.BooleanColumn(verbose_name=_("reports"), yesno=(_("yes"), "—"))

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense"}
        order_by = ("name",)


class RegionEditTable(tables.Table):
    """All regions on one page. Rows carry `n_items` and their groups."""

    row_header = "name"

    name = tables.TemplateColumn(
        template_name="editing/cells/region.html", verbose_name=_("Region"), orderable=False
    )
    kind = tables.Column(verbose_name=_("Kind"), orderable=False)
    groups = tables.TemplateColumn(
        template_name="editing/cells/groups.html", verbose_name=_("Region groups"), orderable=False
    )
    n_items = tables.Column(verbose_name=_("Work items"), attrs=RIGHT, orderable=False)
    reports = tables.BooleanColumn(verbose_name=_("reports"), yesno=(_("yes"), "—"), orderable=False)

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense"}
