"""How often a rule of early signals was right on past weeks. Rules: docs/numbers.md, "Early signals".

A warning is a sighting of a subject that was not seen the week before. It is counted when the weeks in which
it had to come true are over, and when what it warns of had not happened already.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tasks_tracker.models import Plan, SignalCode, SignalRule, WeekRollup
from tasks_tracker.queries.sighting_sets import place_counts
from tasks_tracker.queries.sightings import (
    ITEM_RULES,
    Chunk,
    Look,
    Row,
    Sheet,
    Sighting,
    chunks,
    item_sightings,
    set_sightings,
)
from tasks_tracker.queries.told import Told
from tasks_tracker.rules.weeks import AsOf

Rules = Mapping[str, SignalRule]
Outcome = Callable[[Row, Row, AsOf], bool]  # (at the warning, later, when that is) → it has come true


@dataclass
class Count:
    """Warnings whose outcome is known, and those of them that came true."""

    warnings: int = 0
    hits: int = 0

    def note(self, *, hit: bool) -> None:
        """One more."""
        self.warnings += 1
        self.hits += hit


def _overdue(_then: Row, later: Row, at: AsOf) -> bool:
    return later.due_on < at.day


def _behind(_then: Row, later: Row, at: AsOf) -> bool:
    limits = at.limits
    assert limits is not None  # the point of a rolled-up week has them
    return later.percent is not None and later.percent - later.planned < limits.behind_below


def _extended(then: Row, later: Row, _at: AsOf) -> bool:
    return later.due_on > then.due_on


def _fell(then: Row, later: Row, _at: AsOf) -> bool:
    return later.percent is not None and then.percent is not None and later.percent < then.percent


STATES: tuple[Outcome, ...] = (_overdue, _behind)  # they may be so already: then nothing is warned of
OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    SignalCode.WILL_BE_LATE: (_overdue, _behind, _extended),
    SignalCode.LOSING_PACE: (_overdue, _behind, _extended),
    SignalCode.EXTENDED_AGAIN: (_overdue, _extended),
    SignalCode.STUCK: (_overdue, _extended),
    SignalCode.LATE_JUMP: (_overdue, _extended, _fell),
    SignalCode.NO_CHANGE: (_overdue, _behind, _extended),
    SignalCode.COPIED: (_overdue, _behind, _extended),
}


def back_test(plan: Plan, rollups: Sequence[WeekRollup], in_force: Rules) -> dict[str, Count]:
    """The rules on consecutive weeks, oldest first, the first of which only says what was there before."""
    counts = {code: Count() for code, rule in in_force.items() if rule.is_on}
    if len(rollups) < 2:
        return counts
    told = Told(plan, in_force, since=rollups[0].week, until=rollups[-1].week)
    for chunk in chunks(plan):
        for code, hit in _of_items(chunk, rollups, in_force, told):
            counts[code].note(hit=hit)
    for code, hit in _of_sets(plan, rollups, in_force):
        counts[code].note(hit=hit)
    return counts


def _of_items(
    chunk: Chunk, rollups: Sequence[WeekRollup], in_force: Rules, told: Told
) -> Iterator[tuple[str, bool]]:
    """Rule by rule of every warning about an item of the chunk: did it come true?"""
    points = [rollup.point for rollup in rollups]
    sheets = [chunk.sheet(point) for point in points]
    before: dict[str, set[int]] | None = None
    for number, point in enumerate(points):
        now: dict[str, set[int]] = defaultdict(set)
        for code, item, _evidence in item_sightings(Look(chunk, point, told), in_force):
            now[code].add(item)
        for code in ITEM_RULES if before is not None else ():
            rule = in_force[code]
            later = list(zip(sheets, points, strict=True))[number + 1 : number + 1 + rule.horizon]
            for item in now[code] - (before or {}).get(code, set()) if len(later) == rule.horizon else ():
                then = sheets[number][item]
                if not _is_so_already(code, then, point):
                    yield code, _came_true(code, item, then, later)
        before = now


def _is_so_already(code: str, then: Row, point: AsOf) -> bool:
    return any(outcome in STATES and outcome(then, then, point) for outcome in OUTCOMES[code])


def _came_true(code: str, item: int, then: Row, later: Sequence[tuple[Sheet, AsOf]]) -> bool:
    """In one of the weeks. What is closed, suspended or cancelled meanwhile is in no later sheet."""
    rows = ((sheet[item], point) for sheet, point in later if item in sheet)
    return any(outcome(then, row, point) for row, point in rows for outcome in OUTCOMES[code])


def _of_sets(plan: Plan, rollups: Sequence[WeekRollup], in_force: Rules) -> Iterator[tuple[str, bool]]:
    found = [{seen.key: seen for seen in set_sightings(plan, rollup, in_force)} for rollup in rollups]
    troubles = [{key: count["trouble"] for key, count in place_counts(rollup).items()} for rollup in rollups]
    for number in range(1, len(rollups)):
        for key in found[number].keys() - found[number - 1].keys():
            seen = found[number][key]
            last = number + in_force[seen.code].horizon
            if last >= len(rollups):
                continue
            if seen.code == SignalCode.CLUSTER:
                yield seen.code, _got_worse(seen, troubles[number : last + 1])
            else:
                yield seen.code, key in found[last]


def _got_worse(seen: Sighting, troubles: Sequence[Mapping[tuple[int, int], int]]) -> bool:
    """More items of the place are behind or overdue in a later week than at the warning."""
    place = seen.fields["key_task_id"], seen.fields["region_id"]
    then, *later = (trouble.get(place, 0) for trouble in troubles)
    return max(later) > then


def weeks_of(rollups: Sequence[WeekRollup]) -> tuple[date, date]:
    """The first and the last week on which a back-test looked for warnings."""
    return rollups[min(1, len(rollups) - 1)].week, rollups[-1].week
