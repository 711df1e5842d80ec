"""The watch list, the page of one early signal, and its rules: who sees what, what is done, who is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tasks_tracker.actions import rollup
from tasks_tracker.actions.signal_acts import solve_signal
from tasks_tracker.models import EarlySignal, SignalRule, SignalTrack, User, WorkItem
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import THIS_WEEK, make_item, make_measure, make_plan, moment, report_and_accept
from tests.factories.cast import Cast
from tests.factories.signals import look, reported, said
from tests.views.editing import filled_in

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
SATURDAY = moment(THIS_WEEK + timedelta(days=5), 15)
COPY = "本周完成方案编制并组织专家论证，已印发实施细则和配套清单。"


@pytest.fixture(autouse=True)
def _saturday(time_machine: Any) -> None:
    time_machine.move_to(SATURDAY, tick=False)


@pytest.fixture
def stuck(cast: Cast) -> EarlySignal:
    """湖北 is stuck at 92 %, and so is 江苏 in another key task."""
    reported(make_item("HB-1", lead=cast.hubei, title="湖北的事项"), [9200] * 5)
    measure = make_measure("5.2")
    there = {"lead": cast.jiangsu, "region": cast.jiangsu_region, "measure": measure}
    reported(make_item("JS-1", title="江苏的事项", **there), [9300] * 5)
    look()
    return EarlySignal.objects.get(item__code="HB-1")


def listed(client: Client, query: str = "") -> list[str]:
    """The codes of the items in the list."""
    response = client.get(f"/signals/{query}")
    assert response.status_code == 200
    return sorted(row.record.item.code for row in response.context["table"].paginated_rows)


def post(client: Client, signal: EarlySignal, verb: str, seen: int, words: str = "已核实") -> Any:
    return client.post(f"/signals/{signal.pk}/{verb}/", {f"{verb}-seen": seen, f"{verb}-words": words})


# --- the list ---------------------------------------------------------------------------------------------
def test_everybody_sees_the_signals_of_the_own_scope(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    for user, expected in (
        (cast.li, ["HB-1", "JS-1"]),
        (cast.zhao, ["HB-1", "JS-1"]),
        (cast.sun, ["JS-1"]),
        (cast.chen, ["HB-1"]),
        (cast.liu, []),
    ):
        assert listed(log_in(user)) == expected, user


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?rule=stuck", ["HB-1", "JS-1"]),
        ("?rule=copied", []),
        ("?state=new", ["HB-1", "JS-1"]),
        ("?state=solved", []),
        ("?state=all&key_task=5", ["JS-1"]),
        ("?region=420000", ["HB-1"]),
        ("?lead=jiangsu", ["JS-1"]),
        ("?item=HB-1", ["HB-1"]),
        ("?rule=nonsense", ["HB-1", "JS-1"]),
    ],
)
def test_the_filters_stand_in_the_address(
    stuck: EarlySignal, cast: Cast, log_in: LogIn, query: str, expected: list[str]
) -> None:
    assert listed(log_in(cast.li), query) == expected


def test_the_list_says_the_figures_and_how_often_the_rule_was_right(
    stuck: EarlySignal, cast: Cast, log_in: LogIn
) -> None:
    track = {"first_week": THIS_WEEK, "last_week": THIS_WEEK, "at": SATURDAY}
    SignalTrack.objects.create(rule=stuck.rule, warnings=4, hits=4, **track)
    text = log_in(cast.li).get("/signals/").content.decode()
    assert "停在92%已4周" in text
    assert "应验情况尚不明" in text
    SignalTrack.objects.update(warnings=20, hits=14)
    assert "20次中应验14次" in log_in(cast.li).get("/signals/").content.decode()


def test_a_past_week_shows_the_signals_of_then(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    next_week = THIS_WEEK + ONE_WEEK
    post(log_in(cast.li), stuck, "assess", 1)
    for code in ("HB-1", "JS-1"):
        report_and_accept(WorkItem.objects.get(code=code), 9500, next_week)
    look(next_week)
    client = log_in(cast.li)
    assert listed(client, "?rule=stuck") == []
    assert listed(client, "?rule=stuck&state=ceased") == ["HB-1", "JS-1"]
    assert listed(client, "?rule=stuck&week=2026-W47&state=assessed") == ["HB-1"]
    assert listed(client, "?rule=stuck&week=2026-W47&state=new") == ["JS-1"]
    assert listed(client, "?week=2026-W46") == []
    page = client.get(f"/signals/{stuck.pk}/?week=2026-W47")
    assert page.context["signal"].state_then == "assessed"
    assert not page.context["offers"]
    assert client.get(f"/signals/{stuck.pk}/?week=2026-W46").status_code == 404


def test_an_empty_list_says_why(cast: Cast, log_in: LogIn) -> None:
    make_item("HB-1")
    rollup.roll_up_week(plan=make_plan(), week=THIS_WEEK, now=SATURDAY)
    assert "还没有研判过" in log_in(cast.li).get("/signals/").content.decode()
    look()
    assert "没有未办结的苗头性问题" in log_in(cast.li).get("/signals/").content.decode()
    assert "没有符合条件" in log_in(cast.li).get("/signals/?rule=copied").content.decode()


def test_the_pages_cost_the_same_with_many_signals_as_with_few(
    stuck: EarlySignal, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    client, pages = log_in(cast.li), {"/signals/": 18, f"/signals/{stuck.pk}/": 17}
    for page in pages:
        client.get(page)
    for page, number in pages.items():
        with django_assert_num_queries(number):
            client.get(page)
    for number in range(6):
        reported(make_item(f"N-{number}"), [9400] * 5)
    look()
    for page, number in pages.items():
        with django_assert_num_queries(number):
            client.get(page)


# --- one of them ------------------------------------------------------------------------------------------
def test_a_supervisor_acts_and_the_page_tells_of_it(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    for verb, seen, state in (("assess", 1, "assessed"), ("handle", 2, "handled"), ("solve", 3, "solved")):
        response = post(client, stuck, verb, seen, f"{verb}的话")
        assert (response.status_code, response["Location"]) == (302, f"/signals/{stuck.pk}/")
        stuck.refresh_from_db()
        assert stuck.state == state
    text = client.get(f"/signals/{stuck.pk}/").content.decode()
    assert all(f"{verb}的话" in text for verb in ("assess", "handle", "solve"))


def test_who_comes_second_is_told(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    solve_signal(signal=stuck, seen=1, words="已验收", by=cast.li, now=SATURDAY)
    response = post(log_in(cast.li), stuck, "assess", 1, "我的意见")
    assert response.status_code == 409
    assert "我的意见" not in response.content.decode().split("id_assess-words")[0]
    assert "其间已有他人作了改动" in response.content.decode()


def test_words_are_needed(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    response = post(log_in(cast.li), stuck, "assess", 1, "  ")
    assert response.status_code == 422
    assert response.context["offers"][0]["was_tried"]


def test_others_read_and_act_on_nothing(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    for user in (cast.zhao, cast.chen):
        page = log_in(user).get(f"/signals/{stuck.pk}/")
        assert page.status_code == 200
        assert not page.context["offers"]
        assert not page.context["may_make_item"]
        assert post(log_in(user), stuck, "assess", 1).status_code == 403


def test_who_copied_from_whom_is_said_only_to_who_sees_both(cast: Cast, log_in: LogIn) -> None:
    said(
        make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region, title="江苏的"),
        COPY,
        cast.wang,
        cast.li,
        hour=9,
    )
    said(make_item("HB-1", lead=cast.hubei), COPY, cast.chen, cast.li, hour=11)
    look()
    signal = EarlySignal.objects.get(code="copied")
    assert "江苏的" in log_in(cast.li).get(f"/signals/{signal.pk}/").content.decode()
    text = log_in(cast.chen).get(f"/signals/{signal.pk}/").content.decode()
    assert "另一事项" in text
    assert "江苏的" not in text


def test_a_work_item_is_made_of_it_once(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    client, address = log_in(cast.li), f"/new-item/?signal={stuck.pk}"
    page = client.get(address)
    assert page.context["form"].initial["lead"] == cast.hubei
    form = filled_in(client, address, title="组织验收", due_on="2026-12-31")
    response = client.post(address, form)
    assert response.status_code == 302
    stuck.refresh_from_db()
    assert (stuck.state, stuck.made_item.title) == ("item", "组织验收")
    assert client.get(address).status_code == 409
    assert client.post(address, form).status_code == 409
    assert WorkItem.objects.count() == 3
    for user, status in ((cast.sun, 404), (cast.chen, 403), (cast.zhao, 403)):
        assert log_in(user).get(address).status_code == status
    for wrong in ("x", "9" * 30, "999"):
        assert client.get(f"/new-item/?signal={wrong}").status_code == 404


# --- where else it shows ----------------------------------------------------------------------------------
def test_dashboards_show_the_first_and_the_item_shows_its_flag(
    stuck: EarlySignal, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    for page, expected in (
        ("/", {"HB-1", "JS-1"}),
        ("/key-tasks/5/", {"JS-1"}),
        ("/key-tasks/1/", {"HB-1"}),
        ("/regions/420000/", {"HB-1"}),
    ):
        watch = client.get(page).context["watch"]
        assert {row.signal.item.code for row in watch.rows} == expected, page
        assert watch.number == len(expected)
        assert all(row.standing.percent in (9200, 9300) for row in watch.rows)
    assert f"/signals/{stuck.pk}/" in client.get("/items/HB-1/").content.decode()
    solve_signal(signal=stuck, seen=1, words="已验收", by=cast.li, now=SATURDAY)
    assert f"/signals/{stuck.pk}/" not in client.get("/items/HB-1/").content.decode()


def test_supervisors_have_a_badge_of_what_is_new(stuck: EarlySignal, cast: Cast, log_in: LogIn) -> None:
    for user, number in ((cast.li, 2), (cast.sun, 1), (cast.zhao, None), (cast.chen, None)):
        badges = log_in(user).get("/signals/").context["nav_badges"]
        assert badges.get("signals") == number, user


# --- rules ------------------------------------------------------------------------------------------------
def test_everybody_reads_the_rules_and_a_national_supervisor_changes_one(
    stuck: EarlySignal, cast: Cast, log_in: LogIn
) -> None:
    for user in (cast.li, cast.sun, cast.zhao, cast.chen):
        assert len(log_in(user).get("/signals/rules/").context["rules"]) == 9
    for user in (cast.sun, cast.zhao, cast.chen):
        assert log_in(user).get("/signals/rules/stuck/").status_code == 403
    client = log_in(cast.li)
    form = filled_in(client, "/signals/rules/stuck/", percent="95", reason="太多")
    assert client.post("/signals/rules/stuck/", form).status_code == 302
    rule = SignalRule.objects.get(code="stuck", is_current=True)
    assert (rule.version, rule.parameters) == (2, {"percent": 95, "weeks": 4})
    assert client.post("/signals/rules/stuck/", form).status_code == 409
    page = client.get(f"/signals/{stuck.pk}/").content.decode()
    assert "产生时的第1版" in page
    assert "现行为第2版" in page


def test_a_rule_needs_a_reason_and_numbers_within_bounds(
    stuck: EarlySignal, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.li)
    for changes in ({"percent": "49", "reason": "x"}, {"percent": "95", "reason": ""}, {"reason": "x"}):
        form = filled_in(client, "/signals/rules/stuck/", **changes)
        assert client.post("/signals/rules/stuck/", form).status_code == 422
    assert client.get("/signals/rules/nonsense/").status_code == 404
    assert SignalRule.objects.filter(code="stuck").count() == 1


def test_before_the_first_look_the_rules_are_the_defaults(cast: Cast, log_in: LogIn) -> None:
    make_plan()
    rules = log_in(cast.li).get("/signals/rules/").context["rules"]
    assert [rule.version for rule, _track in rules] == [1] * 9
    assert not SignalRule.objects.exists()
