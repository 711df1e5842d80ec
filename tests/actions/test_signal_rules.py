"""Each rule of early signals: an item that just meets it, and one that just does not."""

from datetime import date, timedelta
from typing import Any

import pytest

from tasks_tracker.actions import progress
from tasks_tracker.models import (
    Actor,
    EarlySignal,
    PlanChange,
    Problem,
    ProblemCase,
    Region,
    SignalSighting,
    WorkItem,
)
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_actor,
    make_item,
    make_measure,
    make_region,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.factories.signals import found, look, reported, said

pytestmark = pytest.mark.django_db
FAR_OFF = date(2027, 12, 31)
YEAR = {"starts_on": date(2026, 1, 1), "due_on": FAR_OFF}  # 0.96 points a week
COPY = "本周完成方案编制并组织专家论证，已印发实施细则和配套清单。"


def evidence(code: str) -> dict[str, Any]:
    return SignalSighting.objects.get(signal__code=code, week=THIS_WEEK).evidence


# --- losing pace ------------------------------------------------------------------------------------------
def test_losing_pace_three_weeks_in_a_row(cast: Cast) -> None:
    reported(make_item("HB-1", **YEAR), [4000, 4050, 4090, 4100])
    reported(make_item("HB-2", **YEAR), [4000, 4100, 4140, 4150])  # one week kept up
    reported(make_item("HB-3", **YEAR), [8000, 8050, 8090, 8100])  # ahead of its plan
    reported(make_item("HB-4", **YEAR), [4000, 4050, None, 4100])  # silent in one of the weeks
    look()
    assert found("losing_pace") == ["HB-1"]
    told = evidence("losing_pace")
    assert told["percents"] == [4000, 4050, 4090, 4100]
    assert told["lost"] == told["planned"][-1] - told["planned"][0] - 100
    assert told["needed"] == round(5900 * 7 / (FAR_OFF - (THIS_WEEK + timedelta(days=4))).days)


def test_losing_less_than_a_point_is_no_loss(cast: Cast) -> None:
    reported(make_item("HB-1", **YEAR), [4000, 4090, 4180, 4270])
    look()
    assert found("losing_pace") == []


# --- the due day ------------------------------------------------------------------------------------------
def test_the_pace_misses_the_due_day(cast: Cast) -> None:
    """One point a week and 20 to go: 100 % in 20 weeks."""
    twenty = [6800 + 100 * n for n in range(13)]
    friday = THIS_WEEK + timedelta(days=4)
    reported(make_item("HB-1", due_on=friday + 18 * ONE_WEEK - timedelta(days=1)), twenty)
    reported(make_item("HB-2", due_on=friday + 18 * ONE_WEEK), twenty)  # not more than two weeks late
    reported(make_item("HB-3", due_on=friday + 18 * ONE_WEEK - timedelta(days=1)), twenty[-7:])  # too short
    look()
    assert found("will_be_late") == ["HB-1"]
    told = evidence("will_be_late")
    assert (told["earliest"], told["latest"]) == ("2027-W14", "2027-W14")
    assert told["percents"] == twenty


def test_a_due_day_that_lies_farther_than_half_a_year_ahead_is_not_foretold(cast: Cast) -> None:
    friday = THIS_WEEK + timedelta(days=4)
    slow = [3000 + 20 * n for n in range(13)]
    reported(make_item("HB-1", due_on=friday + 26 * ONE_WEEK), slow)
    reported(make_item("HB-2", due_on=friday + 26 * ONE_WEEK + timedelta(days=1)), slow)
    look()
    assert found("will_be_late") == ["HB-1"]
    assert evidence("will_be_late")["earliest"] is None  # more than two years: not foretold


def test_two_reports_say_nothing_about_the_pace(cast: Cast) -> None:
    due_on = THIS_WEEK + 10 * ONE_WEEK
    reported(make_item("HB-1", due_on=due_on), [5000, *[None] * 11, 5100])
    reported(make_item("HB-2", due_on=due_on), [5000, *[None] * 5, 5050, *[None] * 5, 5100])
    look()
    assert found("will_be_late") == ["HB-2"]


# --- several at risk --------------------------------------------------------------------------------------
def at_risk(code: str, **fields: Any) -> WorkItem:
    """Nothing reported, owed since Friday: at risk."""
    return make_item(code, is_key=True, **fields)


