"""The watch list: early signals as they stood in a week, one with its history, and the record of rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tasks_tracker.models import (
    ALIVE_STATES,
    OPEN_STATES,
    EarlySignal,
    KeyTask,
    Plan,
    PlanSegment,
    Region,
    SignalMember,
    SignalRule,
    SignalRun,
    SignalSighting,
    SignalTrack,
    Standing,
    User,
    WorkItem,
)
from tasks_tracker.models.people import within_unit
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.signals import CODES, SPECS
from tasks_tracker.rules.weeks import FAR

NAMES = ("item__region", "item__lead", "item__measure__key_task", "key_task", "region", "unit", "rule")
ALL, OPEN = "all", "open"
SHOWN = 5  # signals on a dashboard
MEMBERS_SHOWN = 50
WEEKS_SHOWN = 26


@dataclass(frozen=True)
class Wanted:
    """What the list is narrowed to; "" asks nothing. A state of "" stands for all that are still alive."""

    rule: str = ""
    state: str = ""
    key_task: str = ""
    region: str = ""
    lead: str = ""
    item: str = ""


def up_to(shown: ShownWeek) -> date:
    """Up to which week things are known on a page: in the newest week all that has happened since, too."""
    return FAR if shown.is_latest else shown.week


def listed(plan: Plan, user: User, wanted: Wanted, week: date) -> QuerySet[EarlySignal]:
    """The signals that `user` sees as they stood in `week`, what needs attention first."""
    return narrowed(seen_in(plan, user), wanted, week)


def narrowed(signals: Any, wanted: Wanted, week: date) -> QuerySet[EarlySignal]:
    """Those of `signals` that are wanted, as they stood in `week`, what needs attention first."""
    signals = signals.as_in(week)
    if wanted.state == "":
        signals = signals.filter(state_then__in=ALIVE_STATES)
    elif wanted.state == OPEN:
        signals = signals.filter(state_then__in=OPEN_STATES)
    elif wanted.state != ALL:
        signals = signals.filter(state_then=wanted.state)
    if wanted.rule:
        signals = signals.filter(code=wanted.rule)
    if wanted.item:
        signals = signals.filter(item__code=wanted.item)
    found: QuerySet[EarlySignal] = signals.filter(*_where(wanted)).select_related(*NAMES).by_attention()
    return found


def seen_in(plan: Plan, user: User) -> Any:
    """The signals of the plan that `user` sees."""
    signals: Any = EarlySignal.objects
    return signals.filter(plan=plan).visible_to(user)


def _where(wanted: Wanted) -> list[Q]:
    """A signal about several items is found by any of them."""
    conditions: list[Q] = []
    if wanted.key_task:
        conditions.append(Q(measure__key_task__number=int(wanted.key_task)))
    if wanted.region:
        conditions.append(Q(region__code=wanted.region))
    if wanted.lead:
        conditions.append(within_unit("lead__path", wanted.lead))
    found: list[Q] = []
    for condition in conditions:
        items = WorkItem.objects.filter(condition).values("pk")
        members = SignalMember.objects.filter(signal=OuterRef("pk"), item__in=items)
        found.append(Q(Q(item__in=items) | Exists(members)))
    return found


def signal_of(plan: Plan, user: User, pk: int, week: date) -> EarlySignal | None:
    """One signal as it stood in `week`, with all names; None for what is not the user's to see."""
    more = ("made_item", "again_after", "item__measure", "rule__by")
    named = seen_in(plan, user).as_in(week).select_related(*NAMES, *more)
    found: EarlySignal | None = named.filter(pk=pk).first()
    return found


def signal_by(user: User, pk: int, plan: Plan) -> EarlySignal | None:
    """The same as it stands now."""
    found: EarlySignal | None = seen_in(plan, user).select_related(*NAMES).filter(pk=pk).first()
    return found


def on_item(item: WorkItem, week: date) -> list[EarlySignal]:
    """The signals about an item that were alive in `week`, the most urgent first. One query."""
    signals: Any = EarlySignal.objects.filter(item=item)
    return list(signals.as_in(week).filter(state_then__in=OPEN_STATES).by_attention())


@dataclass(frozen=True)
class Watched:
    """A signal on a dashboard, with where its item stands in that week; no standing for one about several."""

    signal: EarlySignal
    standing: Standing | None


