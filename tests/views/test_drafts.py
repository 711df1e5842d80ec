"""陈晓岚 types, saves, is interrupted, and meets a colleague in the same form; nothing is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.models import ProgressReport, User
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, report_and_accept
from tests.factories.cast import Cast
from tests.views.week_form import PROBLEM, THURSDAY, address, typed

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
    for seen in ("", "x", "7 2026-01-01"):
        assert log_in(cast.chen).post(address(item), typed(item, seen=seen)).status_code == 409
    assert not ProgressReport.objects.exists()


def test_a_button_that_does_not_exist_is_refused(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    assert log_in(cast.chen).post(address(item), typed(item, "accept")).status_code == 400
    assert not ProgressReport.objects.exists()
