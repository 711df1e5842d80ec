"""The ledger of problems and the page of one: who sees what, what is done there, and who comes second."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions.problems import solve_case
from tasks_tracker.actions.progress import Entry, ProblemEntry, accept_report, submit_report
from tasks_tracker.actions.rollup import roll_up_week
from tasks_tracker.models import Actor, Problem, ProblemCase, ProgressReport, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_measure, moment
from tests.factories.cast import Cast
from tests.views.editing import filled_in
from tests.views.week_form import typed

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
FRIDAY = moment(THIS_WEEK + timedelta(days=4), 15)
PAST = "?week=2026-W46"


@pytest.fixture(autouse=True)
def _friday(time_machine: Any) -> None:
    time_machine.move_to(FRIDAY, tick=False)


def stated(item: WorkItem, by: User, cast: Cast, kind: str, words: str, asked: Actor | None) -> ProblemCase:
    problem = ProblemEntry(kind, words, "请协调", asked)
    entry = Entry(percent=95_00, progress_note="完成方案编制", problems=[problem])
    now = moment(LAST_WEEK + timedelta(days=3))
    report = submit_report(item=item, week=LAST_WEEK, entry=entry, by=by, now=now)
    accept_report(report=report, by=cast.li, now=now)
    return ProblemCase.objects.latest("pk")


@pytest.fixture
def funds(cast: Cast) -> ProblemCase:
    """湖北 needs something from 江苏."""
    item = make_item("HB-1", lead=cast.hubei, title="湖北的事项")
    return stated(item, cast.chen, cast, Problem.Kind.FUNDS, "配套资金尚未到位", cast.jiangsu)


@pytest.fixture
def land(cast: Cast) -> ProblemCase:
    """江苏 needs something from nobody named."""
    measure = make_measure("5.2")
    item = make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region, measure=measure, title="江苏的")
    return stated(item, cast.wang, cast, Problem.Kind.LAND_ENERGY, "用地指标不足", None)


def rows(client: Client, query: str = "") -> list[int]:
    """The numbers of the cases in the list."""
    response = client.get(f"/problems/{query}")
    assert response.status_code == 200
    return [row.record.pk for row in response.context["table"].paginated_rows]


def post(client: Client, case: ProblemCase, verb: str, **values: object) -> Any:
    return client.post(
        f"/problems/{case.pk}/{verb}/", {f"{verb}-{name}": value for name, value in values.items()}
    )


# --- the ledger -------------------------------------------------------------------------------------------
def test_everybody_sees_the_problems_of_the_own_scope(
    funds: ProblemCase, land: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    both = {funds.pk, land.pk}
    for who, expected in (
        (cast.li, both),
        (cast.zhao, both),
        (cast.sun, {land.pk}),
        (cast.chen, {funds.pk}),
        (cast.wang, both),  # its own, and the one that asks it
        (cast.liu, set()),
    ):
        assert set(rows(log_in(who))) == expected, who


def test_who_is_asked_reads_the_words_and_nothing_of_the_item(
    funds: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.wang)
    for address in ("/problems/", f"/problems/{funds.pk}/"):
        text = client.get(address).content.decode()
        assert "配套资金尚未到位" in text
        for hidden in (funds.item.title, funds.item.code, "陈晓岚", "完成方案编制"):
            assert hidden not in text
    assert client.get("/items/HB-1/").status_code == 404


def test_who_is_asked_the_second_time_does_not_read_what_another_was_asked_before(
    land: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    at = moment(LAST_WEEK + timedelta(days=4))
    solve_case(case=land, seen=land.revision, words="已落实", by=cast.li, now=at)
    again = ProblemEntry(land.kind, "用地再次不足", "请协调", cast.hubei, continues=land.pk)
    entry = Entry(percent=96_00, progress_note="完成方案编制", problems=[again])
    report = submit_report(item=land.item, week=THIS_WEEK, entry=entry, by=cast.wang, now=FRIDAY)
    accept_report(report=report, by=cast.li, now=FRIDAY)
    case = ProblemCase.objects.latest("pk")
    assert case.again_after == land
    before = f"/problems/{land.pk}/"
    asked, lead = log_in(cast.chen), log_in(cast.wang)
    assert before in lead.get(f"/problems/{case.pk}/").content.decode()
    text = asked.get(f"/problems/{case.pk}/").content.decode()
    assert "用地再次不足" in text
    assert before not in text
    assert land.description not in text
    assert asked.get(before).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=unsolved", "both"),
        ("?state=solved", ""),
        ("?kind=funds", "funds"),
        ("?key_task=5", "land"),
        ("?region=420000", "funds"),
        ("?lead=jiangsu", "land"),
        ("?needed_from=jiangsu", "funds"),
        ("?older=1", "both"),
        ("?older=2", ""),
        ("?sort=-weeks&kind=land_energy", "land"),
        ("?kind=nonsense&older=x", "both"),
    ],
)
def test_every_filter_stands_in_the_address(
    funds: ProblemCase, land: ProblemCase, cast: Cast, log_in: LogIn, query: str, found: str
) -> None:
    cases = {"both": [funds, land], "funds": [funds], "land": [land], "": []}[found]
    assert set(rows(log_in(cast.li), query)) == {case.pk for case in cases}


def test_a_unit_narrows_to_what_is_asked_of_it(
    funds: ProblemCase, land: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    assert rows(log_in(cast.wang), "?asked=me") == [funds.pk]
    assert rows(log_in(cast.chen), "?asked=me") == []


def test_the_kinds_are_counted_and_lead_to_their_lists(
    funds: ProblemCase, land: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    solve_case(case=land, seen=land.revision, words="已落实", by=cast.li, now=FRIDAY)
    client = log_in(cast.li)
    kinds = {count.kind: (count, url) for count, url in client.get("/problems/").context["kinds"]}
    assert (kinds["funds"][0].unsolved, kinds["funds"][0].all) == (1, 1)
    assert (kinds["land_energy"][0].unsolved, kinds["land_energy"][0].all) == (0, 1)
    assert rows(client, kinds["funds"][1].partition("/problems/")[2]) == [funds.pk]


def test_what_ended_unsolved_is_left_out_until_the_item_goes_on(
    funds: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    for state, expected in (("cancelled", []), ("in_progress", [funds.pk])):
        WorkItem.objects.filter(pk=funds.item_id).update(state=state)
        assert rows(client) == expected


def test_the_list_costs_the_same_with_many_cases_as_with_few(
    funds: ProblemCase, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client = log_in(cast.li)
    rows(client)
    with django_assert_num_queries(17):
        rows(client)
    for number in range(30):
        ProblemCase.objects.create(
            item=funds.item,
            kind="policy",
            description=f"问题{number}",
            needed_from=cast.bureau,
            raised_week=LAST_WEEK,
            last_stated_week=LAST_WEEK,
        )
    with django_assert_num_queries(17):
        assert len(rows(client)) == 25


@pytest.mark.parametrize(
    ("query", "then", "now"),
    [("", 1, 1), ("&state=unsolved", 1, 0), ("&state=coordinating", 1, 0), ("&state=solved", 0, 1)],
)
def test_a_past_week_shows_the_ledger_of_then(
    funds: ProblemCase, cast: Cast, log_in: LogIn, query: str, then: int, now: int
) -> None:
    roll_up_week(plan=funds.item.plan, week=THIS_WEEK, now=FRIDAY)
    solve_case(case=funds, seen=funds.revision, words="已到位", by=cast.li, now=FRIDAY)
    client = log_in(cast.li)
    assert len(rows(client, f"?week=2026-W46{query}")) == then
    assert len(rows(client, f"?week=2026-W47{query}")) == now


def test_a_past_week_is_told_in_the_words_of_then(funds: ProblemCase, cast: Cast, log_in: LogIn) -> None:
    item = funds.item
    again = ProblemEntry(funds.kind, "资金只到位一半", "请协调", cast.jiangsu, continues=funds.pk)
    entry = Entry(percent=96_00, progress_note="完成方案编制", problems=[again])
    report = submit_report(item=item, week=THIS_WEEK, entry=entry, by=cast.chen, now=FRIDAY)
    accept_report(report=report, by=cast.li, now=FRIDAY)
    lead, asked = log_in(cast.chen), log_in(cast.wang)
    now, then = (
        [who.get(f"/problems/{week}").content.decode() for who in (lead, asked)] for week in ("", PAST)
    )
    assert ["资金只到位一半" in text for text in now] == [True, True]
    assert ["配套资金尚未到位" in text for text in then] == [True, False]  # who is asked reads today's words
    assert "资金只到位一半" not in then[0]


def test_markup_in_a_problem_is_text(cast: Cast, log_in: LogIn) -> None:
    case = stated(make_item("HB-9"), cast.chen, cast, "funds", "<b onclick=x>资金</b>", None)
    for address in ("/problems/", f"/problems/{case.pk}/", "/items/HB-9/"):
        text = log_in(cast.li).get(address).content.decode()
        assert "<b onclick" not in text
        assert "&lt;b onclick=x&gt;" in text


# --- one problem ------------------------------------------------------------------------------------------
def test_a_supervisor_takes_it_up_on_its_page(funds: ProblemCase, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    page = client.get(f"/problems/{funds.pk}/")
    assert [verb for verb, *_rest in page.context["offers"]] == ["coordinate", "solve"]
    answer = post(client, funds, "coordinate", coordinator=cast.bureau.pk, words="两周内解决", seen=1)
    assert answer["Location"] == reverse("problem", args=[funds.pk])
    text = client.get(answer["Location"]).content.decode()
    assert "协调中" in text
    assert "规划司" in text
    assert "两周内解决" in text


def test_the_asked_unit_answers_and_the_lead_reads_it(funds: ProblemCase, cast: Cast, log_in: LogIn) -> None:
    asked = log_in(cast.wang)
    assert [verb for verb, *_rest in asked.get(f"/problems/{funds.pk}/").context["offers"]] == ["answer"]
    assert post(asked, funds, "answer", words="本周拨付").status_code == 302
    assert "本周拨付" in log_in(cast.chen).get(f"/problems/{funds.pk}/").content.decode()


def test_what_is_missing_is_said_beside_the_field(funds: ProblemCase, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    for verb, values, words in (
        ("solve", {"words": " ", "seen": 1}, "请填写说明。"),
        ("coordinate", {"words": "尽快", "seen": 1}, "请选择协调单位。"),
    ):
        answer = post(client, funds, verb, **values)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    funds.refresh_from_db()
    assert funds.state == "open"


def test_who_comes_second_keeps_what_was_typed_and_sees_how_it_stands(
    funds: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    solve_case(case=funds, seen=1, words="已拨付", by=cast.li, now=FRIDAY)
    answer = post(log_in(cast.li), funds, "coordinate", coordinator=cast.bureau.pk, words="我的意见", seen=1)
    text = answer.content.decode()
    assert answer.status_code == 409
    for words in ("该问题刚被他人更新", "已解决", "已拨付"):
        assert words in text
    funds.refresh_from_db()
    assert (funds.state, funds.coordinator) == ("solved", None)


# --- where it shows ---------------------------------------------------------------------------------------
def test_the_item_and_the_next_report_show_what_becomes_of_it(
    funds: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    post(log_in(cast.li), funds, "coordinate", coordinator=cast.bureau.pk, words="", seen=1)
    reporter = log_in(cast.chen)
    for address in ("/items/HB-1/", "/my-week/HB-1/", "/my-week/HB-1/?week=2026-W46"):
        text = reporter.get(address).content.decode()
        assert f"/problems/{funds.pk}/" in text
        assert "规划司" in text


def test_a_reworded_problem_stays_the_same_case(funds: ProblemCase, cast: Cast, log_in: LogIn) -> None:
    """The form carries the case along, as the browser fills it in from last week's words."""
    reporter = log_in(cast.chen)
    problem = {"problems-0-kind": "funds", "problems-0-description": "配套资金只到位一半"}
    form = typed(funds.item, percent="96", **problem, **{"problems-0-continues": str(funds.pk)})
    assert reporter.post("/my-week/HB-1/", form).status_code == 302
    report = ProgressReport.objects.get(week=THIS_WEEK)
    text = log_in(cast.li).get(reverse("review", args=[report.pk])).content.decode()
    assert f'data-continues="{funds.pk}"' in text
    accept_report(report=report, by=cast.li, now=FRIDAY)
    funds.refresh_from_db()
    assert (funds.description, funds.state, funds.last_stated_week) == (
        "配套资金只到位一半",
        "open",
        THIS_WEEK,
    )
    assert ProblemCase.objects.count() == 1


