"""What people ask for and decide in the running week of the demonstration, by the product's own actions."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any

from tasks_tracker.actions import requests
from tasks_tracker.actions.demo.acts import at_the_desk_of
from tasks_tracker.actions.demo.texts import marked, pick, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.actions.lifecycle import reopen_item
from tasks_tracker.actions.problems import answer_case, coordinate_case, solve_case
from tasks_tracker.actions.replan import StepRefused
from tasks_tracker.models import PlanChange, ProblemCase, State, WorkItem
from tasks_tracker.rules.weeks import ONE_WEEK

ASKED_EVERY = 35  # one running item in so many asks for an extension this week
REOPENED_EVERY = 60  # one closed item in so many is looked back at
PAUSE = timedelta(minutes=7)
WAITS, REFUSED, GRANTED = range(3)
HANDLED = 9  # problems with which somebody does something this week
TAKEN_UP, ANSWERED, SOLVED = range(3)


class Steps:
    """Takes the steps one after the other, none of them after the moment from which the week is seen."""

    def __init__(self, world: World) -> None:
        self.world, self.people = world, world.people
        calendar = world.calendar
        self.clock = datetime.combine(calendar.until, time(9, 50), tzinfo=calendar.now.tzinfo)

    def take(self) -> None:
        """Problems that are taken up, answered or solved; extensions that wait, are refused or granted; and
        items that go on after a look back."""
        for number, case in enumerate(self._long_standing()):
            self._at_the_clock(partial(self._handle, case, number % 3))
        for number, item in enumerate(self._to_extend()):
            self._at_the_clock(partial(self._extend, item, number % 3))
        for item in self._items(State.CLOSED, REOPENED_EVERY):
            self._at_the_clock(partial(self._reopen, item))

    def _at_the_clock(self, act: Callable[[datetime], object]) -> None:
        """Take one step, with its decision; one that the rules refuse for this item is left out."""
        if self.clock + PAUSE > self.world.calendar.now:
            return
        try:
            act(self.clock)
        except StepRefused:
            return
        self.clock += PAUSE

    def _do(self, action: Callable[..., Any], **values: Any) -> Any:
        """By the product's own action, from the desk of whoever acts."""
        with at_the_desk_of(values["by"], self.world.seed):
            return action(**values)

    def _reopen(self, item: WorkItem, now: datetime) -> None:
        reason = marked(str(texts()["steps"]["reopened"]))
        self._do(reopen_item, item=item, reason=reason, by=self.people.supervisor, now=now)

    def _long_standing(self) -> list[ProblemCase]:
        """A few problems that have been there for weeks and ask somebody."""
        before = self.world.calendar.until - 2 * ONE_WEEK
        cases = ProblemCase.objects.filter(item__plan=self.world.plan, raised_week__lte=before)
        asking = cases.filter(
            state=ProblemCase.State.OPEN, needed_from__reports=True, item__state=State.IN_PROGRESS
        )
        named = asking.select_related("item__lead", "needed_from")
        found = list(named.order_by("raised_week", "item__code", "pk"))
        return found[:: max(1, len(found) // HANDLED)][:HANDLED]

    def _handle(self, case: ProblemCase, outcome: int, now: datetime) -> None:
        """One is taken up, one also answered, one solved."""
        words, supervisor = texts()["handling"], self.people.supervisor
        if outcome == SOLVED:
            solution = marked(words["solved"])
            self._do(solve_case, case=case, seen=case.revision, words=solution, by=supervisor, now=now)
            return
        note = marked(words["taken_up"])
        self._do(
            coordinate_case,
            case=case,
            seen=case.revision,
            coordinator=case.needed_from,
            words=note,
            by=supervisor,
            now=now,
        )
        if outcome == ANSWERED and case.needed_from:
            answer = marked(words["answered"])
            reporter = self.people.reporters[case.needed_from.pk]
            self._do(answer_case, case=case, words=answer, by=reporter, now=now + PAUSE / 2)

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
        asked = self._do(
            requests.request_extension,
            item=item,
            due_on=min(date.fromordinal(first.toordinal() + days), self.world.plan.ends_on),
            reason=marked(pick(rng, "changes", "due_on")),
            catch_up=marked(pick(rng, "steps", "catch_up")),
            by=self.people.reporters[item.lead_id],
            now=now,
        )
        later = now + PAUSE / 2
        if outcome == GRANTED:
            self._do(
                requests.grant_extension,
                asked=asked,
                due_on=asked.asked_due_on,
                by=self.people.supervisor,
                now=later,
            )
        elif outcome == REFUSED:
            reason = marked(pick(rng, "steps", "refused"))
            self._do(
                requests.refuse_extension, asked=asked, reason=reason, by=self.people.supervisor, now=later
            )
