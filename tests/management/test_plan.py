"""`create_plan` and `assign_items`: from an empty system to an item that its unit reports on."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tasks_tracker.models import (
    Actor,
    AuditEntry,
    Cell,
    Plan,
    PlannedPoint,
    PlanSegment,
    StaleCell,
    Standing,
    State,
    User,
    WeekRollup,
    WorkItem,
)
from tests.factories import LAST_WEEK, THIS_WEEK, make_actor, make_measure, make_plan, make_policy, moment
from tests.factories.cast import Cast
from tests.processes import ROOT

HEADER = "编号,事项,举措,地区,牵头单位,权重,开始,完成时限,属性,重点,预期效果,成果形式,配合单位,里程碑"
FIRST = (
    "HB-1,编制产业链图谱,1.1,湖北,湖北省经济和信息化厅,3,2026-01-05,2026/12/31,约束性,是,六条产业链,图谱,"
    "江苏省工业和信息化厅、规划司,2026-06-30 50% 方案印发; 2026-09-30 80.5％ 初稿"
)
LATER = "JS-1,组织诊断,1.1,320000,jiangsu,,2027-01-01,2027-12-31,,,,,,"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _friday_in_english() -> Iterator[None]:
    with time_machine.travel(moment(THIS_WEEK + timedelta(days=4)), tick=False), override("en"):
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    make_measure("1.1")
    return make_plan()


def manage(*arguments: str) -> list[str]:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


def complaints(*arguments: str) -> list[str]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(*arguments, stdout=out)
    assert ended.value.code == 1
    return out.getvalue().splitlines()


def file(tmp_path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> str:
    path = tmp_path / "items.csv"
    path.write_bytes("\r\n".join([header, *rows, ""]).encode(encoding))
    return str(path)


def create(code: str = "real", **options: str) -> list[str]:
    given = {
        "policy": "nip-2024",
        "title": "行动计划",
        "starts": "2026-01-01",
        "ends": "2027-12-31",
    } | options
    return manage("create_plan", code, *(f"--{name}={value}" for name, value in given.items()))


# --- the plan ---------------------------------------------------------------------------------------------
def test_a_plan_is_set_up_and_on_record() -> None:
    make_policy("nip-2024")
    assert create(**{"title-en": "Action plan"}) == [
        "Plan real: 2026-01-01 – 2027-12-31. assign_items fills it."
    ]
    plan = Plan.objects.current()
    assert (plan.title_en, plan.ends_on, plan.is_demonstration) == ("Action plan", date(2027, 12, 31), False)
    entry = AuditEntry.objects.get(action="create_plan")
    assert (entry.by, entry.after["code"], entry.after["ends_on"]) == (None, "real", "2027-12-31")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"policy": "nowhere"}, "There is no policy nowhere. Known: nip-2024."),
        ({"ends": "2025-12-31"}, "A plan ends after it starts."),
        ({"starts": "1.1.2026"}, "“1.1.2026” is not a day. Write it as 2026-01-31."),
        ({"title": "长" * 81}, "80"),
    ],
)
def test_a_plan_is_refused_in_one_line(options: dict[str, str], words: str) -> None:
    make_policy("nip-2024")
    with pytest.raises(CommandError) as error:
        create(**options)
    assert words in str(error.value)
    assert "\n" not in str(error.value)
    assert not Plan.objects.exists()


def test_a_code_is_taken_once_and_a_demonstration_stays_alone() -> None:
    make_policy("nip-2024")
    create()
    with pytest.raises(CommandError, match="There is a plan real already"):
        create()
    Plan.objects.update(is_demonstration=True)
    with pytest.raises(CommandError, match="holds demonstration data"):
        create("other")


# --- its items --------------------------------------------------------------------------------------------
def test_items_are_assigned_counted_and_seen_by_the_unit(
    plan: Plan, cast: Cast, tmp_path: Path, log_in: Callable[[User], Client]
) -> None:
    assert manage("assign_items", file(tmp_path, FIRST, LATER)) == ["2 assigned, 0 already there"]
    item = WorkItem.objects.get(code="HB-1")
    assert (item.lead, item.weight, item.is_key, item.commitment) == (cast.hubei, 3, True, "binding")
    assert (item.due_on, item.state) == (date(2026, 12, 31), State.ASSIGNED)
    assert set(item.supporting.all()) == {cast.jiangsu, cast.bureau}
    assert list(item.milestones.values_list("due_on", "percent", "title")) == [
        (date(2026, 6, 30), 50_00, "方案印发"),
        (date(2026, 9, 30), 80_50, "初稿"),
    ]
    assert PlanSegment.objects.filter(item=item, since=THIS_WEEK).count() == 3
    cells = {cell.lead: cell for cell in Cell.objects.filter(rollup__week=THIS_WEEK)}
    assert (cells[cast.hubei].weight, cells[cast.hubei].unknown_items, cells[cast.hubei].due) == (3, 1, 1)
    assert cells[cast.jiangsu].not_started == 1
    assert PlannedPoint.objects.filter(plan=plan).exists()
    assert AuditEntry.objects.filter(action="assign_item").count() == 2
    assert manage("roll_up", "--verify") == ["differences: 0"]
    assert "编制产业链图谱" in log_in(cast.chen).get(reverse("my_week")).content.decode()
    assert "编制产业链图谱" not in log_in(cast.wang).get(reverse("my_week")).content.decode()


def test_the_notes_lead_to_the_same_figures(plan: Plan, tmp_path: Path) -> None:
    manage("assign_items", file(tmp_path, FIRST))
    Cell.objects.all().delete()
    manage("roll_up_stale_cells")
    assert not StaleCell.objects.exists()
    assert manage("roll_up", "--verify") == ["differences: 0"]


def test_a_week_that_is_over_keeps_its_figures(plan: Plan, tmp_path: Path) -> None:
    manage("roll_up", "--week", "2026-W46")
    manage("assign_items", file(tmp_path, FIRST))
    assert not Standing.objects.in_force(plan, LAST_WEEK).exists()
    assert manage("close_week") == ["Week 2026-W46 closed"]
    assert manage("roll_up", "--week", "2026-W46", "--verify") == ["differences: 0"]


def test_assigning_again_assigns_nothing_more(plan: Plan, tmp_path: Path) -> None:
    manage("assign_items", file(tmp_path, FIRST))
    assert manage("assign_items", file(tmp_path, FIRST, LATER)) == ["1 assigned, 1 already there"]
    assert Standing.objects.count() == 2
    changed = FIRST.replace(",3,", ",4,")
    assert complaints("assign_items", file(tmp_path, changed)) == [
        "Row 2, code: “HB-1” is there already with other content; that takes a change of plan",
        "Faults: 1. Nothing was written.",
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "gbk"])
def test_any_encoding_of_the_office_will_do(plan: Plan, tmp_path: Path, encoding: str) -> None:
    row = FIRST.replace("％", "%")
    assert manage("assign_items", file(tmp_path, row, encoding=encoding)) == ["1 assigned, 0 already there"]
    assert WorkItem.objects.get().title == "编制产业链图谱"


def test_an_english_header_in_another_order_will_do(plan: Plan, tmp_path: Path) -> None:
    header = "title,code,lead,region,measure,due_on,starts_on,is_key"
    path = file(tmp_path, "Map,HB-2,Hubei authority,Hubei,1.1,2026-12-31,2026-01-05,Yes", header=header)
    assert manage("assign_items", path) == ["1 assigned, 0 already there"]
    assert WorkItem.objects.get(is_key=True).weight == 1


def test_a_dry_run_writes_nothing(plan: Plan, tmp_path: Path) -> None:
    assert manage("assign_items", file(tmp_path, FIRST), "--dry-run") == [
        "1 to assign, 0 already there; nothing was written"
    ]
    assert not WorkItem.objects.exists()
    assert not WeekRollup.objects.exists()
    assert not AuditEntry.objects.exists()


def test_every_fault_is_named_and_nothing_is_written(plan: Plan, tmp_path: Path) -> None:
    make_actor("steel-association", name="钢铁协会", kind="society")
    rows = [
        FIRST,
        "HB 2,,9.9,台湾,钢铁协会,0,2026-13-01,2026-12-31,强制,也许,,,无名单位,明天",
        f"HB-1,{'长' * 121},1.1,湖北,hubei,1,2026-12-31,2026-01-05,,,,,,",
        "HB-4,早,1.1,湖北,hubei,1,2025-12-31,2028-01-01,,,,,,2026-09-30 80% 甲；2026-06-30 50% 乙",
    ]
    assert complaints("assign_items", file(tmp_path, *rows)) == [
        "Row 3, code: “HB 2” is not a code: letters, digits, hyphens, dots and underscores only",
        "Row 3, title: this cell must not be empty",
        "Row 3, measure: “9.9” is not known",
        "Row 3, region: “台湾” is not known",
        "Row 3, lead: “钢铁协会” does not report, so it cannot stand here",
        "Row 3, weight: “0” is not a whole number from 1 to 1000",
        "Row 3, starts_on: “2026-13-01” is not a day, write it as 2026-01-31",
        "Row 3, commitment: “强制” is none of the words that may stand here",
        "Row 3, is_key: “也许” is none of the words that may stand here",
        "Row 3, supporting: “无名单位” is not known",
        "Row 3, milestones: “明天” is not a list of milestones, write “2026-06-30 50% title; …”",
        "Row 4, code: “HB-1” is in the file twice",
        "Row 4, title: it is longer than 120 characters",
        "Row 4, due_on: the due day must lie after the start",
        "Row 5, starts_on: 2025-12-31 lies outside the plan",
        "Row 5, due_on: 2028-01-01 lies outside the plan",
        "Row 5, milestones: they must lie inside the run, one after the other, none below the one before",
        "Faults: 17. Nothing was written.",
    ]
    assert not WorkItem.objects.exists()
    assert not WeekRollup.objects.exists()


def test_nothing_new_is_hung_on_what_is_retired(plan: Plan, cast: Cast, tmp_path: Path) -> None:
    manage("assign_items", file(tmp_path, FIRST))
    Actor.objects.filter(pk__in=(cast.hubei.pk, cast.jiangsu.pk)).update(retired_on=date(2026, 11, 1))
    assert complaints("assign_items", file(tmp_path, FIRST, LATER)) == [
        "Row 3, lead: “jiangsu” is no longer in use",
        "Faults: 1. Nothing was written.",
    ]
    manage("assign_items", file(tmp_path, FIRST))  # what is there already stays


def test_a_name_that_two_units_bear_leads_to_neither(plan: Plan, tmp_path: Path) -> None:
    make_actor("planning-2", name="规划司")
    assert complaints("assign_items", file(tmp_path, FIRST))[0] == (
        "Row 2, supporting: several are called “规划司”, write the code"
    )


def test_a_wrong_header_is_named(plan: Plan, tmp_path: Path) -> None:
    header = HEADER.replace("举措", "举措和别的").replace("权重", "编号")
    assert complaints("assign_items", file(tmp_path, FIRST, header=header)) == [
        "Row 1, code: this column is there twice",
        "Row 1, measure: this column is missing",
        "Row 1, 举措和别的: there is no such column",
        "Faults: 3. Nothing was written.",
    ]
    assert "Row 2, code: the file holds no work items" in complaints("assign_items", file(tmp_path))


def test_columns_are_named_in_the_language_of_the_user(plan: Plan, tmp_path: Path) -> None:
    with override("zh-hans"):
        assert "举措" in complaints("assign_items", file(tmp_path, FIRST.replace("1.1", "9.9")))[0]


def test_where_it_cannot_go_it_says_so(plan: Plan, tmp_path: Path) -> None:
    path = file(tmp_path, FIRST)
    with pytest.raises(CommandError, match="There is no plan nowhere"):
        manage("assign_items", path, "--plan", "nowhere")
    with pytest.raises(CommandError, match="There is no file"):
        manage("assign_items", str(tmp_path / "none.csv"))
    Path(path).write_bytes(b"PK\0\0")
    with pytest.raises(CommandError, match="it is not a text file"):
        manage("assign_items", path)
    Plan.objects.update(is_demonstration=True)
    with pytest.raises(CommandError, match="holds demonstration data"):
        manage("assign_items", file(tmp_path, FIRST), "--plan", plan.code)


def test_the_example_fits_the_reference_data() -> None:
    manage("load_reference")
    create()
    example = str(ROOT / "docs" / "examples" / "work-items.csv")
    assert manage("assign_items", example) == ["3 assigned, 0 already there"]
    assert manage("roll_up", "--verify") == ["differences: 0"]