def test_three_items_of_a_key_task_and_region_at_risk_at_once(cast: Cast) -> None:
    inside = [at_risk(f"HB-{n}") for n in range(3)]
    for n in range(2):
        at_risk(f"JS-{n}", lead=cast.jiangsu, region=cast.jiangsu_region)
    at_risk("JS-3", lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("2.1"))
    look()
    [signal] = EarlySignal.objects.filter(code="cluster")
    assert (signal.key_task, signal.region) == (inside[0].measure.key_task, cast.hubei_region)
    assert set(signal.members.values_list("item", flat=True)) == {item.pk for item in inside}
    assert evidence("cluster") == {"at_risk": 3, "running": 3}


def test_a_few_of_many_are_no_cluster(cast: Cast) -> None:
    for n in range(3):
        at_risk(f"HB-{n}")
    for n in range(12):
        report_and_accept(make_item(f"OK-{n}"), 9500)
    look()
    assert EarlySignal.objects.filter(code="cluster").count() == 1  # 3 of 15 are 20 %
    report_and_accept(make_item("OK-12"), 9500)
    look()
    assert found("cluster") == []


# --- the same problem -------------------------------------------------------------------------------------
def asking(number: int, cast: Cast, asked: Actor | None, kind: str = "funds") -> WorkItem:
    region: Region = make_region(f"{number}10000")
    lead = make_actor(f"unit{number}", region=region)
    item = make_item(f"A-{number}", lead=lead, region=region)
    report_and_accept(item, 9500)
    ProblemCase.objects.filter(item=item).update(kind=kind, needed_from=asked)
    return item


def test_the_same_kind_of_problem_from_three_regions(cast: Cast) -> None:
    items = [asking(number, cast, cast.bureau) for number in (5, 6)]
    asking(7, cast, cast.bureau, Problem.Kind.POLICY)  # another kind
    asking(8, cast, cast.jiangsu)  # asks another unit
    asking(9, cast, None)  # asks nobody
    look()
    assert found() == []
    items.append(asking(4, cast, cast.bureau))
    look()
    [signal] = EarlySignal.objects.all()
    assert (signal.code, signal.kind, signal.unit) == ("same_problem", "funds", cast.bureau)
    assert set(signal.members.values_list("item", flat=True)) == {item.pk for item in items}
    assert evidence("same_problem")["regions"] == 3


def test_what_is_solved_by_then_is_not_counted(cast: Cast) -> None:
    for number in (4, 5, 6):
        asking(number, cast, cast.bureau)
    solved = {"state": "solved", "solved_how": "report", "solved_week": THIS_WEEK}
    ProblemCase.objects.filter(item__code="A-4").update(**solved, solved_at=moment(THIS_WEEK))
    look()
    assert found() == []


# --- due days that move -----------------------------------------------------------------------------------
def moved(item: WorkItem, cast: Cast, old: date, new: date, week: date) -> None:
    PlanChange.objects.create(
        item=item,
        week=week,
        field=PlanChange.Field.DUE_ON,
        old_value=old.isoformat(),
        new_value=new.isoformat(),
        reason="设备到货晚",
        approved_by=cast.li,
        at=moment(week),
    )


def test_extended_twice_within_a_year(cast: Cast) -> None:
    september, october, december = date(2026, 9, 30), date(2026, 10, 31), date(2026, 12, 31)
    early = THIS_WEEK - 51 * ONE_WEEK
    for code, first, back in (
        ("HB-1", early, False),
        ("HB-2", early - ONE_WEEK, False),
        ("HB-3", early, True),
    ):
        item = make_item(code, due_on=december)
        moved(item, cast, september, october, first)
        moved(item, cast, *((december, october) if back else (october, december)), LAST_WEEK)
    look()
    assert found("extended_again") == ["HB-1"]
    assert evidence("extended_again")["days"] == ["2026-09-30", "2026-10-31", "2026-12-31"]


# --- stuck, and jumps -------------------------------------------------------------------------------------
def test_stuck_at_ninety_percent_for_four_weeks(cast: Cast) -> None:
    reported(make_item("HB-1"), [9000] * 5)
    reported(make_item("HB-2"), [8999] * 5)
    reported(make_item("HB-3"), [9000] * 4)  # three weeks only
    reported(make_item("HB-4"), [9000, 9000, 9000, 9000, 9001])
    reported(make_item("HB-5"), [9000, None, None, None, None])  # nobody has said so since
    look()
    assert found("stuck") == ["HB-1"]


