"""Why a figure is what it is: what the page says, to whom, where its links lead, and what it costs."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import rollup, standing
from tasks_tracker.models import RegionGroup, State, User, WorkItem
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_plan,
    make_region,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)


def roll_up() -> None:
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)


@pytest.fixture
def example(cast: Cast) -> dict[str, WorkItem]:
    """The worked example: A weighs 3 at 100 %, B 1 at 50 %, C 1 never reported, D 1 cancelled."""
    items = {name: make_item(name, weight=3 if name == "A" else 1) for name in "ABCD"}
    report_and_accept(items["A"], 100_00, by=cast.chen, decided_by=cast.li)
    report_and_accept(items["B"], 50_00, by=cast.chen, decided_by=cast.li)
    standing.advance(items["D"], THIS_WEEK, state=State.CANCELLED)
    roll_up()
    return items


def page(client: Client, query: str = "", **headers: str) -> Any:
    response = client.get(f"/why/{query}", headers={"accept-language": "en"} | headers)
    assert response.status_code == 200
    return response


def words(response: Any) -> str:
    """The words of the page, blanks joined."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(text))


def foot(response: Any) -> list[str]:
    """The cells at the foot of the table, without empty ones."""
    row = response.content.decode().split("<tfoot>")[1].split("</tfoot>")[0]
    cells = (re.sub(r"<[^>]+>", " ", cell).split() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S))
    return [" ".join(cell) for cell in cells if cell]


