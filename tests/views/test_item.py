"""The page of one work item: what it says in a week, to whom, and why its light is what it is."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import progress, rollup, standing
from tasks_tracker.models import (
    Milestone,
    Paragraph,
    PlanChange,
    PolicyText,
    ReportStatus,
    State,
    User,
    WorkItem,
)
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_plan,
    make_report,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)


def roll_up() -> None:
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    """A key item of 湖北, behind: 30 % four weeks ago, 40 % last week (frozen), 45 % now."""
    item = make_item("HB-1", title="零碳园区建设", is_key=True, owner=cast.chen)
    report_and_accept(item, 3_000, THIS_WEEK - timedelta(weeks=4), by=cast.chen, decided_by=cast.li)
    report_and_accept(item, 4_000, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    report_and_accept(item, 4_500, THIS_WEEK, by=cast.chen, decided_by=cast.li)
    roll_up()
    return item


def page(client: Client, query: str = "") -> Any:
    response = client.get(f"/items/HB-1/{query}")
    assert response.status_code == 200
    return response


def test_the_page_says_where_the_item_stands_and_how_fast_it_moves(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    shown = page(log_in(cast.li)).context["page"]
    assert (shown.percent, shown.last_week) == (4_500, 4_000)
    # 2026-01-01 … 2026-12-31 is 364 days, 323 of them gone on the Friday of the roll-up.
    assert shown.planned == 10_000 * 323 // 364
    assert shown.variance == 4_500 - shown.planned
    assert shown.pace == Fraction(4_500 - 3_000, 4)
    assert shown.required_pace == Fraction(5_500 * 7, 41)
    assert (shown.days_to_due, shown.whole_weeks_to_due) == (41, 5)


def test_a_past_week_shows_the_item_as_it_was(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    response = page(log_in(cast.li), "?week=2026-W46")
    assert response.context["page"].percent == 4_000
    assert [told.report.percent for told in response.context["page"].reports] == [4_000, 3_000]
    assert "45.0" not in response.content.decode()


def test_before_the_item_was_in_the_plan_there_is_no_page(cast: Cast, log_in: LogIn) -> None:
    make_item("OLD")
    make_item("HB-1", starts_on=THIS_WEEK, due_on=date(2027, 6, 30))
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    roll_up()
    assert log_in(cast.li).get("/items/HB-1/").status_code == 200
    assert log_in(cast.li).get("/items/HB-1/?week=2026-W46").status_code == 404


def test_the_page_is_there_only_for_those_who_see_the_item(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    expected = {
        200: [cast.li, cast.zhao, cast.chen, cast.zhou],
        404: [cast.liu, cast.wang, cast.sun],
        403: [cast.system_admin, cast.security_admin, cast.audit_admin],
    }
    for status, users in expected.items():
        for user in users:
            assert log_in(user).get("/items/HB-1/").status_code == status, user.username


def test_a_unit_that_supports_an_item_sees_its_page(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    item.supporting.add(cast.jiangsu)
    response = page(log_in(cast.wang))
    assert response.context["report_url"] == ""
    assert cast.jiangsu.name in response.content.decode()


def test_the_unit_that_led_an_item_sees_the_weeks_in_which_it_did(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    WorkItem.objects.filter(pk=item.pk).update(lead=cast.jiangsu)
    standing.advance(item, THIS_WEEK, lead_id=cast.jiangsu.pk)
    client = log_in(cast.chen)
    assert client.get("/items/HB-1/?week=2026-W46").status_code == 200
    assert client.get("/items/HB-1/").status_code == 404
    assert log_in(cast.wang).get("/items/HB-1/").status_code == 200


def test_only_a_reporter_of_the_lead_is_asked_to_report(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    assert page(log_in(cast.chen)).context["report_url"] == "/my-week/HB-1/"
    assert page(log_in(cast.chen), "?week=2026-W46").context["report_url"] == ""
    for user in (cast.zhou, cast.li, cast.zhao):
        assert page(log_in(user)).context["report_url"] == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "2026-11-20"),
        ({"state": State.SUSPENDED}, "Suspended"),
        ({"state": State.CANCELLED}, "Cancelled"),
        ({"due_on": date(2026, 11, 1)}, "2026-11-01"),
        ({"percent": 10_000}, "is not below −5"),
        ({"percent": 8_100}, "below −5."),
        ({"percent": 7_000}, "below −10."),
        ({"percent": 1_000}, "below −30."),
        ({"starts_on": date(2026, 12, 1)}, "2026-12-01"),
    ],
)
def test_the_light_answers_why_with_the_rule_that_holds(
    changes: dict[str, Any], words: str, item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    standing.advance(item, THIS_WEEK, **changes)
    client = log_in(cast.li)
    client.cookies["django_language"] = "en"
    response = page(client)
    assert words in response.context["reason"]
    assert response.context["reason"] in response.content.decode().replace("&#x27;", "'")


def test_every_version_stays_with_who_wrote_and_who_decided(cast: Cast, log_in: LogIn) -> None:
    item = make_item("HB-1", is_key=True)
    entry = progress.Entry(
        percent=8_500,
        progress_note="签约 12 家",
        problems=[progress.ProblemEntry(kind="funds", description="资金未到位", needed="拨付")],
    )
    first = progress.submit_report(item=item, week=THIS_WEEK, entry=entry, by=cast.chen, now=FRIDAY)
    progress.return_report(report=first, by=cast.li, reason="与台账不符", now=FRIDAY)
    second = progress.submit_report(item=item, week=THIS_WEEK, entry=entry, by=cast.chen, now=FRIDAY)
    progress.accept_report(report=second, by=cast.li, now=FRIDAY)
    roll_up()
    response = page(log_in(cast.li))
    newest, oldest = response.context["entries"]
    assert (newest.tone, oldest.tone) == ("done", "returned")
    assert (oldest.reply.text, oldest.reply.who) == ("与台账不符", "李维")
    text = response.content.decode()
    for words in ("签约 12 家", "资金未到位", "拨付", "陈晓岚", "2026-11-20 16:00"):
        assert words in text
    assert [e.tone for e in page(log_in(cast.li), "?reports=returned").context["entries"]] == ["returned"]
    assert len(page(log_in(cast.li), "?reports=problems").context["entries"]) == 2
    assert len(page(log_in(cast.li), "?reports=gossip").context["entries"]) == 2


def test_a_draft_shows_to_the_unit_that_writes_it_only(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    item.supporting.add(cast.jiangsu)
    make_report(item, THIS_WEEK, version=2, status=ReportStatus.DRAFT, written_by=cast.chen)

    def drafts(user: User) -> int:
        return sum(t.report.status == "draft" for t in page(log_in(user)).context["page"].reports)

    assert drafts(cast.chen) == 1
    assert drafts(cast.li) == drafts(cast.wang) == 0


def test_no_change_three_weeks_in_a_row_is_flagged(cast: Cast, log_in: LogIn) -> None:
    item = make_item("HB-1", is_key=True)
    weeks = [THIS_WEEK - timedelta(weeks=n) for n in (3, 2, 1, 0)]
    report_and_accept(item, 8_000, weeks[0], by=cast.chen, decided_by=cast.li)
    for week in weeks[1:]:
        now = moment(week + timedelta(days=3))
        report = progress.sign_no_change(item=item, week=week, by=cast.chen, now=now)
        progress.accept_report(report=report, by=cast.li, now=now)
    roll_up()
    told = page(log_in(cast.li)).context["page"].reports
    assert [t.unchanged for t in told] == [3, 2, 1, 0]
    flags = [entry.flag for entry in page(log_in(cast.li)).context["entries"]]
    assert "3" in flags[0]
    assert "3" not in flags[1]


def test_old_reports_are_one_click_away(cast: Cast, log_in: LogIn) -> None:
    item = make_item("HB-1", is_key=True)
    for back in range(14, 0, -1):
        make_report(
            item,
            THIS_WEEK - timedelta(weeks=back),
            written_by=cast.chen,
            status=ReportStatus.ACCEPTED,
            decided_by=cast.li,
            decided_at=FRIDAY,
        )
    roll_up()
    response = page(log_in(cast.li))
    assert (len(response.context["entries"]), response.context["earlier"]) == (12, 2)
    assert len(page(log_in(cast.li), "?older=1").context["entries"]) == 14


def test_milestones_are_met_missed_or_coming(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    for number, (day, percent, reached) in enumerate(
        [
            (date(2026, 3, 31), 2_000, date(2026, 4, 3)),
            (date(2026, 6, 30), 4_000, None),  # the item stands above it
            (date(2026, 9, 30), 7_000, None),
            (date(2026, 11, 24), 9_000, None),
            (date(2026, 12, 20), 9_500, None),
        ],
        1,
    ):
        Milestone.objects.create(
            item=item, number=number, title=f"节点{number}", due_on=day, percent=percent, reached_on=reached
        )
    marks = page(log_in(cast.li)).context["marks"]
    assert [mark.tone for mark in marks] == ["met", "met", "missed", "now", "coming"]
    assert "3" in marks[0].note
    assert "51" in marks[2].note


def test_the_slippage_adds_up_what_was_recorded_up_to_the_week(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    for week, old, new in ((LAST_WEEK, "2026-10-31", "2026-11-30"), (THIS_WEEK, "2026-11-30", "2026-12-31")):
        PlanChange.objects.create(
            item=item,
            week=week,
            field=PlanChange.Field.DUE_ON,
            old_value=old,
            new_value=new,
            reason="设备到货延期",
            asked_by=cast.chen,
            approved_by=cast.li,
            at=moment(week),
        )
    now = page(log_in(cast.li)).context["page"].slippage
    then = page(log_in(cast.li), "?week=2026-W46").context["page"].slippage
    assert (now.moved, now.days) == (2, 61)
    assert (then.moved, then.days) == (1, 30)


def test_a_decomposed_item_stands_where_its_parts_stand(cast: Cast, log_in: LogIn) -> None:
    whole = make_item("HB-1", decomposed=True)
    for code, weight, percent in (("A", 3, 10_000), ("B", 1, 5_000), ("C", 1, None)):
        part = make_item(code, weight=weight, parent=whole)
        if percent is not None:
            report_and_accept(part, percent, by=cast.chen, decided_by=cast.li)
    make_item("D", weight=1, parent=whole, state=State.CANCELLED)
    roll_up()
    shown = page(log_in(cast.li)).context["page"]
    assert shown.percent == 8_750
    assert shown.coverage == 8_000
    assert [part.item.code for part in shown.children] == ["A", "B", "C", "D"]
    assert log_in(cast.li).get("/items/A/").context["item"].parent == whole


def test_the_same_item_elsewhere_stands_beside_it_within_the_scope(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    make_item("JS-1", title="零碳园区建设", lead=cast.jiangsu, region=cast.jiangsu_region)
    make_item("JS-2", title="别的事项", lead=cast.jiangsu, region=cast.jiangsu_region)
    make_item("JS-3", title="零碳园区建设", lead=cast.jiangsu, measure=make_measure("1.2"))
    roll_up()
    assert [p.item.code for p in page(log_in(cast.li)).context["page"].peers] == ["HB-1", "JS-1"]
    assert page(log_in(cast.chen)).context["page"].peers == []


def test_the_paragraph_of_the_policy_shows_when_a_text_is_loaded(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    assert item.measure.phrase in page(log_in(cast.li)).content.decode()
    text = PolicyText.objects.create(
        policy=item.measure.policy, sha256="0" * 64, file_name="政策.txt", encoding="utf-8", loaded_at=FRIDAY
    )
    Paragraph.objects.create(policy_text=text, number=item.measure.paragraph, text="示例段落全文。")
    assert "示例段落全文。" in page(log_in(cast.li)).content.decode()


def test_the_curve_holds_what_counted_the_plan_and_what_was_returned(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    make_report(
        item,
        LAST_WEEK,
        version=2,
        percent=6_000,
        written_by=cast.chen,
        status=ReportStatus.RETURNED,
        decided_by=cast.li,
        decided_at=FRIDAY,
        return_reason="与台账不符",
    )
    planned, actual, returned = page(log_in(cast.li)).context["curve"]["data"]
    assert (planned["x"], planned["y"]) == (["2026-01-01", "2026-12-31"], [0, 100])
    assert actual["y"] == [30, 40, 45, 45]
    assert (returned["x"], returned["y"]) == ([LAST_WEEK.isoformat()], [60])


def test_the_page_costs_the_same_with_many_reports_as_with_few(
    item: WorkItem, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    page(client)
    with django_assert_num_queries(28):
        page(client)
    for back in range(6, 30):
        make_report(
            item,
            THIS_WEEK - timedelta(weeks=back),
            written_by=cast.chen,
            status=ReportStatus.ACCEPTED,
            decided_by=cast.li,
            decided_at=FRIDAY,
        )
    with django_assert_num_queries(28):
        page(client)