# --- a problem becomes a work item ------------------------------------------------------------------------
def test_a_problem_becomes_a_work_item_that_is_filled_in_already(
    funds: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    address = f"/new-item/?problem={funds.pk}"
    form = filled_in(client, address, due_on="2027-03-31")
    assert (form["title"], form["lead"]) == ("配套资金尚未到位", cast.jiangsu.pk)
    answer = client.post(address, form)
    made = WorkItem.objects.get(title="配套资金尚未到位")
    assert answer["Location"] == f"/items/{made.code}/"
    funds.refresh_from_db()
    assert (funds.made_item, funds.state) == (made, "coordinating")
    assert f"/problems/{funds.pk}/" in client.get(f"/items/{made.code}/").content.decode()
    assert client.get(address).status_code == 409
    assert client.post(address, form).status_code == 409
    assert WorkItem.objects.filter(title="配套资金尚未到位").count() == 1


@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999", "987654"])
def test_of_no_problem_nothing_is_made(funds: ProblemCase, cast: Cast, log_in: LogIn, number: str) -> None:
    assert log_in(cast.li).get(f"/new-item/?problem={number}").status_code == 404


def test_of_a_foreign_problem_a_limited_supervisor_makes_nothing(
    funds: ProblemCase, cast: Cast, log_in: LogIn
) -> None:
    assert log_in(cast.sun).get(f"/new-item/?problem={funds.pk}").status_code == 404
    assert post(log_in(cast.sun), funds, "solve", words="已解决", seen=1).status_code == 404
