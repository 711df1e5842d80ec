"""What is wrong in a filled-in workbook is named with its cell; what others reported stays theirs."""

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl.worksheet.worksheet import Worksheet

from tasks_tracker import jobs
from tasks_tracker.actions.progress import Entry, submit_report
from tasks_tracker.actions.rollup import close_week
from tasks_tracker.models import Problem, User, WeekUpload, WorkItem
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_actor,
    make_item,
    make_problem,
    make_report,
    report_and_accept,
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
    faults,
    filled,
    looked_over,
    make_colleague,
    opened,
    rows,
    this_week,
    three_items,
    uploaded,
    verdicts,
    write,
)

LogIn = Callable[[User], Client]
START, CHECK = "/my-week-workbook/", "/my-week-workbook/check/"


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def items(cast: Cast) -> dict[str, WorkItem]:
    return three_items()


@pytest.fixture
def chen(cast: Cast, log_in: LogIn) -> Client:
    return log_in(cast.chen)


# --- refused cells ------------------------------------------------------------------------------------------
def test_what_is_not_taken_is_named_with_its_cell(items: dict[str, WorkItem], chen: Client) -> None:
    def type_in(sheet: Worksheet) -> None:
        write(sheet, "A", percent=0.9, progress_note=NOTE)  # lower than last time, no reason
        write(sheet, "B", percent=1.2, kind="没有这一类")
        write(sheet, "C", percent="=1/4", progress_note="字" * 2001)

    uploaded(chen, changed(downloaded(chen), type_in))
    assert set(verdicts(chen).values()) == {"refused"}
    at = dict(columns(opened(downloaded(chen)).worksheets[0]).items())
    assert at["percent"] == 8
    lines = rows(opened(downloaded(chen)).worksheets[0])
    assert [cell for cell, _words in faults(chen, "A")] == [f"L{lines['A']}"]
    assert {cell for cell, _words in faults(chen, "B")} == {f"{c}{lines['B']}" for c in "HKN"}
    assert [cell for cell, _words in faults(chen, "C")] == [f"H{lines['C']}"]
    assert "公式" in faults(chen, "C")[0][1]
    page = chen.get(CHECK).content.decode()
    assert f"L{lines['A']}" in page
    assert confirmed(chen).status_code == 409
    assert this_week() == {}


def test_a_formula_counts_with_the_value_that_was_stored(items: dict[str, WorkItem], chen: Client) -> None:

    data = filled(downloaded(chen), {"C": {"percent": "=95/100", "progress_note": NOTE}})
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert (
                    b"<f>95/100</f><v />" in part
                    or b"<f>95/100</f><v></v>" in part
                    or b"<f>95/100</f><v/>" in part
                )
                part = re.sub(rb"<f>95/100</f><v ?/>|<f>95/100</f><v></v>", b"<f>95/100</f><v>0.95</v>", part)
            new.writestr(name, part)
    uploaded(chen, stream.getvalue())
    confirmed(chen)
    assert this_week()["C"][1] == 95_00


@pytest.mark.parametrize("value", [0.65, 1, "0.65"])
def test_a_share_that_could_be_a_percent_is_not_guessed(
    value: Any, items: dict[str, WorkItem], chen: Client
) -> None:
    def type_in(sheet: Worksheet) -> None:
        write(sheet, "C", percent=value, progress_note=NOTE)
        sheet.cell(rows(sheet)["C"], columns(sheet)["percent"]).number_format = "General"

    uploaded(chen, changed(downloaded(chen), type_in))
    assert verdicts(chen)["C"] == "refused"


def test_no_change_beside_another_entry_is_refused_so_that_nothing_is_lost(
    items: dict[str, WorkItem], chen: Client
) -> None:
    data = filled(
        downloaded(chen),
        {
            "A": {"no_change": "是", "next_steps": "下周验收"},
            "B": {"no_change": "是", "progress_note": NOTE},
            "C": {"no_change": "也许"},
        },
    )
    uploaded(chen, data)
    assert set(verdicts(chen).values()) == {"refused"}
    lines = rows(opened(data).worksheets[0])
    assert [cell for cell, _words in faults(chen, "A")] == [f"Q{lines['A']}"]
    assert [cell for cell, _words in faults(chen, "B")] == [f"K{lines['B']}"]


