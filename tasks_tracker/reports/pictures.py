"""What the pictures of a report say in words, for those who cannot see them."""

from django.utils.translation import gettext as _

from tasks_tracker.reports.paper import Curve, Point, Tasks, TileMap

Picture = Tasks | TileMap | Curve


def percent(value: int | None) -> str:
    """Hundredths of a percent with one decimal; a dash where nothing is known."""
    if value is None:
        return "—"
    tenths = (abs(value) + 5) // 10
    return f"{'−' if value < 0 and tenths else ''}{tenths // 10}.{tenths % 10}%"


def described(picture: Picture) -> str:
    """The picture in a few lines: its caption, then what it shows."""
    match picture:
        case Tasks():
            lines = [_task(picture, number) for number in range(len(picture.bars))]
        case TileMap():
            lines = [f"{tile.name} {tile.text}".strip() for tile in picture.tiles if not tile.is_outside]
            lines = [", ".join(lines)] if lines else []
        case Curve():
            known = [point for point in picture.points if (point.actual, point.planned) != (None, None)]
            reached = [point for point in known if point.actual is not None]
            told = dict.fromkeys(known[:1] + reached[-1:] + known[-1:])
            lines = [f"{point.week}: {_pair(picture, point)}" for point in told]
    return "\n".join(line for line in (picture.caption, *lines) if line)


def _pair(picture: Curve, point: Point) -> str:
    return f"{picture.planned} {percent(point.planned)}, {picture.actual} {percent(point.actual)}"


def _task(picture: Tasks, number: int) -> str:
    bar = picture.bars[number]
    counts = ", ".join(
        f"{mark.text} {count}" for mark, count in zip(picture.lights, bar.counts, strict=True) if count
    )
    shares = f"{_('Progress')} {percent(bar.progress)}, {_('Planned')} {percent(bar.planned)}"
    return f"{bar.label}: {'; '.join(part for part in (counts, shares) if part)}"
