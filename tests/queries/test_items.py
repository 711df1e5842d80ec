"""The list behind a number has as many rows as the number says, and adds up to what the cells add up to."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum

from tasks_tracker.actions import rollup, standing
from tasks_tracker.models import (
    Cell,
    Light,
    Plan,
    PlanChange,
    RegionGroup,
    ReportStatus,
    StaleCell,
    Standing,
    State,
    User,
    WeekRollup,
)
from tasks_tracker.queries.items import Conditions, blocking, listed, options_for, summary, sums_of
from tasks_tracker.queries.weeks import shown_week
from tasks_tracker.rules.rollup import Sums
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_actor,
    make_item,
    make_measure,
    make_plan,
    make_region,
    make_report,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.reports.random_plan import NOW, make_random_plan

POINT = rollup.point_of(Plan(), THIS_WEEK, moment(THIS_WEEK, 12))


def codes(user: User, **asked: Any) -> list[str]:
    found = listed(make_plan(), POINT, user, Conditions(**asked))
    return sorted(found.values_list("item__code", flat=True))


def lead_moves_on(plan: Plan, cast: Cast) -> None:
    """武汉 hands one of its items to 江苏 this week: the weeks before must still list it under 武汉."""
    item = Standing.objects.filter(lead=cast.wuhan, until__gt=THIS_WEEK).latest("pk").item
    item.lead = cast.jiangsu
    item.save()
    standing.advance(item, THIS_WEEK, lead_id=cast.jiangsu.pk)
    PlanChange.objects.create(
        item=item,
        week=THIS_WEEK,
        field=PlanChange.Field.LEAD,
        old_value="wuhan",
        new_value="jiangsu",
        reason="机构调整",
        at=NOW,
    )
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    StaleCell.objects.all().delete()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    plan = make_random_plan(cast, seed=7, items=60)
    lead_moves_on(plan, cast)
    return plan


def cell_sum(rollup: WeekRollup, user: User, field: str, **where: Any) -> int:
    cells = Cell.objects.visible_to(user).filter(rollup=rollup, **where)
    return int(cells.aggregate(n=Sum(field, default=0))["n"])


def places() -> list[tuple[dict[str, str], dict[str, Any]]]:
    """(what is asked of the list, the cells that count the same)."""
    return [
        ({}, {}),
        ({"key_task": "1"}, {"measure__key_task__number": 1}),
        ({"region": "320000"}, {"region__code": "320000"}),
        ({"lead": "wuhan"}, {"lead__code": "wuhan"}),
        ({"key_task": "2"}, {"measure__key_task__number": 2}),
        ({"key_task": "seven"}, {"measure__key_task__isnull": False}),
        ({"key_task": "supporting"}, {"measure__key_task__isnull": True}),
        ({"measure": "1.1"}, {"measure__code": "1.1"}),
        ({"measure": "S1.1"}, {"measure__code": "S1.1"}),
        ({"lead": "hubei"}, {"lead__path__startswith": "miit/hubei/"}),
        ({"lead": "miit"}, {}),
    ]


COUNTS: list[tuple[dict[str, Any], str]] = [
    ({}, "items"),
    *(({"lights": (light.value,)}, light.value) for light in Light if light is not Light.SUSPENDED),
    ({"lights": ("suspended",)}, "suspended_items"),
    ({"state": "suspended"}, "suspended_items"),
    ({"state": "cancelled"}, "cancelled_items"),
    ({"known": "unknown"}, "unknown_items"),
    ({"known": "stale"}, "stale_items"),
    ({"reported": "due"}, "due"),
    ({"reported": "given"}, "due_reported"),
]


@pytest.mark.parametrize("who", ["li", "sun", "liu"])
def test_a_list_has_as_many_items_as_the_cells_count(plan: Plan, cast: Cast, who: str) -> None:
    """In the open week and in a frozen one; what the cells add up to, the list adds up to."""
    user = getattr(cast, who)
    wanted = places() if user == cast.li else places()[:4]
    for week in (THIS_WEEK, LAST_WEEK):
        shown, compared = plan.weeks.get(week=week), 0
        for place, where in wanted:
            for asked, field in COUNTS:
                found = listed(plan, shown.point, user, Conditions(**place, **asked)).count()
                expected = cell_sum(shown, user, field, **where)
                assert found == expected, (week, place, asked)
                compared += expected
            cells = Cell.objects.visible_to(user).filter(rollup=shown, **where)
            expected_sums = sum((cell.sums for cell in cells), Sums())
            assert sums_of(listed(plan, shown.point, user, Conditions(**place))) == expected_sums, place
            missing = listed(plan, shown.point, user, Conditions(**place, reported="missing")).count()
            owed, given = (cell_sum(shown, user, field, **where) for field in ("due", "due_reported"))
            assert missing == owed - given
        assert compared > 20
    for filing in ("accepted", "submitted"):
        found = sum(
            listed(plan, shown.point, user, Conditions(filing=filing, state=state)).count()
            for state in State
            if state is not State.DRAFT
        )
        assert found == cell_sum(shown, user, filing), filing


def test_in_a_past_week_an_item_is_listed_under_the_unit_that_led_it_then(plan: Plan, cast: Cast) -> None:
    moved = PlanChange.objects.get(field=PlanChange.Field.LEAD).item

    def listed_for(user: User, week: Any) -> bool:
        point = plan.weeks.get(week=week).point
        return listed(plan, point, user, Conditions(state=moved.state)).filter(item=moved).exists()

    assert listed_for(cast.liu, LAST_WEEK)
    assert not listed_for(cast.liu, THIS_WEEK)
    assert listed_for(cast.wang, THIS_WEEK)
    assert not listed_for(cast.wang, LAST_WEEK)


def test_words_are_looked_for_in_title_code_lead_and_measure(cast: Cast) -> None:
    make_item("A-1", title="零碳园区建设", lead=cast.hubei)
    make_item("B-2", title="北斗规模应用", lead=cast.jiangsu, measure=make_measure("4.3", title="新兴产业"))
    assert codes(cast.li, q="零碳") == ["A-1"]
    assert codes(cast.li, q="b-2") == ["B-2"]
    assert codes(cast.li, q="江苏省") == ["B-2"]
    assert codes(cast.li, q="新兴") == ["B-2"]
    assert codes(cast.li, q="4.3") == ["B-2"]
    assert codes(cast.li, q="零碳 湖北") == ["A-1"]
    assert codes(cast.li, q="零碳 江苏") == []


def test_a_region_group_lists_the_items_of_all_its_regions_once(cast: Cast) -> None:
    for code, region in (("A", "420000"), ("B", "320000"), ("C", "110000")):
        make_item(code, region=make_region(region))
    group = RegionGroup.objects.create(code="rivers", name="沿江")
    group.regions.add(cast.hubei_region, cast.jiangsu_region)
    other = RegionGroup.objects.create(code="big", name="工业大省")
    other.regions.add(cast.hubei_region)
    assert codes(cast.li, group="rivers") == ["A", "B"]


def test_a_unit_lists_what_it_leads_and_on_request_what_it_supports(cast: Cast) -> None:
    make_item("LED", lead=cast.hubei)
    make_item("BELOW", lead=cast.wuhan)
    make_item("HELPED", lead=cast.jiangsu).supporting.add(cast.wuhan)
    make_item("FOREIGN", lead=cast.jiangsu)
    assert codes(cast.chen) == ["BELOW", "LED"]
    assert codes(cast.chen, role="supporting") == ["HELPED"]
    assert codes(cast.chen, role="all") == ["BELOW", "HELPED", "LED"]
    assert codes(cast.li, lead="hubei", role="supporting") == ["HELPED"]
    assert codes(cast.li, lead="hubei", role="all") == ["BELOW", "HELPED", "LED"]
    assert codes(cast.wang, lead="hubei", role="all") == ["HELPED"]
    assert codes(cast.li, role="all") == ["BELOW", "FOREIGN", "HELPED", "LED"]


def test_a_lead_whose_code_ends_alike_is_another_lead(cast: Cast) -> None:
    make_item("OURS", lead=cast.hubei)
    make_item("THEIRS", lead=make_actor("new-hubei", parent=cast.ministry))
    assert codes(cast.li, lead="hubei") == ["OURS"]


def test_administrators_list_nothing(cast: Cast) -> None:
    make_item()
    for user in (cast.system_admin, cast.security_admin, cast.audit_admin):
        assert codes(user) == []
        assert codes(user, role="all") == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("overdue", ["A-OVERDUE"]),
        ("soon", ["B-SUNDAY", "C-NEXT-WEEK"]),
        ("this_week", ["B-SUNDAY"]),
        ("this_month", ["A-OVERDUE", "B-SUNDAY", "C-NEXT-WEEK"]),
        ("next_month", ["D-DECEMBER"]),
        ("this_year", ["A-OVERDUE", "B-SUNDAY", "C-NEXT-WEEK", "D-DECEMBER", "F-CLOSED"]),
        ("later", ["E-JUNE"]),
    ],
)
def test_due_days_are_seen_from_the_day_of_the_week_shown(
    cast: Cast, asked: str, expected: list[str]
) -> None:
    from datetime import date

    for code, day in (
        ("A-OVERDUE", date(2026, 11, 15)),
        ("B-SUNDAY", date(2026, 11, 22)),
        ("C-NEXT-WEEK", date(2026, 11, 23)),
        ("D-DECEMBER", date(2026, 12, 1)),
        ("E-JUNE", date(2027, 6, 1)),
    ):
        make_item(code, due_on=day)
    make_item("F-CLOSED", due_on=date(2026, 10, 1), state=State.CLOSED, closed_on=date(2026, 9, 30))
    assert codes(cast.li, due=asked) == expected


def test_a_filing_says_what_became_of_this_weeks_report(cast: Cast) -> None:
    for code in ("ACCEPTED", "WAITING", "RETURNED", "DRAFTED", "MISSING", "FREE"):
        make_item(code, is_key=code != "FREE", due_on=THIS_WEEK.replace(year=2027))
    by_code = {s.item.code: s.item for s in Standing.objects.select_related("item__lead")}
    report_and_accept(by_code["FREE"], 9_000, week=LAST_WEEK.replace(month=10, day=26))
    report_and_accept(by_code["ACCEPTED"], 5_000, by=cast.chen, decided_by=cast.li)
    make_report(by_code["WAITING"], written_by=cast.chen, status=ReportStatus.SUBMITTED)
    make_report(by_code["DRAFTED"], written_by=cast.chen, status=ReportStatus.DRAFT)
    make_report(
        by_code["RETURNED"],
        written_by=cast.chen,
        status=ReportStatus.RETURNED,
        return_reason="与台账不符",
        decided_by=cast.li,
        decided_at=moment(THIS_WEEK, 11),
    )
    assert codes(cast.li, filing="accepted") == ["ACCEPTED"]
    assert codes(cast.li, filing="submitted") == ["WAITING"]
    assert codes(cast.li, filing="returned") == ["RETURNED"]
    assert codes(cast.li, filing="draft") == ["DRAFTED"]
    assert codes(cast.li, filing="missing") == ["MISSING"]
    assert codes(cast.li, filing="none") == ["FREE"]
    assert codes(cast.li, reported="missing") == ["DRAFTED", "MISSING", "RETURNED"]
    assert codes(cast.li, reported="given") == ["ACCEPTED", "WAITING"]


def test_the_change_is_against_the_week_before_and_a_closed_item_shows_100(cast: Cast) -> None:
    item = make_item("A", is_key=True)
    report_and_accept(item, 4_000, week=LAST_WEEK, by=cast.chen, decided_by=cast.li)
    report_and_accept(item, 4_250, week=THIS_WEEK, by=cast.chen, decided_by=cast.li)
    make_item("B", state=State.CLOSED, closed_on=LAST_WEEK)
    rows = {s.item.code: s for s in listed(make_plan(), POINT, cast.li, Conditions())}
    assert (rows["A"].shown_percent, rows["A"].change) == (4_250, 250)
    assert rows["A"].shown_variance == 4_250 - rows["A"].planned
    assert rows["B"].shown_percent == 10_000


def test_the_summary_stands_beside_everything_and_the_week_before(plan: Plan, cast: Cast) -> None:
    shown = shown_week("2026-W47")
    options = options_for(plan, cast.li)
    everything = summary(shown, cast.li, Conditions(), options)
    behind = summary(shown, cast.li, Conditions(lights=("behind",)), options)
    assert everything.items == everything.everything == cell_sum(shown.rollup, cast.li, "items")
    assert behind.everything == everything.items
    assert shown.previous is not None
    assert behind.before == cell_sum(shown.previous, cast.li, "behind")
    assert behind.change == behind.items - behind.before
    assert sum(share.items for share in behind.by_task) == behind.items
    assert behind.figure.variance is not None
    assert behind.figure.variance < 0


def test_an_empty_list_names_the_filters_that_empty_it(
    cast: Cast, django_assert_num_queries: Callable[..., Any]
) -> None:
    make_item("A", lead=cast.hubei)
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=moment(THIS_WEEK, 12))
    shown = shown_week(None)
    conditions = Conditions(region="420000", lead="jiangsu", q="工作")
    assert blocking(shown, cast.li, conditions) == [("lead", 1)]
    assert blocking(shown, cast.li, Conditions(lead="jiangsu", q="无此事项")) == []
    with django_assert_num_queries(2):
        blocking(shown, cast.li, Conditions(lead="jiangsu", q="无此事项"))
