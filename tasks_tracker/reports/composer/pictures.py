"""The pictures of the report as values: the key tasks by light, the map of the regions, the curve."""

from django.utils.translation import gettext as _

from tasks_tracker.models import COUNTED_LIGHTS, KeyTask, Region
from tasks_tracker.queries.figures import Slice
from tasks_tracker.queries.weekly_report import Facts
from tasks_tracker.reports.paper import Bar, Curve, Mark, Point, Tasks, Tile, TileMap
from tasks_tracker.reports.wording import band_words, points
from tasks_tracker.rules.lights import REGION_CUTS
from tasks_tracker.rules.rollup import rounded
from tasks_tracker.rules.weeks import format_week


def tasks(facts: Facts) -> list[Tasks]:
    """A bar per key task; nothing where there is none to compare."""
    bars = [
        Bar(
            label=part.of.short_label,
            counts=tuple(part.slice.now.tally.lights[light] for light in COUNTED_LIGHTS),
            progress=rounded(part.slice.now.progress),
            planned=rounded(part.slice.now.planned),
        )
        for part in facts.parts
        if isinstance(part.of, KeyTask)
    ]
    if not bars:
        return []
    marks = tuple(Mark(light.value, f"{light.mark} {light.label}") for light in COUNTED_LIGHTS)
    caption = _("Picture 1: work items of the key tasks by light, with progress and plan")
    return [Tasks(caption, marks, tuple(bars))]


def tile_map(facts: Facts) -> list[TileMap]:
    """All regions of the grid with the variance of those that count something; nothing for one region."""
    if sum(1 for part in facts.regions.values() if part.tally.items) < 2:
        return []
    tiles = tuple(_tile(region, facts.regions.get(region.pk)) for region in Region.objects.all())
    return [
        TileMap(
            caption=_("Picture 2: variance of the regions, in points"),
            tiles=tiles,
            bands=tuple(band_words(REGION_CUTS)),
            note=_("Schematic. Taiwan, Hong Kong and Macao do not report."),
        )
    ]


def _tile(region: Region, part: Slice | None) -> Tile:
    variance = part.variance if part and part.tally.items else None
    reports = region.reports or region.kind == Region.Kind.NATIONAL
    return Tile(
        name=region.short_label,
        column=region.column,
        row=region.row,
        text="\N{EN DASH}" if variance is None else points(variance),
        band=None if variance is None else sum(variance >= cut for cut in REGION_CUTS),
        is_outside=not reports,
    )


def curve(facts: Facts) -> list[Curve]:
    """Planned against actual in the weeks up to this one, and the plan to the end; nothing for one week."""
    known = {point.week: point.slice for point in facts.points}
    if len(known) < 2:
        return []
    past = [
        Point(
            format_week(week),
            rounded(part.planned),
            rounded(part.progress),
            rounded(part.lower),
            rounded(part.upper),
        )
        for week, part in known.items()
    ]
    ahead = [Point(format_week(week), rounded(planned)) for week, planned in facts.ahead if week > facts.week]
    return [Curve(_("Picture 3: planned and actual progress"), (*past, *ahead), _("Planned"), _("Actual"))]
