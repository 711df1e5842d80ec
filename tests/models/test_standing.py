"""The expressions of the Standing QuerySet against the plain rules for one item, on random plans.

The same comparison runs on PostgreSQL and on SQLite: both must say what rules/reference.py says.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tasks_tracker.models import (
    COUNTED_LIGHTS,
    GIVEN,
    Milestone,
    Plan,
    PlanSegment,
    ProgressReport,
    ReportStatus,
    Role,
    Standing,
    State,
    UnitReview,
    User,
    WorkItem,
)
from tasks_tracker.rules.reference import Agreed, Thresholds, Told, Verdict, judge
from tasks_tracker.rules.schedule import plan_segments
from tasks_tracker.rules.weeks import FAR, ONE_WEEK, AsOf, sunday_of
from tests.factories import THIS_WEEK, make_actor, make_measure, make_plan, make_region, make_user, moment

DAY = timedelta(days=1)
ITEMS = 400
POINTS = [
    AsOf(THIS_WEEK, THIS_WEEK, cutoff_passed=False),
    AsOf(THIS_WEEK, THIS_WEEK + 3 * DAY, cutoff_passed=False),
    AsOf(THIS_WEEK, sunday_of(THIS_WEEK), cutoff_passed=True),
    AsOf(THIS_WEEK + ONE_WEEK, THIS_WEEK + 11 * DAY, cutoff_passed=True),  # a month's last Friday
    AsOf(THIS_WEEK - ONE_WEEK, sunday_of(THIS_WEEK - ONE_WEEK), cutoff_passed=True),
]
FIELDS = tuple(Verdict.__dataclass_fields__)


def random_agreed(random: Random) -> Agreed:
    """Runs that start, end and bend around the weeks that are looked at."""
    starts_on = THIS_WEEK + random.choice([random.randint(-400, -60), random.randint(-16, 16)]) * DAY
    due_on = max(
        starts_on + DAY,
        THIS_WEEK + random.choice([random.randint(-16, 16), random.randint(20, 700)]) * DAY,
    )
    length = (due_on - starts_on).days
    marks = sorted(random.sample(range(length + 1), k=min(length, random.choice([0, 0, 1, 2, 4]))))
    percents = sorted(random.randint(0, 100_00) for _ in marks)
    return Agreed(
        starts_on=starts_on,
        due_on=due_on,
        state=random.choices([str(s) for s in State], weights=[1, 3, 3, 12, 3, 2, 2, 2])[0],
        weight=random.choice([0, 1, 3, 1000]),
        is_key=random.random() < 0.2,
        decomposed=random.random() < 0.1,
        milestones=[(starts_on + n * DAY, p) for n, p in zip(marks, percents, strict=True)],
        **random_override(random),
    )


def random_override(random: Random) -> dict[str, Any]:
    """Now and then a light set by hand, until a day around the weeks that are looked at."""
    if random.random() < 0.7:
        return {}
    last_day = THIS_WEEK + random.randint(-10, 20) * DAY
    return {"override": str(random.choice(COUNTED_LIGHTS)), "override_until": last_day}


def random_percent(random: Random) -> int | None:
    return random.choice([None, 0, 100_00, random.randint(0, 100_00), random.randint(0, 100_00)])


@pytest.fixture
def plan(db: None) -> Plan:
    return make_plan()


def make_random_item(plan: Plan, number: int, random: Random, written_by: Any) -> tuple[WorkItem, Agreed]:
    agreed = random_agreed(random)
    item = WorkItem.objects.create(
        code=f"R{number}",
        plan=plan,
        measure=make_measure(),
        region=make_region(),
        lead=make_actor(),
        title="事项",
        starts_on=agreed.starts_on,
        due_on=agreed.due_on,
        weight=agreed.weight,
        state=agreed.state,
        closed_on=agreed.due_on if agreed.state == State.CLOSED else None,
        is_key=agreed.is_key,
        decomposed=agreed.decomposed,
    )
    for n, (due_on, percent) in enumerate(agreed.milestones):
        Milestone.objects.create(item=item, number=n, title="节点", due_on=due_on, percent=percent)
    PlanSegment.objects.bulk_create(
        PlanSegment(item=item, since=date(2020, 1, 6), until=FAR, **piece._asdict())
        for piece in plan_segments(agreed.starts_on, agreed.due_on, agreed.milestones)
    )
    make_random_history(item, agreed, random, written_by)
    return item, agreed


def make_random_history(item: WorkItem, agreed: Agreed, random: Random, written_by: Any) -> None:
    """Two or three standings that meet at weeks around the ones looked at, and reports of any status."""
    cuts = sorted(random.sample([THIS_WEEK + n * ONE_WEEK for n in range(-2, 3)], k=random.choice([1, 2])))
    before: int | None = None
    for since, until in zip([date(2020, 1, 6), *cuts], [*cuts, FAR], strict=True):
        percent = random.choice([before, random_percent(random)])
        Standing.objects.create(
            item=item,
            since=since,
            until=until,
            lead=item.lead,
            weight=agreed.weight,
            starts_on=agreed.starts_on,
            due_on=agreed.due_on,
            state=agreed.state,
            is_key=agreed.is_key,
            decomposed=agreed.decomposed,
            percent=percent,
            reported_week=None
            if percent is None
            else min(since, THIS_WEEK) - random.randint(0, 11) * ONE_WEEK,
            previous_percent=before,
            override=agreed.override,
            override_until=agreed.override_until,
        )
        before = percent
    for back in random.sample(range(-1, 5), k=random.choice([0, 1, 1, 2])):
        status = random.choice([s for s in ReportStatus if s != ReportStatus.SUPERSEDED])
        decided = status in (ReportStatus.ACCEPTED, ReportStatus.RETURNED)
        ProgressReport.objects.create(
            item=item,
            week=THIS_WEEK - back * ONE_WEEK,
            status=status,
            counted_week=THIS_WEEK - back * ONE_WEEK if status == ReportStatus.ACCEPTED else None,
            percent=50_00,
            written_by=written_by,
            saved_at=moment(THIS_WEEK),
            submitted_at=None if status == ReportStatus.DRAFT else moment(THIS_WEEK),
            submitted_by=None if status == ReportStatus.DRAFT else written_by,
            unit_review="" if status == ReportStatus.DRAFT else UnitReview.SWITCHED_OFF,
            reviewed_by=decider() if status == ReportStatus.REVIEWED else None,
            reviewed_at=moment(THIS_WEEK) if status == ReportStatus.REVIEWED else None,
            decided_by=decider() if decided else None,
            decided_at=moment(THIS_WEEK) if decided else None,
            return_reason="请补充数据" if status == ReportStatus.RETURNED else "",
        )


def decider() -> User:
    return User.objects.filter(username="li").first() or make_user(Role.SUPERVISOR, "li")


def told_in(item: WorkItem, week: date) -> Told:
    standings = Standing.objects.filter(item=item)
    now = standings.get(since__lte=week, until__gt=week)
    before = standings.get(since__lte=week - ONE_WEEK, until__gt=week - ONE_WEEK)
    weeks = item.reports.filter(status__in=GIVEN).values_list("week", flat=True)
    return Told(now.percent, now.reported_week, before.percent, frozenset(weeks))


def expected(item: WorkItem, agreed: Agreed, plan: Plan, point: AsOf) -> dict[str, Any]:
    thresholds = Thresholds(
        plan.severely_behind_below, plan.behind_below, plan.at_risk_below, plan.due_soon_days
    )
    return asdict(judge(agreed, told_in(item, point.week), thresholds, point))


def differences(
    plan: Plan, items: list[tuple[WorkItem, Agreed]], point: AsOf
) -> Iterator[tuple[str, str, Any, Any]]:
    rows = {row["item"]: row for row in Standing.objects.at(plan, point).values("item", *FIELDS)}
    assert len(rows) == len(items)
    for item, agreed in items:
        for name, value in expected(item, agreed, plan, point).items():
            if rows[item.pk][name] != value:
                yield item.code, name, rows[item.pk][name], value


@pytest.mark.parametrize("seed", [1, 2])
def test_the_expressions_say_what_the_plain_rules_say(plan: Plan, seed: int) -> None:
    random, writer = Random(seed), make_user()
    items = [make_random_item(plan, number, random, writer) for number in range(ITEMS)]
    for point in POINTS:
        assert list(differences(plan, items, point)) == []


def test_other_thresholds_are_obeyed(db: None) -> None:
    plan = make_plan(severely_behind_below=-2000, behind_below=-700, at_risk_below=0, due_soon_days=14)
    random, writer = Random(3), make_user()
    items = [make_random_item(plan, number, random, writer) for number in range(150)]
    assert list(differences(plan, items, POINTS[2])) == []


def test_the_random_plans_reach_every_light_every_reason_and_every_kind_of_obligation(plan: Plan) -> None:
    random, writer = Random(1), make_user()
    for number in range(ITEMS):
        make_random_item(plan, number, random, writer)
    seen: dict[str, set[Any]] = {name: set() for name in FIELDS}
    for point in POINTS:
        for row in Standing.objects.at(plan, point).values(*FIELDS):
            for name in FIELDS:
                seen[name].add(row[name])
    assert len(seen["light"]) == len(seen["computed_light"]) == 8  # seven lights and none
    assert len(seen["reason"]) == 13  # twelve reasons and none
    assert seen["reason"] - seen["computed_reason"] == {"overridden"}
    for name in ("weekly", "due", "reported", "missing", "in_scope", "known", "stale"):
        assert seen[name] == {True, False}
    assert None in seen["variance"]


@pytest.mark.parametrize(
    ("status", "filing"),
    [
        (None, "missing"),
        (ReportStatus.DRAFT, "draft"),
        (ReportStatus.SUBMITTED, "submitted"),
        (ReportStatus.RETURNED, "returned"),
        (ReportStatus.ACCEPTED, "accepted"),
    ],
)
def test_filing_tells_what_became_of_the_weeks_report(
    plan: Plan, status: ReportStatus | None, filing: str
) -> None:
    random, writer = Random(5), make_user()
    item = make_random_item(plan, 1, random, writer)[0]
    item.reports.all().delete()
    kept = {"is_key": True, "decomposed": False}
    WorkItem.objects.filter(pk=item.pk).update(**kept)
    Standing.objects.filter(item=item).update(
        state=State.IN_PROGRESS, starts_on=date(2026, 1, 1), due_on=date(2027, 1, 1), **kept
    )
    if status:
        ProgressReport.objects.create(
            item=item,
            week=THIS_WEEK,
            status=status,
            percent=50_00,
            written_by=writer,
            saved_at=moment(THIS_WEEK),
            submitted_at=moment(THIS_WEEK),
            submitted_by=writer,
            unit_review="" if status == ReportStatus.DRAFT else UnitReview.SWITCHED_OFF,
            decided_by=decider(),
            decided_at=moment(THIS_WEEK),
            return_reason="请补充数据",
            counted_week=THIS_WEEK if status == ReportStatus.ACCEPTED else None,
        )
    assert Standing.objects.at(plan, POINTS[1]).with_filing(POINTS[1]).get().filing == filing


def test_one_query_answers_everything(plan: Plan) -> None:
    random, writer = Random(7), make_user()
    for number in range(5):
        make_random_item(plan, number, random, writer)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(Standing.objects.at(plan, POINTS[0]).with_filing(POINTS[0])) == 5
    assert len(queries) == 1
