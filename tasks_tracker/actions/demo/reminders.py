"""Reminders, urgings and slips of the demonstration, through the product's own actions."""

from collections.abc import Iterable
from datetime import date, timedelta

from tasks_tracker.actions import rollup
from tasks_tracker.actions.demo.texts import marked, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.actions.follow_up import follow_up, go_round
from tasks_tracker.actions.slips import answer_slip, issue_slip
from tasks_tracker.models import Actor, Level, Notice, Occasion, Slip, Urging, WorkItem
from tasks_tracker.queries.owed import OwedItem, owed_items
from tasks_tracker.rules.reminders import AFTER, moments
from tasks_tracker.rules.weeks import ONE_WEEK

ON_A_SLIP = 3
DEADLINE = timedelta(days=5)


def write_reminders(world: World) -> None:
    """Last week's rounds, those of the running week that are due, and three slips.

    Who still owed last week's reports when it was closed owed them all the while.
    """
    plan, calendar = world.plan, world.calendar
    last_week = calendar.until - ONE_WEEK
    if last_week in calendar.weeks:
        cutoff = rollup.point_of(plan, last_week, calendar.now).cutoff
        assert cutoff is not None
        for occasion, moment in moments(last_week, cutoff):
            go_round(plan=plan, week=last_week, occasion=Occasion(occasion), now=moment)
            if occasion != AFTER:
                Notice.objects.filter(at=moment).update(read_at=moment + timedelta(minutes=40))
    follow_up(plan=plan, now=calendar.now)
    _issue_slips(world)


def _issue_slips(world: World) -> None:
    """One that urges, and of two that supervise one is answered already."""
    owed = owed_items(world.plan, rollup.point_of(world.plan, world.calendar.until, world.calendar.now))
    units = list(Actor.objects.filter(pk__in=owed).order_by("order", "code"))
    # The unit of the reporter whom one logs in as comes first, then whoever owes most.
    named = {user.actor_id for user in world.people.reporters.values() if user.has_usable_password()}
    units.sort(key=lambda unit: (unit.pk not in named, -len(owed[unit.pk]), unit.code))
    for unit in units[:1]:
        _issue(world, unit, Level.URGE, owed[unit.pk], "urge")
    urged = set(Urging.objects.filter(level=Level.URGE, slip=None).values_list("item", flat=True))
    supervised = [unit for unit in units if any(item.item_id in urged for item in owed[unit.pk])]
    for number, unit in enumerate(supervised[:2]):
        items = [item for item in owed[unit.pk] if item.item_id in urged]
        slip = _issue(world, unit, Level.SUPERVISE, items, "supervise")
        if number:
            _answer(world, slip)


def _issue(world: World, unit: Actor, kind: Level, items: Iterable[OwedItem], words: str) -> Slip:
    chosen = [item.item_id for item in items][:ON_A_SLIP]
    return issue_slip(
        plan=world.plan,
        week=world.calendar.until,
        unit=unit,
        kind=kind,
        items=list(WorkItem.objects.filter(pk__in=chosen)),
        words=marked(texts()["slips"][words]),
        answer_by=_deadline(world) if kind == Level.SUPERVISE else None,
        by=world.people.supervisor,
        now=world.calendar.now,
    )


def _answer(world: World, slip: Slip) -> None:
    answer_slip(
        slip=slip,
        measures=marked(texts()["slips"]["answer"]),
        promised_on=_deadline(world),
        by=world.people.reporters[slip.unit_id],
        now=world.calendar.now,
    )


def _deadline(world: World) -> date:
    return world.calendar.now.date() + DEADLINE
