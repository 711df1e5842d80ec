"""The leads and what they stand for in a week, with everything below them, from cells only."""

from collections import defaultdict
from dataclasses import dataclass

from tasks_tracker.models import Actor, Cell, User
from tasks_tracker.queries.figures import Slice, Tallies, Tally, outline_of, rolled, tallies, total
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.weeks import ONE_WEEK


@dataclass(frozen=True)
class ActorLine:
    """A lead with its subtree: the seven key tasks rolled up, the supporting measures apart.

    `everything` adds both up: what is owed is owed for both.
    """

    actor: Actor
    seven: Slice
    before: Slice
    supporting: Slice
    everything: Tally


def actor_lines(shown: ShownWeek, user: User) -> list[ActorLine]:
    """Every actor that leads something the user sees, itself or through its subtree. Six queries."""
    outline = outline_of(shown.plan, shown.week)
    earlier_outline = outline.at(shown.week - ONE_WEEK)
    cells = Cell.objects.visible_to(user)
    by_lead = tallies(cells.filter(rollup=shown.rollup), "lead", "measure")
    earlier = tallies(cells.filter(rollup=shown.previous), "lead", "measure") if shown.previous else {}
    actors = {a.pk: a for a in Actor.objects.filter(path__startswith=user.scope.path)}
    now, before = (_subtrees(grouped, actors) for grouped in (by_lead, earlier))
    lines = []
    for pk in now:
        result = rolled(now[pk], outline)
        lines.append(
            ActorLine(
                actor=actors[pk],
                seven=result.whole,
                before=rolled(before.get(pk, {}), earlier_outline).whole,
                supporting=result.supporting,
                everything=total(now[pk].values()),
            )
        )
    return sorted(lines, key=lambda line: (line.actor.order, line.actor.code))


def _subtrees(grouped: Tallies, actors: dict[int, Actor]) -> dict[int, Tallies]:
    """Tallies by measure of every actor: its own cells and those of all below it."""
    by_code = {actor.code: pk for pk, actor in actors.items()}
    result: dict[int, Tallies] = defaultdict(dict)
    for (lead, measure), tally in grouped.items():
        if lead in actors:
            for code in actors[lead].path.strip("/").split("/"):
                if (pk := by_code.get(code)) is not None:
                    known = result[pk].get((measure,))
                    result[pk][(measure,)] = known + tally if known else tally
    return result


def unit_of(user: User, code: str) -> Actor | None:
    """The unit as `user` may see it; None for what is not there or outside of the scope.

    A unit sees itself and what is below it, a limited office the units that lead something in its view and
    those above them.
    """
    scope = user.scope
    found = (
        Actor.objects.filter(code=code, path__startswith=scope.path)
        .select_related("parent", "region")
        .first()
    )
    if found is None or scope.path or scope.is_national:
        return found
    return found if Cell.objects.visible_to(user).filter(lead__path__startswith=found.path).exists() else None


def units_above(user: User, unit: Actor) -> list[Actor]:
    """The units above one, the highest first, as far as `user` sees them. One query."""
    codes = unit.path.strip("/").split("/")[:-1]
    return list(Actor.objects.filter(code__in=codes, path__startswith=user.scope.path).order_by("path"))
