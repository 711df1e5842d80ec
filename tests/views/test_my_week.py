"""陈晓岚 of 湖北 reports her week; 周明远 of the same unit reads; others stay outside."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import progress
from tasks_tracker.actions.rollup import close_week
from tasks_tracker.models import AuditEntry, Problem, ProgressReport, ReportStatus, StaleCell, User
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_report, moment, report_and_accept
from tests.factories.cast import Cast
from tests.views.week_form import PROBLEM, THURSDAY, address, said, typed

LogIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


# --- the list ---------------------------------------------------------------------------------------------
def test_the_list_puts_returned_first_then_the_worst_light_then_what_is_handed_in(
    cast: Cast, log_in: LogIn
) -> None:
    on_track = make_item("A", title="正常", is_key=True)
    report_and_accept(on_track, 9_500, LAST_WEEK)
    behind = make_item("B", title="滞后", is_key=True)
    report_and_accept(behind, 5_000, LAST_WEEK)
    overdue = make_item("C", title="逾期", due_on=date(2026, 11, 1))
    returned = make_item("D", title="退回", is_key=True)
    report = make_report(returned, written_by=cast.chen, status="submitted")
    progress.return_report(report=report, by=cast.li, reason="请核对家数", now=THURSDAY)
    given = make_item("E", title="已报", is_key=True)
    make_report(given, written_by=cast.chen, status="submitted")
    page = log_in(cast.chen).get(reverse("my_week"))
    listing = page.context["desk"].listing
    assert [line.code for line in listing.lines] == ["D", "C", "B", "A", "E"]
    assert (listing.due, listing.reported, listing.returned, listing.missing) == (5, 1, 1, 3)
    assert listing.lines[0].return_reason == "请核对家数"
    assert page.context["item"] == returned
    assert overdue.title in page.content.decode()


def test_a_returned_item_stays_first_while_its_answer_is_begun(cast: Cast, log_in: LogIn) -> None:
    overdue = make_item("C", due_on=date(2026, 11, 1))
    returned = make_item("D", is_key=True)
    report = make_report(returned, written_by=cast.chen, status="submitted")
    progress.return_report(report=report, by=cast.li, reason="请核对家数", now=THURSDAY)
    client = log_in(cast.chen)
    client.post(address(returned), typed(returned, "draft", progress_note="改到一半"))
    listing = client.get(reverse("my_week")).context["desk"].listing
    assert [line.code for line in listing.returned_lines] == ["D"]
    assert [line.code for line in listing.open_lines] == [overdue.code]
    assert (listing.returned, listing.draft) == (0, 1)


def test_what_is_not_due_this_week_stands_folded_at_the_end(cast: Cast, log_in: LogIn) -> None:
    monthly = make_item("M")
    report_and_accept(monthly, 9_500, date(2026, 10, 26))
    listing = log_in(cast.chen).get(reverse("my_week")).context["desk"].listing
    assert (listing.due, listing.lines) == (0, [])
    assert [line.code for line in listing.others] == ["M"]


def test_a_list_holds_only_what_the_own_unit_leads(cast: Cast, log_in: LogIn) -> None:
    make_item("WH", lead=cast.wuhan, is_key=True)
    make_item("JS", lead=cast.jiangsu, is_key=True)
    listing = log_in(cast.chen).get(reverse("my_week")).context["desk"].listing
    assert listing.lines == []


def test_the_badge_counts_what_is_still_due(cast: Cast, log_in: LogIn) -> None:
    make_item("A", is_key=True)
    make_report(make_item("B", is_key=True), written_by=cast.chen, status="submitted")
    page = log_in(cast.chen).get(reverse("my_week"))
    assert page.context["nav_badges"] == {"my_week": 1}


@pytest.mark.parametrize("count", [3, 30])
def test_the_page_asks_the_database_the_same_however_many_items_there_are(
    count: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        item = make_item(f"K{number:02d}", is_key=True)
        report_and_accept(item, 6_000, LAST_WEEK)
        if number % 3 == 1:
            make_report(item, written_by=cast.chen, status=ReportStatus.DRAFT)
    client = log_in(cast.chen)
    client.get(reverse("my_week"))
    with django_assert_num_queries(22):
        client.get(reverse("my_week"))


# --- submitting -------------------------------------------------------------------------------------------
def test_a_report_is_handed_in_and_the_next_item_opens(cast: Cast, log_in: LogIn) -> None:
    first, second = make_item("A", is_key=True), make_item("B", is_key=True)
    client = log_in(cast.chen)
    answer = client.post(address(first), typed(first, percent="９２.５"))
    report = ProgressReport.objects.get()
    assert (report.status, report.percent, report.written_by) == ("submitted", 9_250, cast.chen)
    assert report.progress_note == "完成诊断 437 家。"
    assert not report.is_late
    assert answer.headers["Location"] == address(second)
    assert StaleCell.objects.filter(week=THIS_WEEK).exists()
    assert AuditEntry.objects.filter(action="submit_report", by=cast.chen).count() == 1


def test_after_the_last_item_the_page_says_that_everything_is_handed_in(cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    answer = log_in(cast.chen).post(address(item), typed(item), follow=True)
    assert answer.redirect_chain == [(reverse("my_week"), 302)]
    assert 'class="state is-done"' in answer.content.decode()
    assert f'data-draft-done="report:{cast.chen.pk}:{item.pk}:2026-W47"' in answer.content.decode()


def test_a_report_after_the_cut_off_is_taken_and_marked_late(
    cast: Cast, log_in: LogIn, time_machine: Any
) -> None:
    item = make_item()
    time_machine.move_to(moment(date(2026, 11, 20), 17, 1), tick=False)
    log_in(cast.chen).post(address(item), typed(item))
    assert ProgressReport.objects.get().is_late


def test_last_week_is_open_until_it_is_closed_and_then_the_words_stay(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    client.post(address(item, "2026-W46"), typed(item, week=LAST_WEEK))
    assert ProgressReport.objects.get().week == LAST_WEEK
    close_week(plan=item.plan, week=LAST_WEEK, now=THURSDAY, by=None)
    other = make_item("B")
    refused = client.post(
        address(other, "2026-W46"), typed(other, week=LAST_WEEK, progress_note="不能丢的话")
    )
    assert refused.status_code == 409
    assert "不能丢的话" in refused.content.decode()
    assert ProgressReport.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("percent", "101", "percent"),
        ("percent", "-1", "percent"),
        ("percent", "abc", "percent"),
        ("percent", "62.255", "percent"),
        ("percent", "", "percent"),
        ("progress_note", "  ", "progress_note"),
        ("progress_note", "长" * 2_001, "progress_note"),
    ],
)
def test_bad_input_is_named_beside_its_field_and_nothing_is_written(
    field: str, value: str, wrong: str, cast: Cast, log_in: LogIn
) -> None:
    item = make_item()
    page = log_in(cast.chen).post(address(item), typed(item, **{"next_steps": "保留", field: value}))
    assert page.status_code == 422
    assert set(page.context["entry"].form.errors) == {wrong}
    assert "保留" in page.content.decode()
    assert not ProgressReport.objects.exists()


def test_a_lower_percent_asks_for_its_reason(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    report_and_accept(item, 9_500, LAST_WEEK)
    client = log_in(cast.chen)
    page = client.post(address(item), typed(item, percent="94"))
    assert page.status_code == 422
    assert set(page.context["entry"].form.errors) == {"decrease_reason"}
    client.post(address(item), typed(item, percent="94", decrease_reason="口径调整"))
    assert ProgressReport.objects.get(week=THIS_WEEK).decrease_reason == "口径调整"


def test_a_lower_percent_without_reason_and_note_is_told_both(cast: Cast, log_in: LogIn) -> None:
    item = make_item("HB-1")
    report_and_accept(item, 9_500, LAST_WEEK)
    client = log_in(cast.chen)
    page = client.post(address(item), typed(item, percent="94", progress_note=""))
    assert page.status_code == 422
    assert set(page.context["entry"].form.errors) == {"progress_note", "decrease_reason"}
    draft = client.post(address(item), typed(item, percent="94", progress_note="") | {"action": "draft"})
    assert draft.status_code == 302  # a draft may be half done


def test_an_item_behind_plan_states_a_problem(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    page = client.post(address(item), typed(item, percent="50"))
    assert page.status_code == 422
    assert page.context["entry"].problems.non_form_errors()
    assert not ProgressReport.objects.exists()
    client.post(address(item), typed(item, percent="50", **PROBLEM))
    assert Problem.objects.get().description == "配套资金未到位"


def test_a_second_click_is_told_and_does_no_harm(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    sent = typed(item)
    first, second = client.post(address(item), sent), client.post(address(item), sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert ProgressReport.objects.count() == 1
    assert item.title in said(client)


def test_a_report_that_waits_is_not_written_over(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    client.post(address(item), typed(item))
    page = client.post(address(item), typed(item, progress_note="另一个说法"))
    assert page.status_code == 409
    assert "另一个说法" in page.content.decode()
    assert ProgressReport.objects.get().progress_note == "完成诊断 437 家。"


# --- returned, accepted, unchanged ------------------------------------------------------------------------
def test_a_returned_report_is_answered_by_a_new_version(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    client.post(address(item), typed(item, progress_note="初稿"))
    progress.return_report(report=ProgressReport.objects.get(), by=cast.li, reason="请补充依据", now=THURSDAY)
    page = client.get(address(item)).content.decode()
    assert "请补充依据" in page
    assert "初稿" in page
    client.post(address(item), typed(item, progress_note="修改稿"))
    assert list(
        ProgressReport.objects.order_by("version").values_list("version", "status", "progress_note")
    ) == [
        (1, "returned", "初稿"),
        (2, "submitted", "修改稿"),
    ]


def test_an_accepted_report_is_read_and_can_be_corrected_by_a_new_version(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    report_and_accept(item, 9_000, THIS_WEEK)
    client = log_in(cast.chen)
    assert client.get(address(item)).context["entry"] is None
    assert client.get(address(item) + "?correct=1").context["entry"] is not None
    client.post(address(item), typed(item, percent="91"))
    assert list(ProgressReport.objects.order_by("version").values_list("version", "status")) == [
        (1, "accepted"),
        (2, "submitted"),
    ]


def test_no_change_is_signed_with_one_press(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    report_and_accept(item, 9_000, LAST_WEEK)
    client = log_in(cast.chen)
    sent = typed(item, "no_change", progress_note="", percent="90")
    client.post(address(item), sent)
    assert client.post(address(item), sent).status_code == 302
    report = ProgressReport.objects.get(week=THIS_WEEK)
    assert (report.no_change, report.percent, report.status) == (True, 9_000, "submitted")


def test_no_change_is_not_signed_over_something_that_changed(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    report_and_accept(item, 9_000, LAST_WEEK)
    page = log_in(cast.chen).post(address(item), typed(item, "no_change", percent="91"))
    assert page.status_code == 422
    assert set(page.context["entry"].form.errors) == {"percent", "progress_note"}
    assert not ProgressReport.objects.filter(week=THIS_WEEK).exists()


def test_there_is_nothing_to_leave_unchanged_before_the_first_acceptance(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    page = log_in(cast.chen).post(address(item), typed(item, "no_change", percent="", progress_note=""))
    assert page.status_code == 422
    assert not ProgressReport.objects.exists()


# --- who and when -----------------------------------------------------------------------------------------
def test_a_reviewer_reads_the_week_of_the_own_unit_and_writes_nothing(cast: Cast, log_in: LogIn) -> None:
    item = make_item(is_key=True)
    client = log_in(cast.zhou)
    page = client.get(reverse("my_week"))
    assert page.status_code == 200
    assert page.context["entry"] is None
    assert client.post(address(item), typed(item)).status_code == 403
    assert not ProgressReport.objects.exists()


def test_an_item_that_another_unit_leads_is_refused_and_an_invisible_one_is_not_there(
    cast: Cast, log_in: LogIn
) -> None:
    below, sibling = make_item("WH", lead=cast.wuhan), make_item("JS", lead=cast.jiangsu)
    client = log_in(cast.chen)
    for answer in (client.get(address(below)), client.post(address(below), typed(below))):
        assert answer.status_code == 403
        assert cast.wuhan.name in answer.content.decode()
    assert client.get(address(sibling)).status_code == 404
    assert client.post(address(sibling), typed(sibling)).status_code == 404
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize("name", ["li", "zhao", "system_admin", "security_admin", "audit_admin"])
def test_nobody_outside_a_unit_has_a_week_of_reports(name: str, cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(getattr(cast, name))
    assert client.get(reverse("my_week")).status_code == 403
    assert client.post(address(item), typed(item)).status_code == 403
    assert not ProgressReport.objects.exists()


@pytest.mark.parametrize(
    "week", ["2026-W48", "2026-W54", "yesterday", "2019-W01", "2026-W4711111111111111111111"]
)
def test_a_week_that_cannot_be_shown_is_named(week: str, cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    client = log_in(cast.chen)
    page = client.get(reverse("my_week"), {"week": week})
    assert page.status_code == 404
    assert week[:20] in page.content.decode()
    assert client.post(address(item, week), typed(item)).status_code == 404
    assert not ProgressReport.objects.exists()


def test_a_closed_week_is_read_only(cast: Cast, log_in: LogIn) -> None:
    item = make_item()
    report_and_accept(item, 9_000, LAST_WEEK)
    close_week(plan=item.plan, week=LAST_WEEK, now=THURSDAY, by=None)
    page = log_in(cast.chen).get(address(item, "2026-W46"))
    assert page.status_code == 200
    assert page.context["entry"] is None
    assert page.context["found"].latest.percent == 9_000


def test_an_item_that_does_not_run_takes_no_report(cast: Cast, log_in: LogIn) -> None:
    item = make_item(state="suspended")
    client = log_in(cast.chen)
    assert client.get(address(item)).context["entry"] is None
    assert client.post(address(item), typed(item)).status_code == 409
    assert not ProgressReport.objects.exists()
