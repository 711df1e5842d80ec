"""37 provincial units take their week along as workbooks, fill them in offline and hand them in.

Each is a session of its own over HTTP, as a browser would have it; one unit does it in the real browser. At
the end every cell that was typed is read back from the database.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from uuid import uuid4

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site, this_week
from tests.views.workbooks import XLSX, columns, opened, rows, saved

UNITS, ITEMS = 37, 6
SET_UP = """
from datetime import date, timedelta
from django.contrib.auth.hashers import make_password
from tests.factories import *
monday = date.fromisoformat({monday!r})
plan = Plan.objects.current()
judge = User.objects.filter(role="supervisor").first()
password = make_password({password!r}, hasher="pbkdf2_sha256")
for number in range({units} + 1):
    name = f"offline-{{number:02d}}"
    unit = make_actor(name, name=f"离线填报单位{{number:02d}}")
    user = make_user("reporter", name, display_name=f"填报人{{number:02d}}", actor=unit)
    User.objects.filter(pk=user.pk).update(password=password)
    for n in range({items}):
        item = make_item(
            f"LX{{number:02d}}-{{n}}", plan=plan, lead=unit, is_key=True, owner=user,
            title=f"离线事项{{number:02d}}-{{n}}",
            starts_on=monday - timedelta(weeks=20), due_on=monday + timedelta(weeks=20),
        )
        report = make_report(
            item, monday - timedelta(weeks=1), written_by=user, status="accepted", percent=5500,
            progress_note="=上期：完成诊断 412 家。", next_steps="组织对接会。",
            decided_by=judge, decided_at=moment(monday), counted_week=monday - timedelta(weeks=1),
        )
        make_problem(report, kind="funds", description="配套资金未到位")
