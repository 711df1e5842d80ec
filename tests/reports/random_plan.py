"""A small plan at random, with everything that makes figures hard: gaps, weights of 0, all states."""

from datetime import date, timedelta
from random import Random
from typing import Any

from tasks_tracker.actions import replan, rollup, standing
from tasks_tracker.models import (
    Actor,
    KeyTask,
    Measure,
    Plan,
    ProgressReport,
    Region,
    ReportStatus,
    Role,
    StaleCell,
    Standing,
    State,
    User,
    WeekRollup,
    WeightChange,
    WorkItem,
)
from tasks_tracker.rules.weeks import FAR, ONE_WEEK, week_of
from tests.factories import (
    THIS_WEEK,
    make_actor,
    make_item,
    make_key_task,
    make_measure,
    make_plan,
    make_problem,
    make_region,
    make_report,
    make_user,
    moment,
)
from tests.factories.cast import Cast

NOW = moment(THIS_WEEK + timedelta(days=4), 18)  # after the cut-off of 2026-W47
WEEKS = 4
# 1.1 and 1.10 are the same number to a spreadsheet; 4.1 has no weight, 7.1 no items.
MEASURES = ("1.1", "1.10", "1.2", "2.1", "2.2", "3.1", "4.1", "5.1", "6.1", "7.1", "S1.1", "S2.1")
STATES = (*(State.IN_PROGRESS,) * 8, State.ASSIGNED, State.CLOSED, State.SUSPENDED, State.CANCELLED)


def make_random_plan(cast: Cast, seed: int, items: int = 60, *, replanned: bool = False) -> Plan:
    """A plan with `items` items over the last weeks, rolled up week by week; the older weeks are frozen.

    `replanned`: every kind of change of the plan happens too, week by week (see `_replans`).
    """
    random = Random(seed)
    plan = make_plan(is_demonstration=True)
    supervisor = make_user(Role.SUPERVISOR, f"supervisor-{seed}")
    outline, places = measures(), _places(cast)
    in_use = [measure for measure in outline if measure.code != "7.1"]
    made = [_item(random, number, plan, in_use, places) for number in range(items)]
    for back in range(WEEKS - 1, -1, -1):
        week = THIS_WEEK - back * ONE_WEEK
        for item in made:
            _happens(random, item, week, supervisor)
        if replanned and back < WEEKS - 1:
            made += _replans(Random(f"{seed} {back}"), made, week, places)
        StaleCell.objects.all().delete()
        if back:
            rollup.close_week(plan=plan, week=week, now=moment(week + ONE_WEEK, 9), by=supervisor)
        else:
            rollup.roll_up_week(plan=plan, week=week, now=NOW)
    return plan


def latest(plan: Plan) -> WeekRollup:
    """The open week."""
    return plan.weeks.select_related("plan").get(week=THIS_WEEK)


def measures() -> list[Measure]:
    """The measures, in order, with weights of their own."""
    return [
        make_measure(
            code,
            weight=0 if code == "4.1" else 1 + number % 3,
            order=number,
            **({} if code[0] == "S" else {"key_task": _key_task(int(code[0]))}),
        )
        for number, code in enumerate(MEASURES)
    ]


def _key_task(number: int) -> object:
    return make_key_task(number, weight=0 if number == 6 else 1 + number % 3)


def _places(cast: Cast) -> list[tuple[Region, Actor]]:
    return [
        (cast.hubei_region, cast.hubei),
        (cast.hubei_region, cast.wuhan),
        (cast.jiangsu_region, cast.jiangsu),
        (make_region("110000"), make_actor("beijing", parent=cast.ministry)),
        (make_region("100000"), cast.bureau),
    ]


def _item(
    random: Random, number: int, plan: Plan, outline: list[Measure], places: list[tuple[Region, Actor]]
) -> WorkItem:
    region, lead = random.choice(places)
    starts_on = random.choice([date(2026, 1, 1), date(2026, 8, 3), date(2026, 11, 2), date(2027, 1, 4)])
    due_on = starts_on + timedelta(days=random.choice([20, 90, 200, 400]))
    state = random.choice(STATES)
    item = make_item(
        f"R{number:03d}",
        plan=plan,
        measure=random.choice(outline),
        region=region,
        lead=lead,
        weight=random.choice([0, 1, 1, 2, 3, 7]),
        starts_on=starts_on,
        due_on=due_on,
        state=state,
        closed_on=THIS_WEEK if state == State.CLOSED else None,
        is_key=random.random() < 0.2,
        decomposed=random.random() < 0.04,
        is_demonstration=True,
    )
    if random.random() < 0.1:  # put off: it stands in the plan, and starts later
        _moves(item, week_of(starts_on), starts_on=date(2027, 1, 4), due_on=date(2027, 6, 1))
    return item


