"""What people ask for and decide in the running week of the demonstration, by the product's own actions."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from tasks_tracker.actions import requests
from tasks_tracker.actions.demo.texts import marked, pick, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.actions.lifecycle import reopen_item
from tasks_tracker.actions.replan import StepRefused
from tasks_tracker.models import PlanChange, State, WorkItem

ASKED_EVERY = 35  # one running item in so many asks for an extension this week
REOPENED_EVERY = 60  # one closed item in so many is looked back at
PAUSE = timedelta(minutes=7)
WAITS, REFUSED, GRANTED = range(3)


class Steps:
    """Takes the steps one after the other, none of them after the moment from which the week is seen."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, world.people
        calendar = world.calendar
        self.clock = datetime.combine(calendar.until, time(9, 50), tzinfo=calendar.now.tzinfo)

    def take(self) -> None:
        """Extensions that wait, are refused or granted; and items that go on after a look back."""
        for number, item in enumerate(self._to_extend()):
            self._at_the_clock(partial(self._extend, item, number % 3))
        for item in self._items(State.CLOSED, REOPENED_EVERY):
            self._at_the_clock(partial(self._reopen, item))

    def _at_the_clock(self, act: Callable[[datetime], object]) -> None:
        """Take one step; one that the rules refuse for this item is left out."""
        if self.clock > self.world.calendar.now:
            return
        try:
            act(self.clock)
        except StepRefused:
            return
        self.clock += PAUSE

    def _reopen(self, item: WorkItem, now: datetime) -> None:
        reason = marked(str(texts()["steps"]["reopened"]))
        reopen_item(item=item, reason=reason, by=self.people.supervisor, now=now)

    def _to_extend(self) -> Iterator[WorkItem]:
        """Items that slipped already ask again; others ask for the first time."""
        moved = PlanChange.objects.filter(field=PlanChange.Field.DUE_ON).values("item")
        again = self._items(State.IN_PROGRESS, 1, pk__in=moved)
        yield from again[: max(1, len(again) // 2)]
        yield from self._items(State.IN_PROGRESS, ASKED_EVERY)

    def _items(self, state: State, every: int, **conditions: Any) -> list[WorkItem]:
        items = WorkItem.objects.filter(plan=self.world.plan, state=state, decomposed=False, **conditions)
        found = items.filter(parent=None).select_related("plan", "lead").order_by("code")
        return list(found)[every // 2 :: every]

    def _extend(self, item: WorkItem, outcome: int, now: datetime) -> None:
        rng = Random(f"{self.world.seed}/extension/{item.code}")
        days = 28 + 7 * int(rng.random() * 10)
        first = max(item.due_on, self.world.calendar.until + timedelta(days=7))
        asked = requests.request_extension(
            item=item,
            due_on=min(date.fromordinal(first.toordinal() + days), self.world.plan.ends_on),
            reason=marked(pick(rng, "changes", "due_on")),
            catch_up=marked(pick(rng, "steps", "catch_up")),
            by=self.people.reporters[item.lead_id],
            now=now,
        )
        later = now + PAUSE / 2
        if outcome == GRANTED:
            requests.grant_extension(
                asked=asked, due_on=asked.asked_due_on, by=self.people.supervisor, now=later
            )
        elif outcome == REFUSED:
            reason = marked(pick(rng, "steps", "refused"))
            requests.refuse_extension(asked=asked, reason=reason, by=self.people.supervisor, now=later)
