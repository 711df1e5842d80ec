"""Boards → what the components draw: figures with their table twins, tiles, bars. No query, no decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from tasks_tracker.charts.dashboard import (
    CurvePoint,
    MatrixCell,
    StatusBar,
    curve,
    gap_bars,
    matrix,
    status_bars,
)
from tasks_tracker.models import COUNTED_LIGHTS, Measure, Region
from tasks_tracker.queries.dashboard import MeasureLine, RegionLine, Spot
from tasks_tracker.queries.figures import Point, Slice
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import format_week
from tasks_tracker.templatetags.formats import labelled, percent, points, sentence, span
from tasks_tracker.templatetags.shapes import (
    ITEM_CUTS,
    REGION_CUTS,
    HeatCell,
    HeatColumn,
    HeatRow,
    Tile,
    Twin,
    band,
)
from tasks_tracker.views.weeks import address


@dataclass(frozen=True)
class Panel:
    """A drawn figure: its data, one sentence that says it, and the same as a table."""

    figure: dict[str, Any]
    label: str
    table: Twin


def curve_points(
    history: Sequence[Point], reference: Sequence[Point] = (), ahead: Sequence[tuple[date, Fraction]] = ()
) -> list[CurvePoint]:
    """History and the plan around it, as points of a curve."""
    beside = {point.week: point.slice.progress for point in reference}
    known = {point.week for point in history}
    drawn = [
        CurvePoint(
            week=point.week,
            planned=point.slice.planned,
            actual=point.slice.progress,
            lower=point.slice.lower,
            upper=point.slice.upper,
            reference=beside.get(point.week),
        )
        for point in history
    ]
    around = [CurvePoint(week=week, planned=planned) for week, planned in ahead if week not in known]
    return sorted(drawn + around, key=lambda point: point.week)


def curve_panel(
    drawn: Sequence[CurvePoint], shown: ShownWeek, reference: str = "", **filters: object
) -> Panel:
    """Planned against actual over the weeks; `filters` are those of the figure, which explains itself."""
    known = [point for point in drawn if point.actual is not None]
    last = known[-1] if known else CurvePoint(shown.week, None)
    label = _("Progress week by week: %(actual)s%% reported, %(planned)s%% planned in week %(week)s.") % {
        "actual": percent(last.actual),
        "planned": percent(last.planned),
        "week": format_week(last.week),
    }
    head = [_("Week"), _("Planned, %"), _("Actual, %"), _("Range, %"), _("Variance, points")]
    rows = [
        [
            format_week(point.week),
            percent(point.planned),
            _explained(point, filters),
            span(point.lower, point.upper),
            points(_minus(point.actual, point.planned)),
        ]
        for point in reversed(known)
    ]
    return Panel(curve(drawn, shown.week, reference=reference), label, Twin(head=head, rows=rows))


def _explained(point: CurvePoint, filters: Mapping[str, object]) -> str:
    """The actual of a week as a link to why it is what it is."""
    query = urlencode({"week": format_week(point.week), **filters})
    return format_html('<a href="{}?{}" data-why>{}</a>', reverse("why"), query, percent(point.actual))


def gap_panel(drawn: Sequence[CurvePoint], weeks: int = 26) -> Panel:
    """Variance per week."""
    recent = [point for point in drawn if point.actual is not None][-weeks:]
    label = _("Variance in the last %(n)s weeks, in points.") % {"n": len(recent)}
    head = [_("Week"), _("Variance, points")]
    rows = [[format_week(p.week), points(_minus(p.actual, p.planned), 2)] for p in reversed(recent)]
    return Panel(gap_bars(recent), label, Twin(head=head, rows=rows))


def _minus(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left - right


def status_panel(
    lines: Iterable[tuple[str, Slice, dict[str, object]]],
    shown: ShownWeek,
    label: str,
    *,
    horizontal: bool = False,
) -> Panel:
    """Stacked status bars; each line is (label, slice, parameters of its list)."""
    bars, rows = [], []
    for name, part, parameters in lines:
        urls = {
            str(light): address("items", shown, **parameters, light=str(light)) for light in COUNTED_LIGHTS
        }
        bars.append(StatusBar(name, part.tally.lights, urls))
        rows.append([name, *(str(part.tally.lights[light]) for light in COUNTED_LIGHTS)])
    head = ["", *(str(light.label) for light in COUNTED_LIGHTS)]
    return Panel(status_bars(bars, horizontal=horizontal), label, Twin(head=head, rows=rows))


def matrix_panel(
    columns: Sequence[tuple[int, str, dict[str, object]]],
    rows: Sequence[tuple[int, str, dict[str, object]]],
    cells: Mapping[tuple[int, int], Slice],
    shown: ShownWeek,
    label: str,
) -> Panel:
    """Rows × columns of variances; each head is (row number, label, parameters of the list)."""
    drawn, twin = [], []
    for row, row_label, row_parameters in rows:
        line = []
        for column, column_label, parameters in columns:
            part = cells.get((row, column))
            url = address("items", shown, **row_parameters, **parameters) if part else ""
            line.append(_matrix_cell(part, f"{row_label} · {column_label}", url))
        drawn.append(line)
        twin.append([row_label, *(cell.text for cell in line)])
    names = [name for _pk, name, _parameters in columns]
    figure = matrix(names, [name for _pk, name, _p in rows], drawn, REGION_CUTS)
    return Panel(figure, label, Twin(head=["", *names], rows=twin))


def _matrix_cell(part: Slice | None, place: str, url: str) -> MatrixCell:
    if part is None:
        return MatrixCell("·", None, "", _("%(place)s: no work items") % {"place": place})
    if part.variance is None:
        return MatrixCell("?", None, url, _("%(place)s: nothing reported") % {"place": place})
    words = _("%(place)s: %(progress)s%%, planned %(planned)s%%, variance %(variance)s") % {
        "place": place,
        "progress": percent(part.progress),
        "planned": percent(part.planned),
        "variance": points(part.variance),
    }
    return MatrixCell(points(part.variance, 0), part.variance, url, words)


METRICS = ("variance", "progress", "overdue", "filled_in")


def tiles(
    lines: Iterable[RegionLine], shown: ShownWeek, metric: str, current: Region | None = None
) -> list[Tile]:
    """The regions as tiles; `metric` is one of METRICS, the colour is always the variance."""
    return [_tile(line, shown, metric, current) for line in lines]


def _tile(line: RegionLine, shown: ShownWeek, metric: str, current: Region | None) -> Tile:
    region, part = line.region, line.slice.now
    texts = {
        "variance": points(part.variance) if part.variance is not None else "–",
        "progress": percent(part.progress) if part.progress is not None else "–",
        "overdue": str(part.tally.overdue) if part.tally.items else "–",
        "filled_in": f"{percent(part.tally.filled_in, 0)}%" if part.tally.due else "–",
    }
    words = _(
        "%(name)s: %(progress)s%%, planned %(planned)s%%, variance %(variance)s, overdue %(overdue)s"
    ) % {
        "name": region.label,
        "progress": percent(part.progress),
        "planned": percent(part.planned),
        "variance": points(part.variance),
        "overdue": part.tally.overdue,
    }
    reports = region.reports or region.kind == Region.Kind.NATIONAL
    return Tile(
        name=region.short_label,
        column=region.column,
        row=region.row,
        text=texts[metric],
        band=band(part.variance),
        url=address("region", shown, region.code) if reports and part.tally.items else "",
        title=words if part.tally.items else _("%(name)s: no work items") % {"name": region.label},
        overdue=part.tally.overdue,
        kind=region.kind,
        reports=reports,
        current=region == current,
        why=address("why", shown, region=region.code),
    )


def measure_grid(
    measures: Iterable[MeasureLine],
    regions: Iterable[RegionLine],
    cells: Mapping[tuple[int, int], Slice],
    shown: ShownWeek,
) -> tuple[list[HeatColumn], list[HeatRow]]:
    """Measure × region as a table of links; regions without items in any of the measures are left out."""
    present = [line for line in regions if line.slice.now.tally.items]
    present.sort(key=lambda line: (not _is_national(line), line.slice.now.variance or 0))
    rows = [_grid_row(line.measure, present, cells, shown) for line in measures]
    total = HeatRow(
        label=_("Key task in total"),
        strong=True,
        cells=[
            _heat_cell(c.slice.now, c.region.label, address("region", shown, c.region.code)) for c in present
        ],
    )
    return [_grid_column(line, shown) for line in present], [*rows, total]


def _is_national(line: RegionLine) -> bool:
    return line.region.kind == Region.Kind.NATIONAL


def _grid_column(line: RegionLine, shown: ShownWeek) -> HeatColumn:
    return HeatColumn(
        label=line.region.short_label,
        title=line.region.label,
        url=address("region", shown, line.region.code),
        strong=_is_national(line),
    )


def _grid_row(
    measure: Measure,
    present: Sequence[RegionLine],
    cells: Mapping[tuple[int, int], Slice],
    shown: ShownWeek,
) -> HeatRow:
    return HeatRow(
        label=f"{measure.code} {measure.label}",
        url=address("items", shown, measure=measure.code),
        cells=[
            _heat_cell(
                cells.get((measure.pk, column.region.pk)),
                f"{measure.label} · {column.region.label}",
                address("items", shown, measure=measure.code, region=column.region.code),
            )
            for column in present
        ],
    )


def _heat_cell(part: Slice | None, place: str, url: str) -> HeatCell:
    if part is None or not part.tally.items:
        return HeatCell(kind="none", title=_("%(place)s: no work items") % {"place": place})
    tally = part.tally
    count = _("%(n)s work items") % {"n": tally.items}
    title = labelled(place, count)
    if tally.done == tally.items:
        return HeatCell(kind="done", url=url, title=title)
    if tally.not_started == tally.items:
        return HeatCell(kind="not_started", url=url, title=title)
    if part.variance is None:
        return HeatCell(kind="no_data", url=url, title=title, overdue=tally.overdue)
    return HeatCell(
        text=points(part.variance, 0),
        band=band(part.variance, ITEM_CUTS),
        url=url,
        title=sentence([title, points(part.variance)]),
        overdue=tally.overdue,
    )


def spot_rows(spots: Iterable[Spot], shown: ShownWeek) -> list[dict[str, Any]]:
    """The weakest places with the address of their list."""
    return [
        {
            "spot": spot,
            "url": address("items", shown, measure=spot.measure.code, region=spot.region.code),
        }
        for spot in spots
    ]


def light_history(history: Sequence[Point], weeks: int = 12) -> dict[str, list[int]]:
    """Number of items per light in the last weeks, oldest first."""
    recent = history[-weeks:]
    return {str(light): [point.slice.tally.lights[light] for point in recent] for light in COUNTED_LIGHTS}
