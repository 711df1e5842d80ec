"""The generated report says the figures of the dashboard, and each leads to the list that it counts."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from tasks_tracker.models import COUNTED_LIGHTS, ProgressReport, ReportScope, User, WeekRollup
from tasks_tracker.queries.ledger import Selection, find_subject
from tasks_tracker.reports.composer import compose
from tasks_tracker.reports.drafted import GAP, Drafted, length_of
from tasks_tracker.reports.paper import Curve, Line, Table, Tasks, TileMap, read, written
from tasks_tracker.reports.wording import percent_sign, points
from tasks_tracker.rules.tokens import tokens_of
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import THIS_WEEK, moment
from tests.factories.cast import Cast
from tests.reports.random_plan import NOW, make_random_plan

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
SUBJECTS = {"national": "", "key_task": "1", "region": "420000", "actor": "hubei"}
SECTIONS = ["overall", "tasks", "problems", "signals", "late", "next", "changes"]


def selection(cast: Cast, scope: str, back: int, seed: int = 11) -> Selection:
    plan = make_random_plan(cast, seed=seed, items=60, replanned=True)
    rollup: WeekRollup = plan.weeks.select_related("plan").get(week=THIS_WEEK - back * ONE_WEEK)
    return Selection(rollup, scope, find_subject(scope, SUBJECTS[scope], plan.policy_id))


def drafted(about: Selection) -> Drafted:
    return compose(about, office="规划司", author="李维", now=NOW)


PAGES = {
    "national": "/",
    "key_task": "/key-tasks/1/",
    "region": "/regions/420000/",
    "actor": "/actors/hubei/",
}


@pytest.mark.parametrize("back", [0, 1])
@pytest.mark.parametrize("scope", SUBJECTS)
def test_figures_are_those_of_the_dashboard(scope: str, back: int, cast: Cast, log_in: LogIn) -> None:
    about = selection(cast, scope, back)
    figures = drafted(about).figures
    week = f"2026-W{47 - back}"
    page = log_in(cast.li).get(PAGES[scope], {"week": week}).context
    now, gain = page["now"], page["whole"].gain
    assert figures["progress"].text == percent_sign(now.progress)
    assert figures["planned"].text == percent_sign(now.planned)
    assert figures["coverage"].text == percent_sign(now.coverage)
    assert digits(figures["variance"].text) == digits(points(now.variance))
    assert digits(figures["gain"].text) == digits(points(gain))
    assert figures["filled_in"].text == percent_sign(now.tally.filled_in)
    for light in COUNTED_LIGHTS:
        assert figures[light.value].text == str(now.tally.lights[light])


def digits(text: str) -> list[str]:
    """The number in a statement; none where it says that there is no change."""
    found: list[str] = re.findall(r"\d+\.\d", text)
    return [number for number in found if float(number)]


EXACT = {
    *(light.value for light in COUNTED_LIGHTS),
    *("items", "due", "given", "missing", "waiting", "due_next_week", "suspended"),
    *("supporting_items", "supporting_behind", "supporting_overdue"),
    *("changes", "due_days_moved", "problems", "signals"),
}
OF_PARTS = re.compile(r"(task|measure)_\w+_(items|at_risk|behind|overdue)|(problems|signals|changes)_\w+")
WITHOUT_LIST = {"problems_new", "problems_asked", "signals_new"}  # the list that holds them is longer


@pytest.mark.parametrize("back", [0, 1])
@pytest.mark.parametrize("scope", SUBJECTS)
def test_each_number_leads_to_a_list_of_that_length(scope: str, back: int, cast: Cast, log_in: LogIn) -> None:
    about = selection(cast, scope, back)
    client, looked = log_in(cast.li), 0
    for name, figure in drafted(about).figures.items():
        if not figure.url:
            assert back, f"{name} has no list"
            continue
        response = client.get(figure.url)
        assert response.status_code == 200, figure.url
        if name in WITHOUT_LIST or not (name in EXACT or OF_PARTS.fullmatch(name)):
            continue
        assert str(length_of_list(response)) == figure.text, (name, figure)
        looked += 1
    assert looked > 15


def length_of_list(response: Any) -> int:
    context = response.context
    return int(context["table"].paginator.count if "table" in context else context["number"])


@pytest.mark.parametrize("scope", SUBJECTS)
def test_it_has_seven_sections_three_annexes_and_no_gap(scope: str, cast: Cast) -> None:
    made = drafted(selection(cast, scope, 1))
    paper = made.as_generated
    assert [part.key for part in paper.parts] == SECTIONS
    assert [part.key for part in paper.annexes] == ["behind", "on_schedule", "silent"]
    assert GAP not in written(paper)
    assert "{" not in "".join(b.text for part in paper.parts for b in part.blocks if isinstance(b, Line))
    assert read(written(paper)) == paper
    assert length_of(paper) > 300
    used = {name for each in made.paragraphs for name in tokens_of(each.text)}
    assert used <= set(made.figures)


def test_the_national_report_has_both_tables_and_all_pictures(cast: Cast) -> None:
    paper = drafted(selection(cast, "national", 0)).as_generated
    kinds = [type(block) for block in paper.parts[0].blocks if not isinstance(block, Line)]
    assert kinds == [Table, Tasks, Table, TileMap, Curve]
    tasks, regions = (block for block in paper.parts[0].blocks if isinstance(block, Table))
    assert sum(int(row[1]) for row in tasks.rows[:-1]) == int(tasks.rows[-1][1])
    assert sum(int(row[1]) for row in regions.rows[:-1]) == int(regions.rows[-1][1])
    assert tasks.rows[-1] == regions.rows[-1]


def test_the_report_of_a_region_lists_its_units(cast: Cast) -> None:
    paper = drafted(selection(cast, "region", 0)).as_generated
    tables = [block for block in paper.parts[0].blocks if isinstance(block, Table)]
    assert tables[1].caption == "表2 各单位推进情况"
    assert "湖北省经济和信息化厅" in {row[0] for row in tables[1].rows}
    assert not [block for block in paper.parts[0].blocks if isinstance(block, TileMap)]


@pytest.mark.parametrize("scope", SUBJECTS)
def test_the_first_two_annexes_hold_every_counted_item_once(scope: str, cast: Cast) -> None:
    about = selection(cast, scope, 0)
    made = drafted(about)
    rows = [row[0] for part in made.paper.annexes[:2] for row in part.blocks[1].rows]  # type: ignore[union-attr]
    assert len(rows) == len(set(rows))
    supporting = int(made.figures["supporting_items"].text) if "supporting_items" in made.figures else 0
    assert len(rows) == int(made.figures["items"].text) + supporting


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_empty_scope_says_so_and_never_zero_percent(language: str, cast: Cast) -> None:
    plan = make_random_plan(cast, seed=3, items=20)
    rollup = plan.weeks.select_related("plan").get(week=THIS_WEEK)
    about = Selection(rollup, ReportScope.KEY_TASK, find_subject("key_task", "7", plan.policy_id))
    with translation.override(language):
        made = compose(about, office="", author="", now=moment(THIS_WEEK))
        assert made.figures["progress"].text == translation.gettext("no data")
        assert made.figures["items"].text == "0"
        assert read(written(made.as_generated)) == made.as_generated


def test_words_of_reports_never_become_figures(cast: Cast) -> None:
    about = selection(cast, "national", 0)
    ProgressReport.objects.update(progress_note="完成率{progress}，{x}")
    made = drafted(about)
    text = "".join(each.text for each in made.paragraphs if each.key.endswith("_progress"))
    assert "{progress}" not in text
    assert "完成率\N{FULLWIDTH LEFT CURLY BRACKET}progress" in text