def test_inserted_doubled_and_foreign_rows_are_named(
    items: dict[str, WorkItem], chen: Client, cast: Cast, log_in: LogIn
) -> None:
    wang_item = make_item("W", is_key=True, lead=cast.jiangsu)
    theirs = opened(downloaded(log_in(cast.wang))).worksheets[0]
    strange = [theirs.cell(rows(theirs)["W"], column).value for column in range(1, theirs.max_column + 1)]

    def paste(sheet: Worksheet) -> None:
        width, lines = sheet.max_column, rows(sheet)
        doubled = [sheet.cell(lines["A"], column).value for column in range(1, width + 1)]
        last = sheet.max_row
        sheet.cell(last + 1, 11).value = "自己加的一行"
        for column in range(1, width + 1):
            sheet.cell(last + 2, column).value = doubled[column - 1]
            sheet.cell(last + 3, column).value = strange[column - 1]
        write(sheet, "C", percent=1, progress_note=NOTE)

    uploaded(chen, changed(downloaded(chen), paste))
    found = [(row.number, row.code, str(row.verdict)) for row in looked_over(chen).rows]
    assert [one for one in found if one[2] == "refused"] == [
        (row.number, row.code, "refused") for row in looked_over(chen).bad
    ]
    assert sorted(code for _number, code, verdict in found if verdict == "refused") == ["", "A", "A", "W"]
    assert wang_item.title not in chen.get(CHECK).content.decode()
    confirmed(chen)
    assert list(this_week()) == ["C"]


def test_a_row_whose_hidden_cells_were_changed_is_refused(items: dict[str, WorkItem], chen: Client) -> None:
    def forge(sheet: Worksheet) -> None:
        write(sheet, "A", item=str(items["B"].pk), progress_note=NOTE)
        write(sheet, "B", item="", progress_note=NOTE)
        write(sheet, "C", seen="7 2026-11-16T00:00:00+00:00", percent=1, progress_note=NOTE)

    uploaded(chen, changed(downloaded(chen), forge))
    assert set(verdicts(chen).values()) == {"refused"}


def test_only_the_good_rows_are_handed_in_when_she_says_so(items: dict[str, WorkItem], chen: Client) -> None:
    data = filled(
        downloaded(chen),
        {"A": {"percent": 2, "progress_note": NOTE}, "C": {"percent": 1, "progress_note": NOTE}},
    )
    uploaded(chen, data)
    page = chen.get(CHECK).content.decode()
    assert "只报送" in page
    assert confirmed(chen).status_code == 302
    assert list(this_week()) == ["C"]


def test_the_own_workbook_comes_back_with_remarks_and_can_be_corrected(
    items: dict[str, WorkItem], chen: Client
) -> None:
    uploaded(chen, filled(downloaded(chen), {"C": {"percent": 2, "progress_note": NOTE}}))
    answer = chen.post(reverse("week_workbook_copy"))
    assert answer["Content-Disposition"].startswith("attachment")
    sheet = opened(answer.content).worksheets[0]
    row, at = rows(sheet)["C"], columns(sheet)
    cell = sheet.cell(row, at["percent"])
    assert "0 到 100" in cell.comment.text.replace("0 至", "0 到") or "100" in cell.comment.text
    assert sheet.cell(row, at["progress_note"]).value == NOTE
    assert not sheet.cell(row, at["progress_note"]).comment
    assert sheet.protection.sheet
    assert sheet.data_validations.dataValidation
    uploaded(chen, filled(answer.content, {"C": {"percent": 0.98}}))
    assert verdicts(chen)["C"] == "new"
    confirmed(chen)
    assert this_week()["C"] == ("submitted", 98_00, NOTE)
    assert "return_week_workbook" in acts()


