"""The ledger of problems."""

from datetime import date

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import ProblemCase
from tasks_tracker.tables.items import RIGHT


class CaseCell(tables.TemplateColumn):
    """A cell with a small template of its own, templates/problems/cells/<name>.html."""

    def __init__(self, name: str, **options: object) -> None:
        super().__init__(template_name=f"problems/cells/{name}.html", **options)


class CaseTable(tables.Table):
    """Cases of `queries.problems.ledger`, in its order unless the address says otherwise."""

    row_header = "problem"
    week: date  # up to which the weeks are counted

    problem = CaseCell("problem", verbose_name=_("Problem"), order_by=("kind", "pk"))
    needed = CaseCell(
        "needed", verbose_name=_("What is needed, from whom"), order_by=("needed_from__path", "pk")
    )
    of = CaseCell("of", verbose_name=_("Work item"), order_by=("item__lead__path", "pk"))
    region = tables.Column(
        accessor="item__region__short_label", verbose_name=_("Region"), order_by=("item__region__order", "pk")
    )
    state = CaseCell("state", verbose_name=_("State"), order_by=("place", "pk"))
    weeks = tables.Column(
        verbose_name=_("Weeks"), order_by=("-raised_week", "pk"), empty_values=(), attrs=RIGHT
    )
    stated = CaseCell("stated", verbose_name=_("Stated"), order_by=("last_stated_week", "pk"))

    class Meta:
        template_name = "components/table.html"
        attrs = {"class": "tbl stackable dense"}

    def __init__(self, *args: object, week: date, **options: object) -> None:
        super().__init__(*args, **options)
        self.week = week

    def render_weeks(self, record: ProblemCase) -> int:
        """How long it has been a problem."""
        return record.weeks_open(self.week)
