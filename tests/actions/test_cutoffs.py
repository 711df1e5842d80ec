"""A cut-off that a holiday moves holds everywhere: lateness, figures, My week, reminders."""

import os
import time as clock
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import progress, rollup
from tasks_tracker.actions.cutoffs import CutoffRefused, move_cutoff, withdraw_cutoff
from tasks_tracker.models import AuditEntry, Cell, CutoffException, Notice, Plan, User
from tests.factories import THIS_WEEK, make_item, make_plan, make_user, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db

HOLIDAY = date(2026, 9, 28)  # 2026-W40: Thursday and Friday are the national holiday
WEDNESDAY = date(2026, 9, 30)
MONDAY = moment(HOLIDAY, 9)
NOON = moment(WEDNESDAY, 12)


@pytest.fixture
def plan() -> Plan:
    return make_plan()


def move(plan: Plan, cast: Cast, **changes: object) -> CutoffException:
    asked = {"week": HOLIDAY, "cutoff": NOON, "reason": "国庆节", "by": cast.li, "now": MONDAY} | changes
    return move_cutoff(plan=plan, **asked)  # type: ignore[arg-type]


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(CutoffRefused) as refused:
        call()
    return refused.value.code, refused.value.field


def test_until_noon_on_wednesday_a_report_is_in_time(plan: Plan, cast: Cast) -> None:
    move(plan, cast)
    entry = progress.Entry(percent=90_00, progress_note="已完成。")
    items = [make_item(), make_item()]
    for item, at in zip(items, (moment(WEDNESDAY, 11, 59), NOON), strict=True):
        progress.submit_report(item=item, week=HOLIDAY, entry=entry, by=cast.chen, now=at)
    assert [item.reports.get().is_late for item in items] == [False, True]


def test_a_missing_report_is_missing_from_then_on(plan: Plan, cast: Cast) -> None:
    move(plan, cast)
    make_item(is_key=True, starts_on=date(2026, 9, 21))
    before = rollup.roll_up_week(plan=plan, week=HOLIDAY, now=moment(WEDNESDAY, 11, 59))
    assert not before.cutoff_passed
    assert Cell.objects.get().on_track == 1
    # The beat looks every minute; nobody has to know of the holiday.
    rollup.roll_up_stale_cells(plan=plan, now=NOON)
    assert plan.weeks.get(week=HOLIDAY).cutoff_passed
    assert Cell.objects.get().at_risk == 1


def test_other_weeks_and_other_plans_keep_theirs(plan: Plan, cast: Cast) -> None:
    move(plan, cast)
    next_week = rollup.point_of(plan, HOLIDAY + timedelta(weeks=1), NOON)
    assert next_week.cutoff == moment(date(2026, 10, 9), 17)
    other = make_plan("other")
    assert rollup.point_of(other, HOLIDAY, NOON).cutoff == moment(date(2026, 10, 2), 17)


def test_moving_is_on_record_and_every_unit_is_told(plan: Plan, cast: Cast) -> None:
    moved = move(plan, cast)
    entry = AuditEntry.objects.get(action="move_cutoff")
    assert (entry.by, entry.object_id) == (cast.li, str(moved.pk))
    assert entry.before == {"week": "2026-09-28", "cutoff": "2026-10-02 17:00"}
    assert entry.after == {"week": "2026-09-28", "cutoff": "2026-09-30 12:00", "reason": "国庆节"}
    told = set(Notice.objects.filter(kind="cutoff").values_list("to__username", flat=True))
    assert told == {"chen", "zhou", "liu", "wang"}
    assert "2026-09-30 12:00" in str(Notice.objects.first())


def test_moving_again_replaces_and_withdrawing_brings_the_usual_one_back(plan: Plan, cast: Cast) -> None:
    move(plan, cast)
    move(plan, cast, cutoff=moment(WEDNESDAY, 15))
    assert CutoffException.objects.count() == 2
    assert rollup.point_of(plan, HOLIDAY, MONDAY).cutoff == moment(WEDNESDAY, 15)
    withdraw_cutoff(plan=plan, week=HOLIDAY, by=cast.li, now=MONDAY)
    assert rollup.point_of(plan, HOLIDAY, MONDAY).cutoff == moment(date(2026, 10, 2), 17)
    assert refusal(lambda: withdraw_cutoff(plan=plan, week=HOLIDAY, by=cast.li, now=MONDAY)) == (
        "not_moved",
        "",
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cutoff": moment(date(2026, 10, 5), 9)}, ("outside_week", "day")),
        ({"cutoff": moment(date(2026, 9, 27), 9)}, ("outside_week", "day")),
        ({"cutoff": moment(HOLIDAY, 8)}, ("in_the_past", "day")),
        ({"cutoff": moment(date(2026, 10, 2), 17)}, ("not_moved", "day")),
        ({"reason": "  "}, ("reason_missing", "reason")),
        ({"now": moment(date(2026, 10, 2), 17)}, ("passed_already", "week")),
        ({"week": date(2028, 1, 3), "cutoff": moment(date(2028, 1, 5))}, ("outside_plan", "week")),
    ],
)
def test_what_is_refused(
    plan: Plan, cast: Cast, changes: dict[str, object], expected: tuple[str, str]
) -> None:
    assert refusal(lambda: move(plan, cast, **changes)) == expected
    assert not CutoffException.objects.exists()
    assert not AuditEntry.objects.exists()


