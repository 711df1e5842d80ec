"""The list of work items as a page: filters in the address, its head, its rows, and what it costs."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import RegionGroup, State, User, WorkItem
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_measure,
    make_plan,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 16)


def roll_up() -> None:
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=FRIDAY)


@pytest.fixture
def two_weeks(cast: Cast) -> dict[str, WorkItem]:
    """湖北: one behind, one on track; 江苏: one never reported; one cancelled. Last week is frozen."""
    items = {
        "behind": make_item("HB-1", title="零碳园区建设", measure=make_measure("6.1"), weight=2),
        "fine": make_item("HB-2", title="北斗规模应用", lead=cast.wuhan, owner=cast.liu),
        "silent": make_item("JS-1", title="首台套应用", lead=cast.jiangsu, region=cast.jiangsu_region),
        "cancelled": make_item("JS-2", title="停办事项", lead=cast.jiangsu, state=State.CANCELLED),
    }
    report_and_accept(items["behind"], 4_000, LAST_WEEK)
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    report_and_accept(items["behind"], 4_500)
    report_and_accept(items["fine"], 9_000)
    roll_up()
    return items


def page(client: Client, query: str = "", **headers: str) -> Any:
    response = client.get(f"/items/{query}", headers=headers)
    assert response.status_code == 200
    return response


def codes(response: Any) -> list[str]:
    """The codes of the rows, in their order."""
    return re.findall(r'data-code="([^"]+)"', response.content.decode())


def test_the_list_shows_what_counts_with_the_worst_variance_first(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    response = page(log_in(cast.li))
    assert codes(response) == ["HB-1", "HB-2", "JS-1"]  # what is not known comes last
    assert response.context["summary"].items == 3


FILTERS = [
    ("?q=零碳", ["HB-1"]),
    ("?key_task=6", ["HB-1"]),
    ("?key_task=supporting", []),
    ("?measure=6.1", ["HB-1"]),
    ("?region=320000", ["JS-1"]),
    ("?lead=hubei", ["HB-1", "HB-2"]),
    ("?lead=wuhan", ["HB-2"]),
    ("?light=behind", ["HB-1"]),
    ("?light=behind&light=on_track", ["HB-1", "HB-2", "JS-1"]),
    ("?state=cancelled", ["JS-2"]),
    ("?known=unknown", ["JS-1"]),
    ("?reported=given", ["HB-1", "HB-2"]),
    ("?filing=accepted", ["HB-1", "HB-2"]),
    ("?sort=-title", ["JS-1", "HB-1", "HB-2"]),
    ("?sort=percent", ["HB-1", "HB-2", "JS-1"]),
    ("?sort=-percent", ["HB-2", "HB-1", "JS-1"]),
    ("?sort=light", ["HB-1", "HB-2", "JS-1"]),
    ("?sort=nonsense", ["HB-1", "HB-2", "JS-1"]),
]


def test_every_filter_stands_in_the_address(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    for query, expected in FILTERS:
        assert codes(page(client, query)) == expected, query


def test_a_region_group_is_a_filter(two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn) -> None:
    RegionGroup.objects.create(code="delta", name="长三角").regions.add(cast.jiangsu_region)
    assert codes(page(log_in(cast.li), "?group=delta")) == ["JS-1"]


def test_mine_are_the_items_i_own(two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn) -> None:
    assert codes(page(log_in(cast.liu), "?owner=me")) == ["HB-2"]
    assert codes(page(log_in(cast.chen), "?owner=me")) == []


def test_a_frozen_week_is_listed_as_it_was(two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn) -> None:
    response = page(log_in(cast.li), "?week=2026-W46&q=HB-1")
    [row] = [r.record for r in response.context["table"].paginated_rows]
    assert row.shown_percent == 4_000
    assert "/items/HB-1/?week=2026-W46" in response.content.decode()
    [now] = [r.record for r in page(log_in(cast.li), "?q=HB-1").context["table"].paginated_rows]
    assert (now.shown_percent, now.change) == (4_500, 500)


def test_an_unknown_week_is_said_and_not_found(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    for week in ("2026-W40", "2031-W99", "yesterday"):
        response = client.get("/items/", {"week": week})
        assert response.status_code == 404
        assert week in response.content.decode()


BAD_FILTERS = [
    "light=green",
    "key_task=8",
    "key_task=x",
    "measure=99.9",
    "region=999999",
    "group=nowhere",
    "lead=nobody",
    "state=nothing",
    "due=yesterday",
    "filing=lost",
    "reported=perhaps",
    "known=guessed",
    "key=2",
    "role=observer",
    "owner=you",
]


def test_a_bad_filter_is_marked_and_asks_nothing(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    for query in BAD_FILTERS:
        response = page(client, f"?{query}")
        name, value = query.split("=")
        assert codes(response) == ["HB-1", "HB-2", "JS-1"], query
        [error] = response.context["form"].errors[name]
        assert value in error
        assert error in response.content.decode()


def test_a_bad_page_falls_back(two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    for query in ("page=0", "page=x", "page=999", "per_page=0", "per_page=100000", "per_page=x"):
        table = page(client, f"?{query}").context["table"]
        assert (table.page.number, table.paginator.per_page) == (1, 25), query


def test_a_page_holds_25_50_or_100_rows(cast: Cast, log_in: LogIn) -> None:
    for number in range(27):
        make_item(f"N-{number:02d}")
    roll_up()
    client = log_in(cast.li)
    assert len(codes(page(client))) == 25
    assert len(codes(page(client, "?page=2"))) == 2
    assert len(codes(page(client, "?per_page=50"))) == 27
    assert isinstance(page(client).context["table"].paginator, Paginator)


def test_a_unit_is_offered_and_shown_only_what_is_its_own(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    response = page(log_in(cast.chen))
    assert codes(response) == ["HB-1", "HB-2"]
    assert response.context["summary"].everything == 2
    foreign = page(log_in(cast.chen), "?lead=jiangsu")
    assert foreign.context["form"].errors["lead"]
    assert cast.jiangsu.name not in response.content.decode()


def test_a_supervisor_of_one_region_is_shown_that_region(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    assert codes(page(log_in(cast.sun))) == ["JS-1"]


def test_administrators_are_refused(two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn) -> None:
    for user in (cast.system_admin, cast.security_admin, cast.audit_admin):
        assert log_in(user).get("/items/").status_code == 403


def test_the_head_sums_the_list_up_and_says_how_it_spreads(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    summary = page(log_in(cast.li), "?lead=hubei").context["summary"]
    assert (summary.items, summary.everything) == (2, 3)
    assert [(share.key_task.number, share.items) for share in summary.by_task] == [(1, 1), (6, 1)]
    assert summary.figure.progress == (2 * 4_500 + 9_000) / 3
    assert summary.figure.coverage == 10_000


def test_chips_take_one_filter_out_each(two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn) -> None:
    response = page(log_in(cast.li), "?lead=hubei&light=behind&light=overdue&page=1")
    chips = [(chip.name, chip.query) for chip in response.context["chips"]]
    assert chips == [
        ("light", "lead=hubei&light=overdue"),
        ("light", "lead=hubei&light=behind"),
        ("lead", "light=behind&light=overdue"),
    ]


def test_an_empty_list_says_which_filter_empties_it(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    response = page(log_in(cast.li), "?lead=jiangsu&light=behind")
    [lead, light] = sorted(response.context["blocking"], key=lambda one: one["query"], reverse=True)
    assert (lead["query"], lead["items"]) == ("light=behind", 1)
    assert (light["query"], light["items"]) == ("lead=jiangsu", 1)
    assert 'href="?light=behind"' in response.content.decode()


def test_a_tab_is_marked_only_when_it_is_all_that_is_asked(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    def marked(query: str) -> list[str]:
        return [tab["url"] for tab in page(log_in(cast.li), query).context["tabs"] if tab["current"]]

    assert marked("?light=behind&sort=due&week=2026-W47") == ["/items/?light=behind"]
    assert marked("?light=overdue&light=behind") == marked("?light=behind&region=420000") == []


def test_the_export_is_of_what_is_asked_for(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    def export(query: str) -> str:
        return str(page(log_in(cast.li), query).context["export_url"])

    assert export("") == "/exports/"
    assert export("?region=420000&light=behind") == "/exports/?scope=region&subject=420000"
    assert export("?lead=hubei&week=2026-W46") == "/exports/?week=2026-W46&scope=actor&subject=hubei"
    assert export("?key_task=6") == "/exports/?scope=key_task&subject=6"
    assert export("?key_task=seven") == "/exports/"


def test_htmx_gets_the_panel_and_a_browser_the_page(
    two_weeks: dict[str, WorkItem], cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    panel = page(client, "?light=behind", **{"HX-Request": "true"})
    assert codes(panel) == ["HB-1"]
    assert b"<html" not in panel.content
    assert b'id="list-week" hx-swap-oob' in panel.content
    assert "HX-Request" in panel.headers["Vary"]
    again = page(client, "?light=behind", **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in again.content


def test_a_list_costs_the_same_with_3_items_as_with_60(
    cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client, query = log_in(cast.li), "/items/?region=420000&q=工作&light=on_track&light=at_risk&light=behind"
    for _n in range(3):
        make_item(due_on=date(2027, 6, 30))
    rollup.close_week(plan=make_plan(), week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    roll_up()
    client.get(query)
    with django_assert_num_queries(19):
        assert len(codes(client.get(query))) == 3
    for _n in range(57):
        make_item(due_on=date(2027, 6, 30))
    roll_up()
    with django_assert_num_queries(19):
        assert len(codes(client.get(query + "&per_page=100"))) == 60
