"""The list of reports that wait for a signature."""

from typing import Any

import django_tables2 as tables
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models import ProgressReport
from tasks_tracker.queries.reviews import ASKS_FOR_A_LOOK, Flag

FLAGS: dict[Flag, Promise] = {
    Flag.JUMP: _("up by more than 20 points"),
    Flag.NO_EVIDENCE: _("no evidence"),
    Flag.FALLEN: _("decreased"),
    Flag.COPIED: _("same text as last time"),
    Flag.UNCHANGED: _("no change three times in a row"),
    Flag.LATE: _("late"),
    Flag.PROBLEMS: _("with problems"),
}


def flag_words(flags: list[Flag]) -> list[tuple[Promise, bool]]:
    """Each flag in words, and whether it asks for a look."""
    return [(FLAGS[flag], flag in ASKS_FOR_A_LOOK) for flag in flags]


def _cell(template: str, **column: Any) -> tables.TemplateColumn:
    """A column whose cells have a small template of their own."""
    return tables.TemplateColumn(template_name=template, **column)


_RIGHT = {"th": {"class": "right"}, "td": {"class": "right nowrap"}}


class ReviewTable(tables.Table):
    """Reports annotated by `waiting_reports`, each with `place`, `variance` and `flags` set by the view."""

    row_header = "item"

    chosen = _cell(
        "progress/cells/chosen.html", verbose_name="", orderable=False, attrs={"td": {"class": "is-chooser"}}
    )
    item = _cell("progress/cells/item.html", verbose_name=_("Work item"), order_by=("item__title", "pk"))
    region = tables.Column(
        accessor="item__region__short_label",
        verbose_name=_("Region"),
        order_by=("item__region__order", "pk"),
        attrs={"td": {"class": "nowrap"}},
    )
    percent = _cell(
        "progress/cells/percent.html", verbose_name=_("Last → now"), order_by=("percent", "pk"), attrs=_RIGHT
    )
    change = _cell(
        "progress/cells/change.html",
        verbose_name=_("Since last time"),
        order_by=("change", "pk"),
        attrs=_RIGHT,
    )
    planned = _cell(
        "progress/cells/planned.html", verbose_name=_("Against plan"), orderable=False, attrs=_RIGHT
    )
    light = _cell("progress/cells/light.html", verbose_name=_("Light now"), orderable=False)
    progress_note = _cell(
        "progress/cells/note.html",
        verbose_name=_("Progress note"),
        orderable=False,
        attrs={"td": {"class": "is-wide"}},
    )
    submitted_at = _cell(
        "progress/cells/submitted.html", verbose_name=_("Signed"), order_by=("submitted_at", "pk")
    )

    class Meta:
        model = ProgressReport
        fields = ()
        attrs = {"class": "tbl stackable dense"}
        order_by = ("submitted_at",)
        empty_text = _("Nothing waits for your decision.")

    def __init__(self, *args: Any, link_query: str = "", **kwargs: Any) -> None:
        """`link_query` is what the links to the reports carry, so that the way back keeps the filters."""
        super().__init__(*args, **kwargs)
        self.link_query = link_query