@dataclass(frozen=True)
class WatchList:
    """The first signals of a part of the plan, and how many there are."""

    rows: list[Watched]
    number: int


def watch_list(
    shown: ShownWeek, user: User, key_task: KeyTask | None = None, region: Region | None = None
) -> WatchList:
    """What a dashboard shows of the list: what was not settled in the shown week. Three queries."""
    wanted = Wanted(key_task=str(key_task.number) if key_task else "", region=region.code if region else "")
    signals: Any = listed(shown.plan, user, wanted, up_to(shown)).filter(state_then__in=OPEN_STATES)  # type: ignore[misc]
    number, first = signals.count(), list(signals[:SHOWN])
    items = [signal.item_id for signal in first if signal.item_id]
    standings: Any = Standing.objects.planned_at(shown.plan, shown.rollup.point)
    there = {standing.item_id: standing for standing in standings.filter(item__in=items)}
    return WatchList([Watched(signal, there.get(signal.item_id)) for signal in first], number)


def last_run(plan: Plan, week: date) -> SignalRun | None:
    """The last look at a week up to this one. One query."""
    return plan.signal_runs.filter(week__lte=week).first()


def rules_of(plan: Plan) -> list[SignalRule]:
    """The rules in force, as the defaults say where none was ever saved. One query."""
    saved = {rule.code: rule for rule in plan.signal_rules.filter(is_current=True).select_related("by")}
    return [
        saved.get(code)
        or SignalRule(
            plan=plan, code=code, parameters=SPECS[code].defaults, horizon=SPECS[code].horizon, version=1
        )
        for code in CODES
    ]


def rule_of(plan: Plan, code: str) -> SignalRule | None:
    """One rule in force; None for a rule that there is not."""
    return next((rule for rule in rules_of(plan) if rule.code == code), None)


def versions_of(plan: Plan, code: str) -> list[SignalRule]:
    """All versions of a rule, the newest first. One query."""
    return list(plan.signal_rules.filter(code=code).select_related("by").order_by("-version"))


def tracks_of(rules: Iterable[SignalRule]) -> dict[int, SignalTrack]:
    """The newest back-test of each version, by its row number. One query."""
    known = [rule.pk for rule in rules if rule.pk]
    tracks = SignalTrack.objects.filter(rule__in=known).order_by("last_week", "at")
    return {track.rule_id: track for track in tracks}


@dataclass(frozen=True)
class Course:
    """Where an item stood and should stand, for its curve: changes of the percent, and pieces of the plan."""

    steps: list[tuple[date, int]]
    segments: list[PlanSegment]
    standing: Standing


def course_of(signal: EarlySignal, shown: ShownWeek) -> Course | None:
    """The course of the item of a signal up to the shown week. Three queries."""
    if signal.item is None:
        return None
    standings: Any = Standing.objects.planned_at(shown.plan, shown.rollup.point)
    standing = standings.filter(item=signal.item).first()
    rows = signal.item.standings.filter(since__lte=shown.week).order_by("since")
    steps: list[tuple[date, int]] = []
    for since, percent in rows.values_list("since", "percent"):
        if percent is not None and (not steps or steps[-1][1] != percent):
            steps.append((since, percent))
    segments = signal.item.segments.filter(since__lte=shown.week, until__gt=shown.week)
    return Course(steps, list(segments.order_by("from_day")), standing) if standing else None


def sightings_of(signal: EarlySignal, week: date) -> list[SignalSighting]:
    """The weeks in which its condition held, the newest first. One query."""
    return list(signal.sightings.filter(week__lte=week).order_by("-week")[:WEEKS_SHOWN])


def members_of(signal: EarlySignal, user: User) -> list[WorkItem]:
    """The items of a signal about several that `user` sees. One query."""
    items = WorkItem.objects.visible_to(user).filter(pk__in=signal.members.values("item"))
    return list(items.select_related("region", "lead").order_by("region__order", "code")[:MEMBERS_SHOWN])


def visible_item(user: User, pk: int | None) -> WorkItem | None:
    """The item of that row number, if it is the user's to see. One query, or none."""
    return WorkItem.objects.visible_to(user).filter(pk=pk).first() if pk else None


def region_names(codes: Sequence[str]) -> list[Region]:
    """The regions of these codes in their order. One query, or none."""
    return list(Region.objects.filter(code__in=codes).order_by("order")) if codes else []
