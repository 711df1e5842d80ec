"""Setting a light by hand: who may, what is refused, in which weeks it holds, and that it can be proven."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tasks_tracker.actions import rollup, standing
from tasks_tracker.actions.supervision import (
    LONGEST_DAYS,
    OverrideRefused,
    override_light,
    withdraw_override,
)
from tasks_tracker.models import (
    AuditEntry,
    Cell,
    LightOverride,
    StaleCell,
    Standing,
    State,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.queries.verification import verify_week
from tasks_tracker.rules.weeks import FAR, ONE_WEEK, week_of
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, moment, report_and_accept
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEDNESDAY = THIS_WEEK + 2 * DAY
NEXT_WEEK = THIS_WEEK + ONE_WEEK


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    """A key item of 湖北 that is behind: 40 % of about 88 % planned."""
    item = make_item("A", is_key=True)
    report_and_accept(item, 40_00, LAST_WEEK)
    return item


def set_light(item: WorkItem, cast: Cast, **changes: Any) -> LightOverride:
    arguments: dict[str, Any] = {
        "light": "at_risk",
        "expires_on": WEDNESDAY + 14 * DAY,
        "reason": "已协调资金，下周到位。",
        "by": cast.li,
        "now": moment(WEDNESDAY),
    }
    return override_light(item=item, **arguments | changes)


def seen(item: WorkItem, day: date) -> tuple[str, str, str, str]:
    """Light and reason on `day`, and what is computed beside them."""
    point = rollup.point_of(item.plan, week_of(day), moment(day))
    row = Standing.objects.at(item.plan, point).get(item=item)
    return row.light, row.reason, row.computed_light, row.computed_reason  # type: ignore[attr-defined]


def trace() -> tuple[Any, ...]:
    return (
        list(LightOverride.objects.values()),
        list(Standing.objects.order_by("pk").values()),
        AuditEntry.objects.count(),
        StaleCell.objects.count(),
    )


COMPUTED = ("behind", "severely_behind")


# --- what it does -------------------------------------------------------------------------------------------
def test_the_light_in_force_changes_and_the_computed_one_stays_beside_it(item: WorkItem, cast: Cast) -> None:
    assert seen(item, WEDNESDAY) == (*COMPUTED, *COMPUTED)
    set_light(item, cast)
    assert seen(item, WEDNESDAY) == ("at_risk", "overridden", *COMPUTED)
    [entry] = AuditEntry.objects.filter(action="override_light")
    assert entry.by == cast.li
    assert entry.before == {}
    assert entry.after == {
        "item": "A",
        "light": "at_risk",
        "expires_on": "2026-12-02",
        "reason": "已协调资金，下周到位。",
    }


def test_the_cells_follow_and_both_can_be_proven(item: WorkItem, cast: Cast) -> None:
    rollup.roll_up_stale_cells(plan=item.plan, now=moment(WEDNESDAY))
    week = WeekRollup.objects.get(week=THIS_WEEK)
    before = Cell.objects.get(rollup=week)
    assert (before.behind, before.at_risk) == (1, 0)
    set_light(item, cast)
    rollup.roll_up_stale_cells(plan=item.plan, now=moment(WEDNESDAY))
    after = Cell.objects.get(rollup=week)
    assert (after.behind, after.at_risk) == (0, 1)
    figures = ("items", "weight", "known_weight", "stale_weight", "earned", "planned", "due", "due_reported")
    assert [getattr(after, name) for name in figures] == [getattr(before, name) for name in figures]
    assert verify_week(WeekRollup.objects.get(week=THIS_WEEK)) == []


def test_what_is_owed_and_how_often_is_as_computed(item: WorkItem, cast: Cast) -> None:
    standing.advance(item, LAST_WEEK, is_key=False)
    set_light(item, cast, light="on_track", expires_on=NEXT_WEEK + 14 * DAY)
    row = Standing.objects.at(item.plan, rollup.point_of(item.plan, NEXT_WEEK, moment(NEXT_WEEK))).get()
    assert (row.weekly, row.due) == (True, True)  # type: ignore[attr-defined]


def test_after_its_last_day_the_computed_light_is_back_without_any_write(item: WorkItem, cast: Cast) -> None:
    set_light(item, cast, expires_on=NEXT_WEEK)
    before = trace()
    assert seen(item, NEXT_WEEK)[:2] == ("at_risk", "overridden")
    assert seen(item, NEXT_WEEK + DAY) == (*COMPUTED, *COMPUTED)
    assert trace() == before
    rollup.roll_up_stale_cells(plan=item.plan, now=moment(NEXT_WEEK))
    assert Cell.objects.get(rollup__week=NEXT_WEEK).at_risk == 1
    rollup.roll_up_stale_cells(plan=item.plan, now=moment(NEXT_WEEK + DAY))  # time alone changes lights
    assert Cell.objects.get(rollup__week=NEXT_WEEK).behind == 1
    assert verify_week(WeekRollup.objects.get(week=NEXT_WEEK)) == []


def test_a_new_light_replaces_the_one_before(item: WorkItem, cast: Cast) -> None:
    first = set_light(item, cast)
    second = set_light(item, cast, light="on_track", now=moment(NEXT_WEEK), reason="资金已到位。")
    first.refresh_from_db()
    assert (first.since, first.until, first.withdrawn_by) == (THIS_WEEK, NEXT_WEEK, cast.li)
    assert (second.since, second.until, second.withdrawn_at) == (NEXT_WEEK, FAR, None)
    assert seen(item, WEDNESDAY)[0] == "at_risk"
    assert seen(item, NEXT_WEEK)[0] == "on_track"
    assert AuditEntry.objects.filter(action="override_light").latest("pk").before["light"] == "at_risk"


def test_what_is_replaced_within_its_week_held_in_none(item: WorkItem, cast: Cast) -> None:
    first = set_light(item, cast)
    set_light(item, cast, light="on_track", now=moment(WEDNESDAY + DAY))
    first.refresh_from_db()
    assert first.since == first.until == THIS_WEEK
    assert seen(item, WEDNESDAY)[0] == "on_track"
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=moment(WEDNESDAY + DAY))
    assert verify_week(WeekRollup.objects.get(week=THIS_WEEK)) == []


def test_taken_back_the_computed_light_holds_from_that_week_on(item: WorkItem, cast: Cast) -> None:
    set_light(item, cast)
    ended = withdraw_override(item=item, by=cast.li, now=moment(NEXT_WEEK))
    assert (ended.until, ended.withdrawn_by) == (NEXT_WEEK, cast.li)
    assert seen(item, WEDNESDAY)[0] == "at_risk"
    assert seen(item, NEXT_WEEK) == (*COMPUTED, *COMPUTED)
    [entry] = AuditEntry.objects.filter(action="withdraw_override")
    assert (entry.by, entry.before["light"]) == (cast.li, "at_risk")


def test_past_weeks_keep_what_held_in_them(item: WorkItem, cast: Cast) -> None:
    rollup.roll_up_week(plan=item.plan, week=LAST_WEEK, now=moment(LAST_WEEK))
    set_light(item, cast)
    rollup.close_week(plan=item.plan, week=THIS_WEEK, now=moment(NEXT_WEEK), by=None)
    stored = list(Cell.objects.order_by("pk").values())
    withdraw_override(item=item, by=cast.li, now=moment(NEXT_WEEK))
    rollup.roll_up_stale_cells(plan=item.plan, now=moment(NEXT_WEEK))
    assert list(Cell.objects.filter(rollup__week__lte=THIS_WEEK).order_by("pk").values()) == stored
    cells = Cell.objects.order_by("rollup__week").values_list("rollup__week", "behind", "at_risk")
    assert list(cells) == [(LAST_WEEK, 1, 0), (THIS_WEEK, 0, 1), (NEXT_WEEK, 1, 0)]
    for week in WeekRollup.objects.all():
        assert verify_week(week) == []


def test_it_goes_on_when_the_lead_or_the_percent_changes(item: WorkItem, cast: Cast) -> None:
    set_light(item, cast, expires_on=NEXT_WEEK + 7 * DAY)
    report_and_accept(item, 45_00, NEXT_WEEK)
    assert seen(item, NEXT_WEEK + 3 * DAY)[:2] == ("at_risk", "overridden")


@pytest.mark.parametrize(
    ("changes", "light"),
    [
        ({"state": State.CLOSED}, "done"),
        ({"state": State.SUSPENDED}, "suspended"),
        ({"state": State.CANCELLED}, ""),
        ({"starts_on": WEDNESDAY + DAY}, "not_started"),
    ],
)
def test_only_running_items_that_have_started_show_it(
    changes: dict[str, Any], light: str, item: WorkItem, cast: Cast
) -> None:
    set_light(item, cast)
    standing.advance(item, THIS_WEEK, **changes)
    assert seen(item, WEDNESDAY)[0] == light


def test_a_light_that_is_not_in_the_journal_is_found(item: WorkItem, cast: Cast) -> None:
    set_light(item, cast)
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=moment(WEDNESDAY))
    Standing.objects.filter(override="at_risk").update(override="done")
    [difference] = verify_week(WeekRollup.objects.get(week=THIS_WEEK))
    assert str(difference) == "standing of A: override stored done, recomputed at_risk"


# --- what is refused ----------------------------------------------------------------------------------------
def test_only_a_supervisor_of_the_item_may(item: WorkItem, cast: Cast) -> None:
    set_light(item, cast)
    before = trace()
    for user in (*cast.one_of_each_role(), cast.sun):
        if user == cast.li:
            continue
        with pytest.raises(PermissionDenied):
            set_light(item, cast, by=user)
        with pytest.raises(PermissionDenied):
            withdraw_override(item=item, by=user, now=moment(WEDNESDAY))
    assert trace() == before


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("unknown_light", {"light": "suspended"}),
        ("unknown_light", {"light": ""}),
        ("expiry_passed", {"expires_on": WEDNESDAY - DAY}),
        ("expiry_too_far", {"expires_on": WEDNESDAY + (LONGEST_DAYS + 1) * DAY}),
        ("reason_missing", {"reason": "  "}),
    ],
)
def test_what_breaks_a_rule_is_refused_and_leaves_no_trace(
    code: str, changes: dict[str, Any], item: WorkItem, cast: Cast
) -> None:
    before = trace()
    with pytest.raises(OverrideRefused) as refusal:
        set_light(item, cast, **changes)
    assert refusal.value.code == code
    assert trace() == before


@pytest.mark.parametrize("days", [0, LONGEST_DAYS])
def test_it_may_expire_today_or_after_a_quarter(days: int, item: WorkItem, cast: Cast) -> None:
    set_light(item, cast, expires_on=WEDNESDAY + days * DAY)
    assert seen(item, WEDNESDAY)[0] == "at_risk"


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.SUSPENDED},
        {"state": State.CLOSED, "closed_on": date(2026, 11, 1)},
        {"decomposed": True},
        {"starts_on": WEDNESDAY + DAY},
    ],
)
def test_an_item_without_a_light_of_its_own_is_refused(fields: dict[str, Any], cast: Cast) -> None:
    item = make_item("B", **fields)
    with pytest.raises(OverrideRefused) as refusal:
        set_light(item, cast)
    assert refusal.value.code == "not_running"
    assert not LightOverride.objects.exists()


def test_there_must_be_something_to_take_back(item: WorkItem, cast: Cast) -> None:
    set_light(item, cast, expires_on=WEDNESDAY)
    before = trace()
    with pytest.raises(OverrideRefused) as refusal:
        withdraw_override(item=item, by=cast.li, now=moment(WEDNESDAY + DAY))  # it has expired
    assert refusal.value.code == "nothing_to_withdraw"
    assert trace() == before
    withdraw_override(item=item, by=cast.li, now=moment(WEDNESDAY))
    with pytest.raises(OverrideRefused):
        withdraw_override(item=item, by=cast.li, now=moment(WEDNESDAY))


def test_the_database_holds_one_at_a_time_and_no_empty_reason(item: WorkItem, cast: Cast) -> None:
    first = set_light(item, cast)
    fields = {"item": item, "since": THIS_WEEK, "light": "done", "expires_on": WEDNESDAY, "by": cast.li}
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        LightOverride.objects.create(**fields, reason="第二个", at=moment(WEDNESDAY))
    with pytest.raises(IntegrityError, match="has_a_reason"), transaction.atomic():
        LightOverride.objects.filter(pk=first.pk).update(reason="")
    with pytest.raises(IntegrityError, match="end_is_signed"), transaction.atomic():
        LightOverride.objects.filter(pk=first.pk).update(until=NEXT_WEEK)