def _happens(random: Random, item: WorkItem, week: date, supervisor: User) -> ProgressReport | None:
    """An accepted report, a waiting one, or silence; now and then the lead or a weight changes."""
    draw = random.random()
    if item.starts_on > week or item.decomposed or draw > 0.7:
        return None
    if draw > 0.6:
        return make_report(item, week, written_by=_writer(item), status=ReportStatus.SUBMITTED)
    if draw < 0.05:
        _moves(item, week, weight=random.randint(0, 9))
    report = make_report(
        item,
        week,
        written_by=_writer(item),
        status=ReportStatus.ACCEPTED,
        percent=random.randrange(0, 10_001, 50),
        progress_note=f"{item.code} · {week}",
        decided_by=supervisor,
        decided_at=moment(week + timedelta(days=3)),
        counted_week=week,
    )
    make_problem(report)
    standing.learn(item, week, percent=report.percent or 0, reported_week=week)
    return report


def _moves(item: WorkItem, week: date, **changes: Any) -> None:
    """A recorded change from `week` on; what is closed has a day on which it was."""
    before = WorkItem.objects.get(pk=item.pk)
    if "state" in changes:
        day = week if changes["state"] == State.CLOSED else None
        WorkItem.objects.filter(pk=item.pk).update(state=changes["state"], closed_on=day)
    now = moment(week + timedelta(days=1))
    replan.move(before, week, changes, reason="调整", asked_by=None, approved_by=None, now=now)
    item.refresh_from_db()


def _replans(
    random: Random, made: list[WorkItem], week: date, places: list[tuple[Region, Actor]]
) -> list[WorkItem]:
    """A week in which the plan itself moves; returns the items that are new in it."""
    draw = iter(random.sample(made, len(made)))
    for state in (State.CANCELLED, State.SUSPENDED, State.CLOSED, State.IN_PROGRESS, State.DRAFT):
        for item in (next(draw), next(draw)):
            _moves(item, week, state=state)
    for item in (next(draw), next(draw), next(draw)):
        _moves(item, week, lead=random.choice(places)[1])
        _moves(next(draw), week, weight=random.randint(0, 9))
    silent = Standing.objects.filter(percent=None, until=FAR, state=State.IN_PROGRESS, starts_on__lt=week)
    for row in random.sample(list(silent), min(6, len(silent))):
        _moves(row.item, week, starts_on=week + ONE_WEEK, due_on=max(row.due_on, week + 8 * ONE_WEEK))
    _reweigh(random, week)
    whole = next(draw)
    _moves(whole, week, decomposed=True)
    parts = [{"measure": whole.measure, "parent": whole}] * 2
    new = [{"measure": Measure.objects.get(code=code)} for code in random.sample(MEASURES, 3)]
    return [
        make_item(
            f"R{len(made) + number:03d}",
            plan=whole.plan,
            region=region,
            lead=lead,
            weight=random.choice([1, 2, 5]),
            starts_on=week,
            due_on=week + timedelta(days=90),
            state=random.choice([State.IN_PROGRESS, State.IN_PROGRESS, State.DRAFT]),
            **fields,
        )
        for number, fields in enumerate([*parts, *new])
        for region, lead in [random.choice(places)]
    ]


def _reweigh(random: Random, week: date) -> None:
    """A measure and a key task weigh something else from this week on."""
    for row, subject in (
        (Measure.objects.get(code=random.choice(MEASURES)), "measure"),
        (KeyTask.objects.get(number=random.randint(1, 7)), "key_task"),
    ):
        new = random.randint(0, 4)
        WeightChange.objects.create(
            week=week,
            old_weight=row.weight,
            new_weight=new,
            reason="结构调整",
            at=moment(week),
            **{subject: row},
        )
        row.weight = new
        row.save()


def _writer(item: WorkItem) -> User:
    """The reporter of the lead."""
    return User.objects.filter(actor=item.lead, role=Role.REPORTER).first() or make_user(actor=item.lead)