# --- meanwhile ----------------------------------------------------------------------------------------------
def test_what_a_colleague_reported_meanwhile_is_shown_beside_and_not_overwritten(
    items: dict[str, WorkItem], chen: Client, cast: Cast
) -> None:
    colleague = make_colleague(cast)
    data = downloaded(chen)
    submit_report(
        item=items["A"],
        week=THIS_WEEK,
        entry=Entry(percent=96_00, progress_note="同事报的"),
        by=colleague,
        now=THURSDAY,
    )
    fill = {"A": {"percent": 0.97, "progress_note": NOTE}, "C": {"percent": 1, "progress_note": NOTE}}
    uploaded(chen, filled(data, fill))
    assert verdicts(chen) == {"A": "conflict", "B": "unchanged", "C": "new"}
    page = chen.get(CHECK).content.decode()
    assert "同事报的" in page
    assert NOTE in page
    confirmed(chen)
    assert this_week()["A"] == ("submitted", 96_00, "同事报的")
    assert this_week()["C"] == ("submitted", 100_00, NOTE)


def test_an_untouched_row_that_somebody_reported_meanwhile_is_left_alone(
    items: dict[str, WorkItem], chen: Client, cast: Cast
) -> None:
    data = downloaded(chen)
    make_report(items["A"], written_by=cast.chen, status="submitted", progress_note="网上报的")
    uploaded(chen, data)
    assert verdicts(chen)["A"] == "unchanged"


def test_what_is_accepted_is_not_corrected_from_a_workbook(
    items: dict[str, WorkItem], chen: Client, cast: Cast
) -> None:
    report_and_accept(items["A"], 96_00, THIS_WEEK)
    uploaded(chen, filled(downloaded(chen), {"A": {"percent": 0.99, "progress_note": NOTE}}))
    assert verdicts(chen)["A"] == "refused"


def test_what_changes_between_the_look_and_the_confirmation_stops_it_all(
    items: dict[str, WorkItem], chen: Client, cast: Cast
) -> None:
    fill = {"A": {"percent": 0.97, "progress_note": NOTE}, "C": {"percent": 1, "progress_note": NOTE}}
    uploaded(chen, filled(downloaded(chen), fill))
    shown = chen.get(CHECK)
    form = {"sha256": shown.context["kept"].sha256, "rows": shown.context["checked"].chosen}
    entry = Entry(percent=96_00, progress_note="同事报的")
    submit_report(item=items["A"], week=THIS_WEEK, entry=entry, by=make_colleague(cast), now=THURSDAY)
    answer = chen.post(reverse("week_workbook_confirm"), form)
    assert answer.status_code == 409
    assert "同事报的" in answer.content.decode()
    assert list(this_week()) == ["A"]


def test_another_file_uploaded_meanwhile_is_not_confirmed_unseen(
    items: dict[str, WorkItem], chen: Client
) -> None:
    data = downloaded(chen)
    uploaded(chen, filled(data, {"C": {"percent": 1, "progress_note": NOTE}}))
    shown = chen.get(CHECK)
    form = {"sha256": shown.context["kept"].sha256, "rows": shown.context["checked"].chosen}
    uploaded(chen, filled(data, {"C": {"percent": 0.99, "progress_note": "另一份"}}))
    assert chen.post(reverse("week_workbook_confirm"), form).status_code == 409
    assert this_week() == {}
    assert WeekUpload.objects.count() == 1


