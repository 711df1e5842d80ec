"""陈晓岚 types, saves, is interrupted, and meets a colleague in the same form; nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.models import AuditEntry, ProgressReport, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, report_and_accept
from tests.factories.cast import Cast
from tests.views.week_form import PROBLEM, THURSDAY, address, seen, typed

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


def test_a_draft_may_be_half_done_and_comes_back_as_typed(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    answer = client.post(
        address(item), typed(item, "draft", percent="", progress_note="", next_steps="下周", **PROBLEM)
    )
    assert answer.headers["Location"] == address(item)
    draft = ProgressReport.objects.get()
    assert (draft.status, draft.percent, draft.next_steps) == ("draft", None, "下周")
    page = client.get(address(item)).content.decode()
    assert "下周" in page
    assert "配套资金未到位" in page


def test_a_draft_becomes_the_report(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    client.post(address(item), typed(item, "draft"))
    client.post(address(item), typed(item, percent="95"))
    report = ProgressReport.objects.get()
    assert (report.status, report.version, report.percent) == ("submitted", 1, 9_500)


@pytest.mark.parametrize("action", ["draft", "submit", "no_change"])
def test_a_colleagues_newer_draft_is_shown_and_not_written_over(
    action: str, cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    item = make_item()
    report_and_accept(item, 9_000, LAST_WEEK)
    colleague = User.objects.create_user("he", role="reporter", actor=cast.hubei, display_name="何静")
    client = log_in(cast.chen)
    client.post(address(item), typed(item, "draft", progress_note="一"))
    seen_by_chen = typed(item, action, progress_note="我的话" if action != "no_change" else "一")
    time_machine.shift(timedelta(minutes=5))
    log_in(colleague).post(address(item), typed(item, "draft", progress_note="何静的话"))
    page = client.post(address(item), seen_by_chen)
    assert page.status_code == 409
    html = page.content.decode()
    assert "何静" in html
    assert "何静的话" in html
    if action != "no_change":
        assert "我的话" in html
    assert ProgressReport.objects.get(week=THIS_WEEK).progress_note == "何静的话"
    again = client.post(address(item), typed(item, "draft", progress_note="合并后"))
    assert again.status_code == 302
    assert ProgressReport.objects.get(week=THIS_WEEK).progress_note == "合并后"


def test_a_form_without_its_version_writes_nothing(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    for token in ("", "x", "7 2026-01-01"):
        assert log_in(cast.chen).post(address(item), typed(item, seen=token)).status_code == 409
    assert not ProgressReport.objects.exists()


def test_a_button_that_does_not_exist_is_refused(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    assert log_in(cast.chen).post(address(item), typed(item, "accept")).status_code == 400
    assert not ProgressReport.objects.exists()


# --- saved while somebody types ---------------------------------------------------------------------------
def save_while_typing(client: Client, item: WorkItem, sent: dict[str, str]) -> Any:
    """What the browser's script sends a moment after the last key."""
    return client.post(address(item), sent, headers={"Accept": "application/json"})


