"""The ledger of a week: the same items as the cells, with what was known then."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from tasks_tracker.actions import rollup
from tasks_tracker.models import Cell, Region, ReportScope, ReportStatus, State, User
from tasks_tracker.queries import ledger as reads
from tasks_tracker.queries.exports import choices_for
from tasks_tracker.queries.figures import Tally, tallies, total
from tasks_tracker.queries.ledger import LedgerRow, Selection, UnknownSubject, find_subject, is_within
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_key_task,
    make_measure,
    make_plan,
    make_region,
    make_report,
    make_user,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.reports.random_plan import latest, make_random_plan

pytestmark = pytest.mark.django_db
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 18)


def tally_of(rows: Iterable[LedgerRow]) -> dict[str, int]:
    """The sums of the rows, as a cell holds them."""
    sums = dict.fromkeys(Tally().values, 0)
    for row in rows:
        if not row.counted:
            state = "suspended" if row.light else "cancelled"
            sums[f"{state}_items"] += 1
            sums[f"{state}_weight"] += row.weight
            continue
        sums["items"] += 1
        sums["weight"] += row.weight
        sums["known_weight"] += row.weight * row.known
        sums["unknown_items"] += not row.known
        sums["stale_weight"] += row.weight * row.stale
        sums["stale_items"] += row.stale
        sums["earned"] += row.weight * (row.percent or 0)
        sums["planned"] += row.weight * row.planned
        sums["due"] += row.due
        sums["due_reported"] += row.due and row.reported
        sums[row.light] += 1
    return sums


@pytest.mark.parametrize("who", ["li", "sun", "chen", "liu", "wang"])
def test_the_ledger_adds_up_to_the_cells_in_every_scope_and_week(who: str, cast: Cast) -> None:
    plan = make_random_plan(cast, seed=ord(who[0]), items=40)
    user: User = getattr(cast, who)
    subjects: list[tuple[str, Any]] = [
        (ReportScope.NATIONAL, None),
        (ReportScope.KEY_TASK, make_key_task(1)),
        (ReportScope.REGION, cast.jiangsu_region),
        (ReportScope.ACTOR, cast.hubei),
    ]
    filed = {"accepted", "submitted", "returned", "no_change", "late"}  # reports, which are no rows
    for week in plan.weeks.select_related("plan"):
        for scope, subject in subjects:
            selection = Selection(week, scope, subject, user)
            cells = tallies(reads.cells_of(selection).filter(rollup=week), "measure")
            expected = dict(total(cells.values()).values)
            found = tally_of(reads.ledger(selection))
            assert {k: v for k, v in found.items() if k not in filed} == {
                k: v for k, v in expected.items() if k not in filed
            }, (week, scope)


def test_a_user_finds_only_what_the_own_subtree_leads(cast: Cast) -> None:
    rollup_ = latest(make_random_plan(cast, seed=9, items=40))
    leads = {row.lead.code for row in reads.ledger(Selection(rollup_, user=cast.chen))}
    assert leads == {"hubei", "wuhan"}
    assert {row.region.code for row in reads.ledger(Selection(rollup_, user=cast.sun))} == {"320000"}
    assert list(reads.ledger(Selection(rollup_, user=cast.audit_admin))) == []


def test_suspended_and_cancelled_items_stand_at_the_end(cast: Cast) -> None:
    for number, state in enumerate((State.CANCELLED, State.IN_PROGRESS, State.SUSPENDED, State.ASSIGNED)):
        make_item(f"A{number}", lead=cast.hubei, state=state)
    make_item("draft", lead=cast.hubei, state=State.DRAFT)
    week = rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    rows = list(reads.ledger(Selection(week, user=cast.li)))
    assert [(row.code, row.counted) for row in rows] == [("A1", 1), ("A3", 1), ("A0", 0), ("A2", 0)]
    assert [row.light for row in rows[2:]] == ["", "suspended"]


def test_a_past_week_shows_the_report_that_counted_then(cast: Cast) -> None:
    item = make_item("A1", lead=cast.hubei)
    first = report_and_accept(item, 4_000, LAST_WEEK)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    now = report_and_accept(item, 5_000, THIS_WEEK)
    type(first).objects.filter(pk=first.pk).update(progress_note="上周")
    type(now).objects.filter(pk=now.pk).update(progress_note="本周")
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=FRIDAY)
    found = {}
    for week in plan.weeks.select_related("plan"):
        (row,) = reads.ledger(Selection(week, user=cast.li))
        found[week.week] = (row.percent, row.note, row.reported_week)
        assert row.problems.endswith("配套资金尚未到位。")
    assert found == {LAST_WEEK: (4_000, "上周", LAST_WEEK), THIS_WEEK: (5_000, "本周", THIS_WEEK)}


def test_what_needs_attention_comes_overdue_first_then_furthest_behind(cast: Cast) -> None:
    dates = {"starts_on": THIS_WEEK - 10 * ONE_WEEK, "due_on": THIS_WEEK + 10 * ONE_WEEK, "lead": cast.hubei}
    report_and_accept(make_item("near", **dates), 4_600)
    report_and_accept(make_item("far", **dates), 1_000)
    report_and_accept(make_item("middle", **dates), 3_000)
    report_and_accept(make_item("fine", **dates), 9_000)
    make_item("over", **dates | {"due_on": THIS_WEEK})
    week = rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    rows = [(row.code, row.light) for row in reads.attention(Selection(week, user=cast.li))]
    assert rows == [("over", "overdue"), ("far", "behind"), ("middle", "behind"), ("near", "at_risk")]


def test_units_that_owe_reports_are_counted_and_their_items_listed(cast: Cast) -> None:
    for code, lead in (("A1", cast.hubei), ("A2", cast.hubei), ("B1", cast.jiangsu)):
        make_item(code, lead=lead, is_key=True)
    given = make_item("A3", lead=cast.hubei, is_key=True)
    make_report(given, written_by=cast.chen, status=ReportStatus.SUBMITTED)
    week = rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    selection = Selection(week, user=cast.li)
    owed = {lead.code: (due, gave) for lead, due, gave in reads.owed_by_lead(selection).values()}
    assert owed == {"hubei": (3, 1), "jiangsu": (1, 0)}
    assert [row.code for row in reads.unreported(selection)] == ["A1", "A2", "B1"]


def test_reading_costs_the_same_for_few_and_for_many(
    cast: Cast, django_assert_max_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Per chunk of rows two queries for the reports, and nothing per row."""
    week = latest(make_random_plan(cast, seed=4, items=50))
    with django_assert_max_num_queries(7) as few:
        rows = list(reads.ledger(Selection(week)))
    monkeypatch.setattr(reads, "CHUNK", 10)
    with django_assert_max_num_queries(100) as many:
        assert list(reads.ledger(Selection(week))) == rows
    chunks = -(-len(rows) // 10)
    assert len(many) - len(few) <= 2 * (chunks - 1)


def test_subjects_are_found_by_their_codes(cast: Cast) -> None:
    policy = make_plan().policy_id
    task = make_key_task(3)
    assert find_subject("national", "", policy) is None
    assert find_subject("key_task", "3", policy) == task
    assert find_subject("region", "420000", policy) == cast.hubei_region
    assert find_subject("actor", "hubei", policy) == cast.hubei
    for scope, code in [
        ("key_task", "9"),
        ("key_task", "x"),
        ("region", "999999"),
        ("actor", ""),
        ("x", "1"),
    ]:
        with pytest.raises(UnknownSubject):
            find_subject(scope, code, policy)


def test_what_lies_within_whose_scope(cast: Cast) -> None:
    make_item(lead=cast.hubei, measure=make_measure("1.1"))
    make_item(lead=cast.jiangsu, measure=make_measure("2.1"), region=cast.jiangsu_region)
    week = rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    one, two = make_key_task(1), make_key_task(2)
    hubei, jiangsu = cast.hubei_region, cast.jiangsu_region
    for user, scope, subject, answer in [
        (cast.li, "region", make_region("110000"), True),
        (cast.li, "actor", cast.wuhan, True),
        (cast.chen, "national", None, True),
        (cast.chen, "key_task", one, True),
        (cast.chen, "key_task", two, False),
        (cast.chen, "region", hubei, True),
        (cast.chen, "region", jiangsu, False),
        (cast.chen, "actor", cast.wuhan, True),
        (cast.chen, "actor", cast.ministry, False),
        (cast.liu, "actor", cast.hubei, False),
        (cast.sun, "region", hubei, False),
        (cast.sun, "region", jiangsu, True),
        (cast.sun, "key_task", one, False),
        (cast.sun, "actor", cast.jiangsu, True),
        (cast.sun, "actor", cast.hubei, False),
        (cast.system_admin, "national", None, False),
    ]:
        assert is_within(user, scope, subject) is answer, (user, scope, subject)
    offered = choices_for(cast.chen, week)
    assert (offered.key_tasks, offered.regions, offered.actors) == ([one], [hubei], [cast.hubei])
    everything = choices_for(cast.li, week)
    assert everything.key_tasks == [one, two]
    assert {actor.code for actor in everything.actors} == {"miit", "hubei", "jiangsu"}


def test_an_office_limited_to_key_tasks_sees_their_items_only(cast: Cast) -> None:
    make_item("A", lead=cast.hubei, measure=make_measure("1.1"))
    make_item("B", lead=cast.hubei, measure=make_measure("2.1"))
    make_item("S", lead=cast.hubei, measure=make_measure("S1.1"))
    week = rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)
    limited = make_user("supervisor", "limited")
    limited.key_tasks.add(make_key_task(2))
    assert [row.code for row in reads.ledger(Selection(week, user=limited))] == ["B"]
    assert Cell.objects.visible_to(limited).count() == 1
    assert Region.objects.count() > 1
