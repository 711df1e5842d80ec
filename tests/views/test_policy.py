"""The policy text with its lights: what it shows, to whom, in which week, and what it costs."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import rollup
from tasks_tracker.actions.policy_text import load_policy_text
from tasks_tracker.models import Measure, PolicyText, User, WorkItem
from tasks_tracker.queries import remembered
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_key_task,
    make_measure,
    make_plan,
    make_policy,
    make_user,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.views.editing import words

LogIn = Callable[[User], Client]
QUERIES = 14
TEXT = """办好三件事
引言与举措无关。
一是任务一。任务一很要紧。推广甲行动和乙试点，建立台账。用好贴息券。用好贴息券的余额。
二是任务二。培育丙企业；未有人管的一句。
保障措施
加强统筹，设立专班。
落款
"""
NOW = moment(THIS_WEEK + timedelta(days=3), 15)

pytestmark = pytest.mark.django_db


def measures() -> list[Measure]:
    """Two key tasks with four measures, and a supporting one."""
    make_key_task(1, title="任务一")
    make_key_task(2, title="任务二")
    return [
        make_measure("1.1", title="甲行动", paragraph=3, phrase="甲行动"),
        make_measure("1.2", title="乙试点", paragraph=3, phrase="乙试点"),
        make_measure("1.3", title="贴息券", paragraph=3, phrase="贴息券"),
        make_measure("2.1", title="丙企业", paragraph=4, phrase="丙企业"),
        make_measure("S1.1", title="专班", paragraph=6, phrase="设立专班"),
    ]


def load(text: str = TEXT) -> PolicyText:
    return load_policy_text(
        policy=make_policy(), content=text.encode(), file_name="原文.txt", by=None, now=NOW
    ).text


def roll_up() -> None:
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=NOW)
    remembered.forget()


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    """湖北 is far behind with 1.1 since last week; 江苏 has an item of 2.1 and no report."""
    first, _second, _third, fourth, _supporting = measures()
    item = make_item("HB-1", lead=cast.hubei, region=cast.hubei_region, measure=first)
    make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region, measure=fourth)
    report_and_accept(item, 2_000, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    rollup.close_week(plan=item.plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    roll_up()
    return item


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def li(cast: Cast, log_in: LogIn) -> Client:
    return english(log_in(cast.li))


def english(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return client


def page_of(client: Client, query: str = "") -> Any:
    response = client.get(reverse("policy") + query)
    assert response.status_code == 200
    return response.context["page"]


def kinds(page: Any, number: int) -> list[str]:
    return [sentence.kind for sentence in page.paragraphs[number - 1].sentences]


def test_every_sentence_is_a_title_a_measure_or_not_broken_down(item: WorkItem, li: Client) -> None:
    load()
    page = page_of(li)
    assert kinds(page, 3) == ["title", "open", "marked", "marked", "open"]
    assert kinds(page, 4) == ["title", "marked"]
    assert [kinds(page, n) for n in (1, 2, 5, 7)] == [["plain"]] * 4
    assert [paragraph.part for paragraph in page.paragraphs] == [
        "", "", "tasks", "tasks", "", "supporting", "",
    ]  # fmt: skip


def test_each_measure_of_a_sentence_has_its_own_passage(item: WorkItem, li: Client) -> None:
    load()
    sentence = page_of(li).paragraphs[2].sentences[2]
    passages = [(piece.text, [mark.measure.code for mark in piece.marks]) for piece in sentence.pieces]
    assert passages == [("推广甲行动和", ["1.1"]), ("乙试点，", ["1.2"]), ("建立台账。", [])]


def test_of_a_phrase_that_stands_twice_the_first_is_marked_and_the_page_says_so(
    item: WorkItem, li: Client
) -> None:
    load()
    mark = page_of(li).tasks[0].marks[2]
    assert (mark.measure.code, mark.times) == ("1.3", 2)
    assert "its phrase stands 2 times here; the first is marked" in words(li.get(reverse("policy")))


def test_coverage_is_counted_over_the_part_of_the_key_tasks(item: WorkItem, li: Client) -> None:
    load()
    page = page_of(li)
    found = page.coverage
    assert (found.sentences, found.covered) == (5, 3)  # without the two titles
    covered = len("推广甲行动和乙试点，用好贴息券。培育丙企业；")
    whole = len(
        "任务一很要紧。推广甲行动和乙试点，建立台账。用好贴息券。用好贴息券的余额。培育丙企业；未有人管的一句。"
    )
    assert (found.covered_characters, found.characters) == (covered, whole)
    assert (page.supporting_coverage.sentences, page.supporting_coverage.covered) == (1, 1)
    assert "5 sentences in the part of the key tasks, 3 broken down" in words(li.get(reverse("policy")))


def test_figures_are_those_of_the_dashboard(item: WorkItem, li: Client) -> None:
    load()
    board = li.get(reverse("key_tasks")).context["board"]
    page = page_of(li)
    assert [task.slice for task in page.tasks] == [line.slice.now for line in board.tasks]
    on_board = {line.measure.code: line.slice.now for line in board.measures}
    with_items = {mark.measure.code: mark.slice for mark in page.marks if mark.light != "empty"}
    assert with_items == on_board
    assert {mark.measure.code: mark.light for mark in page.marks} == {
        "1.1": "behind",
        "1.2": "empty",
        "1.3": "empty",
        "2.1": "unknown",
        "S1.1": "empty",
    }


def test_a_light_is_a_word_a_shape_and_a_link_to_the_measure(item: WorkItem, li: Client) -> None:
    load()
    text = words(li.get(reverse("policy")))
    mark = re.search(r'<a class="policy-mark is-behind" id="m-1\.1" href="(.*?)".*?</a>', text)
    assert mark is not None
    assert mark[1] == reverse("measure", args=["1.1"])
    assert "#light-behind" in mark[0]
    assert "Behind" in mark[0]


def test_a_past_week_shows_the_lights_of_then(item: WorkItem, li: Client, cast: Cast) -> None:
    load()
    report_and_accept(item, 9_900, THIS_WEEK, by=cast.chen, decided_by=cast.li)
    roll_up()
    assert page_of(li).tasks[0].marks[0].light == "on_track"
    then = page_of(li, "?week=2026-W46").tasks[0].marks[0]
    assert (then.light, then.slice.progress) == ("behind", 2_000)
    assert 'href="/measures/1.1/?week=2026-W46"' in words(li.get("/policy/?week=2026-W46"))


def test_a_frozen_week_keeps_its_thresholds(item: WorkItem, li: Client) -> None:
    load()
    plan = make_plan()
    plan.behind_below, plan.severely_behind_below = -8_000, -9_000
    plan.save()
    roll_up()
    assert page_of(li).tasks[0].marks[0].light == "at_risk"
    assert page_of(li, "?week=2026-W46").tasks[0].marks[0].light == "behind"


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("?light=behind", {(3, 3)}),
        ("?light=behind&light=unknown", {(3, 3), (4, 2)}),
        ("?light=open", {(3, 2), (3, 5)}),
        ("?key_task=2", {(4, 1), (4, 2)}),
        ("?key_task=supporting", {(6, 1)}),
        ("?light=behind&key_task=2", set()),
        ("?light=nonsense&key_task=x", None),
    ],
)
def test_lights_and_key_tasks_filter_the_text(
    query: str, left: set[tuple[int, int]] | None, item: WorkItem, li: Client
) -> None:
    load()
    page = page_of(li, query)
    kept = {(p.number, s.number) for p in page.paragraphs for s in p.sentences if not s.off}
    everything = {(p.number, s.number) for p in page.paragraphs for s in p.sentences}
    assert kept == (everything if left is None else left)
    says = "Nothing in the text matches this filter." in words(li.get(reverse("policy") + query))
    assert says == (left == set())


def test_the_running_text_holds_every_character_whatever_the_filter(item: WorkItem, li: Client) -> None:
    load()
    text = re.sub(
        r"<span class=\"visually-hidden\">.*?</span>|<[^>]*>",
        "",
        words(li.get("/policy/?view=running&light=behind")),
    )
    for sentence in (
        "推广甲行动和乙试点，建立台账。",
        "用好贴息券的余额。",
        "培育丙企业；未有人管的一句。",
        "引言与举措无关。",
    ):
        assert sentence in text


def test_a_unit_sees_its_own_figures_only(item: WorkItem, log_in: LogIn, cast: Cast) -> None:
    load()
    lights = {m.measure.code: m.light for m in page_of(log_in(cast.chen)).marks}
    assert (lights["1.1"], lights["2.1"]) == ("behind", "empty")


def test_who_is_limited_to_a_key_task_sees_no_marks_of_others(
    item: WorkItem, li: Client, log_in: LogIn
) -> None:
    load()
    limited = make_user("supervisor", username="limited")
    limited.key_tasks.add(make_key_task(1))
    page = page_of(log_in(limited))
    assert [mark.measure.code for mark in page.marks] == ["1.1", "1.2", "1.3"]
    assert kinds(page, 4) == ["title", "elsewhere"]
    assert page.coverage == page_of(li).coverage


def test_measures_that_are_not_found_are_listed(item: WorkItem, li: Client) -> None:
    make_measure("2.9", title="丢了", paragraph=4, phrase="并不在文中")
    load()
    assert [mark.measure.code for mark in page_of(li).lost] == ["2.9"]
    assert "并不在文中" in words(li.get(reverse("policy")))


def test_without_a_text_the_outline_shows_its_lights_and_how_to_load_one(item: WorkItem, li: Client) -> None:
    page, text = page_of(li), words(li.get(reverse("policy")))
    assert page.text is None
    assert "manage.py load_policy FILE" in text
    assert text.count('class="policy-measure"') == len(page.marks) == 5


def test_a_text_beside_shows_what_was_drafted_from_it(item: WorkItem, li: Client) -> None:
    load()
    beside = PolicyText.objects.create(
        policy=make_policy(), sha256="0", file_name="别.txt", loaded_at=NOW, is_current=False, is_beside=True
    )
    beside.paragraphs.create(number=1, text="只说丁事。")
    make_measure("2.5", title="丁事", paragraph=1, phrase="丁事", drafted_from=beside)
    own, other = page_of(li), page_of(li, f"?text={beside.pk}")
    assert [mark.measure.code for mark in own.elsewhere] == ["2.5"]
    assert [s.kind for p in other.paragraphs for s in p.sentences] == ["marked"]
    assert "只说丁事。" in words(li.get(reverse("measure", args=["2.5"])))
    assert f"/policy/?text={beside.pk}#m-2.5" in words(li.get(reverse("measure", args=["2.5"])))


@pytest.mark.parametrize("page", ["measure", "item"])
def test_pages_lead_to_the_passage_in_their_week(page: str, item: WorkItem, li: Client) -> None:
    load()
    address = reverse(page, args=["1.1" if page == "measure" else item.code])
    assert 'href="/policy/#m-1.1"' in words(li.get(address))
    assert 'href="/policy/?week=2026-W46#m-1.1"' in words(li.get(f"{address}?week=2026-W46"))


def test_a_supervisor_makes_a_measure_of_a_sentence(item: WorkItem, li: Client) -> None:
    load()
    link = re.findall(r'href="(/plan/measures/new/\?[^"]*)"', words(li.get(reverse("policy"))))[0]
    form = li.get(link.replace("&amp;", "&")).context["form"]
    typed = {name: form[name].value() for name in ("code", "title", "paragraph", "phrase", "key_task")}
    assert typed == {
        "code": "1.4",
        "title": "任务一很要紧",
        "paragraph": 3,
        "phrase": "任务一很要紧",
        "key_task": make_key_task(1).pk,
    }


@pytest.mark.parametrize(
    "query", ["?paragraph=99&sentence=1", "?paragraph=x&sentence=1", "?paragraph=3&sentence=99"]
)
def test_a_sentence_that_is_not_there_opens_an_empty_form(query: str, item: WorkItem, li: Client) -> None:
    load()
    form = li.get(reverse("measure_new") + query).context["form"]
    assert form["title"].value() is None


def test_nobody_else_is_offered_to_make_one(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    load()
    limited = make_user("supervisor", username="limited")
    limited.key_tasks.add(make_key_task(2))
    offered = {}
    for user in (cast.chen, cast.zhao, cast.sun, limited, cast.li):
        offered[user.username] = words(log_in(user).get(reverse("policy"))).count("/plan/measures/new/")
    assert offered == {"chen": 0, "zhao": 0, "sun": 0, "limited": 0, "li": 2}


def test_the_page_costs_the_same_with_much_as_with_little(
    item: WorkItem, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    load()
    client = log_in(cast.li)
    client.get(reverse("policy"))
    remembered.forget()
    with django_assert_num_queries(QUERIES):
        client.get(reverse("policy"))
    for n in range(4, 24):
        make_item(
            lead=cast.hubei,
            region=cast.hubei_region,
            measure=make_measure(f"1.{n}", paragraph=9, phrase=f"第{n}号"),
        )
    load(TEXT + "".join(f"第{n}号。\n" for n in range(4, 24)))
    roll_up()
    with django_assert_num_queries(QUERIES):
        client.get(reverse("policy"))
