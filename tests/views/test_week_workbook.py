"""陈晓岚 takes her week along as a workbook, fills it in on the train and hands it in the next day."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl.worksheet.worksheet import Worksheet

from tasks_tracker.actions import progress
from tasks_tracker.models import Problem, ProgressReport, User, WeekUpload, WorkItem
from tests.factories import (
    THIS_WEEK,
    make_item,
    make_report,
)
from tests.factories.cast import Cast
from tests.views.week_form import THURSDAY
from tests.views.workbooks import (
    NOTE,
    acts,
    changed,
    columns,
    confirmed,
    downloaded,
    filled,
    opened,
    rows,
    saved,
    this_week,
    three_items,
    uploaded,
    verdicts,
    write,
)

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def items(cast: Cast) -> dict[str, WorkItem]:
    return three_items()


@pytest.fixture
def chen(cast: Cast, log_in: LogIn) -> Client:
    return log_in(cast.chen)


# --- out ----------------------------------------------------------------------------------------------------
def test_the_workbook_is_locked_but_for_the_entry_cells(items: dict[str, WorkItem], chen: Client) -> None:
    sheet = opened(downloaded(chen)).worksheets[0]
    at, row = columns(sheet), rows(sheet)["B"]
    open_cells = {key for key, column in at.items() if not sheet.cell(row, column).protection.locked}
    assert open_cells == {
        "percent",
        "no_change",
        "progress_note",
        "decrease_reason",
        "kind",
        "description",
        "next_steps",
    }
    assert sheet.protection.sheet
    assert not sheet.protection.password
    hidden = {key for key, column in at.items() if sheet.column_dimensions[letter(sheet, column)].hidden}
    assert hidden == {"item", "seen", "seal"}
    assert sheet.row_dimensions[5].hidden
    assert sheet.cell(row, at["item"]).value == str(items["B"].pk)
    assert sheet.cell(row, at["seen"]).value == "0 "
    assert sheet.freeze_panes == "C7"
    assert sheet.print_title_rows == "$6:$6"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 8)


def letter(sheet: Worksheet, column: int) -> str:
    return str(sheet.cell(1, column).column_letter)


def test_the_rows_are_those_of_the_table_with_last_weeks_entry_beside(
    items: dict[str, WorkItem], chen: Client, cast: Cast
) -> None:
    make_report(make_item("D", is_key=True), written_by=cast.chen, status="submitted")
    sheet = opened(downloaded(chen)).worksheets[0]
    at, row = columns(sheet), rows(sheet)
    table = chen.get("/my-week-table/")
    assert list(row) == [one.written.line.code for one in table.context["rows"]]
    cells = {key: sheet.cell(row["B"], column).value for key, column in at.items()}
    assert (cells["last_percent"], cells["percent"], cells["kind"]) == (0.5, 0.5, "资金保障")
    assert cells["last_note"] == "已完成方案编制，正在组织实施。"
    assert cells["description"] == "配套资金尚未到位。"
    assert sheet.cell(row["D"], at["percent"]).protection.locked  # handed in already


def test_drop_downs_and_limits_speak_chinese(items: dict[str, WorkItem], chen: Client) -> None:
    sheet = opened(downloaded(chen)).worksheets[0]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    at = {key: letter(sheet, column) for key, column in columns(sheet).items()}
    kinds = rules[f"{at['kind']}7"]
    assert kinds.formula1.strip('"').split(",") == [str(label) for label in Problem.Kind.labels]
    assert rules[f"{at['no_change']}7"].formula1 == '"是"'
    percent = rules[f"{at['percent']}7"]
    assert (percent.type, percent.formula1, percent.formula2) == ("decimal", "0", "1")
    assert re.search("[一-鿿]", percent.error)
    note = rules[f"{at['progress_note']}7"]
    assert (note.type, note.operator, note.formula1) == ("textLength", "lessThanOrEqual", "2000")


def test_nothing_that_only_newer_programs_know_is_in_the_file(
    items: dict[str, WorkItem], chen: Client
) -> None:

    with zipfile.ZipFile(BytesIO(downloaded(chen))) as archive:
        names = archive.namelist()
        text = "".join(archive.read(name).decode("utf-8", "replace") for name in names)
    assert not [name for name in names if "table" in name.lower() or "metadata" in name.lower()]
    assert "_xlfn" not in text
    assert 't="array"' not in text
    assert "<f>" not in text


# --- in and handed in ---------------------------------------------------------------------------------------
def test_what_comes_back_as_it_went_out_changes_nothing(items: dict[str, WorkItem], chen: Client) -> None:
    data = downloaded(chen)
    for returned in (data, saved(opened(data))):
        assert uploaded(chen, returned).status_code == 302
        assert set(verdicts(chen).values()) == {"unchanged"}
        assert confirmed(chen).status_code == 409
    assert this_week() == {}


def test_a_filled_in_workbook_is_looked_over_first_and_then_handed_in(
    items: dict[str, WorkItem], chen: Client
) -> None:
    data = filled(
        downloaded(chen),
        {
            "A": {"no_change": "是"},
            "B": {"percent": 0.555, "progress_note": NOTE, "next_steps": "下周验收"},
            "C": {"percent": "９９％", "progress_note": "首次填报\n第二行"},
        },
    )
    assert uploaded(chen, data).status_code == 302
    assert this_week() == {}
    assert verdicts(chen) == {"A": "no_change", "B": "new", "C": "new"}
    assert confirmed(chen).status_code == 302
    assert this_week() == {
        "A": ("submitted", 95_00, ""),
        "B": ("submitted", 55_50, NOTE),
        "C": ("submitted", 99_00, "首次填报\n第二行"),
    }
    report = ProgressReport.objects.get(item=items["B"], week=THIS_WEEK)
    assert report.next_steps == "下周验收"
    assert [(p.kind, p.description) for p in report.problems.all()] == [("funds", "配套资金尚未到位。")]
    assert ProgressReport.objects.get(item=items["A"], week=THIS_WEEK).no_change
    assert not WeekUpload.objects.exists()
    assert acts() == ["download_week_workbook", "upload_week_workbook", "hand_in_week_workbook"]


def test_the_same_file_twice_changes_nothing(items: dict[str, WorkItem], chen: Client, cast: Cast) -> None:
    data = filled(
        downloaded(chen),
        {"A": {"no_change": "是"}, "C": {"percent": 1, "progress_note": NOTE}},
    )
    uploaded(chen, data)
    confirmed(chen)
    uploaded(chen, data)
    assert set(verdicts(chen).values()) == {"unchanged"}
    report = ProgressReport.objects.get(item=items["C"], week=THIS_WEEK)
    progress.accept_report(report=report, by=cast.li, now=THURSDAY)
    assert set(verdicts(chen).values()) == {"unchanged"}
    assert ProgressReport.objects.filter(week=THIS_WEEK).count() == 2


def test_a_returned_report_is_answered_from_the_workbook(
    items: dict[str, WorkItem], chen: Client, cast: Cast
) -> None:
    first = {"status": "submitted", "progress_note": "初稿", "percent": 96_00}
    report = make_report(items["A"], written_by=cast.chen, **first)
    progress.return_report(report=report, by=cast.li, reason="请核对家数", now=THURSDAY)
    data = downloaded(chen)
    sheet = opened(data).worksheets[0]
    assert "请核对家数" in sheet.cell(rows(sheet)["A"], columns(sheet)["status"]).value
    uploaded(chen, filled(data, {"A": {"progress_note": NOTE}}))
    assert verdicts(chen)["A"] == "changed"
    confirmed(chen)
    assert this_week()["A"][0::2] == ("submitted", NOTE)


def test_sorted_rows_moved_columns_and_deleted_rows_are_found_again(
    items: dict[str, WorkItem], chen: Client
) -> None:
    def shuffle(sheet: Worksheet) -> None:
        write(sheet, "A", percent=0.97, progress_note=NOTE)
        width = sheet.max_column
        cells = [[sheet.cell(row, column).value for column in range(1, width + 1)] for row in range(5, 10)]
        order = [1, 2, *range(width, 2, -1)]
        keep = [cells[0], cells[1], *reversed([line for line in cells[2:] if line[0] != "B"])]
        for row, line in enumerate([*keep, [None] * width], 5):
            for place, column in enumerate(order, 1):
                sheet.cell(row, place).value = line[column - 1]
                sheet.cell(row, place).number_format = "0.00%" if line[column - 1] == 0.97 else "General"

    uploaded(chen, changed(downloaded(chen), shuffle))
    found = verdicts(chen)
    assert found == {"C": "unchanged", "A": "new"}
    confirmed(chen)
    assert this_week() == {"A": ("submitted", 97_00, NOTE)}


@pytest.mark.parametrize(
    ("value", "shown_as", "expected"),
    [
        (0.5, "0.00%", 50_00),
        (0.07, "0%", 7_00),
        (50, "General", 50_00),
        (0.5833, "0.00%", 58_33),
        ("50%", "@", 50_00),
        ("６２．５", "@", 62_50),
        (" 62.50 ％ ", "@", 62_50),
        (0, "General", 0),
        (1, "0%", 100_00),
    ],
)
def test_a_percent_is_read_however_it_is_written(
    value: Any, shown_as: str, expected: int, items: dict[str, WorkItem], chen: Client
) -> None:
    def type_in(sheet: Worksheet) -> None:
        problem = {"kind": "funds", "description": "配套资金"}
        write(sheet, "C", percent=value, progress_note=NOTE, **problem)
        sheet.cell(rows(sheet)["C"], columns(sheet)["percent"]).number_format = shown_as

    uploaded(chen, changed(downloaded(chen), type_in))
    confirmed(chen)
    assert this_week()["C"][1] == expected