def test_a_jump_just_before_the_due_day(cast: Cast) -> None:
    sunday = THIS_WEEK + timedelta(days=6)
    last = sunday + timedelta(days=14)
    reported(make_item("HB-1", due_on=last), [6000, 8000])
    reported(make_item("HB-2", due_on=last), [6000, 7999])
    reported(make_item("HB-3", due_on=last + timedelta(days=1)), [6000, 8000])
    look()
    assert found("late_jump") == ["HB-1"]
    assert evidence("late_jump") == {
        "week": "2026-W47",
        "percents": [6000, 8000],
        "deadline": last.isoformat(),
    }


def test_a_milestone_is_a_deadline_too_and_a_jump_is_remembered_for_three_weeks(cast: Cast) -> None:
    day = THIS_WEEK + timedelta(days=2)
    for code, steps in (("HB-1", [3000, 5000, 5000, 5000]), ("HB-2", [3000, 5000, 5000, 5000, 5000])):
        reported(make_item(code, milestones=[(day, 5000)], due_on=FAR_OFF), steps)
    look()
    assert found("late_jump") == ["HB-1"]


# --- what reports say -------------------------------------------------------------------------------------
def unchanged(item: WorkItem, weeks: int, cast: Cast) -> None:
    """A report of its own, and then "no change" in so many weeks up to now."""
    report_and_accept(item, 9500, THIS_WEEK - weeks * ONE_WEEK)
    for back in range(weeks - 1, -1, -1):
        week = THIS_WEEK - back * ONE_WEEK
        now = moment(week + timedelta(days=3))
        report = progress.sign_no_change(item=item, week=week, by=cast.chen, now=now)
        progress.accept_report(report=report, by=cast.li, now=now)


def test_no_change_three_times_in_a_row(cast: Cast) -> None:
    for code, times in (("HB-1", 3), ("HB-2", 2)):
        unchanged(make_item(code), times, cast)
    broken = make_item("HB-3")
    unchanged(broken, 3, cast)
    report_and_accept(broken, 9600, THIS_WEEK)  # takes the place of the last "no change"
    look()
    assert found("no_change") == ["HB-1"]
    assert evidence("no_change") == {"times": 3, "weeks": ["2026-W45", "2026-W46", "2026-W47"]}


def test_a_text_copied_from_the_own_earlier_report(cast: Cast) -> None:
    twenty = "本周完成方案编制并组织专家论证已印发实施"
    assert len(twenty) == 20
    notes = {
        "HB-1": (twenty, f"{twenty[:9]}，{twenty[9:]}。"),  # punctuation does not matter
        "HB-2": (f"甲{twenty}", f"甲{twenty}三项"),
        "HB-3": (f"乙{twenty[:18]}", f"乙{twenty[:18]}"),  # too short to tell
    }
    for code, (last_week, this_week) in notes.items():
        item = make_item(code)
        said(item, last_week, cast.chen, cast.li, LAST_WEEK)
        said(item, this_week, cast.chen, cast.li)
    look()
    assert found("copied") == ["HB-1"]
    told = evidence("copied")
    assert (told["source_week"], told["source_item"], told["times"]) == ("2026-W46", None, 1)


def test_a_text_copied_from_another_item_and_who_was_first(cast: Cast) -> None:
    first, second = make_item("HB-1"), make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region)
    said(first, COPY, cast.chen, cast.li, hour=9)
    said(second, COPY, cast.wang, cast.li, hour=11)
    look()
    assert found("copied") == ["JS-1"]
    assert evidence("copied")["source_item"] == first.pk


def test_short_texts_and_old_ones_are_no_copies(cast: Cast) -> None:
    item, other = make_item("HB-1"), make_item("HB-2")
    said(item, COPY, cast.chen, cast.li, THIS_WEEK - 8 * ONE_WEEK)
    said(item, COPY, cast.chen, cast.li)
    for week in (LAST_WEEK, THIS_WEEK):
        said(other, "正在推进，一切正常", cast.chen, cast.li, week)
    look()
    assert found("copied") == []


# --- what is not running ----------------------------------------------------------------------------------
def test_only_running_items_are_looked_at(cast: Cast) -> None:
    for code, state in (("HB-1", "suspended"), ("HB-2", "cancelled"), ("HB-3", "in_progress")):
        item = make_item(code)
        reported(item, [9000] * 5)
        WorkItem.objects.filter(pk=item.pk).update(state=state)
        item.standings.update(state=state)
    look()
    assert found("stuck") == ["HB-3"]
