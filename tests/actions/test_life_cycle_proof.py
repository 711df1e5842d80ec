"""Whatever people do with items over several weeks, every week can be proven from the journal afterwards.

Random steps of the life cycle, changes of the plan, reports, closings: after each one `verify_week` finds no
difference in any week, and the cells of a frozen week are what they were when it was frozen.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from tasks_tracker.actions import assigning, lifecycle, progress, requests, rollup
from tasks_tracker.actions.progress import Entry, EntryRefused, ProblemEntry
from tasks_tracker.actions.replan import StepRefused, Terms, change_plan
from tasks_tracker.models import (
    Cell,
    CompletionRequest,
    Decision,
    ExtensionRequest,
    Grade,
    PlanChange,
    ProgressReport,
    StaleCell,
    WorkItem,
)
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.ledger_csv import Row
from tasks_tracker.rules.schedule import Mark
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import THIS_WEEK, make_item, make_measure, make_plan, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEEKS = 4


class Play:
    """A few items and the people who deal with them at random, the clock running."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.random, self.cast, self.plan = Random(seed), cast, make_plan()
        self.done: Counter[str] = Counter()
        self.frozen: dict[date, list[dict[str, Any]]] = {}
        self.now = moment(THIS_WEEK, 9)
        make_measure("2.1")
        for number in range(5):
            make_item(
                f"A{number}",
                lead=self.random.choice((cast.hubei, cast.jiangsu)),
                weight=self.random.randint(1, 5),
                due_on=THIS_WEEK + self.random.randint(-10, 300) * DAY,
                is_key=self.random.random() < 0.4,
                milestones=[(date(2026, 6, 30), 3_000)],
            )
        self.steps: list[Callable[[], None]] = [
            self.assign, self.decompose, self.change, self.report, self.report, self.sign, self.pause,
            self.cancel, self.ask_completion, self.decide_completion, self.look_back, self.ask_extension,
            self.decide_extension,
        ]  # fmt: skip

    def week(self) -> None:
        self.random.shuffle(self.steps)
        for step, act in enumerate(self.steps):
            self.now += timedelta(hours=7)
            try:
                act()
            except (StepRefused, EntryRefused, PermissionDenied):
                self.done["refused"] += 1
            else:
                self.done[act.__name__] += 1
            self.prove()
            if step == 3:
                self.close()
        self.now = moment(self.now.date() - self.now.weekday() * DAY + ONE_WEEK, 9)

    def close(self) -> None:
        """Freeze last week some time after the week has begun, when steps were taken in both."""
        last = self.now.date() - self.now.weekday() * DAY - ONE_WEEK
        for week in rollup.close_week(plan=self.plan, week=last, now=self.now, by=None):
            self.frozen[week.week] = list(Cell.objects.filter(rollup=week).order_by("pk").values())

    def prove(self) -> None:
        while rollup.roll_up_stale_cells(plan=self.plan, now=self.now):
            pass
        assert not StaleCell.objects.exists()
        for week in self.plan.weeks.order_by("week"):
            assert [str(difference) for difference in verify_week(week)] == []
        for monday, cells in self.frozen.items():
            assert list(Cell.objects.filter(rollup__week=monday).order_by("pk").values()) == cells

    # --- who does what ------------------------------------------------------------------------------------
    @property
    def item(self) -> WorkItem:
        return self.random.choice(list(WorkItem.objects.select_related("plan", "lead").order_by("pk")))

    def some(self, *states: str) -> WorkItem:
        """An item in one of the states, where there is one."""
        fitting = [item for item in WorkItem.objects.order_by("pk") if item.state in states]
        return self.random.choice(fitting or [self.item])

    def of_the_lead(self, item: WorkItem) -> Any:
        leads = {self.cast.hubei: self.cast.chen, self.cast.wuhan: self.cast.liu}
        return leads.get(item.lead, self.cast.wang)

    def assign(self) -> None:
        start = self.now.date() + self.random.randint(-60, 20) * DAY
        row = Row(
            number=1,
            code="",
            title="新增事项",
            measure=self.random.choice(("1.1", "2.1")) if self.random.random() < 0.9 else "9.9",
            region="420000",
            lead="hubei",
            weight=self.random.randint(1, 9),
            starts_on=start,
            due_on=start + self.random.randint(20, 200) * DAY,
            commitment="binding",
            is_key=self.random.random() < 0.5,
            expected_result="",
            deliverable="",
            supporting=(),
            milestones=(Mark(start + 10 * DAY, 1_000, "启动"),),
        )
        draft = self.random.random() < 0.4
        try:
            item = assigning.assign_item(plan=self.plan, row=row, draft=draft, by=self.cast.li, now=self.now)
        except assigning.RowsRefused as refused:
            raise StepRefused("rows") from refused
        if draft and self.random.random() < 0.5:
            self.prove()
            lifecycle.assign_draft(item=item, reason="下达。", by=self.cast.li, now=self.now)

    def decompose(self) -> None:
        item = self.some("assigned", "accepted", "in_progress")
        parts = [
            assigning.Part(
                title=f"分项{number}",
                lead=self.random.choice((self.cast.hubei, self.cast.wuhan, self.cast.jiangsu)),
                weight=self.random.randint(1, 3),
                starts_on=item.starts_on,
                due_on=item.due_on,
            )
            for number in range(self.random.randint(1, 3))
        ]
        by = self.random.choice((self.cast.li, self.of_the_lead(item)))
        assigning.decompose_item(item=item, parts=parts, reason="按地市分解。", by=by, now=self.now)

    def change(self) -> None:
        item, random = self.some("assigned", "accepted", "in_progress", "draft"), self.random
        seen = Terms.of(item)
        due_on = seen.due_on + random.choice((0, random.randint(-90, 140))) * DAY
        half = seen.starts_on + (due_on - seen.starts_on) / 2
        terms = Terms(
            lead=random.choice((seen.lead, self.cast.jiangsu, self.cast.hubei)),
            weight=random.choice((seen.weight, random.randint(1, 9))),
            starts_on=seen.starts_on + random.choice((0, 0, random.randint(-30, 60))) * DAY,
            due_on=due_on,
            is_key=random.choice((True, False)),
            milestones=random.choice((seen.milestones, (Mark(half, random.randint(0, 10_000), "中期"),), ())),
        )
        change_plan(item=item, terms=terms, seen=seen, reason="按部署调整。", by=self.cast.li, now=self.now)

    def report(self) -> None:
        item, week = self.item, self.now.date() - self.now.weekday() * DAY
        week -= self.random.choice((0, 0, 1)) * ONE_WEEK
        entry = Entry(
            percent=self.random.choice((10_000, self.random.randint(0, 10_000))),
            progress_note="按计划推进。",
            decrease_reason="更正。",
            problems=[ProblemEntry(kind="funds", description="资金。")],
        )
        progress.submit_report(item=item, week=week, entry=entry, by=self.of_the_lead(item), now=self.now)
        for waiting in ProgressReport.objects.filter(status="submitted").select_related("item__plan"):
            if self.random.random() < 0.7:
                progress.accept_report(report=waiting, by=self.cast.li, now=self.now)

    def sign(self) -> None:
        item = self.some("assigned")
        lifecycle.accept_item(item=item, by=self.of_the_lead(item), now=self.now)

    def pause(self) -> None:
        item = self.item
        act = lifecycle.resume_item if item.state == "suspended" else lifecycle.suspend_item
        act(item=item, reason="按部署。", by=self.cast.li, now=self.now)

    def cancel(self) -> None:
        if self.random.random() < 0.5:
            lifecycle.cancel_item(item=self.item, reason="不再实施。", by=self.cast.li, now=self.now)

    def ask_completion(self) -> None:
        item = self.some("accepted", "in_progress")
        requests.request_completion(
            item=item, statement="已完成。", shortfall="收尾中。", by=self.of_the_lead(item), now=self.now
        )

    def decide_completion(self) -> None:
        for asked in CompletionRequest.objects.filter(decision=Decision.OPEN).select_related("item__plan"):
            if self.random.random() < 0.6:
                requests.grant_completion(asked=asked, grade=Grade.GOOD, by=self.cast.li, now=self.now)
            else:
                requests.return_completion(asked=asked, reason="材料不全。", by=self.cast.li, now=self.now)

    def look_back(self) -> None:
        lifecycle.reopen_item(item=self.some("closed"), reason="回头看。", by=self.cast.li, now=self.now)

    def ask_extension(self) -> None:
        item = self.item
        requests.request_extension(
            item=item,
            due_on=max(item.due_on, self.now.date()) + self.random.randint(1, 90) * DAY,
            reason="汛期影响。",
            catch_up="增加班次。",
            by=self.of_the_lead(item),
            now=self.now,
        )

    def decide_extension(self) -> None:
        for asked in ExtensionRequest.objects.filter(decision=Decision.OPEN).select_related("item__plan"):
            if self.random.random() < 0.7:
                requests.grant_extension(
                    asked=asked, due_on=asked.asked_due_on, by=self.cast.li, now=self.now
                )
            else:
                requests.refuse_extension(asked=asked, reason="请抢抓工期。", by=self.cast.li, now=self.now)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_week_can_be_proven_after_every_step(cast: Cast, seed: int) -> None:
    play = Play(cast, seed)
    for _week in range(WEEKS):
        play.week()
    assert len(play.frozen) == WEEKS
    assert play.done.total() - play.done["refused"] >= 20
    assert {"state", "decomposed", "is_key"} <= set(PlanChange.objects.values_list("field", flat=True))
