"""A workbook of the week as a reporter has it: downloaded, filled in with another program, uploaded."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl.workbook import Workbook as Book
from openpyxl.worksheet.worksheet import Worksheet

from tasks_tracker.models import AuditEntry, ProgressReport, Role, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_user, report_and_accept
from tests.factories.cast import Cast

KEY_ROW = 5  # counted from 1
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def downloaded(client: Client, query: str = "") -> bytes:
    answer = client.post(reverse("week_workbook_download") + query)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content


def opened(data: bytes) -> Book:
    return openpyxl.load_workbook(BytesIO(data))


def saved(book: Book) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def columns(sheet: Worksheet) -> dict[str, int]:
    """Key → column, counted from 1."""
    return {str(cell.value): cell.column for cell in sheet[KEY_ROW] if cell.value}


def rows(sheet: Worksheet) -> dict[str, int]:
    """Code of an item → row, counted from 1."""
    at = columns(sheet)["code"]
    found = {sheet.cell(row, at).value: row for row in range(KEY_ROW + 2, sheet.max_row + 1)}
    return {code: row for code, row in found.items() if code}


def write(sheet: Worksheet, code: str, **values: Any) -> None:
    """Type values into the row of an item."""
    row, at = rows(sheet)[code], columns(sheet)
    for key, value in values.items():
        sheet.cell(row, at[key]).value = value


def filled(data: bytes, values: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The workbook with rows filled in: code → field → value."""
    book = opened(data)
    for code, typed in values.items():
        write(book.worksheets[0], code, **typed)
    return saved(book)


def changed(data: bytes, change: Callable[[Worksheet], None]) -> bytes:
    """The workbook after `change` of its table."""
    book = opened(data)
    change(book.worksheets[0])
    return saved(book)


def uploaded(client: Client, data: bytes, name: str = "填好.xlsx", query: str = "") -> Any:
    file = SimpleUploadedFile(name, data, XLSX)
    return client.post(reverse("week_workbook_upload") + query, {"file": file})


def looked_over(client: Client) -> Any:
    """The dry run."""
    answer = client.get(reverse("week_workbook_check"))
    assert answer.status_code == 200
    return answer.context["checked"]


def verdicts(client: Client) -> dict[str, str]:
    return {row.code: str(row.verdict) for row in looked_over(client).rows}


def confirmed(client: Client, **form: str) -> Any:
    """Hand in what the dry run shows as good."""
    page = client.get(reverse("week_workbook_check"))
    shown = {"sha256": page.context["kept"].sha256, "rows": page.context["checked"].chosen}
    return client.post(reverse("week_workbook_confirm"), shown | form)


# --- what is there, and what became of it -------------------------------------------------------------------
NOTE = "完成诊断 437 家。"


def three_items() -> dict[str, WorkItem]:
    """On track, behind with a problem of last week, and never reported."""
    made = {code: make_item(code, is_key=True) for code in ("A", "B", "C")}
    report_and_accept(made["A"], 95_00, LAST_WEEK)
    report_and_accept(made["B"], 50_00, LAST_WEEK)
    return made


def make_colleague(cast: Cast) -> User:
    """何静, the other reporter of 湖北."""
    return make_user(Role.REPORTER, "he", display_name="何静", actor=cast.hubei)


def this_week() -> dict[str, tuple[str, int | None, str]]:
    """Code of an item → status, percent and note of its newest report of this week."""
    reports = ProgressReport.objects.filter(week=THIS_WEEK).order_by("version")
    return {r.item.code: (r.status, r.percent, r.progress_note) for r in reports.select_related("item")}


def faults(client: Client, code: str) -> list[tuple[str, str]]:
    """(cell, words) of what is wrong with the row of an item."""
    [row] = [row for row in looked_over(client).rows if row.code == code]
    return [(fault.cell, fault.words) for fault in row.faults]


def acts() -> list[str]:
    """What is on record about workbooks, in order."""
    found = AuditEntry.objects.filter(action__contains="week_workbook").order_by("pk")
    return list(found.values_list("action", flat=True))
