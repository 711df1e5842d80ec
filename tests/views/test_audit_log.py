"""The audit log is read by the audit administrator, and by nobody else."""

import ast
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from tasks_tracker.actions import audit, progress
from tasks_tracker.models import User
from tasks_tracker.rules.origin import acting_from
from tasks_tracker.tables.audit import ACTIONS, SAVED, action_words, field_words, object_words, value_words
from tests.factories import THIS_WEEK, make_item, make_report, moment
from tests.factories.cast import Cast

RECORDERS = {"audit.record", "record", "audit.signed_entry"}
LogIn = Callable[[User], Client]


@pytest.fixture
def entries(cast: Cast) -> None:
    """陈晓岚 hands a report in, 李维 returns it; a job closes a week."""
    item = make_item("HB-1")
    now = moment(THIS_WEEK, 12)
    entry = progress.Entry(percent=9_000, progress_note="机密文字不入日志")
    with acting_from("web", "10.0.0.7"):
        report = progress.submit_report(item=item, week=THIS_WEEK, entry=entry, by=cast.chen, now=now)
    progress.return_report(report=report, by=cast.li, reason="与台账不符", now=now)
    with acting_from("job"):
        audit.record(by=None, action="close_week", obj=item.plan, after={"week": "2026-11-09"})


def found(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/audit/{query}")
    assert response.status_code == 200
    return [row.record.action for row in response.context["table"].paginated_rows]


def test_the_log_shows_who_did_what_newest_first(entries: None, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.audit_admin)
    assert found(client) == ["close_week", "return_report", "submit_report"]
    text = client.get("/audit/").content.decode()
    for words in (
        "陈晓岚",
        "李维",
        "退回填报",
        "已退回",
        "与台账不符",
        "2026-W46",
        "90.00%",
        "网页 10.0.0.7",
        "定时任务",
    ):
        assert words in text
    for code in (">return_report<", "progressreport<", "9000", "status"):
        assert code not in text
    assert "机密文字不入日志" not in text


def recorded_acts() -> set[str]:
    """Every `action=` with which the sources put an act on record."""
    folder = Path(audit.__file__).parents[1]
    trees = (ast.parse(path.read_text("utf-8")) for path in folder.rglob("*.py"))
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    recorded = [call for call in calls if ast.unparse(call.func) in RECORDERS]
    given = [word.value for call in recorded for word in call.keywords if word.arg == "action"]
    ends = [end for value in given for end in (value, *ast.iter_child_nodes(value))]
    return {str(end.value) for end in ends if isinstance(end, ast.Constant) and end.value != "_"}


def test_every_act_that_is_recorded_has_words() -> None:
    by_name = {act for act in recorded_acts() if act.partition("_")[0] not in SAVED}
    assert by_name == set(ACTIONS)
    assert "create_user" in recorded_acts()
    assert (action_words("create_user"), action_words("change_plan")) == ("新增用户", "修改行动计划")
    assert field_words("user", "display_name") == "姓名"


def test_what_has_no_words_stays_as_it_is() -> None:
    assert (action_words("done_long_ago"), object_words("gone")) == ("done_long_ago", "gone")
    assert (field_words("gone", "odd"), field_words("user", "odd")) == ("odd", "odd")
    assert value_words("subject", "") == "—"
    assert [value_words("status", "odd"), value_words("percent", None), value_words("note", [1])] == [
        "odd",
        "无数据",
        "[1]",
    ]


FILTERS = [
    ("?by=陈晓", ["submit_report"]),
    ("?by=li", ["return_report"]),
    ("?channel=job", ["close_week"]),
    ("?address=10.0.0.", ["submit_report"]),
    ("?action=close_week", ["close_week"]),
    ("?object_type=plan", ["close_week"]),
    ("?object_id=99999", []),
    ("?sort=action", ["close_week", "return_report", "submit_report"]),
    ("?action=nonsense", ["close_week", "return_report", "submit_report"]),
    ("?since=2026-13-45", ["close_week", "return_report", "submit_report"]),
]


def test_the_log_is_narrowed_by_user_action_and_object(entries: None, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.audit_admin)
    for query, expected in FILTERS:
        assert found(client, query) == expected, query


def test_the_log_is_narrowed_by_day(entries: None, cast: Cast, log_in: LogIn) -> None:
    today = timezone.localdate()
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        audit.record(by=None, action="policy_text_loaded", obj=cast.chen)
    client = log_in(cast.audit_admin)
    assert found(client, f"?since={today}") == ["close_week", "return_report", "submit_report"]
    assert found(client, f"?until={today - timedelta(days=1)}") == ["policy_text_loaded"]


def test_nobody_else_reads_it(entries: None, cast: Cast, log_in: LogIn) -> None:
    for user in cast.one_of_each_role():
        expected = 200 if user == cast.audit_admin else 403
        assert log_in(user).get("/audit/").status_code == expected, user.role
    assert Client().get("/audit/").status_code == 302


def test_the_log_is_paged_and_costs_a_fixed_number_of_queries(
    entries: None, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.audit_admin)
    client.get("/audit/")
    with django_assert_num_queries(8):
        client.get("/audit/")
    report = make_report(make_item("HB-2"), written_by=cast.chen)
    for _n in range(30):
        audit.record(by=cast.li, action="accept_report", obj=report)
    with django_assert_num_queries(8):
        assert len(found(client)) == 25
    assert len(found(client, "?page=2")) == 8
