"""Early signals of the demonstration: found week by week, some of them handled, and the rules tested."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from tasks_tracker.actions.demo.acts import at_the_desk_of
from tasks_tracker.actions.demo.texts import marked, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.actions.signal_acts import assess_signal, handle_signal, solve_signal
from tasks_tracker.actions.signals import back_test_signals, find_due, keep, rules_in_force
from tasks_tracker.models import EarlySignal, Notice, SignalCode
from tasks_tracker.queries.sightings import sightings
from tasks_tracker.rules.origin import JOB, acting_from
from tasks_tracker.rules.weeks import ONE_WEEK

LOOKED_AT = 8  # closed weeks that were looked at
TESTED = 26
PAUSE = timedelta(minutes=6)
EACH = 2  # signals of a rule with which somebody does something


def write_signals(world: World) -> None:
    """Look at the last closed weeks one after the other, then at what is due, and let a supervisor act."""
    plan, calendar = world.plan, world.calendar
    rollups = list(plan.weeks.exclude(frozen_at=None).order_by("-week")[:LOOKED_AT])[::-1]
    with acting_from(JOB):
        rules = rules_in_force(plan=plan, now=rollups[0].computed_at if rollups else calendar.now)
        found = sightings(plan, rollups, rules)
        for rollup in rollups:
            monday = datetime.combine(rollup.week + ONE_WEEK, time(9, 5), tzinfo=calendar.now.tzinfo)
            keep(plan=plan, rollup=rollup, found=found[rollup.week], in_force=rules, now=monday)
            if rollup != rollups[-1]:
                Notice.objects.filter(kind=Notice.Kind.SIGNAL, at=monday).update(read_at=monday + PAUSE)
        back_test_signals(plan=plan, weeks=TESTED, now=calendar.now)
    _act(world)
    with acting_from(JOB):
        find_due(plan=plan, now=calendar.now)


def _act(world: World) -> None:
    """Of every rule the longest standing signals: one assessed, handled or solved after the other."""
    clock = datetime.combine(world.calendar.until, time(10, 20), tzinfo=world.calendar.now.tzinfo)
    words, by = texts()["signals"], world.people.supervisor
    steps: list[tuple[str, Callable[..., EarlySignal]]] = [
        ("assessed", assess_signal),
        ("handled", handle_signal),
        ("solved", solve_signal),
    ]
    number = 0
    for code in SignalCode.values:
        new = EarlySignal.objects.filter(plan=world.plan, code=code, state=EarlySignal.State.NEW)
        for signal in new.select_related("item__lead").order_by("first_week", "pk")[:EACH]:
            if clock > world.calendar.now:
                return
            name, act = steps[number % len(steps)]
            with at_the_desk_of(by, world.seed):
                act(signal=signal, seen=signal.revision, words=marked(words[name]), by=by, now=clock)
            clock += PAUSE
            number += 1
