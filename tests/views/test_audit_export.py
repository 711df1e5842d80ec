"""The audit log is taken along by the audit administrator, as a file, and that is on record."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from tasks_tracker.actions import audit
from tasks_tracker.models import AuditEntry, User
from tasks_tracker.rules.origin import acting_from
from tests.factories import make_item
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
URL = "/audit/export/"
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"]


@pytest.fixture
def entries(cast: Cast) -> None:
    item = make_item("HB-1")
    with acting_from("web", "10.0.0.7"):
        audit.record(by=cast.li, action="return_report", obj=item, after={"reason": '"引号",\n=1+1'})
    with acting_from("job"):
        audit.record(by=None, action="close_week", obj=item.plan, after={"week": "2026-11-09"})


def exported(client: Client, query: str = "") -> list[list[str]]:
    """The lines of the file, the head first."""
    response: Any = client.post(URL + query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text[1:], newline="")))


def test_the_file_holds_what_the_page_shows_in_the_order_of_the_acts(
    entries: None, cast: Cast, log_in: LogIn
) -> None:
    head, returned, closed = exported(log_in(cast.audit_admin))
    assert head[:6] == ["编号", "时间", "用户名", "用户", "操作途径", "网络地址"]
    assert returned[2:9] == ["li", "李维", "网页", "10.0.0.7", "退回填报", "工作事项", returned[8]]
    assert returned[10] == "原因：“”".replace("“”", '"引号",\n=1+1')
    assert closed[2:7] == ["", "系统", "定时任务", "", "关闭一周"]
    assert closed[10] == "周次：2026-W46"


def test_the_file_is_narrowed_like_the_page(entries: None, cast: Cast, log_in: LogIn) -> None:
    assert [line[6] for line in exported(log_in(cast.audit_admin), "?channel=job")[1:]] == ["关闭一周"]


def test_the_export_is_on_record_with_its_filters(entries: None, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.audit_admin)
    exported(client, "?channel=job&by=x")
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.channel) == ("export_audit_log", cast.audit_admin, "web")
    assert entry.after == {"entries": 0, "filters": {"用户": "x", "操作途径": "定时任务"}}
    assert "用户 = x, 操作途径 = 定时任务" in client.get("/audit/").content.decode()


@pytest.mark.parametrize("text", EVIL)
def test_nothing_in_the_file_is_a_formula(text: str, cast: Cast, log_in: LogIn) -> None:
    cast.li.display_name = text
    cast.li.save()
    audit.record(by=cast.li, action=text[:40], obj=cast.li)
    (line,) = exported(log_in(cast.audit_admin))[1:]
    assert line[3] == line[6] == f"'{text}"


def test_the_file_has_a_chinese_name_with_the_day(
    entries: None, cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-20T17:00:00Z")  # the 21st in Beijing
    response: Any = log_in(cast.audit_admin).post(URL)
    assert unquote(response["Content-Disposition"]).endswith("审计日志_2026-11-21.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_nobody_else_takes_it_along_and_looking_takes_nothing(
    entries: None, cast: Cast, log_in: LogIn
) -> None:
    for user in cast.one_of_each_role():
        expected = 200 if user == cast.audit_admin else 403
        assert log_in(user).post(URL).status_code == expected, user.role
    assert AuditEntry.objects.filter(action="export_audit_log").count() == 1
    assert log_in(cast.audit_admin).get(URL).status_code == 405
    assert Client().post(URL).status_code == 302


def test_a_long_log_costs_a_fixed_number_of_queries(
    entries: None, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.audit_admin)
    for _n in range(30):
        audit.record(by=cast.li, action="x", obj=cast.chen)
    with django_assert_num_queries(9):
        assert len(exported(client)) == 33
