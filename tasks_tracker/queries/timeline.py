"""The items of a place on a time axis: what needs attention first, with milestones and slippage.

As it was agreed in the shown week: due days come from the standing, milestones from the journal.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, F, Q, When

from tasks_tracker.models import NEEDS_ATTENTION, Light, Milestone, PlanChange, Standing, User
from tasks_tracker.queries.changes import Slippage, slippage_of
from tasks_tracker.queries.items import with_shown_values
from tasks_tracker.queries.places import Place, counted_for
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.schedule import Mark, read_marks

BARS_SHOWN = 30
ATTENTION_SHOWN = 11
Field = PlanChange.Field
_FIRST = (*NEEDS_ATTENTION, Light.ON_TRACK, Light.NOT_STARTED, Light.DONE)


@dataclass(frozen=True)
class DatedMark:
    """A milestone as agreed in the week; `tone` is met, missed or coming."""

    title: str
    due_on: date
    percent: int
    tone: str


@dataclass(frozen=True)
class Bar:
    """One item: its standing (with `light`, `planned`, `shown_percent`), first due day and milestones."""

    standing: Standing
    first_due_on: date
    slippage: Slippage
    marks: Sequence[DatedMark]


@dataclass(frozen=True)
class Timeline:
    """The first bars of a place; `total` is how many items it counts."""

    bars: Sequence[Bar]
    total: int
    as_of: date

    @property
    def attention(self) -> list[Standing]:
        """Overdue, behind and at-risk items, overdue first, then the furthest behind."""
        standings = (bar.standing for bar in self.bars)
        return [s for s in standings if _light(s) in NEEDS_ATTENTION][:ATTENTION_SHOWN]

    @property
    def first_day(self) -> date | None:
        """Where the axis begins; None without bars."""
        return min((bar.standing.starts_on for bar in self.bars), default=None)

    @property
    def last_day(self) -> date | None:
        """Where it ends: the last due day, also one that was moved since."""
        return max((max(bar.standing.due_on, bar.first_due_on) for bar in self.bars), default=None)


def _light(standing: Standing) -> str:
    return str(getattr(standing, "light"))  # noqa: B009 — annotated


def timeline(shown: ShownWeek, user: User, place: Place, total: int) -> Timeline:
    """The items that the figures of the place count, the most urgent first. Three queries."""
    day = shown.rollup.as_of
    standings = with_shown_values(Standing.objects.at(shown.plan, shown.rollup.point).counted())
    order = Case(*(When(Q(light=light), then=n) for n, light in enumerate(_FIRST)), default=len(_FIRST))
    found = (
        counted_for(standings.filter(place.standings), user)
        .select_related("item", "item__region", "item__measure", "lead")
        .order_by(order, F("variance").asc(nulls_last=True), "item__code")
    )
    rows = list(found[:BARS_SHOWN])
    changes = _changes([row.item_id for row in rows])
    agreed = _milestones([row.item_id for row in rows])
    bars = []
    for row in rows:
        moves = [c for c in changes[row.item_id] if c.field == Field.DUE_ON and c.week <= shown.week]
        later = [c for c in changes[row.item_id] if c.field == Field.MILESTONES and c.week > shown.week]
        marks = _as_of_then(agreed[row.item_id], later)
        bars.append(
            Bar(
                standing=row,
                first_due_on=date.fromisoformat(moves[0].old_value) if moves else row.due_on,
                slippage=slippage_of(moves),
                marks=[_dated(mark, reached, row, day) for mark, reached in marks],
            )
        )
    return Timeline(bars=bars, total=total, as_of=day)


Marked = list[tuple[Mark, date | None]]  # a milestone and the day on which it was reached


def _changes(items: Sequence[int]) -> dict[int, list[PlanChange]]:
    """What moved due days and milestones, oldest first. One query."""
    rows = PlanChange.objects.filter(item__in=items, field__in=(Field.DUE_ON, Field.MILESTONES))
    found: dict[int, list[PlanChange]] = defaultdict(list)
    for change in rows.order_by("at", "pk"):
        found[change.item_id].append(change)
    return found


def _milestones(items: Sequence[int]) -> dict[int, Marked]:
    """The milestones of today, in order of their days. One query."""
    found: dict[int, Marked] = defaultdict(list)
    for row in Milestone.objects.filter(item__in=items).order_by("due_on", "number"):
        found[row.item_id].append((Mark(row.due_on, row.percent, row.title), row.reached_on))
    return found


def _as_of_then(agreed: Marked, later: Sequence[PlanChange]) -> Marked:
    """With every later change undone; a milestone that kept its title keeps the day it was reached on."""
    if not later:
        return agreed
    reached = {mark.title: day for mark, day in agreed if day}
    return [(mark, reached.get(mark.title)) for mark in read_marks(later[0].old_value)]


def _dated(mark: Mark, reached: date | None, row: Standing, day: date) -> DatedMark:
    """Met when it was reached, or when the item stands where the milestone asks it to stand."""
    percent = getattr(row, "shown_percent")  # noqa: B009 — annotated
    if (reached and reached <= day) or (percent is not None and percent >= mark.percent):
        tone = "met"
    else:
        tone = "missed" if mark.due_on < day else "coming"
    return DatedMark(mark.title, mark.due_on, mark.percent, tone)