def test_what_has_passed_is_not_taken_back(plan: Plan, cast: Cast) -> None:
    move(plan, cast)
    assert (
        refusal(lambda: withdraw_cutoff(plan=plan, week=HOLIDAY, by=cast.li, now=NOON))[0] == "passed_already"
    )
    # Nor is a later cut-off taken back to a moment that has passed.
    sunday = moment(date(2026, 10, 4), 20)
    move(plan, cast, week=HOLIDAY + timedelta(weeks=1), cutoff=sunday + timedelta(weeks=1))
    late = moment(date(2026, 10, 10), 9)
    again = refusal(
        lambda: withdraw_cutoff(plan=plan, week=HOLIDAY + timedelta(weeks=1), by=cast.li, now=late)
    )
    assert again[0] == "passed_already"
    assert CutoffException.objects.in_force(plan).count() == 2


def test_only_a_supervisor_of_the_whole_plan_moves_one(plan: Plan, cast: Cast) -> None:
    for user in (cast.chen, cast.zhou, cast.zhao, cast.sun, cast.system_admin):
        with pytest.raises(PermissionDenied):
            move(plan, cast, by=user)


# --- the page ---------------------------------------------------------------------------------------------
@pytest.fixture
def _on_monday(time_machine: object) -> None:
    time_machine.move_to(MONDAY, tick=False)  # type: ignore[attr-defined]


@pytest.fixture
def _rolled(plan: Plan, cast: Cast) -> None:
    make_item(is_key=True)
    rollup.roll_up_week(plan=plan, week=HOLIDAY, now=MONDAY)


TYPED = {"week": "2026-W40", "day": "2026-09-30", "time": "12:00", "reason": "国庆节"}


@pytest.mark.usefixtures("_on_monday", "_rolled")
def test_the_page_moves_one_and_my_week_counts_down_to_it(
    cast: Cast, log_in: Callable[[User], Client]
) -> None:
    li, chen = log_in(cast.li), log_in(cast.chen)
    page = reverse("cutoffs")
    assert li.post(page, TYPED).status_code == 302
    assert "国庆节" in li.get(page).content.decode()
    assert chen.get(reverse("my_week")).context["desk"].cutoff == NOON
    assert chen.get(reverse("filing")).context["cutoff"] == NOON
    assert li.post(page, TYPED).status_code == 409  # it is so already
    assert li.post(page, TYPED | {"day": "2026-10-07"}).status_code == 422
    assert li.post(page, TYPED | {"week": "soon"}).status_code == 422
    assert li.post(reverse("cutoff_withdraw", args=["2026-W40"])).status_code == 302
    assert chen.get(reverse("my_week")).context["desk"].cutoff == moment(date(2026, 10, 2), 17)


@pytest.mark.usefixtures("_on_monday", "_rolled")
def test_the_page_is_read_by_all_and_changed_by_few(cast: Cast, log_in: Callable[[User], Client]) -> None:
    for user, read, form in (
        (cast.chen, 200, False),
        (cast.zhao, 200, False),
        (cast.sun, 200, False),
        (cast.li, 200, True),
        (cast.audit_admin, 403, False),
    ):
        client = log_in(user)
        response = client.get(reverse("cutoffs"))
        assert response.status_code == read
        assert bool(read == 200 and response.context["form"]) == form
        if not form:
            assert client.post(reverse("cutoffs"), TYPED).status_code == 403
            assert client.post(reverse("cutoff_withdraw", args=["2026-W40"])).status_code == 403
    assert not CutoffException.objects.exists()


# --- the clock of the machine -----------------------------------------------------------------------------
@pytest.fixture
def _machine_in_new_york() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    clock.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    clock.tzset()


@pytest.mark.usefixtures("_machine_in_new_york")
def test_the_zone_of_the_machine_moves_nothing(
    plan: Plan, cast: Cast, log_in: Callable[[User], Client], time_machine: object
) -> None:
    """On the Sunday on which New York turns its clocks back, and on a Monday begun in Beijing only."""
    make_user(actor=cast.hubei)
    for now, week, cutoff in (
        (moment(date(2026, 11, 1), 13), date(2026, 10, 26), moment(date(2026, 10, 30), 17)),
        (moment(THIS_WEEK, 0, 30), THIS_WEEK, moment(date(2026, 11, 20), 17)),
    ):
        time_machine.move_to(now, tick=False)  # type: ignore[attr-defined]
        desk = log_in(cast.chen).get(reverse("my_week")).context["desk"]
        assert (desk.week, desk.cutoff) == (week, cutoff)