def test_a_draft_saved_while_typing_tells_from_what_the_next_one_is_saved(
    cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    item = make_item()
    client = log_in(cast.chen)
    first = save_while_typing(client, item, typed(item, "draft", progress_note="一"))
    assert first.status_code == 200
    time_machine.shift(timedelta(seconds=1))
    sent = typed(item, "draft", progress_note="一二") | {"seen": first.json()["seen"]}
    second = save_while_typing(client, item, sent)
    assert second.json()["left_out"] == []
    time_machine.shift(timedelta(seconds=1))
    client.post(address(item), typed(item, "submit", seen=second.json()["seen"]))
    assert ProgressReport.objects.get().status == "submitted"
    assert not AuditEntry.objects.exclude(action="submit_report").exists()


def test_a_half_typed_percent_keeps_the_saved_one_and_is_named(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    save_while_typing(client, item, typed(item, "draft", percent="62.5"))
    answer = save_while_typing(client, item, typed(item, "draft", percent="62.5x", progress_note="更多的话"))
    draft = ProgressReport.objects.get()
    assert (draft.percent, draft.progress_note) == (6_250, "更多的话")
    assert answer.json()["seen"] == seen(item)
    [left_out] = answer.json()["left_out"]
    assert left_out.startswith("本周完成率")


def test_the_answer_that_got_lost_is_no_conflict(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    sent = typed(item, "draft", **PROBLEM)
    save_while_typing(client, item, sent)
    again = save_while_typing(client, item, sent)
    assert (again.status_code, again.json()["seen"]) == (200, seen(item))
    other = save_while_typing(client, item, sent | {"problems-0-description": "另一个问题"})
    assert other.status_code == 409


def test_a_stale_draft_saved_while_typing_writes_nothing(
    cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    item, client, _colleague = two_drafts(cast, log_in, time_machine)
    assert save_while_typing(client, item, MINE).status_code == 409
    assert ProgressReport.objects.get().progress_note == "何静的话"


# --- two people in one form -------------------------------------------------------------------------------
MINE = {
    "action": "draft",
    "seen": "0 ",
    "percent": "91",
    "progress_note": "我的话",
    "next_steps": "同样的下一步",
    "problems-TOTAL_FORMS": "5",
    "problems-INITIAL_FORMS": "0",
    **PROBLEM,
}


def two_drafts(cast: Cast, log_in: LogIn, time_machine: Any) -> tuple[WorkItem, Client, User]:
    """何静 has saved a draft since 陈晓岚 opened the form: the item, 陈晓岚's browser, 何静."""
    item = make_item()
    colleague = User.objects.create_user("he", role="reporter", actor=cast.hubei, display_name="何静")
    theirs = {"problems-0-kind": "market", "problems-0-description": "订单不足"}
    sent = typed(item, "draft", percent="92", progress_note="何静的话", next_steps="同样的下一步", **theirs)
    log_in(colleague).post(address(item), sent)
    time_machine.shift(timedelta(minutes=1))
    return item, log_in(cast.chen), colleague


def test_the_difference_is_shown_field_by_field(cast: Cast, log_in: LogIn, time_machine: Any) -> None:
    item, client, _colleague = two_drafts(cast, log_in, time_machine)
    page = client.post(address(item), MINE)
    assert page.status_code == 409
    shown = {one.name: (one.mine, one.theirs) for one in page.context["differences"]}
    assert shown["percent"] == ("91", "92")
    assert shown["progress_note"] == ("我的话", "何静的话")
    assert shown["problems"] == ("资金保障 · 配套资金未到位", "市场需求 · 订单不足")
    assert [one.name for one in page.context["differences"] if one.is_same] == ["next_steps"]
    assert page.context["may_choose"]


@pytest.mark.parametrize(
    ("chosen", "percent", "note", "problem"),
    [
        ({}, 9_100, "我的话", "配套资金未到位"),
        ({"take_all": "mine", "take_percent": "theirs"}, 9_100, "我的话", "配套资金未到位"),
        ({"take_all": "theirs"}, 9_200, "何静的话", "订单不足"),
        ({"take_percent": "theirs", "take_progress_note": "mine"}, 9_200, "我的话", "配套资金未到位"),
        ({"take_problems": "theirs", "take_percent": "mine"}, 9_100, "我的话", "订单不足"),
    ],
)
def test_what_is_chosen_is_saved_on_top_of_the_newer_version(
    chosen: dict[str, str],
    percent: int,
    note: str,
    problem: str,
    cast: Cast,
    log_in: LogIn,
    time_machine: Any,
) -> None:
    item, client, _colleague = two_drafts(cast, log_in, time_machine)
    client.post(address(item), MINE)
    assert client.post(address(item), MINE | {"seen": seen(item)} | chosen).status_code == 302
    draft = ProgressReport.objects.get()
    assert (draft.version, draft.percent, draft.progress_note) == (1, percent, note)
    assert draft.problems.get().description == problem


def test_choosing_on_what_has_changed_once_more_is_refused_again(
    cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    item, client, colleague = two_drafts(cast, log_in, time_machine)
    chosen = MINE | {"seen": seen(item), "take_all": "mine"}
    log_in(colleague).post(address(item), typed(item, "draft", progress_note="何静又写了"))
    assert client.post(address(item), chosen).status_code == 409
    assert ProgressReport.objects.get().progress_note == "何静又写了"


def test_nothing_is_chosen_over_a_report_that_was_handed_in(
    cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    item, client, colleague = two_drafts(cast, log_in, time_machine)
    log_in(colleague).post(address(item), typed(item, progress_note="何静交了"))
    page = client.post(address(item), MINE)
    assert page.status_code == 409
    assert not page.context["may_choose"]
    assert "我的话" in page.content.decode()
    assert ProgressReport.objects.get().progress_note == "何静交了"
