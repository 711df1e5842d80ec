"""The list of reports that wait for a decision."""

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import ProgressReport
from tasks_tracker.queries.reviews import BIG_JUMP


def _cell(name: str, **column: Any) -> tables.TemplateColumn:
    """A column whose cells are drawn by progress/cells/<name>.html."""
    return tables.TemplateColumn(template_name=f"progress/cells/{name}.html", **column)


_RIGHT = {"th": {"class": "right"}, "td": {"class": "right nowrap"}}


class ReviewTable(tables.Table):
    """Reports annotated by `waiting_reports`, each with `place` and `variance` set by the view."""

    row_header = "item"

    chosen = _cell("chosen", verbose_name="", orderable=False, attrs={"td": {"class": "is-chooser"}})
    item = _cell("item", verbose_name=_("work item"), order_by=("item__title", "pk"))
    region = tables.Column(
        accessor="item__region__short_label", verbose_name=_("region"), order_by=("item__region__order", "pk")
    )
    percent = _cell("percent", verbose_name=_("last → now"), order_by=("percent", "pk"), attrs=_RIGHT)
    change = _cell("change", verbose_name=_("change"), order_by=("change", "pk"), attrs=_RIGHT)
    planned = _cell("planned", verbose_name=_("against plan"), orderable=False, attrs=_RIGHT)
    light = _cell("light", verbose_name=_("light"), orderable=False)
    progress_note = _cell(
        "note", verbose_name=_("progress note"), orderable=False, attrs={"td": {"class": "is-wide"}}
    )
    submitted_at = _cell("submitted", verbose_name=_("submitted"), order_by=("submitted_at", "pk"))

    class Meta:
        model = ProgressReport
        fields = ()
        order_by = ("submitted_at",)
        empty_text = _("Nothing waits for your decision.")

    def __init__(self, *args: Any, link_query: str = "", **kwargs: Any) -> None:
        """`link_query` is what the links to the reports carry, so that the way back keeps the filters."""
        super().__init__(*args, **kwargs)
        self.link_query = link_query
        self.big_jump = BIG_JUMP