def test_the_worked_example_is_explained_with_its_own_numbers(
    example: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    response = page(log_in(cast.li), "?measure=1.1")
    said = words(response)
    for sentence in (
        "87.50% = 70.00% lower bound ÷ 80.00% coverage",
        "80.00% = weight 4 of what is known ÷ weight 5 of all",
        "70.00% = 350.00, the sum of weight × percent, ÷ weight 5 of all",
        "90.00% = 70.00% lower bound + (100% − 80.00% coverage)",
    ):
        assert sentence in said
    assert "70.00–90.00" in said
    assert foot(response)[:3] == ["All 3 items", "5 known 4", "350.00"]
    asides = {row["label"]: row["aside"] for row in response.context["asides"]}
    assert asides["Unknown"] == (1, 1, 20_00)
    assert (asides["Cancelled"].items, asides["Cancelled"].weight) == (1, 1)


def test_each_item_says_who_reported_it_when_and_who_accepted_it(
    example: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    rows = page(log_in(cast.li), "?measure=1.1").context["items"]
    assert [(row.standing.item.code, row.percent, row.earned) for row in rows] == [
        ("C", None, 0),
        ("B", 50_00, 50_00),
        ("A", 100_00, 300_00),
    ]
    assert [row.report and row.report.submitted_by for row in rows] == [None, cast.chen, cast.chen]
    said = words(page(log_in(cast.li), "?measure=1.1"))
    assert "陈晓岚 Hubei authority 2026, week 47 李维 2026-11-19 11:00" in said
    assert "unknown never reported" in said


def test_what_counts_without_a_report_says_why(cast: Cast, log_in: LogIn) -> None:
    make_item("CLOSED", state=State.CLOSED, closed_on=THIS_WEEK)
    make_item("LATER")
    standing.advance(WorkItem.objects.get(code="LATER"), LAST_WEEK, starts_on=THIS_WEEK + timedelta(days=30))
    whole = make_item("WHOLE", decomposed=True)
    make_item("PART", parent=whole)
    roll_up()
    said = words(page(log_in(cast.li), "?measure=1.1"))
    assert "100.00 closed counts as 100" in said
    assert "0.00 future start counts as 0" in said
    assert "part of WHOLE" in said
    assert "1 item was decomposed and stands where its parts stand; they are counted in its place." in said


def two_tasks(cast: Cast) -> None:
    """湖北 leads 1.1 and 2.1, 江苏 1.2; the group holds both regions; 3.1 has no items."""
    make_measure("3.1")
    for code, percent, lead, region in (
        ("1.1", 20_00, cast.hubei, cast.hubei_region),
        ("1.2", 80_00, cast.jiangsu, cast.jiangsu_region),
        ("2.1", None, cast.hubei, cast.hubei_region),
    ):
        item = make_item(code, measure=make_measure(code, weight=2), lead=lead, region=region)
        if percent:
            report_and_accept(item, percent, LAST_WEEK)
    RegionGroup.objects.create(code="two", name="两地", order=1).regions.set(
        [cast.hubei_region, cast.jiangsu_region]
    )
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    roll_up()


def test_the_parts_add_up_to_the_figure_and_what_drops_out_says_so(cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    response = page(log_in(cast.li))
    told = response.context["told"]
    assert [(part.row.number, part.missing) for part in told.parts] == [(1, ""), (2, ""), (3, "items")]
    said = words(response)
    assert "50.00% = 25.00% lower bound ÷ 50.00% coverage" in said
    assert "not applicable here: no work items in scope; its weight is spread over the others" in said
    assert foot(response) == ["All key tasks", "2", "100.00%", "50.00", "25.00", "88.73", "50.00"]
    shown = response.context["rows"]
    assert [row["adds"].get("lower") for row in shown] == ["25.00", "0.00", None]
    assert shown[0]["why"] == "/why/?key_task=1"


LEVELS = [
    ("", "All key tasks", 50_00),
    ("?key_task=seven", "All key tasks", 50_00),
    ("?key_task=1", "1 Key task 1", 50_00),
    ("?key_task=1&region=420000", "1 Key task 1", 20_00),
    ("?measure=1.2", "1.2 Measure 1.2", 80_00),
    ("?key_task=1&measure=1.2", "1.2 Measure 1.2", 80_00),
    ("?region=320000", "All key tasks", 80_00),
    ("?lead=jiangsu", "All key tasks", 80_00),
    ("?lead=hubei&region=420000", "All key tasks", 20_00),
    ("?group=two", "All key tasks", 50_00),
    ("?key_task=supporting", "Supporting measures", None),
    ("?measure=2.1", "2.1 Measure 2.1", None),
    ("?measure=2.1&region=320000", "2.1 Measure 2.1", None),
    ("?week=2026-W46&lead=miit", "All key tasks", 50_00),
]


@pytest.mark.parametrize(("query", "subject", "progress"), LEVELS)
def test_any_sensible_combination_is_explained(
    query: str, subject: str, progress: int | None, cast: Cast, log_in: LogIn
) -> None:
    two_tasks(cast)
    response = page(log_in(cast.li), query)
    assert response.context["subject"] == subject
    assert response.context["told"].slice.progress == progress


@pytest.mark.parametrize(
    "query",
    [
        "?key_task=8",
        "?key_task=one",
        "?measure=9.9",
        "?region=999999",
        "?group=none",
        "?lead=none",
        "?week=2026-W02",
        "?key_task=2&measure=1.1",
        "?key_task=supporting&measure=1.1",
    ],
)
def test_what_is_not_there_is_said(query: str, cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    response = log_in(cast.li).get(f"/why/{query}", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert response.context["reason"]


def test_a_unit_is_told_about_its_own_figure_only(cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    client = log_in(cast.wang)
    assert page(client).context["told"].slice.progress == 80_00
    assert page(client, "?measure=1.1").context["items"] == []
    assert page(client, "?region=420000").context["told"].slice.figure is None
    assert client.get("/why/?lead=hubei").status_code == 404
    assert "Nothing is in scope here" in words(page(client, "?region=420000"))


def test_a_supervisor_of_one_region_is_told_about_that_region_only(cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    client = log_in(cast.sun)
    assert page(client).context["told"].slice.progress == 80_00
    assert client.get("/why/?region=420000").status_code == 404
    assert client.get("/why/?lead=hubei").status_code == 404


def test_administrators_are_told_nothing(cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    for user in (cast.system_admin, cast.security_admin, cast.audit_admin):
        assert log_in(user).get("/why/").status_code == 403


def test_every_count_leads_to_the_list_of_just_these_items(
    example: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    for row in page(client, "?measure=1.1").context["asides"]:
        listed = client.get(row["url"]).context["summary"].items
        assert listed == row["aside"].items, row["label"]


def test_a_frozen_week_keeps_its_explanation(cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    before = words(page(log_in(cast.li), "?week=2026-W46&key_task=1"))
    report_and_accept(WorkItem.objects.get(code="1.1"), 90_00)
    rollup.roll_up_stale_cells(plan=make_plan(), now=FRIDAY)
    assert words(page(log_in(cast.li), "?week=2026-W46&key_task=1")) == before
    assert "85.00% = 85.00% lower bound ÷ 100.00%" in words(page(log_in(cast.li), "?key_task=1"))


def test_items_that_are_newer_than_the_figure_are_said_to_be(
    example: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    report_and_accept(example["C"], 10_00, by=cast.chen, decided_by=cast.li)
    said = words(page(log_in(cast.li), "?measure=1.1"))
    assert "after the figure was computed at 2026-11-20 16:00" in said
    roll_up()
    assert "after the figure was computed" not in words(page(log_in(cast.li), "?measure=1.1"))


def test_the_items_are_paged_and_the_foot_holds_the_sums_of_all(cast: Cast, log_in: LogIn) -> None:
    for number in range(30):
        report_and_accept(make_item(f"N{number:02d}"), 40_00, LAST_WEEK)
    roll_up()
    first, last = (page(log_in(cast.li), f"?measure=1.1{more}") for more in ("", "&page=2"))
    assert (len(first.context["items"]), len(last.context["items"])) == (25, 5)
    assert foot(first) == foot(last)
    assert foot(first)[:3] == ["All 30 items", "30 known 30", "1200.00"]
    assert len(page(log_in(cast.li), "?measure=1.1&page=99&per_page=7").context["items"]) == 5


def test_beside_a_figure_only_the_panel_is_sent(cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    for query in ("", "?measure=1.1", "?key_task=1&region=420000"):
        html = page(log_in(cast.li), query, HX_Request="true").content.decode()
        assert "<html" not in html
        assert 'id="why-title"' in html
        assert "data-why-close" in html


QUERIES = {"": 17, "?key_task=1": 17, "?measure=1.1": 22, "?region=420000&lead=hubei": 17}


@pytest.mark.parametrize(("query", "queries"), QUERIES.items())
def test_the_page_costs_the_same_with_many_items_as_with_few(
    query: str, queries: int, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    two_tasks(cast)
    client = log_in(cast.li)
    page(client, query)
    with django_assert_num_queries(queries):
        page(client, query)
    for number in range(12):
        region = make_region(f"{number + 11}9000")
        report_and_accept(make_item(region=region, measure=make_measure(f"{number % 3 + 1}.1")), 10_00)
        report_and_accept(make_item(measure=make_measure("1.1")), 10_00)
    roll_up()
    with django_assert_num_queries(queries):
        page(client, query)


WHERE = {
    "/": ["/why/", "/why/?key_task=1", "/why/?region=420000"],
    "/?week=2026-W46": ["/why/?week=2026-W46", "/why/?week=2026-W46&key_task=1"],
    "/key-tasks/": ["/why/?key_task=seven", "/why/?measure=1.2"],
    "/key-tasks/1/": ["/why/?key_task=1", "/why/?measure=1.1"],
    "/regions/": ["/why/?region=320000", "/why/?group=two"],
    "/regions/420000/": ["/why/?region=420000", "/why/?key_task=1&region=420000"],
    "/measures/1.1/": ["/why/?measure=1.1"],
    "/actors/": ["/why/?lead=hubei"],
    "/items/?key_task=1": ["/why/?key_task=1"],
    "/items/1.1/": ["#why", "/why/?measure=1.1"],
}


@pytest.mark.parametrize(("url", "links"), WHERE.items())
def test_every_page_with_a_progress_figure_leads_here(
    url: str, links: list[str], cast: Cast, log_in: LogIn
) -> None:
    two_tasks(cast)
    html = unescape(log_in(cast.li).get(url).content.decode())
    assert [link for link in links if f'href="{link}"' not in html] == []


def test_every_why_on_a_dashboard_opens(cast: Cast, log_in: LogIn) -> None:
    two_tasks(cast)
    client = log_in(cast.li)
    links: set[str] = set()
    for url in WHERE:
        html = unescape(client.get(url).content.decode())
        links |= set(re.findall(r'href="(/why/[^"]*)"[^>]* data-why', html))
    assert len(links) > 12
    assert {url: client.get(url).status_code for url in links} == dict.fromkeys(links, 200)