"""
REPORTS = """[
    [r.item.code, r.status, r.percent, r.progress_note, r.next_steps, r.decrease_reason, r.no_change,
     [[p.kind, p.description] for p in r.problems.all()]]
    for r in ProgressReport.objects.filter(item__code__startswith={prefix!r}, week={week!r})
]"""


@pytest.fixture(scope="module")
def units(site: Site) -> int:
    """How many units there are; the one after them is for the browser."""
    program = SET_UP.format(monday=this_week().isoformat(), password=PASSWORD, units=UNITS, items=ITEMS)
    site.manage("shell", "--verbosity", "0", "--command", program)
    return UNITS


@dataclass
class Session:
    """A browser without a window."""

    url: str
    opener: OpenerDirector

    def get(self, path: str) -> tuple[str, str]:
        """Where one lands, and the page."""
        with self.opener.open(self.url + path, timeout=120) as answer:
            return answer.url, answer.read().decode()

    def post(self, page: str, action: str, data: bytes, kind: str) -> Any:
        request = Request(self.url + action, data, {"Content-Type": kind, "Referer": self.url + page})
        return self.opener.open(request, timeout=120)

    def form(self, page: str, action: str, **fields: str) -> Any:
        return self.post(page, action, urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def file(self, page: str, action: str, token: str, name: str, content: bytes) -> Any:
        edge = uuid4().hex
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: {XLSX}\r\n\r\n"
        ).encode()
        tail = f"\r\n--{edge}--\r\n".encode()
        return self.post(page, action, body + content + tail, f"multipart/form-data; boundary={edge}")


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"{name} is not on the page"
    return unescape(found[1])


def log_in(site: Site, username: str) -> Session:
    session = Session(site.url, build_opener(HTTPCookieProcessor(CookieJar())))
    _url, page = session.get("/login/")
    token = hidden(page, "csrfmiddlewaretoken")
    answer = session.form(
        "/login/", "/login/", username=username, password=PASSWORD, csrfmiddlewaretoken=token
    )
    assert "login" not in answer.url
    return session


def typed(number: int, item: int) -> dict[str, Any]:
    """What the unit writes in the row of an item: every field in some row, as people write."""
    if item == 0:
        return {"no_change": "是"}
    note = f"单位{number:02d}事项{item}：完成诊断 {number * 10 + item} 家；\n=第二行 +86 @张三 -完成"
    row: dict[str, Any] = {"percent": (5600 + number * 10 + item) / 10_000, "progress_note": note}
    if item == 2:
        row |= {"percent": "４０％", "decrease_reason": f"口径调整{number}"}
    if item == 3:
        row |= {"kind": "其他", "description": f"单位{number}：用地指标未落实"}
    if item == 4:
        row |= {"next_steps": f"下周验收第 {number} 批"}
    if item == 5:
        row |= {"kind": None, "description": None, "percent": "99.25"}
    return row


def expected(number: int, item: int) -> list[Any]:
    code, row = f"LX{number:02d}-{item}", typed(number, item)
    if item == 0:
        return [code, "submitted", 5500, "", "组织对接会。", "", True, [["funds", "配套资金未到位"]]]
    percent = {2: 4000, 5: 9925}.get(item, 5600 + number * 10 + item)
    problems = [] if item == 5 else [["funds", "配套资金未到位"]]
    if item == 3:
        problems = [["other", row["description"]]]
    rest = [row.get("next_steps", ""), row.get("decrease_reason", ""), False, problems]
    return [code, "submitted", percent, row["progress_note"], *rest]


def fill_in(data: bytes, number: int) -> bytes:
    """Every row, with another program, offline."""
    book = opened(data)
    sheet = book.worksheets[0]
    at, lines = columns(sheet), rows(sheet)
    assert len(lines) == ITEMS
    for item in range(ITEMS):
        for key, value in typed(number, item).items():
            cell = sheet.cell(lines[f"LX{number:02d}-{item}"], at[key])
            assert not cell.protection.locked
            cell.value = value
            if isinstance(value, str) and value.startswith("="):
                cell.data_type = "s"
    return saved(book)


def hand_in(site: Site, number: int) -> int:
    """Download, fill in, upload, look it over, confirm; how many rows were said to be handed in."""
    session = log_in(site, f"offline-{number:02d}")
    start = "/my-week-workbook/"
    _url, page = session.get(start)
    token = hidden(page, "csrfmiddlewaretoken")
    with session.form(start, f"{start}download/", csrfmiddlewaretoken=token) as answer:
        data = answer.read()
    with session.file(start, f"{start}upload/", token, "填好.xlsx", fill_in(data, number)) as answer:
        check = answer.read().decode()
    chosen = {name: hidden(check, name) for name in ("csrfmiddlewaretoken", "sha256", "rows")}
    with session.form(f"{start}check/", f"{start}confirm/", **chosen) as answer:
        assert "/my-week/" in answer.url
    return len(chosen["rows"].split(","))


def test_37_filled_in_workbooks_are_handed_in_without_a_lost_cell(site: Site, units: int) -> None:
    with ThreadPoolExecutor(4) as pool:
        handed_in = list(pool.map(lambda number: hand_in(site, number), range(units)))
    assert handed_in == [ITEMS] * units
    found = site.ask(REPORTS.format(prefix="LX", week=this_week().isoformat()))
    wanted = [expected(number, item) for number in range(units) for item in range(ITEMS)]
    assert sorted(found) == sorted(wanted)
    acts = site.ask("list(AuditEntry.objects.values_list('action', flat=True))")
    for act in ("download_week_workbook", "upload_week_workbook", "hand_in_week_workbook"):
        assert acts.count(act) >= units
    assert site.ask("WeekUpload.objects.count()") == 0


def test_a_reporter_does_it_in_the_browser(site: Site, units: int, page: Page, tmp_path: Path) -> None:
    name = f"offline-{units:02d}"
    site.log_in(page, name, "/my-week/")
    page.get_by_role("link", name="离线填报").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载填报表").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    download.value.save_as(tmp_path / "出.xlsx")
    good = fill_in((tmp_path / "出.xlsx").read_bytes(), units)
    book = opened(good)
    sheet = book.worksheets[0]
    wrong = sheet.cell(rows(sheet)[f"LX{units:02d}-1"], columns(sheet)["percent"])
    wrong.value = 1.5
    (tmp_path / "错.xlsx").write_bytes(saved(book))
    page.set_input_files("input[type=file]", tmp_path / "错.xlsx")
    page.get_by_role("button", name="核对").click()
    expect(page.get_by_role("heading", name="填报表核对")).to_be_visible()
    expect(page.locator(".check-cell").first).to_have_text(wrong.coordinate)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载带批注的填报表").click()
    download.value.save_as(tmp_path / "批注.xlsx")
    returned = openpyxl.load_workbook(BytesIO((tmp_path / "批注.xlsx").read_bytes()))
    assert returned.worksheets[0][wrong.coordinate].comment
    page.get_by_role("link", name="重新上传").click()
    (tmp_path / "对.xlsx").write_bytes(good)
    page.set_input_files("input[type=file]", tmp_path / "对.xlsx")
    page.get_by_role("button", name="核对").click()
    page.get_by_role("button", name=f"全部报送（{ITEMS} 行）").click()
    expect(page.get_by_text(f"已提交{ITEMS}件")).to_be_visible()
    found = site.ask(REPORTS.format(prefix=f"LX{units:02d}", week=this_week().isoformat()))
    assert sorted(found) == sorted(expected(units, item) for item in range(ITEMS))
