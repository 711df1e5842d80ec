"""The matrix page: every cell says what it is, leads to its list, and costs the same for any number."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.models import RegionGroup, State, User
from tasks_tracker.queries import remembered
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
from tests.reports.random_plan import NOW
from tests.views.test_dashboard import make_week

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
QUERIES = 15


def cells(client: Client, query: str = "") -> dict[tuple[str, str], Any]:
    """The cells of the page by (name of the row, name of the column)."""
    context = client.get(f"/matrix/{query}").context
    heads = [column.label for column in context["columns"]]
    return {
        (row.label, head): cell
        for row in context["rows"]
        for head, cell in zip(heads, row.cells, strict=True)
    }


def roll_up() -> None:
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=None)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)


def test_it_costs_the_same_with_many_items_and_regions_as_with_few(
    cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    make_week(cast, items=4)
    client.get("/matrix/")
    for round_ in range(2):
        remembered.forget()
        with django_assert_num_queries(QUERIES):
            assert client.get("/matrix/?key_task=1").status_code == 200
        for number in range(20 if not round_ else 0):
            region = make_region(f"{number + 50}0000")
            make_item(lead=cast.hubei, region=region, measure=make_measure(f"1.{number % 9 + 1}"))
        rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=NOW)


def test_done_not_begun_never_reported_and_not_applicable_are_told_apart(cast: Cast, log_in: LogIn) -> None:
    make_item(lead=cast.hubei, measure=make_measure("1.1"), state=State.CLOSED, closed_on=LAST_WEEK)
    make_item(lead=cast.hubei, measure=make_measure("2.1"))
    report_and_accept(make_item(lead=cast.hubei, measure=make_measure("3.1")), 3_000)
    make_item(lead=cast.jiangsu, region=cast.jiangsu_region, measure=make_measure("1.1"))
    roll_up()
    found = cells(log_in(cast.li))
    hubei, jiangsu = (region.short for region in (cast.hubei_region, cast.jiangsu_region))
    assert (found["1 任务1", hubei].light, found["1 任务1", hubei].text) == ("done", "")
    assert (found["2 任务2", hubei].kind, found["2 任务2", hubei].text) == ("no_data", "?")
    assert (found["3 任务3", hubei].light, found["3 任务3", hubei].text) == ("behind", "30")
    assert (found["3 任务3", jiangsu].kind, found["3 任务3", jiangsu].url) == ("none", "")
    assert "不适用" in found["3 任务3", jiangsu].words
    assert found["3 任务3", hubei].url == f"/items/?key_task=3&region={cast.hubei_region.code}"


def test_what_is_overdue_old_and_never_reported_marks_its_cell_in_words_too(
    cast: Cast, log_in: LogIn
) -> None:
    old = LAST_WEEK.replace(month=8, day=3)
    overdue = make_item(lead=cast.hubei, due_on=LAST_WEEK)
    report_and_accept(overdue, 8_000, THIS_WEEK)
    stale = make_item(lead=cast.hubei, is_key=True)
    rollup.roll_up_week(plan=make_plan(), week=old, now=moment(old, 12))
    report_and_accept(stale, 5_000, old)
    make_item(lead=cast.hubei)
    roll_up()
    cell = cells(log_in(cast.li))["1 任务1", cast.hubei_region.short]
    assert (cell.overdue, cell.stale, cell.unknown) == (1, 1, 1)
    assert all(words in cell.words for words in ("逾期1件", "长期未更新1件", "从未填报1件", "3件工作事项"))
    page = log_in(cast.li).get("/matrix/").content.decode()
    assert re.search(r'class="heatmap-cell is-value[^"]* has-overdue has-stale has-unknown"', page)


def test_the_switch_shows_another_number_in_the_same_cells(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    client, place = log_in(cast.li), ("合计", "合计")
    shown = {
        metric: cells(client, f"?show={metric}")[place] for metric in ("progress", "variance", "coverage")
    }
    assert len({cell.text for cell in shown.values()}) == 3
    assert len({cell.title for cell in shown.values()}) == 1
    assert cells(client, "?show=nonsense&key_task=99&group=none")[place] == shown["progress"]


def test_the_week_the_group_and_the_rows_stay_in_every_link(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    group = RegionGroup.objects.create(code="mid", name="中部")
    group.regions.set([cast.hubei_region])
    found = cells(log_in(cast.li), "?week=2026-W46&group=mid&key_task=1")
    assert {head for _row, head in found} == {"合计", cast.hubei_region.short}
    assert found["合计", "合计"].url == "/items/?week=2026-W46&key_task=1&group=mid"
    row = next(row for row, _head in found if row.startswith("1.1"))
    assert found[row, cast.hubei_region.short].url == (
        f"/items/?week=2026-W46&measure=1.1&region={cast.hubei_region.code}"
    )


def test_a_unit_sees_its_own_regions_and_an_office_its_own_key_tasks(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    assert {head for _row, head in cells(log_in(cast.wang))} == {"合计", cast.jiangsu_region.short}
    cast.zhao.key_tasks.add(make_measure("1.1").key_task)
    assert [task.number for task in log_in(cast.zhao).get("/matrix/").context["tasks"]] == [1]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_is_a_table_with_heads_for_rows_and_columns(language: str, cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=4)
    html = log_in(cast.li).get("/matrix/", headers={"accept-language": language}).content.decode()
    assert html.count('<th scope="row"') == len({"1", "2", "3", "total"})
    assert html.count('<th scope="col"') == 2 + 2
    assert "<caption" in html


def test_nothing_in_scope_is_said_with_a_way_out(cast: Cast, log_in: LogIn) -> None:
    make_week(cast, items=2)
    page = log_in(cast.li).get("/matrix/?key_task=supporting")
    assert "本周此处没有" in page.content.decode()


def test_administrators_see_no_matrix(cast: Cast, log_in: LogIn) -> None:
    make_week(cast)
    assert log_in(cast.audit_admin).get("/matrix/").status_code == 403
