"""陈晓岚 reports her week in one table: a row at a time, or all complete rows in one action."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import progress
from tasks_tracker.actions.rollup import close_week
from tasks_tracker.models import Problem, ProgressReport, ReportStatus, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_problem, make_report, report_and_accept
from tests.factories.cast import Cast
from tests.views.week_form import THURSDAY, seen

LogIn = Callable[[User], Client]
TABLE = "/my-week-table/"


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


def row(item: WorkItem, **typed: str) -> dict[str, str]:
    """The fields of the item's row as the browser would send them."""
    fields = {"percent": "95", "progress_note": "完成诊断 437 家。", "seen": seen(item)} | typed
    return {f"{item.pk}-{name}": value for name, value in fields.items()}


def statuses() -> dict[str, str]:
    reports = ProgressReport.objects.filter(week=THIS_WEEK).order_by("version")
    return dict(reports.values_list("item__code", "status"))


def rows_of(answer: Any) -> dict[str, Any]:
    return {one.written.line.code: one for one in answer.context["rows"]}


# --- what it shows ----------------------------------------------------------------------------------------
def test_the_rows_stand_in_the_order_of_the_list_with_last_weeks_words_beside(
    cast: Cast, log_in: LogIn
) -> None:
    on_track = make_item("A", is_key=True)
    report_and_accept(on_track, 9_500, LAST_WEEK)
    at_risk = make_item("R", is_key=True)
    report_and_accept(at_risk, 8_000, LAST_WEEK)
    behind = make_item("B", is_key=True)
    report_and_accept(behind, 5_000, LAST_WEEK)
    make_item("C", due_on=date(2026, 11, 1))
    returned = make_item("D", is_key=True)
    report = make_report(returned, written_by=cast.chen, status="submitted", progress_note="初稿")
    progress.return_report(report=report, by=cast.li, reason="请核对家数", now=THURSDAY)
    make_report(make_item("E", is_key=True), written_by=cast.chen, status="submitted")
    page = log_in(cast.chen).get(TABLE)
    rows = rows_of(page)
    assert list(rows) == ["D", "C", "B", "R", "A", "E"]
    assert rows["D"].values["progress_note"] == "初稿"
    assert rows["B"].values == {
        "percent": "50",
        "decrease_reason": "",
        "progress_note": "",
        "kind": "funds",
        "description": "配套资金尚未到位。",
        "next_steps": "",
    }
    assert [code for code, one in rows.items() if one.may_write] == ["D", "C", "B", "R", "A"]
    html = page.content.decode()
    assert "请核对家数" in html
    assert "已完成方案编制，正在组织实施。" in html