def test_a_week_that_closes_meanwhile_takes_nothing(
    items: dict[str, WorkItem], chen: Client, cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    uploaded(chen, filled(downloaded(chen), {"C": {"percent": 1, "progress_note": NOTE}}))
    monday = THURSDAY + timedelta(days=4, hours=-5)
    time_machine.move_to(monday, tick=False)
    WeekUpload.objects.update(uploaded_at=monday)
    close_week(plan=items["A"].plan, week=THIS_WEEK, now=monday, by=None)
    monday_client = log_in(cast.chen)
    assert verdicts(monday_client)["C"] == "refused"
    assert confirmed(monday_client).status_code == 409
    assert this_week() == {}


# --- whose it is --------------------------------------------------------------------------------------------
def test_another_units_week_and_anothers_plan_are_refused_in_words(
    items: dict[str, WorkItem], chen: Client, cast: Cast, log_in: LogIn
) -> None:
    make_item("W", is_key=True, lead=cast.jiangsu)
    answer = uploaded(chen, downloaded(log_in(cast.wang)))
    assert answer.status_code == 422
    assert "其他单位" in answer.content.decode()
    last = uploaded(chen, downloaded(chen, "?week=2026-W46"))
    assert last.status_code == 422
    assert "2026-W46" in last.content.decode()
    assert not WeekUpload.objects.exists()
    assert acts().count("refuse_week_workbook") == 2


def test_the_upload_is_seen_by_nobody_else_and_goes_with_its_time(
    items: dict[str, WorkItem], chen: Client, cast: Cast, log_in: LogIn, time_machine: Any, settings: Any
) -> None:
    uploaded(chen, filled(downloaded(chen), {"C": {"percent": 1, "progress_note": NOTE}}))
    assert log_in(make_colleague(cast)).get(CHECK).status_code == 404
    cast.chen.actor = make_actor("other")
    cast.chen.save()
    assert chen.get(CHECK).status_code == 404
    cast.chen.actor = cast.hubei
    cast.chen.save()
    assert chen.get(CHECK).status_code == 200
    settings.WORKBOOK_HOURS = 2
    time_machine.move_to(THURSDAY + timedelta(hours=2), tick=False)
    assert chen.get(CHECK).status_code == 404
    assert "填好.xlsx" not in chen.get(START).content.decode()
    assert WeekUpload.objects.exists()
    jobs.forget_uploads()
    assert not WeekUpload.objects.exists()


def test_expired_workbooks_are_deleted_by_hand_too(
    items: dict[str, WorkItem], chen: Client, time_machine: Any, capsys: Any
) -> None:
    uploaded(chen, downloaded(chen))
    call_command("forget_uploads")
    assert WeekUpload.objects.exists()
    time_machine.move_to(THURSDAY + timedelta(hours=25), tick=False)
    call_command("forget_uploads")
    assert not WeekUpload.objects.exists()


def test_an_upload_can_be_discarded(items: dict[str, WorkItem], chen: Client) -> None:
    uploaded(chen, downloaded(chen))
    assert chen.post(reverse("week_workbook_discard")).status_code == 302
    assert not WeekUpload.objects.exists()
    assert acts()[-1] == "discard_week_workbook"
    assert confirmed_without_upload(chen) == 404


def confirmed_without_upload(client: Client) -> int:
    return int(client.post(reverse("week_workbook_confirm"), {"sha256": "", "rows": ""}).status_code)


def test_a_reviewer_reads_the_week_and_has_no_workbook(cast: Cast, log_in: LogIn) -> None:
    make_item("A", is_key=True)
    zhou = log_in(cast.zhou)
    assert zhou.get(START).status_code == 403
    assert "离线" not in zhou.get("/my-week-table/").content.decode()
    assert "离线填报" in log_in(cast.chen).get("/my-week-table/").content.decode()


def test_english_and_chinese_workbooks_are_both_understood(items: dict[str, WorkItem], chen: Client) -> None:
    in_chinese = str(Problem.Kind.TALENT.label)
    chen.post(reverse("set_language"), {"language": "en"})
    data = downloaded(chen)
    assert opened(data).sheetnames[0] == "Table to fill in"
    fill = {"A": {"no_change": "Yes"}, "B": {"percent": 0.51, "progress_note": NOTE, "kind": in_chinese}}
    uploaded(chen, filled(data, fill))
    assert verdicts(chen) == {"A": "no_change", "B": "new", "C": "unchanged"}


@pytest.mark.parametrize("count", [3, 60])
def test_the_check_asks_the_database_the_same_however_many_rows_it_has(
    count: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        item = make_item(f"K{number:03d}", is_key=True)
        last = {"status": "accepted", "counted_week": LAST_WEEK, "percent": 50_00, "decided_by": cast.li}
        report = make_report(item, LAST_WEEK, written_by=cast.chen, decided_at=THURSDAY, **last)
        make_problem(report, needed_from=cast.bureau)
    client = log_in(cast.chen)
    codes = [f"K{number:03d}" for number in range(count)]
    data = downloaded(client)
    uploaded(client, filled(data, {code: {"progress_note": NOTE} for code in codes}))
    client.get(CHECK)
    with django_assert_num_queries(16):
        assert set(verdicts(client).values()) == {"new"}
    with django_assert_num_queries(14):
        client.get(START)
