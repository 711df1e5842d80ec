"""Seeding: the plan, the people, the items with their history, and the roll-up of every week."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db import models, transaction

from tasks_tracker.actions import audit, plan_curve, policy, progress, rollup
from tasks_tracker.actions.cases import followed, write_cases
from tasks_tracker.actions.demo.accounts import make_people
from tasks_tracker.actions.demo.acts import acts_of, at_the_desk_of
from tasks_tracker.actions.demo.files import store_documents
from tasks_tracker.actions.demo.history import Diary
from tasks_tracker.actions.demo.indicators import add_indicators
from tasks_tracker.actions.demo.issues import write_issues
from tasks_tracker.actions.demo.items import Draft, Drawer
from tasks_tracker.actions.demo.ledger import write_ledger
from tasks_tracker.actions.demo.policy_text import write_policy_text
from tasks_tracker.actions.demo.reminders import write_reminders
from tasks_tracker.actions.demo.signals import write_signals
from tasks_tracker.actions.demo.steps import Steps
from tasks_tracker.actions.demo.texts import marked, texts
from tasks_tracker.actions.demo.world import FRIDAY_AFTERNOON, Calendar, World
from tasks_tracker.models import (
    CompletionRequest,
    Evidence,
    ExtensionRequest,
    Milestone,
    Plan,
    PlanChange,
    PlanSegment,
    Policy,
    Problem,
    ProblemCase,
    ProgressReport,
    ReportStatus,
    Standing,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.rules.origin import JOB, acting_from
from tasks_tracker.rules.weeks import ONE_WEEK, week_of

POLICY = "nip-2024"
CHUNK = 2_000  # items held in memory at a time
BATCH = 2_000  # rows per INSERT; SQLite takes fewer by itself
ACCEPTED_AFTERWARDS = 20
REWEIGHED = "5.2"  # the measure whose weight changes in the running week
Tell = Callable[[str, int], None]  # ("items" or "weeks", how many have just been done)


class ReferenceMissing(Exception):
    """The reference data are not loaded."""


class AlreadySeeded(Exception):
    """There is a demonstration plan already. The argument is its code."""


class PlanExists(Exception):
    """There is a plan that is no demonstration; the two are not mixed. The argument is its code."""


def calendar_of(*, until: date, weeks: int, now: datetime) -> Calendar:
    """The weeks of the history: this week is seen from `now`, any other from its Friday afternoon."""
    if week_of(now.date()) != until:
        now = datetime.combine(until, time(), tzinfo=now.tzinfo) + FRIDAY_AFTERNOON
    return Calendar(first=until - (weeks - 1) * ONE_WEEK, until=until, now=now)


@transaction.atomic
def seed_demonstration(*, calendar: Calendar, items: int, seed: int, password: str, tell: Tell) -> Plan:
    """Make the demonstration: all of it or, when anything fails, nothing.

    The same seed gives the same data; only the reports of the running week depend on how far it has gone.
    Raises ReferenceMissing, AlreadySeeded, PlanExists and accounts.UserNameTaken.
    """
    policy = _policy()
    _check_is_first()
    plan = _make_plan(policy, calendar.until)
    people = make_people(policy=policy, password=password, seed=seed)
    store_documents()
    world = World(plan=plan, calendar=calendar, people=people, seed=seed)
    drafts = Drawer(world).drafts(items)
    while chunk := list(islice(drafts, CHUNK)):
        _save(world, chunk)
        tell("items", len(chunk))
    _roll_up(world, tell)
    write_signals(world)
    write_reminders(world)
    write_policy_text(world)
    add_indicators(world)
    _reweigh(world)
    write_issues(world)
    write_ledger(world)
    audit.seal_entries(now=calendar.now)
    return plan


def _policy() -> Policy:
    policy = Policy.objects.filter(code=POLICY).first()
    if policy is None or not policy.measures.exists():
        raise ReferenceMissing
    return policy


def _check_is_first() -> None:
    plan = Plan.objects.order_by("is_demonstration").first()
    if plan:
        raise (AlreadySeeded if plan.is_demonstration else PlanExists)(plan.code)


def _make_plan(policy: Policy, until: date) -> Plan:
    """A plan of three years, the running week in the middle one."""
    first, last = until.year - 1, until.year + 1
    names = {key: text.format(first=first, last=last) for key, text in texts()["plan"].items()}
    return Plan.objects.create(
        code=f"demo-{first}-{last}",
        policy=policy,
        starts_on=date(first, 1, 1),
        ends_on=date(last, 12, 31),
        is_demonstration=True,
        **names,
    )


def _save(world: World, drafts: Sequence[Draft]) -> None:
    """Save a chunk of items with everything that hangs on them."""
    diaries = [Diary(world, draft) for draft in drafts]
    for diary in diaries:
        diary.write()
    _insert(WorkItem, (draft.item for draft in drafts if draft.parent is None))
    children = [draft for draft in drafts if draft.parent]
    for draft in children:
        draft.item.parent = draft.parent.item if draft.parent else None
    _insert(WorkItem, (draft.item for draft in children))
    through = WorkItem.supporting.through
    _insert(
        through,
        (through(workitem_id=d.item.pk, actor_id=actor.pk) for d in drafts for actor in d.supporting),
    )
    _insert(Milestone, (row for diary in diaries for row in diary.milestones()))
    _insert(PlanSegment, (row for diary in diaries for row in diary.segments))
    _insert(Standing, (row for diary in diaries for row in diary.standings))
    _insert(PlanChange, (row for diary in diaries for row in diary.changes))
    _insert(CompletionRequest, (row for diary in diaries for row in diary.completions))
    _insert(ExtensionRequest, (row for diary in diaries for row in diary.extensions))
    _insert(ProgressReport, (row for diary in diaries for row in diary.reports))
    write_cases(list(cases_of(diaries)))
    _insert(Problem, (row for diary in diaries for row in diary.problems))
    audit.record_many(acts_of(world, diaries))
    _insert(Evidence, (row for diary in diaries for row in diary.evidence))


def cases_of(diaries: Sequence[Diary]) -> Iterator[ProblemCase]:
    """What the accepted reports make of their problems; reports are saved already, problems are not."""
    for diary in diaries:
        stated: dict[int, list[Problem]] = defaultdict(list)
        for problem in diary.problems:
            stated[id(problem.report)].append(problem)
        accepted = (report for report in diary.reports if report.status == ReportStatus.ACCEPTED)
        if stated:
            yield from followed((report, stated[id(report)]) for report in accepted)


def _insert(model: Any, rows: Iterator[models.Model]) -> None:
    model._default_manager.bulk_create(rows, batch_size=BATCH)


def _roll_up(world: World, tell: Tell) -> None:
    """Freeze the past weeks one after the other, each on the Monday after it; roll the running week up."""
    calendar, plan = world.calendar, world.plan
    for week in calendar.weeks[:-1]:
        monday = datetime.combine(week + ONE_WEEK, time(9), tzinfo=calendar.now.tzinfo)
        # The week exists before it is closed, as in a running system: so it is computed once and not twice.
        point = rollup.point_of(plan, week, monday)
        values = {"as_of": point.day, "computed_at": monday, "rule_version": plan.rule_version}
        limits = asdict(plan.limits)
        WeekRollup.objects.create(plan=plan, week=week, cutoff_passed=point.cutoff_passed, **values, **limits)
        with acting_from(JOB):
            rollup.close_week(plan=plan, week=week, now=monday, by=None)
        tell("weeks", 1)
    _accept_late_ones(world)
    Steps(world).take()
    rollup.roll_up_week(plan=plan, week=calendar.until, now=calendar.now)
    while rollup.roll_up_stale_cells(plan=plan, now=calendar.now):
        pass
    plan_curve.draw_plan(plan=plan)
    tell("weeks", 1)


def _reweigh(world: World) -> None:
    """One measure weighs more from the running week on: the frozen weeks keep what they showed."""
    measure = next(measure for measure in world.measures if measure.code == REWEIGHED)
    policy.edit_outline_row(
        row=measure,
        plan=world.plan,
        values={"weight": measure.weight + 1},
        reason=marked(texts()["reweighed"]),
        seen={"weight": measure.weight},
        by=world.people.supervisor,
        now=world.calendar.now,
    )


def _accept_late_ones(world: World) -> None:
    """After the freeze a few reports of last week are accepted: they count in the running week."""
    calendar = world.calendar
    at = datetime.combine(calendar.until, time(9, 40), tzinfo=calendar.now.tzinfo)
    of_last_week = ProgressReport.objects.filter(item__plan=world.plan, week=calendar.until - ONE_WEEK)
    waiting = of_last_week.waiting_for_supervisor().select_related(
        "item__plan", "item__measure", "written_by"
    )
    for report in waiting.order_by("item__code")[:ACCEPTED_AFTERWARDS]:
        if at > calendar.now:
            return
        with at_the_desk_of(world.people.supervisor, world.seed):
            progress.accept_report(report=report, by=world.people.supervisor, now=at)
        at += timedelta(minutes=3)
