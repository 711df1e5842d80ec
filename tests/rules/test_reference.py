"""The rules for one item, row by row of the table, and what must hold for every plan."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks_tracker.rules.reference import (
    FULL,
    Agreed,
    Thresholds,
    Told,
    Verdict,
    judge,
    pieces,
    planned_percent,
)
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf

MONDAY = date(2026, 11, 16)
FRIDAY = MONDAY + timedelta(days=4)
MONTH_END = date(2026, 10, 26)  # holds the last Friday of October
AGREED = Agreed(starts_on=date(2026, 1, 1), due_on=date(2027, 12, 31))
TOLD = Told(percent=60_00, reported_week=MONDAY - ONE_WEEK, percent_before=60_00)


def verdict(told: Told = TOLD, day: date = FRIDAY, cutoff_passed: bool = False, **agreed: Any) -> Verdict:
    point = AsOf(week=MONDAY, day=day, cutoff_passed=cutoff_passed)
    return judge(replace(AGREED, **agreed), told, Thresholds(), point)


def told(percent: int | None, *given: date) -> Told:
    return Told(percent, MONDAY - ONE_WEEK if percent is not None else None, percent, frozenset(given))


# --- planned progress ---------------------------------------------------------------------------------------
def test_without_milestones_the_plan_rises_by_calendar_days() -> None:
    agreed = Agreed(date(2026, 1, 1), date(2026, 1, 11))
    assert planned_percent(agreed, date(2025, 12, 31)) == 0
    assert planned_percent(agreed, date(2026, 1, 1)) == 0
    assert planned_percent(agreed, date(2026, 1, 4)) == 30_00
    assert planned_percent(agreed, date(2026, 1, 11)) == FULL
    assert planned_percent(agreed, date(2026, 2, 1)) == FULL


def test_with_milestones_it_rises_from_one_to_the_next() -> None:
    agreed = Agreed(
        date(2026, 1, 1),
        date(2026, 1, 31),
        milestones=[(date(2026, 1, 21), 80_00), (date(2026, 1, 11), 20_00)],
    )
    assert planned_percent(agreed, date(2026, 1, 6)) == 10_00
    assert planned_percent(agreed, date(2026, 1, 11)) == 20_00
    assert planned_percent(agreed, date(2026, 1, 16)) == 50_00
    assert planned_percent(agreed, date(2026, 1, 26)) == 90_00


def test_it_is_rounded_down_to_a_hundredth() -> None:
    agreed = Agreed(date(2026, 1, 1), date(2026, 1, 4))
    assert planned_percent(agreed, date(2026, 1, 2)) == 33_33
    assert planned_percent(agreed, date(2026, 1, 3)) == 66_66


days = st.dates(date(2025, 1, 1), date(2028, 12, 31))


@st.composite
def plans(draw: st.DrawFn) -> Agreed:
    starts_on = draw(days)
    length = draw(st.integers(1, 900))
    marks = draw(st.lists(st.integers(0, length), max_size=5, unique=True).map(sorted))
    percents = sorted(draw(st.lists(st.integers(0, FULL), min_size=len(marks), max_size=len(marks))))
    milestones = [(starts_on + timedelta(days=mark), p) for mark, p in zip(marks, percents, strict=True)]
    return Agreed(starts_on, starts_on + timedelta(days=length), milestones=milestones)


@given(plans(), days, days)
def test_a_plan_never_falls_and_stays_within_nothing_and_all(agreed: Agreed, one: date, other: date) -> None:
    first, last = sorted([one, other])
    assert 0 <= planned_percent(agreed, first) <= planned_percent(agreed, last) <= FULL


@given(plans())
def test_the_pieces_of_a_plan_run_from_start_to_due_without_gap(agreed: Agreed) -> None:
    parts = pieces(agreed)
    assert parts[0][0] == agreed.starts_on
    assert parts[-1][1] == agreed.due_on
    assert all(before[1] == after[0] for before, after in pairwise(parts))
    for from_day, _, from_percent, _ in parts:
        assert planned_percent(agreed, from_day) == from_percent


# --- the light ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("told_", "agreed", "light", "reason"),
    [
        (told(10_00), {"state": "closed"}, "done", "closed"),
        (told(10_00), {"state": "suspended"}, "suspended", "suspended"),
        (told(10_00), {"state": "cancelled"}, "", ""),
        (told(10_00), {"starts_on": FRIDAY + timedelta(days=1)}, "not_started", "starts_later"),
        (told(FULL), {"due_on": FRIDAY - timedelta(days=1)}, "overdue", "due_day_passed"),
        (told(10_00), {}, "behind", "severely_behind"),
        (told(30_00), {}, "behind", "behind_plan"),
        (told(36_00), {}, "at_risk", "slightly_behind"),
        (told(FULL - 1), {"due_on": FRIDAY + timedelta(days=7)}, "at_risk", "due_soon"),
        (told(FULL), {"due_on": FRIDAY + timedelta(days=7)}, "on_track", "as_planned"),
        (told(FULL), {"due_on": FRIDAY}, "on_track", "as_planned"),
        (told(None), {"due_on": FRIDAY + timedelta(days=7)}, "at_risk", "due_soon"),
        (told(None, MONTH_END), {}, "on_track", "not_yet_reported"),
        (told(60_00, MONTH_END), {}, "on_track", "as_planned"),
    ],
)
def test_the_light_is_the_first_rule_that_holds(
    told_: Told, agreed: dict[str, Any], light: str, reason: str
) -> None:
    seen = verdict(told_, **agreed)
    assert (seen.light, seen.reason) == (light, reason)


def test_thresholds_themselves_are_still_within() -> None:
    planned = planned_percent(AGREED, FRIDAY)
    assert verdict(told(planned - 5_00, MONTH_END)).light == "on_track"
    assert verdict(told(planned - 5_01, MONTH_END)).reason == "slightly_behind"
    assert verdict(told(planned - 10_00, MONTH_END)).reason == "slightly_behind"
    assert verdict(told(planned - 10_01, MONTH_END)).reason == "behind_plan"
    assert verdict(told(planned - 30_00, MONTH_END)).reason == "behind_plan"
    assert verdict(told(planned - 30_01, MONTH_END)).reason == "severely_behind"


def test_a_missing_report_is_at_risk_after_the_cutoff_and_never_more() -> None:
    assert verdict(told(60_00), is_key=True).light == "on_track"
    late = verdict(told(60_00), is_key=True, cutoff_passed=True)
    assert (late.missing, late.light, late.reason) == (True, "at_risk", "report_missing")
    given = verdict(told(60_00, MONDAY), is_key=True, cutoff_passed=True)
    assert (given.missing, given.light) == (False, "on_track")


# --- what is owed -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("told_", "agreed", "weekly"),
    [
        (told(60_00), {}, False),
        (told(60_00), {"is_key": True}, True),
        (told(10_00), {}, True),  # behind
        (told(FULL), {"due_on": MONDAY - timedelta(days=1)}, True),  # overdue
        (told(FULL), {"due_on": MONDAY}, False),  # due today, and all is done
        (told(99_00), {"due_on": MONDAY + timedelta(days=7)}, True),  # due soon
        (told(99_00), {"due_on": MONDAY + timedelta(days=8)}, False),
        (told(None), {"starts_on": MONDAY + timedelta(days=1)}, False),
    ],
)
def test_weekly_is_who_needs_attention(told_: Told, agreed: dict[str, Any], weekly: bool) -> None:
    assert verdict(told_, **agreed).weekly is weekly


def test_catching_up_during_the_week_takes_nothing_off_the_list_of_dues() -> None:
    caught_up = Told(60_00, MONDAY, percent_before=10_00, given_weeks=frozenset({MONDAY}))
    seen = verdict(caught_up)
    assert (seen.weekly, seen.due, seen.reported, seen.light) == (True, True, True, "on_track")


def test_a_monthly_report_is_owed_from_the_months_end_until_it_is_given() -> None:
    assert verdict(told(60_00)).due
    assert not verdict(told(60_00, MONTH_END)).due
    assert not verdict(told(60_00, MONDAY - ONE_WEEK)).due
    assert verdict(told(60_00, MONTH_END - ONE_WEEK)).due
    given_this_week = verdict(told(60_00, MONDAY))
    assert given_this_week.due
    assert given_this_week.reported


@pytest.mark.parametrize("state", ["draft", "closed", "suspended", "cancelled"])
def test_nothing_is_owed_on_items_that_do_not_run(state: str) -> None:
    assert not verdict(told(10_00), state=state, is_key=True).due


def test_nothing_is_owed_on_a_decomposed_item_and_it_is_not_counted() -> None:
    seen = verdict(told(10_00), is_key=True, decomposed=True)
    assert (seen.due, seen.in_scope) == (False, False)


def test_what_starts_after_the_friday_owes_nothing_yet() -> None:
    assert verdict(told(None), is_key=True, starts_on=FRIDAY, day=FRIDAY).due
    assert not verdict(told(None), is_key=True, starts_on=FRIDAY + timedelta(days=1)).due


# --- what is known ------------------------------------------------------------------------------------------
def test_known_is_closed_or_ahead_or_reported() -> None:
    assert (verdict(told(None)).known, verdict(told(None)).counted_percent) == (False, 0)
    assert (verdict(told(40_00)).known, verdict(told(40_00)).counted_percent) == (True, 40_00)
    closed = verdict(told(None), state="closed")
    assert (closed.known, closed.counted_percent) == (True, FULL)
    ahead = verdict(told(5_00), starts_on=FRIDAY + timedelta(days=3))
    assert (ahead.known, ahead.counted_percent) == (True, 0)


@pytest.mark.parametrize(
    ("is_key", "age", "stale"), [(True, 2, False), (True, 3, True), (False, 9, False), (False, 10, True)]
)
def test_stale_is_older_than_two_periods_of_the_cadence(is_key: bool, age: int, stale: bool) -> None:
    old = Told(60_00, MONDAY - age * ONE_WEEK, 60_00)
    assert verdict(old, is_key=is_key).stale is stale
    assert not verdict(old, is_key=is_key, state="closed").stale


# --- a light set by hand ------------------------------------------------------------------------------------
def test_a_light_set_by_hand_holds_through_its_last_day_beside_the_computed_one() -> None:
    by_hand = {"override": "on_track", "override_until": FRIDAY}
    held = verdict(told(10_00), **by_hand)
    assert (held.light, held.reason) == ("on_track", "overridden")
    assert (held.computed_light, held.computed_reason) == ("behind", "severely_behind")
    assert (held.planned, held.variance, held.weekly, held.due) == (
        (computed := verdict(told(10_00))).planned,
        computed.variance,
        computed.weekly,
        computed.due,
    )
    after = verdict(told(10_00), day=FRIDAY + timedelta(days=1), **by_hand)
    assert (after.light, after.reason) == ("behind", "severely_behind")


@pytest.mark.parametrize(
    ("agreed", "light"),
    [
        ({"state": "closed"}, "done"),
        ({"state": "suspended"}, "suspended"),
        ({"state": "cancelled"}, ""),
        ({"starts_on": FRIDAY + timedelta(days=1)}, "not_started"),
    ],
)
def test_a_light_set_by_hand_holds_on_running_items_that_have_started(
    agreed: dict[str, Any], light: str
) -> None:
    assert verdict(override="behind", override_until=FRIDAY, **agreed).light == light
