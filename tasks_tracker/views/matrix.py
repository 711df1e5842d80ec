"""The matrix: key tasks, or the measures of one of them, by region."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from tasks_tracker.models import KeyTask, Light, Region, RegionGroup
from tasks_tracker.queries.figures import Slice
from tasks_tracker.queries.items import SEVEN
from tasks_tracker.queries.matrix import SUPPORTING, Line, Matrix, Subject, matrix
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.lights import light_of_set
from tasks_tracker.templatetags.formats import labelled, light_label, percent, percent_sign, points, sentence
from tasks_tracker.templatetags.shapes import HeatCell, HeatColumn, HeatRow
from tasks_tracker.views.weeks import address, week_of_page

METRICS = ("progress", "variance", "coverage")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """All key tasks by region; `?key_task=` its measures, `?group=` the regions of a group, `?show=` what.

    What is not understood asks nothing.
    """
    shown = week_of_page(request)
    tasks = list(shown.plan.policy.key_tasks.filter(**_own_tasks(request)))
    groups = list(RegionGroup.objects.all())
    subject = _subject(request.GET.get("key_task", ""), tasks)
    group = next((g for g in groups if g.code == request.GET.get("group")), None)
    metric = request.GET.get("show", "")
    metric = metric if metric in METRICS else METRICS[0]
    found = matrix(shown, request.user, subject, group)
    context = {
        "shown": shown,
        "matrix": found,
        "now": found.totals.total,
        "columns": _columns(found),
        "rows": _rows(found, metric),
        "metric": metric,
        "metric_options": [
            ("progress", _("Progress")),
            ("variance", _("Variance")),
            ("coverage", _("Coverage")),
        ],
        "subject": subject,
        "key_task": subject if isinstance(subject, KeyTask) else None,
        "tasks": tasks,
        "groups": groups,
        "list_url": _list(found, None, None),
    }
    return render(request, "dashboard/matrix.html", context)


def _own_tasks(request: HttpRequest) -> dict[str, Any]:
    only = request.user.scope.key_tasks
    return {"pk__in": only} if only else {}


def _subject(text: str, tasks: list[KeyTask]) -> Subject:
    if text == SUPPORTING:
        return SUPPORTING
    return next((task for task in tasks if str(task.number) == text), "")


def _columns(found: Matrix) -> list[HeatColumn]:
    """The totals come first, so that they stand beside the names of the rows."""
    regions = [
        HeatColumn(
            label=region.short_label,
            title=region.label,
            url=address("region", found.shown, region.code),
            strong=region.kind == Region.Kind.NATIONAL,
        )
        for region in found.regions
    ]
    return [HeatColumn(label=_("Total"), strong=True), *regions]


def _rows(found: Matrix, metric: str) -> list[HeatRow]:
    lines = [*found.lines, found.totals, *([found.apart] if found.apart else [])]
    return [_row(found, line, metric) for line in lines]


def _row(found: Matrix, line: Line, metric: str) -> HeatRow:
    shown, apart = found.shown, line is found.apart
    label, url = _head(found, line)
    parts = [(None, line.total), *((region, line.by_region.get(region.pk)) for region in found.regions)]
    return HeatRow(
        label=label,
        url=url,
        strong=line is found.totals,
        cells=[
            matrix_cell(
                part,
                sentence([label, region.label if region else ""]),
                _list(found, line, region) if not apart else _apart_list(found, region),
                shown,
                metric,
            )
            for region, part in parts
        ],
    )


def _head(found: Matrix, line: Line) -> tuple[str, str]:
    """What a row is called and where it leads."""
    shown = found.shown
    if isinstance(line.row, KeyTask):
        return f"{line.row.number} {line.row.short_label}", address("key_task", shown, line.row.number)
    if line.row:
        return f"{line.row.code} {line.row.label}", address("measure", shown, line.row.code)
    if line is found.apart:
        return _("Supporting measures (apart)"), _matrix_of(found, SUPPORTING)
    return _("Total"), _list(found, None, None)


def _matrix_of(found: Matrix, key_task: str) -> str:
    return address("matrix", found.shown, key_task=key_task, group=found.group.code if found.group else "")


def _list(found: Matrix, line: Line | None, region: Region | None) -> str:
    """The list behind a cell: of a row (None: of all rows) in a region (None: in all of the matrix)."""
    row = line.row if line else None
    where: dict[str, object] = {}
    if row is None:
        where["key_task"] = (
            found.subject.number if isinstance(found.subject, KeyTask) else found.subject or SEVEN
        )
    elif isinstance(row, KeyTask):
        where["key_task"] = row.number
    else:
        where["measure"] = row.code
    return address("items", found.shown, **where, **_place(found, region))


def _apart_list(found: Matrix, region: Region | None) -> str:
    return address("items", found.shown, key_task=SUPPORTING, **_place(found, region))


def _place(found: Matrix, region: Region | None) -> dict[str, str]:
    if region:
        return {"region": region.code}
    return {"group": found.group.code} if found.group else {}


def matrix_cell(part: Slice | None, place: str, url: str, shown: ShownWeek, metric: str) -> HeatCell:
    """A slice as a cell with its light; without anything in scope it is not applicable and leads nowhere."""
    if part is None or not part.tally.items:
        title = labelled(place, _("not applicable, no work items"))
        return HeatCell(kind="none", title=title, words=title, text="·")
    tally, limits = part.tally, shown.rollup.point.limits
    assert limits is not None, "a roll-up keeps the thresholds of its week"
    counts = {code: number for code, number in tally.lights.items() if code != Light.SUSPENDED}
    light = light_of_set(counts, part.variance, limits)
    title = labelled(place, _said(part, light))
    return HeatCell(
        kind="no_data" if part.progress is None and metric != "coverage" else "value",
        text=_text(part, light, metric),
        light=light,
        url=url,
        title=title,
        words=title,
        overdue=tally.overdue,
        stale=tally.stale_items,
        unknown=tally.unknown_items if part.progress is not None else 0,
    )


def _text(part: Slice, light: str, metric: str) -> str:
    """The number that shows; what is done, or not begun, is said by its sign alone."""
    if metric == "coverage":
        return percent(part.coverage, 0) if part.coverage is not None else "?"
    if light in (Light.DONE, Light.NOT_STARTED):
        return ""
    if part.progress is None:
        return "?"
    return points(part.variance, 0) if metric == "variance" else percent(part.progress, 0)


def _said(part: Slice, light: str) -> str:
    """Everything that the signs of a cell say, in one line."""
    tally = part.tally
    counted = (
        (tally.overdue, ngettext("%(n)s overdue", "%(n)s overdue", tally.overdue)),
        (tally.unknown_items, ngettext("%(n)s never reported", "%(n)s never reported", tally.unknown_items)),
        (
            tally.stale_items,
            ngettext("%(n)s with an old report", "%(n)s with an old report", tally.stale_items),
        ),
    )
    figures = [
        _("progress %(value)s") % {"value": percent_sign(part.progress)},
        _("planned %(value)s") % {"value": percent_sign(part.planned)},
        _("variance %(value)s") % {"value": points(part.variance)},
        _("coverage %(value)s") % {"value": percent_sign(part.coverage)},
    ]
    return sentence(
        [
            light_label(light) if light else _("not reported"),
            *(figures if part.progress is not None else figures[3:]),
            ngettext("%(n)s work item", "%(n)s work items", tally.items) % {"n": tally.items},
            *(words % {"n": number} for number, words in counted if number),
        ]
    )
