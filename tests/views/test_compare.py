"""What changed between two weeks, as a page: it adds up as printed, leads to lists, keeps the filters."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import User
from tasks_tracker.queries import remembered
from tests.factories import THIS_WEEK, make_item, make_measure, make_plan, moment
from tests.factories.cast import Cast
from tests.reports.random_plan import make_random_plan

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
QUERIES = 24
FILTERS = {"key_task": "1", "region": "420000", "lead": "hubei"}


@pytest.fixture
def plan(cast: Cast) -> None:
    """Four weeks in which everything happens, 2026-W44 to W47; the first three are frozen."""
    make_random_plan(cast, seed=29, items=40, replanned=True)


def page(client: Client, **query: str) -> Any:
    response = client.get("/compare/", query)
    assert response.status_code == 200
    return response


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def hundredths(text: str) -> int:
    return int(text.replace("−", "-").replace("+", "").replace("%", "").replace(".", ""))


def printed(response: Any) -> tuple[list[int], list[int]]:
    """The points and the figures of the table of steps, digit by digit as they stand in the page."""
    table = re.search(
        r'<table class="tbl dense bridge-table">.*?</table>', response.content.decode(), re.DOTALL
    )
    assert table
    deltas = re.findall(r'<span class="delta [a-z]+">([^<]+)</span>', table[0])
    figures = re.findall(r">(\d+\.\d\d%)<", table[0])
    return [hundredths(text) for text in deltas], [hundredths(text) for text in figures]


@pytest.mark.parametrize("query", [{}, {"with": "2026-W44"}, {"key_task": "1"}, {"region": "420000"}])
def test_the_printed_steps_add_up_to_the_last_digit(
    query: dict[str, str], plan: None, cast: Cast, log_in: LogIn
) -> None:
    (*steps, total), figures = printed(page(log_in(cast.li), **query))
    assert len(steps) >= 7
    assert any(steps)
    assert figures[0] + sum(steps) == figures[-1]
    assert sum(steps) == total
    for before, step, after in zip(figures, steps, figures[1:], strict=False):
        assert before + step == after


def test_swapped_weeks_take_every_step_back(plan: None, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    there = page(client, week="2026-W47", **{"with": "2026-W44"})
    back = client.get(there.context["links"]["swap"])
    (*steps, total), figures = printed(there)
    (*taken_back, total_back), figures_back = printed(back)
    assert taken_back == [-step for step in reversed(steps)]
    assert (total_back, figures_back[0], figures_back[-1]) == (-total, figures[-1], figures[0])
    assert "倒序" in back.content.decode()
    lifted = there.context["movers"][0][1]
    assert [(m.row.item.code, -m.effect, m.now, m.then) for m in lifted] == [
        (m.row.item.code, m.effect, m.then, m.now) for m in back.context["movers"][1][1]
    ]
    assert lifted
    assert client.get(back.context["links"]["swap"]).context["steps"] == there.context["steps"]


@pytest.mark.parametrize(
    ("username", "query"),
    [("li", {"with": "2026-W44", "region": "420000"}), ("chen", {"week": "2026-W44", "with": "2026-W46"})],
)
def test_every_number_leads_to_a_list_of_so_many_items(
    username: str, query: dict[str, str], plan: None, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(User.objects.get(username=username))
    context = page(client, **query).context
    cells = [cell for _head, cells in context["light_rows"] for cell in cells]
    links = [(one.items, one.url) for one in [*context["steps"], *cells] if one.url.startswith("/")]
    links.append((context["number_turned"], context["turned_url"]))
    assert len(links) > 4
    for number, url in links:
        assert client.get(url).context["summary"].items == number, url


def test_the_list_says_what_it_is_narrowed_to_and_shows_the_other_week(
    plan: None, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    response = client.get("/items/?changed=progress&with=2026-W44&sort=-since&lead=hubei")
    assert [chip.name for chip in response.context["chips"]] == ["lead", "changed", "with"]
    rows = [row.record for row in response.context["table"].paginated_rows]
    moved = [row.shown_percent - row.other_percent for row in rows]
    assert moved == sorted(moved, reverse=True)
    assert all(moved)
    assert "对比周情况" in response.content.decode()
    assert response.context["summary"].change is None
    assert "对比周情况" not in client.get("/items/").content.decode()
    without = client.get("/items/?changed=progress")  # the week before unless another is named
    assert (
        without.context["summary"].items
        == client.get("/items/?changed=progress&with=2026-W46").context["summary"].items
    )


def test_an_empty_list_says_which_change_emptied_it(plan: None, cast: Cast, log_in: LogIn) -> None:
    response = log_in(cast.li).get("/items/?changed=progress&with=2026-W47")
    assert response.context["summary"].items == 0
    assert [one["query"] for one in response.context["blocking"]] == ["with=2026-W47"]


def test_choosing_other_weeks_keeps_every_filter(plan: None, cast: Cast, log_in: LogIn) -> None:
    response = page(log_in(cast.li), week="2026-W46", **{"with": "2026-W45"}, **FILTERS)
    links = response.context["links"]
    weeks = {name: (asked(url).pop("week", "2026-W47"), asked(url)["with"]) for name, url in links.items()}
    assert weeks == {
        "swap": ("2026-W45", "2026-W46"),
        "earlier": ("2026-W45", "2026-W44"),
        "later": ("2026-W47", "2026-W46"),
    }
    for url in links.values():
        assert FILTERS.items() <= asked(url).items()
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.content.decode()))
    assert {**FILTERS, "with": "2026-W45"}.items() <= kept.items()  # the week bar
    [on] = re.findall(r'<a href="\?([^"]+)" rel="next"', response.content.decode())
    assert asked("?" + on.replace("&amp;", "&")) == {**FILTERS, "week": "2026-W47", "with": "2026-W45"}


def test_the_dashboards_lead_here_with_their_part_and_week(plan: None, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    for address, part in (
        ("/", {}),
        ("/key-tasks/1/", {"key_task": "1"}),
        ("/regions/420000/", {"region": "420000"}),
        ("/actors/", {}),
    ):
        text = client.get(address, {"week": "2026-W46"}).content.decode()
        [link] = re.findall(r'<a [^>]*href="(/compare/[^"]+)"', text)
        assert asked(link.replace("&amp;", "&")) == {"week": "2026-W46"} | part
        response = client.get(link.replace("&amp;", "&"))
        if "now" in (shown := client.get(address, {"week": "2026-W46"})).context:
            assert response.context["bridge"].now == shown.context["now"].progress
            assert response.context["bridge"].then == shown.context["before"].progress


def test_a_unit_compares_its_own_part_only(plan: None, cast: Cast, log_in: LogIn) -> None:
    response = page(log_in(cast.wang), **{"with": "2026-W44"})
    text = response.content.decode()
    assert "湖北省经济和信息化厅" not in text
    assert "江苏省工业和信息化厅" in text
    national = page(log_in(cast.li), **{"with": "2026-W44", "lead": "jiangsu"})
    assert response.context["steps"][0].points == national.context["steps"][0].points
    assert page(log_in(cast.wang), lead="hubei").context["form"].errors


def test_the_first_week_and_the_same_week_are_said(plan: None, cast: Cast, log_in: LogIn) -> None:
    for query in ({"week": "2026-W44"}, {"with": "2026-W47"}):
        response = page(log_in(cast.li), **query)
        assert "同一周" in response.content.decode()
        assert {step.points for step in response.context["steps"]} == {0}


def test_no_data_is_said_and_what_happened_is_listed(plan: None, cast: Cast, log_in: LogIn) -> None:
    response = page(log_in(cast.li), measure="7.1")
    assert response.context["panel"] is None
    assert {step.points for step in response.context["steps"]} == {None}
    assert "没有可相减的数据" in response.content.decode()


@pytest.mark.parametrize("query", ["with=2026-W20", "with=never", "key_task=9", "measure=0.0", "lead=x"])
def test_what_is_not_understood_is_marked_and_asks_nothing(
    query: str, plan: None, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    response = client.get(f"/compare/?{query}")
    assert response.status_code == 200
    assert response.context["form"].errors
    assert response.context["bridge"] == page(client).context["bridge"]


def test_an_unknown_week_is_not_found_and_administrators_see_nothing(
    plan: None, cast: Cast, log_in: LogIn
) -> None:
    assert log_in(cast.li).get("/compare/?week=2026-W20").status_code == 404
    assert log_in(cast.audit_admin).get("/compare/").status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_is_complete_in_both_languages(language: str, plan: None, cast: Cast, log_in: LogIn) -> None:
    response = log_in(cast.zhao).get("/compare/?with=2026-W44", headers={"accept-language": language})
    assert response.status_code == 200
    assert response.context["panel"].table.rows[0][0] == "2026-W44"


def test_the_page_costs_the_same_with_many_items_as_with_few(
    plan: None, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    client.get("/compare/")
    remembered.forget()
    with django_assert_num_queries(QUERIES):
        client.get("/compare/?with=2026-W44")
    for n in range(24):
        make_item(f"N-{n}", lead=cast.hubei, starts_on=THIS_WEEK, measure=make_measure(f"1.{n + 20}"))
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=moment(THIS_WEEK + timedelta(days=4), 17))
    remembered.forget()
    with django_assert_num_queries(QUERIES):
        client.get("/compare/?with=2026-W44")
