"""Early signals over the weeks: they last, cease and come again; what people do; how often they are right."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tasks_tracker.actions import rollup
from tasks_tracker.actions.signal_acts import (
    SignalRefused,
    assess_signal,
    handle_signal,
    make_item_of_signal,
    solve_signal,
)
from tasks_tracker.actions.signal_rules import RuleRefused, edit_rule
from tasks_tracker.actions.signals import SignalsRefused, back_test_signals, find_due, find_signals
from tasks_tracker.models import (
    AuditEntry,
    EarlySignal,
    Notice,
    SignalAct,
    SignalRule,
    SignalRun,
    SignalSighting,
    SignalTrack,
    WorkItem,
)
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.actions.test_problems import row_of
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, moment, report_and_accept
from tests.factories.cast import Cast
from tests.factories.signals import evening, look, reported
from tests.rows import rows

pytestmark = pytest.mark.django_db
State, Act = EarlySignal.State, SignalAct.Act
NEXT_WEEK = THIS_WEEK + ONE_WEEK
MONDAY = moment(NEXT_WEEK, 10)


@pytest.fixture
def stuck(cast: Cast) -> WorkItem:
    """At 92 % for four weeks."""
    item = make_item("HB-1")
    reported(item, [9200] * 5)
    return item


def signal() -> EarlySignal:
    return EarlySignal.objects.get(code="stuck")


def acts() -> list[str]:
    return list(SignalAct.objects.filter(signal=signal()).order_by("pk").values_list("act", flat=True))


# --- evaluation -------------------------------------------------------------------------------------------
def test_a_signal_is_raised_with_its_rule_its_figures_and_a_notice(stuck: WorkItem, cast: Cast) -> None:
    run = look()
    assert (run.found, run.raised, run.ceased, run.is_final) == (1, 1, 0, False)
    found = signal()
    assert (found.item, found.state, found.first_week, found.last_week) == (
        stuck,
        "new",
        THIS_WEEK,
        THIS_WEEK,
    )
    assert (found.rule.version, found.rule.parameters) == (1, {"percent": 90, "weeks": 4})
    assert found.sightings.get().evidence["percents"] == [9200] * 5
    notice = Notice.objects.get(kind="signal")  # 孙悦 supervises 江苏 only
    assert (notice.to, notice.link) == (cast.li, "/signals/?week=2026-W47&state=new")
    assert AuditEntry.objects.get(action="find_signals").after["raised"] == 1


def test_looking_twice_changes_nothing(stuck: WorkItem, cast: Cast) -> None:
    look()
    before = rows()
    find_signals(plan=make_plan(), week=THIS_WEEK, now=evening())
    assert rows() == before


def test_a_closed_week_is_looked_at_for_the_last_time(stuck: WorkItem, cast: Cast) -> None:
    assert look(close=True).is_final
    before = rows()
    SignalRule.objects.filter(code="stuck").update(parameters={"percent": 95, "weeks": 4})
    assert find_signals(plan=make_plan(), week=THIS_WEEK, now=MONDAY).is_final
    SignalRule.objects.filter(code="stuck").update(parameters={"percent": 90, "weeks": 4})
    assert rows() == before


def test_the_week_stays_proven(stuck: WorkItem, cast: Cast) -> None:
    look(close=True)
    assert verify_week(make_plan().weeks.get(week=THIS_WEEK)) == []


def test_what_cannot_be_looked_at_is_refused(stuck: WorkItem, cast: Cast) -> None:
    plan = make_plan()
    look()
    rollup.roll_up_week(plan=plan, week=NEXT_WEEK, now=MONDAY)
    for week, code in (
        (NEXT_WEEK, "cutoff_not_passed"),
        (NEXT_WEEK + ONE_WEEK, "not_rolled_up"),
        (LAST_WEEK, "later_week_done"),
    ):
        rollup.WeekRollup.objects.filter(week=LAST_WEEK).update(cutoff_passed=True)
        with pytest.raises(SignalsRefused) as refused:
            find_signals(plan=plan, week=week, now=MONDAY)
        assert refused.value.code == code


def test_what_was_missed_is_made_up_for_week_by_week(stuck: WorkItem, cast: Cast) -> None:
    look(LAST_WEEK)
    plan = make_plan()
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=evening())
    rollup.roll_up_week(plan=plan, week=NEXT_WEEK, now=MONDAY)
    assert [run.week for run in find_due(plan=plan, now=MONDAY)] == [LAST_WEEK, THIS_WEEK]
    assert SignalRun.objects.count() == 2


def test_over_the_turn_of_a_year_with_53_weeks(cast: Cast) -> None:
    item = make_item("HB-1", due_on=date(2027, 6, 30), starts_on=date(2026, 6, 1))
    first_of_year = date(2027, 1, 4)
    reported(item, [9200] * 5, until=first_of_year)
    look(first_of_year)
    assert signal().sightings.get().evidence["reported_week"] == "2027-W01"
    assert signal().code == "stuck"


# --- over the weeks ---------------------------------------------------------------------------------------
def test_it_ceases_by_itself_and_comes_again_as_the_same_one(stuck: WorkItem, cast: Cast) -> None:
    look()
    report_and_accept(stuck, 9300, NEXT_WEEK)
    look(NEXT_WEEK)
    assert (signal().state, signal().last_week) == (State.CEASED, THIS_WEEK)
    for number in range(2, 6):
        report_and_accept(stuck, 9300, THIS_WEEK + number * ONE_WEEK)
        look(THIS_WEEK + number * ONE_WEEK)
    again = signal()
    assert (again.state, again.times, again.first_week) == (State.NEW, 2, THIS_WEEK)
    assert acts() == ["raise", "cease", "return"]


def test_after_eight_weeks_it_is_a_new_one_that_names_the_old(stuck: WorkItem, cast: Cast) -> None:
    look()
    EarlySignal.objects.update(
        state=State.CEASED, first_week=THIS_WEEK - 9 * ONE_WEEK, last_week=THIS_WEEK - 9 * ONE_WEEK
    )
    SignalRun.objects.all().delete()
    look()
    new = EarlySignal.objects.get(is_latest=True)
    assert (new.state, new.times, new.again_after) == (State.NEW, 1, EarlySignal.objects.get(is_latest=False))


def test_a_later_look_at_the_same_week_takes_back_what_no_longer_holds(stuck: WorkItem, cast: Cast) -> None:
    look(LAST_WEEK)
    look()
    report_and_accept(stuck, 9300, THIS_WEEK)
    look()
    assert (signal().state, signal().last_week) == (State.CEASED, THIS_WEEK)
    assert not SignalSighting.objects.filter(week=THIS_WEEK).exists()


def test_a_solved_one_stays_solved_while_its_condition_goes_on(stuck: WorkItem, cast: Cast) -> None:
    look()
    solve_signal(signal=signal(), seen=1, words="等待验收", by=cast.li, now=evening())
    for week in (NEXT_WEEK, NEXT_WEEK + ONE_WEEK):
        report_and_accept(stuck, 9200, week)
        look(week)
    assert signal().state == State.SOLVED
    assert acts() == ["raise", "solve"]
    assert signal().sightings.count() == 3


def test_a_solved_one_that_went_away_and_comes_again_is_new(stuck: WorkItem, cast: Cast) -> None:
    look()
    solve_signal(signal=signal(), seen=1, words="已验收", by=cast.li, now=evening())
    percents = [9300] * 6
    for number, percent in enumerate(percents, 1):
        report_and_accept(stuck, percent, THIS_WEEK + number * ONE_WEEK)
        look(THIS_WEEK + number * ONE_WEEK)
    assert (signal().state, signal().times) == (State.NEW, 2)


def test_a_rule_that_is_switched_off_raises_nothing_and_its_signals_cease(
    stuck: WorkItem, cast: Cast
) -> None:
    look()
    change(cast, is_on=False)
    look()
    assert signal().state == State.CEASED


# --- what people do ---------------------------------------------------------------------------------------
def test_the_way_from_new_to_solved_is_on_record(stuck: WorkItem, cast: Cast) -> None:
    look()
    assess_signal(signal=signal(), seen=1, words="验收排队", by=cast.li, now=evening())
    handle_signal(signal=signal(), seen=2, words="请省厅协调", by=cast.li, now=evening())
    handle_signal(signal=signal(), seen=3, words="已约定时间", by=cast.li, now=evening())
    solved = solve_signal(signal=signal(), seen=4, words="已验收", by=cast.li, now=evening())
    assert solved.state == State.SOLVED
    assert acts() == ["raise", "assess", "handle", "handle", "solve"]
    entries = AuditEntry.objects.filter(object_type="earlysignal").order_by("pk")
    assert [entry.action for entry in entries] == [
        "assess_signal",
        "handle_signal",
        "handle_signal",
        "solve_signal",
    ]
    assert entries[0].item == stuck
    assert (entries[0].before, entries[0].after) == (
        {"signal_state": "new"},
        {"signal_state": "assessed", "words": "验收排队"},
    )
    told = Notice.objects.filter(words__startswith="On the watch list")
    assert set(told.values_list("to__username", flat=True)) == {"chen", "zhou"}


def test_an_act_needs_words_the_right_state_and_what_was_seen(stuck: WorkItem, cast: Cast) -> None:
    look()
    with pytest.raises(SignalRefused, match="words_missing"):
        assess_signal(signal=signal(), seen=1, words=" ", by=cast.li, now=evening())
    with pytest.raises(SignalRefused, match="changed_meanwhile"):
        assess_signal(signal=signal(), seen=2, words="核实", by=cast.li, now=evening())
    solve_signal(signal=signal(), seen=1, words="已验收", by=cast.li, now=evening())
    for act in (assess_signal, handle_signal, solve_signal):
        with pytest.raises(SignalRefused, match="changed_meanwhile"):
            act(signal=signal(), seen=2, words="核实", by=cast.li, now=evening())


def test_only_a_supervisor_in_charge_acts(stuck: WorkItem, cast: Cast) -> None:
    look()
    for user in (cast.chen, cast.zhou, cast.sun, cast.zhao, cast.system_admin, cast.audit_admin):
        for act in (assess_signal, handle_signal, solve_signal):
            with pytest.raises(PermissionDenied):
                act(signal=signal(), seen=1, words="核实", by=user, now=evening())
    assert signal().state == State.NEW


def test_a_signal_becomes_one_work_item(stuck: WorkItem, cast: Cast) -> None:
    look()
    row = replace(row_of(stuck, cast), title="组织验收")
    item = make_item_of_signal(signal=signal(), plan=make_plan(), row=row, by=cast.li, now=evening())
    assert (signal().state, signal().made_item) == (State.ITEM, item)
    assert SignalAct.objects.latest("pk").unit == item.lead
    before = rows()
    with pytest.raises(SignalRefused, match="item_made"), transaction.atomic():
        make_item_of_signal(
            signal=signal(), plan=make_plan(), row=replace(row, title="再来"), by=cast.li, now=evening()
        )
    assert rows() == before
    look()
    assert signal().state == State.ITEM


def test_who_sees_what(stuck: WorkItem, cast: Cast) -> None:
    for n in range(3):
        make_item(f"R-{n}", is_key=True)
    make_item("R-3", is_key=True, lead=cast.wuhan)
    look()
    own, place = EarlySignal.objects.get(code="stuck"), EarlySignal.objects.get(code="cluster")
    for user, expected in (
        (cast.li, {own, place}),
        (cast.zhao, {own, place}),
        (cast.sun, set()),
        (cast.chen, {own, place}),  # 武汉 lies below 湖北
        (cast.liu, set()),  # 武汉 does not see all of the four
        (cast.wang, set()),
        (cast.audit_admin, set()),
    ):
        assert set(EarlySignal.objects.all().visible_to(user)) == expected, user  # type: ignore[attr-defined]


# --- rules ------------------------------------------------------------------------------------------------
def change(cast: Cast, **values: Any) -> SignalRule:
    wanted: dict[str, Any] = {
        "seen": 1,
        "is_on": True,
        "parameters": {"percent": 90, "weeks": 4},
        "horizon": 8,
        "reason": "太多",
        "by": cast.li,
    }
    return edit_rule(plan=make_plan(), code="stuck", now=MONDAY, **wanted | values)


def test_a_changed_rule_is_a_new_version_and_old_signals_keep_theirs(stuck: WorkItem, cast: Cast) -> None:
    look()
    new = change(cast, parameters={"percent": 91, "weeks": 3})
    assert (new.version, new.is_current, new.by, new.reason) == (2, True, cast.li, "太多")
    look()
    assert signal().rule.parameters == {"percent": 90, "weeks": 4}
    assert signal().sightings.get().evidence["percents"] == [9200] * 4  # evaluated by the new version
    entry = AuditEntry.objects.get(action="change_signalrule")
    assert entry.before["parameters"] == {"percent": 90, "weeks": 4}
    assert (entry.after["version"], entry.after["reason"]) == (2, "太多")


def test_a_rule_is_not_changed_unseen_without_a_reason_or_out_of_bounds(cast: Cast) -> None:
    fewer = {"percent": 91, "weeks": 4}
    for values, code in (
        ({"seen": 2, "parameters": fewer}, "changed_meanwhile"),
        ({"parameters": fewer, "reason": " "}, "reason_missing"),
        ({}, "nothing_changed"),
    ):
        with pytest.raises(RuleRefused, match=code):
            change(cast, **values)
    for parameters in ({"percent": 49, "weeks": 4}, {"percent": 90}, {"percent": 90, "weeks": 4, "more": 1}):
        with pytest.raises(ValidationError):
            change(cast, parameters=parameters)
    for user in (cast.sun, cast.zhao, cast.chen, cast.system_admin):
        with pytest.raises(PermissionDenied):
            change(cast, parameters=fewer, by=user)


# --- how often right --------------------------------------------------------------------------------------
def test_a_back_test_counts_warnings_whose_end_is_known(cast: Cast) -> None:
    """Four items become stuck in the same week; within eight weeks two of them are overdue, one is put off.

    The fourth is done in time. A fifth is overdue already when it becomes stuck: nothing is warned of. A
    sixth becomes stuck too late for its end to be known.
    """
    first = THIS_WEEK - 14 * ONE_WEEK
    warned = first + 5 * ONE_WEEK
    far = THIS_WEEK + 20 * ONE_WEEK
    due = {
        "OVERDUE-1": warned + timedelta(days=7),
        "OVERDUE-2": warned + 8 * ONE_WEEK + timedelta(days=5),  # the Saturday before the last Sunday
        "PUT-OFF": far,
        "IN-TIME": far,
        "ALREADY": warned - timedelta(days=7),
        "TOO-LATE": far,
    }
    for code, day in due.items():
        item = make_item(code, due_on=day)
        begin = warned + 5 * ONE_WEEK if code == "TOO-LATE" else first
        report_and_accept(item, 9100, begin)
        for number in range(1, 6):
            report_and_accept(item, 9200, begin + number * ONE_WEEK)
    put_off = WorkItem.objects.get(code="PUT-OFF")
    last = put_off.standings.latest("since")
    week = warned + 3 * ONE_WEEK
    later = type(last).objects.get(pk=last.pk)
    type(last).objects.filter(pk=last.pk).update(until=week)
    later.pk, later.since, later.due_on = None, week, far + ONE_WEEK
    later.save()
    plan = make_plan()
    for number in range(15):
        each = first + number * ONE_WEEK
        rollup.roll_up_week(plan=plan, week=each, now=moment(each + ONE_WEEK))
    tracks = {
        track.rule.code: track for track in back_test_signals(plan=plan, weeks=26, now=moment(NEXT_WEEK))
    }
    stuck = tracks["stuck"]
    assert (stuck.hits, stuck.warnings) == (3, 4)
    assert (stuck.first_week, stuck.last_week) == (first + ONE_WEEK, THIS_WEEK)
    assert not stuck.is_known  # fewer than five
    back_test_signals(plan=plan, weeks=26, now=moment(NEXT_WEEK))
    assert SignalTrack.objects.filter(rule__code="stuck").count() == 1
    assert not EarlySignal.objects.exists()


def test_there_is_nothing_to_test_on_one_week(cast: Cast) -> None:
    make_item("HB-1")
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=evening())
    assert back_test_signals(plan=make_plan(), weeks=26, now=evening()) == []


# --- cost -------------------------------------------------------------------------------------------------
def test_looking_costs_the_same_with_many_items_as_with_few(stuck: WorkItem, cast: Cast) -> None:
    look()
    counts = []
    for more in (0, 30):
        for number in range(more):
            make_item(f"N-{number}")
        SignalRun.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            find_signals(plan=make_plan(), week=THIS_WEEK, now=evening())
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 60