@pytest.mark.parametrize("count", [3, 300])
def test_the_table_asks_the_database_the_same_however_many_rows_it_has(
    count: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        item = make_item(f"K{number:03d}", is_key=True)
        last = {"written_by": cast.chen, "status": "accepted", "decided_by": cast.li, "decided_at": THURSDAY}
        make_problem(make_report(item, LAST_WEEK, **last), needed_from=cast.bureau)
        if number % 3 == 1:
            make_problem(make_report(item, written_by=cast.chen, status=ReportStatus.DRAFT))
    client = log_in(cast.chen)
    client.get(TABLE)
    with django_assert_num_queries(16):
        page = client.get(TABLE)
    assert len(page.context["rows"]) == count


def test_a_reviewer_reads_the_table_and_a_closed_week_is_only_read(cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    client = log_in(cast.zhou)
    assert not any(one.may_write for one in client.get(TABLE).context["rows"])
    assert client.post(TABLE, row(item) | {"do": f"submit {item.pk}"}).status_code == 403
    close_week(plan=item.plan, week=LAST_WEEK, now=THURSDAY, by=None)
    closed = log_in(cast.chen).get(TABLE, {"week": "2026-W46"})
    assert not any(one.may_write for one in closed.context["rows"])
    assert statuses() == {}


def test_nobody_outside_a_unit_has_a_table(cast: Cast, log_in: LogIn) -> None:
    make_item()
    for user in cast.one_of_each_role():
        expected = 200 if user in (cast.chen, cast.zhou) else 403
        assert log_in(user).get(TABLE).status_code == expected


# --- handing in -------------------------------------------------------------------------------------------
def test_one_row_is_handed_in_and_the_others_keep_what_was_typed(cast: Cast, log_in: LogIn) -> None:
    first, second = make_item("A", is_key=True), make_item("B", is_key=True)
    typed = row(first, percent="９５.５") | row(second, progress_note="还没写完")
    page = log_in(cast.chen).post(TABLE, typed | {"do": f"submit {first.pk}"})
    assert page.status_code == 200
    assert statuses() == {"A": "submitted"}
    assert ProgressReport.objects.get().percent == 9_550
    assert rows_of(page)["B"].values["progress_note"] == "还没写完"
    assert first.title in page.context["said"]


def test_all_complete_rows_go_in_one_action_and_what_fails_stays_with_its_message(
    cast: Cast, log_in: LogIn
) -> None:
    good, behind, falls, blank = (make_item(code, is_key=True) for code in "ABCD")
    report_and_accept(falls, 9_900, LAST_WEEK)
    typed = (
        row(good)
        | row(behind, percent="50", progress_note="进度落后")
        | row(falls, percent="94", kind="funds", description="资金")
        | row(blank, progress_note=" ")
    )
    page = log_in(cast.chen).post(TABLE, typed | {"do": "submit all"})
    assert page.status_code == 200
    assert statuses() == {"A": "submitted"}
    rows = rows_of(page)
    assert "问题" in rows["B"].wrong[0]
    assert rows["B"].values["progress_note"] == "进度落后"
    assert "下降原因" in rows["C"].wrong[0]
    assert rows["D"].wrong == ()
    assert not rows["A"].may_write
    assert rows["A"].is_done


def test_when_no_row_can_be_handed_in_the_answer_says_so(cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    client = log_in(cast.chen)
    assert client.post(TABLE, row(item, percent="12") | {"do": "submit all"}).status_code == 422
    page = client.post(TABLE, row(item, progress_note="") | {"do": "submit all"})
    assert page.context["said"]
    assert statuses() == {}


def test_a_returned_text_is_not_handed_in_again_by_the_way(cast: Cast, log_in: LogIn) -> None:
    item = make_item("A", is_key=True)
    report = make_report(item, written_by=cast.chen, status="submitted", percent=9_500, progress_note="初稿")
    progress.return_report(report=report, by=cast.li, reason="请核对", now=THURSDAY)
    client = log_in(cast.chen)
    same = row(item, progress_note="初稿", next_steps=report.next_steps)
    client.post(TABLE, same | {"do": "submit all"})
    assert statuses() == {"A": "returned"}
    client.post(TABLE, same | {f"{item.pk}-progress_note": "核对后", "do": "submit all"})
    assert statuses() == {"A": "submitted"}


def test_the_row_changes_the_first_problem_and_leaves_the_others(cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    last = report_and_accept(item, 5_000, LAST_WEEK)
    last.problems.update(needed="协调拨付", needed_from=cast.wuhan)
    make_problem(last, kind="land_energy", description="用地指标不足。")
    client = log_in(cast.chen)
    typed = row(item, percent="50", kind="funds", description="资金到位一半。")
    client.post(TABLE, typed | {"do": f"submit {item.pk}"})
    problems = Problem.objects.filter(report__week=THIS_WEEK)
    assert list(problems.values_list("kind", "description", "needed", "needed_from__code")) == [
        ("funds", "资金到位一半。", "协调拨付", "wuhan"),
        ("land_energy", "用地指标不足。", "协调拨付", None),
    ]


def test_no_change_is_signed_in_its_row(cast: Cast, log_in: LogIn) -> None:
    item = make_item("A", is_key=True)
    report_and_accept(item, 9_500, LAST_WEEK)
    client = log_in(cast.chen)
    refused = client.post(TABLE, row(item, percent="96") | {"do": f"no_change {item.pk}"})
    assert refused.status_code == 422
    client.post(TABLE, row(item, percent="95", progress_note="") | {"do": f"no_change {item.pk}"})
    assert ProgressReport.objects.get(week=THIS_WEEK).no_change


def test_a_stale_row_is_refused_and_a_second_click_does_not_write_over_it_either(
    cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    item = make_item("A", is_key=True)
    colleague = User.objects.create_user("he", role="reporter", actor=cast.hubei, display_name="何静")
    stale = row(item, progress_note="我的话")
    log_in(colleague).post(TABLE, row(item, progress_note="何静的话") | {"do": f"draft {item.pk}"})
    time_machine.shift(timedelta(minutes=1))
    client = log_in(cast.chen)
    page = client.post(TABLE, stale | {"do": f"submit {item.pk}"})
    assert page.status_code == 409
    [shown] = page.context["rows"]
    assert shown.is_conflict
    assert shown.values["progress_note"] == "我的话"
    assert client.post(TABLE, stale | {"do": f"submit {item.pk}"}).status_code == 409
    assert ProgressReport.objects.get().progress_note == "何静的话"


def test_a_part_of_the_page_holds_only_the_rows_that_were_acted_on(cast: Cast, log_in: LogIn) -> None:
    first, second = make_item("A", is_key=True), make_item("B", is_key=True)
    sent = row(first) | row(second) | {"do": f"submit {first.pk}"}
    part = log_in(cast.chen).post(TABLE, sent, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<tr")
    assert f'id="row-{first.pk}"' in part
    assert f'id="row-{second.pk}"' not in part
    assert 'id="desk-top"' in part


@pytest.mark.parametrize("do", ["", "accept 1", "no_change all", "submit x", "submit"])
def test_a_button_that_does_not_exist_is_refused(do: str, cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    assert log_in(cast.chen).post(TABLE, row(item) | {"do": do}).status_code == 400
    assert statuses() == {}


def test_a_row_of_another_unit_is_not_there(cast: Cast, log_in: LogIn) -> None:
    make_item("A", is_key=True)
    foreign = make_item("JS", lead=cast.jiangsu, is_key=True)
    client = log_in(cast.chen)
    assert client.post(TABLE, row(foreign) | {"do": f"submit {foreign.pk}"}).status_code == 404
    client.post(TABLE, row(foreign) | {"do": "submit all"})
    assert statuses() == {}


def test_a_draft_of_a_row_is_saved_while_typing(cast: Cast, log_in: LogIn) -> None:
    item = make_item("A", is_key=True)
    client = log_in(cast.chen)
    sent = row(item, percent="6x", kind="", description="只写了一半") | {"do": f"draft {item.pk}"}
    answer = client.post(TABLE, sent, headers={"Accept": "application/json"})
    draft = ProgressReport.objects.get()
    assert answer.status_code == 200
    assert answer.json()["seen"] == seen(item)
    assert len(answer.json()["left_out"]) == 1
    assert (draft.status, draft.percent, draft.progress_note) == ("draft", None, "完成诊断 437 家。")
    assert draft.problems.get().description == "只写了一半"
    page = client.get(reverse("my_week_item", args=["A"])).content.decode()
    assert "只写了一半" in page
