"""The pages of measures, regions and units: what they draw, whom they let in, and where their names lead."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import User
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_indicator,
    make_item,
    make_measure,
    make_plan,
    make_region,
    make_value,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.views.test_dashboard import make_week

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
PLACES = ("/key-tasks/1/", "/measures/1.1/", "/regions/420000/", "/actors/hubei/")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("page", PLACES)
def test_every_page_has_its_sections_in_the_newest_and_in_a_frozen_week(
    page: str, language: str, cast: Cast, log_in: LogIn
) -> None:
    made = make_week(cast, items=4)
    make_value(make_indicator(item=made[0]))
    for week in ("", "?week=2026-W46"):
        html = log_in(cast.li).get(page + week, headers={"accept-language": language}).content.decode()
        for part in ("h-whole", "h-curve", "h-timeline", "h-indicators", "h-problems", "h-rates"):
            assert f'id="{part}"' in html, (page, week, part)
        assert 'class="gantt-run"' in html
    assert f'href="/items/{made[0].code}/?week=2026-W46"' in html


def test_the_page_of_a_unit_holds_all_below_it_and_is_closed_to_siblings(cast: Cast, log_in: LogIn) -> None:
    report_and_accept(make_item(lead=cast.hubei), 4_000, LAST_WEEK)
    report_and_accept(make_item(lead=cast.wuhan), 6_000, LAST_WEEK)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 16))
    page = log_in(cast.chen).get("/actors/hubei/")
    assert page.context["now"].progress == 5_000
    assert 'href="/actors/wuhan/"' in page.content.decode()
    assert log_in(cast.liu).get("/actors/wuhan/").context["now"].progress == 6_000
    assert "湖北省经济和信息化厅" not in log_in(cast.liu).get("/actors/wuhan/").content.decode()
    for user, code, status in (
        (cast.liu, "hubei", 404),
        (cast.wang, "hubei", 404),
        (cast.sun, "hubei", 404),
        (cast.sun, "miit", 404),
        (cast.li, "planning", 200),
        (cast.li, "nobody", 404),
        (cast.audit_admin, "hubei", 403),
    ):
        assert log_in(user).get(f"/actors/{code}/").status_code == status, (user, code)


def test_units_are_named_as_links_only_to_those_who_may_follow_them(cast: Cast, log_in: LogIn) -> None:
    item = make_item(lead=cast.hubei)
    item.supporting.add(cast.jiangsu)
    make_week(cast, items=4)
    for user, is_linked in ((cast.li, True), (cast.chen, True), (cast.wang, False)):
        client = log_in(user)
        for page in ("/items/?role=all", f"/items/{item.code}/"):
            html = client.get(page).content.decode()
            assert ('href="/actors/hubei/"' in html) is is_linked, (user, page)
    for page in ("/actors/", "/filing/", "/key-tasks/1/", "/"):
        assert 'href="/actors/hubei/"' in log_in(cast.li).get(page).content.decode(), page


def test_a_region_is_laid_out_among_the_others_without_a_rank(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    assert log_in(cast.li).get("/regions/420000/").context["strips"] == []  # two are too few to compare
    for number, percent in enumerate((2_000, 8_000)):
        report_and_accept(make_item(lead=cast.bureau, region=make_region(f"{number + 50}0000")), percent)
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 16))
    page = log_in(cast.li).get("/regions/420000/")
    strip = page.context["strips"][0]
    assert (strip.label, len(strip.dots)) == ("偏差", 3)
    assert "位次" not in page.content.decode()
    assert log_in(cast.chen).get("/regions/420000/").context["strips"] == []


def test_a_measure_counts_its_problems_in_the_ledger_of_that_measure(cast: Cast, log_in: LogIn) -> None:
    made = make_week(cast, items=4)
    client = log_in(cast.li)
    (kind, url), *_others = client.get("/measures/1.1/").context["problem_kinds"]
    assert (kind.unsolved, url) == (1, "/problems/?state=unsolved&kind=funds&measure=1.1")
    ledger = client.get(url)
    assert [row.record.item for row in ledger.context["table"].paginated_rows] == [made[0]]


def test_a_place_without_items_says_so(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=2)
    make_measure("7.1")
    client = log_in(cast.li)
    for page, words in (
        ("/measures/7.1/", "本周您的范围内没有该举措的工作事项"),
        ("/actors/planning/", "没有牵头的工作事项"),
    ):
        assert words in client.get(page).content.decode()
