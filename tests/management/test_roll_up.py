"""The commands of the roll-up: roll_up with its proof, roll_up_stale_cells, close_week."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils.translation import override

from tasks_tracker.models import Cell, Milestone, Plan, PlanSegment, StaleCell, Standing, WeekRollup
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, moment, report_and_accept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _friday_in_english() -> Iterator[None]:
    with time_machine.travel(moment(THIS_WEEK + timedelta(days=4)), tick=False), override("en"):
        yield


@pytest.fixture
def plan() -> Plan:
    plan = make_plan()
    report_and_accept(make_item("A", weight=3), 70_00)
    make_item("B", milestones=[(THIS_WEEK, 80_00)])
    return plan


def manage(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def complaints(*arguments: str) -> list[str]:
    """What a command prints that ends with exit code 1."""
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(*arguments, stdout=out)
    assert ended.value.code == 1
    return out.getvalue().splitlines()


def test_a_week_is_rolled_up_and_proven(plan: Plan) -> None:
    assert manage("roll_up", "--week", "2026-W47") == ["Week 2026-W47 as of 2026-11-20: 1 cells"]
    assert manage("roll_up", "--week", "2026-W47", "--verify") == ["differences: 0"]
    assert manage("roll_up", "--verify") == ["differences: 0"]  # the running week


def test_the_commands_speak_chinese_but_for_the_line_of_the_scripts(plan: Plan) -> None:
    with override("zh-hans"):
        assert manage("roll_up", "--week", "2026-W46") == ["2026-W46（截至2026-11-15）：1个汇总单元"]
        assert manage("roll_up", "--week", "2026-W46", "--verify") == ["differences: 0"]
        assert manage("close_week") == ["2026-W46已关闭"]
        with pytest.raises(CommandError, match="2026-W48尚未开始"):
            manage("roll_up", "--week", "2026-W48")


def test_a_figure_that_was_tampered_with_is_named(plan: Plan) -> None:
    manage("roll_up")
    Cell.objects.update(earned=1)
    assert complaints("roll_up", "--verify") == [
        "cell 1.1 420000 hubei: earned stored 1, recomputed 21000",
        "differences: 1",
    ]


def test_cells_too_many_or_too_few_are_named(plan: Plan) -> None:
    manage("roll_up")
    Cell.objects.all().delete()
    found = complaints("roll_up", "--verify")
    assert "cell 1.1 420000 hubei: items stored 0, recomputed 2" in found


def test_a_standing_that_says_something_else_is_named(plan: Plan) -> None:
    manage("roll_up")
    Standing.objects.filter(item__code="A", percent=70_00).update(percent=71_00, weight=4)
    assert complaints("roll_up", "--verify") == [
        "standing of A: percent stored 7100, recomputed 7000",
        "standing of A: weight stored 4, recomputed 3",
        "differences: 2",
    ]


def test_plan_segments_that_do_not_follow_the_milestones_are_named(plan: Plan) -> None:
    PlanSegment.objects.filter(item__code="B", from_percent=0).update(until_percent=79_00)
    found = complaints("roll_up", "--verify")
    assert any(line.startswith("plan of B: segments stored") for line in found)


def test_a_milestone_moved_past_the_plan_is_noticed(plan: Plan) -> None:
    manage("roll_up")
    Milestone.objects.update(percent=60_00)
    found = complaints("roll_up", "--verify")
    assert any("planned stored" in line for line in found)


def test_proving_changes_nothing(plan: Plan) -> None:
    manage("roll_up")
    Cell.objects.update(earned=1)
    complaints("roll_up", "--verify")
    assert Cell.objects.get().earned == 1


@pytest.mark.parametrize("text", ["2026-47", "next", "2026-W60"])
def test_what_is_no_week_is_refused_in_words(plan: Plan, text: str) -> None:
    for command in ("roll_up", "close_week"):
        with pytest.raises(CommandError, match=f"“{text}” is not a week. Write it as 2026-W47"):
            manage(command, "--week", text)


def test_a_future_week_is_refused(plan: Plan) -> None:
    with pytest.raises(CommandError, match="2026-W48 has not begun yet"):
        manage("roll_up", "--week", "2026-W48")
    assert not WeekRollup.objects.filter(week__gt=THIS_WEEK).exists()


def test_a_week_that_was_never_rolled_up_cannot_be_proven(plan: Plan) -> None:
    with pytest.raises(CommandError, match="2026-W30 was never rolled up"):
        manage("roll_up", "--week", "2026-W30", "--verify")


def test_without_a_plan_there_is_nothing_to_roll_up() -> None:
    for command in ("roll_up", "roll_up_stale_cells", "close_week"):
        with pytest.raises(CommandError, match="There is no plan yet"):
            manage(command)


def test_a_week_is_closed_once_and_then_neither_closed_nor_rolled_up_again(plan: Plan) -> None:
    manage("roll_up", "--week", "2026-W46")
    assert manage("close_week") == ["Week 2026-W46 closed"]
    assert manage("close_week", "--week", "2026-W46") == ["Week 2026-W46 was closed already"]
    with pytest.raises(CommandError, match="2026-W46 is closed: its figures are stored"):
        manage("roll_up", "--week", "2026-W46")
    assert manage("roll_up", "--week", "2026-W46", "--verify") == ["differences: 0"]


def test_the_running_week_cannot_be_closed(plan: Plan) -> None:
    with pytest.raises(CommandError, match="2026-W47 is not over yet"):
        manage("close_week", "--week", "2026-W47")
    assert not WeekRollup.objects.exclude(frozen_at=None).exists()


def test_stale_notes_are_cleared_in_as_many_batches_as_it_takes(plan: Plan) -> None:
    waiting = StaleCell.objects.count()
    note = StaleCell.objects.values("measure_id", "region_id", "lead_id").first()
    assert note is not None
    StaleCell.objects.bulk_create(StaleCell(week=LAST_WEEK + ONE_WEEK, **note) for _ in range(450))
    assert manage("roll_up_stale_cells") == [f"Stale notes cleared: {450 + waiting}"]
    assert not StaleCell.objects.exists()
    assert manage("roll_up", "--verify") == ["differences: 0"]
