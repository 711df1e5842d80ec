"""The pages of the life cycle, as the people of the cast use them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import lifecycle, requests, rollup
from tasks_tracker.models import (
    CompletionRequest,
    Decision,
    ExtensionRequest,
    Grade,
    Plan,
    PlanChange,
    StaleCell,
    State,
    User,
    WorkItem,
)
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_key_task,
    make_measure,
    make_plan,
    make_region,
    make_user,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

LogIn = Callable[[User], Client]
THURSDAY = moment(date(2026, 11, 19), 15)


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def plan(cast: Cast) -> Plan:
    plan = make_plan()
    make_measure()
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=THURSDAY)
    return plan


@pytest.fixture
def item(plan: Plan, cast: Cast) -> WorkItem:
    item = make_item("HB-1", title="零碳园区建设", weight=3)
    report_and_accept(item, 40_00, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    return item


def page(client: Client, url: str) -> str:
    client.cookies["django_language"] = "en"
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def offered(client: Client, code: str = "HB-1") -> set[str]:
    return {offer.name for offer in client.get(f"/items/{code}/").context["offers"]}


def step(client: Client, name: str, code: str = "HB-1", **values: str) -> Any:
    return client.post(reverse(name, args=[code]), {f"{name}-{field}": v for field, v in values.items()})


def test_the_page_offers_what_the_looking_user_may_do_now(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    lead = {"item_completion", "item_extension"}
    assert offered(log_in(cast.chen)) == offered(log_in(cast.zhou)) == lead
    assert offered(log_in(cast.li)) == {"item_suspend", "item_cancel"}
    assert offered(log_in(cast.zhao)) == set()
    lifecycle.suspend_item(item=item, reason="等待批复。", by=cast.li, now=THURSDAY)
    assert offered(log_in(cast.li)) == {"item_resume", "item_cancel"}
    assert offered(log_in(cast.chen)) == set()
    assert "等待批复。" in page(log_in(cast.chen), "/items/HB-1/")


def test_a_past_week_offers_nothing(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    rollup.roll_up_week(plan=item.plan, week=LAST_WEEK, now=THURSDAY)
    response = log_in(cast.li).get("/items/HB-1/?week=2026-W46")
    assert (response.context["offers"], response.context["may_plan"]) == ([], False)


def test_a_step_is_taken_and_a_second_one_is_told(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    assert step(client, "item_suspend").status_code == 422
    assert step(client, "item_suspend", reason="等待批复。").status_code == 302
    late = step(client, "item_suspend", reason="等待批复，再次。")
    assert late.status_code == 409
    assert "等待批复，再次。" in late.content.decode()
    assert PlanChange.objects.count() == 1


def test_steps_of_others_are_refused_and_foreign_items_unknown(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    for user, name, status in (
        (cast.chen, "item_suspend", 403),
        (cast.li, "item_completion", 403),
        (cast.zhao, "item_cancel", 403),
        (cast.wang, "item_completion", 404),
        (cast.sun, "item_cancel", 404),
        (cast.system_admin, "item_cancel", 403),
    ):
        assert step(log_in(user), name, reason="x", statement="x").status_code == status
    assert log_in(cast.li).get(reverse("item_suspend", args=["HB-1"])).status_code == 405


def test_a_unit_signs_for_all_that_is_assigned_to_it(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    for number in range(3):
        make_item(f"N{number}", title=f"新事项{number}", state=State.ASSIGNED)
    make_item("WH", lead=cast.wuhan, state=State.ASSIGNED)
    client = log_in(cast.chen)
    assert client.get("/to-accept/").context["nav_badges"]["to_accept"] == 3
    text = page(client, "/to-accept/")
    assert "新事项2" in text
    assert "WH" not in text
    assert client.post("/to-accept/all/", {"item": ["N0", "N1", "WH"]}).status_code == 302
    states = dict(WorkItem.objects.values_list("code", "state"))
    assert states == {"N0": "accepted", "N1": "accepted", "N2": "assigned", "WH": "assigned"}
    for user in (cast.li, cast.zhao, cast.audit_admin):
        assert log_in(user).get("/to-accept/").status_code == 403
        assert log_in(user).post("/to-accept/all/", {"item": ["N2"]}).status_code == 403


def ask(item: WorkItem, cast: Cast) -> tuple[CompletionRequest, ExtensionRequest]:
    extension = requests.request_extension(
        item=item,
        due_on=date(2027, 3, 1),
        reason="设备到货晚。",
        catch_up="倒排工期。",
        by=cast.chen,
        now=THURSDAY,
    )
    other = make_item("HB-2", title="产业链图谱")
    completion = requests.request_completion(
        item=other, statement="任务完成。", shortfall="验收中。", by=cast.chen, now=THURSDAY
    )
    return completion, extension


def decide(client: Client, verb: str, pk: int, **values: str) -> Any:
    return client.post(reverse(verb, args=[pk]), {f"{verb}-{pk}-{name}": v for name, v in values.items()})


def test_the_lead_asks_and_a_supervisor_decides(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    lead = log_in(cast.chen)
    values = {"due_on": "2027-03-01", "reason": "设备到货晚。", "catch_up": "倒排工期。"}
    assert step(lead, "item_extension", **values).status_code == 302
    assert offered(lead) == {"item_completion"}
    client = log_in(cast.li)
    text = page(client, "/requests/?kind=extension")
    for words in ("零碳园区建设", "设备到货晚。", "倒排工期。", "2027-03-01", "+60 days", "陈晓岚"):
        assert words in text
    asked = ExtensionRequest.objects.get()
    assert (
        decide(client, "grant_extension", asked.pk, due_on="2027-02-01", remark="同意。").status_code == 302
    )
    item.refresh_from_db()
    assert item.due_on == date(2027, 2, 1)
    assert "moved 1 time, +32 days" in page(client, "/items/HB-1/")
    assert "moved 1 time, +32 days" in page(client, "/items/")
    assert "Decided by" in page(client, "/requests/?kind=decided")


def test_a_completion_is_closed_with_a_grade(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    completion, _extension = ask(item, cast)
    client = log_in(cast.li)
    assert client.get("/requests/").context["nav_badges"]["requests"] == 2
    assert decide(client, "grant_completion", completion.pk).status_code == 422
    assert decide(client, "grant_completion", completion.pk, grade=Grade.EXCELLENT).status_code == 302
    assert WorkItem.objects.get(code="HB-2").state == State.CLOSED
    assert client.get("/requests/").context["waiting"] == 1


def test_who_comes_second_is_told_who_decided(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    completion, _extension = ask(item, cast)
    requests.return_completion(asked=completion, reason="材料不全。", by=cast.li, now=THURSDAY)
    late = decide(log_in(make_user("supervisor")), "grant_completion", completion.pk, grade=Grade.GOOD)
    assert late.status_code == 409
    assert "李维" in late.content.decode()
    completion.refresh_from_db()
    assert completion.decision == Decision.REFUSED


def test_requests_obey_the_scope(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    completion, extension = ask(item, cast)
    client = log_in(cast.sun)
    assert client.get("/requests/").context["waiting"] == 0
    assert decide(client, "return_completion", completion.pk, reason="x").status_code == 404
    assert decide(client, "refuse_extension", extension.pk, reason="x").status_code == 404
    for user in (cast.chen, cast.zhou, cast.zhao, cast.security_admin):
        assert log_in(user).get("/requests/").status_code == 403
        assert decide(log_in(user), "refuse_extension", extension.pk, reason="x").status_code == 403


@pytest.mark.parametrize("number", [1, 8])
def test_the_list_costs_the_same_however_many_wait(
    number: int, plan: Plan, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    for place in range(number):
        ask(make_item(f"X{place}"), cast)
        WorkItem.objects.filter(code="HB-2").update(code=f"Y{place}")
    client = log_in(cast.li)
    with django_assert_num_queries(11):
        client.get("/requests/?kind=extension")


def test_the_ledger_shows_every_change_in_scope_and_obeys_its_filters(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    make_key_task(2)
    other = make_item("JS-1", title="组织诊断", lead=cast.jiangsu, region=cast.jiangsu_region)
    for one in (item, other):
        lifecycle.suspend_item(item=one, reason="等待批复。", by=cast.li, now=THURSDAY)
    _completion, extension = ask(make_item("HB-3", title="第三项"), cast)
    requests.grant_extension(asked=extension, due_on=date(2027, 3, 1), by=cast.li, now=THURSDAY)
    client = log_in(cast.li)

    def found(user_client: Client, query: str = "") -> set[str]:
        rows = user_client.get(f"/changes/{query}").context["table"].paginated_rows
        return {row.record.item.code for row in rows}

    assert found(client) == {"HB-1", "JS-1", "HB-3"}
    assert found(log_in(cast.chen)) == {"HB-1", "HB-3"}
    assert found(log_in(cast.sun)) == {"JS-1"}
    assert found(client, "?field=due_on") == found(client, "?item=HB-3") == {"HB-3"}
    assert found(client, "?region=320000") == found(client, "?lead=jiangsu") == {"JS-1"}
    assert found(client, "?lead=miit") == {"HB-1", "JS-1", "HB-3"}
    assert found(client, "?key_task=2") == found(client, "?since=2026-11-20") == set()
    text = page(client, "/changes/?field=due_on")
    for words in ("2026-12-31", "2027-03-01", "+60", "设备到货晚。", "陈晓岚", "李维", "on 1 items"):
        assert words in text
    assert log_in(cast.system_admin).get("/changes/").status_code == 403


@pytest.mark.parametrize("number", [1, 20])
def test_the_ledger_costs_the_same_however_much_changed(
    number: int, plan: Plan, cast: Cast, log_in: LogIn, django_assert_num_queries: Any
) -> None:
    for place in range(number):
        lifecycle.suspend_item(item=make_item(f"X{place}"), reason="等待。", by=cast.li, now=THURSDAY)
    client = log_in(cast.li)
    with django_assert_num_queries(17):
        client.get("/changes/")


def filled(client: Client, url: str, **changes: Any) -> dict[str, Any]:
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in values.items()} | changes


def test_words_are_edited_and_a_stale_form_shows_the_difference(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    client, url = log_in(cast.li), "/items/HB-1/edit/"
    stale = filled(client, url, title="第三个名称")
    assert client.post(url, filled(client, url, title="第二个名称")).status_code == 302
    response = client.post(url, stale)
    assert response.status_code == 409
    for words in ("零碳园区建设", "第二个名称", "第三个名称"):
        assert words in response.content.decode()
    assert WorkItem.objects.get(code="HB-1").title == "第二个名称"


def test_the_plan_is_previewed_without_a_write_and_changed_on_record(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    client, url = log_in(cast.li), "/items/HB-1/plan/"
    lines = "2026-06-30 30% 方案印发\n2026-09-30 60.5% 初稿"
    values = filled(client, url, due_on="2027-01-31", milestones=lines, lead=cast.hubei.pk, reason="")
    values["starts_on"] = "2026-01-01"
    preview = client.post(url, values | {"preview": "1"})
    assert preview.status_code == 200
    assert preview.context["moves"][0]["new"] == "2027-01-31"
    assert len(preview.context["curve"]["data"]) == 2
    assert not PlanChange.objects.exists()
    assert client.post(url, values).status_code == 422
    assert client.post(url, values | {"reason": "按部署调整。"}).status_code == 302
    assert set(PlanChange.objects.values_list("field", flat=True)) == {"due_on", "milestones"}
    assert list(item.milestones.values_list("percent", "title")) == [(30_00, "方案印发"), (60_50, "初稿")]
    stale = client.post(url, values | {"reason": "再调。", "weight": "9"})
    assert stale.status_code == 409
    assert "2027-01-31" in stale.content.decode()


def test_only_supervisors_of_the_item_reach_the_forms(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    for name in ("item_edit", "item_plan"):
        url = reverse(name, args=["HB-1"])
        statuses = [log_in(user).get(url).status_code for user in (cast.chen, cast.zhao, cast.sun, cast.wang)]
        assert statuses == [403, 403, 404, 404]
    url = reverse("item_decompose", args=["HB-1"])
    users = (cast.chen, cast.li, cast.zhao, cast.wang)
    assert [log_in(user).get(url).status_code for user in users] == [200, 200, 403, 404]
    for url in ("/new-item/", "/distribute/"):
        users = (cast.li, cast.chen, cast.zhou, cast.zhao, cast.system_admin)
        assert [log_in(user).get(url).status_code for user in users] == [200, 403, 403, 403, 403]


def parts(*rows: dict[str, Any], reason: str = "按地市分解。", **more: str) -> dict[str, Any]:
    values: dict[str, Any] = {"part-TOTAL_FORMS": "4", "part-INITIAL_FORMS": "0", "why-reason": reason}
    empty = {"title": "", "lead": "", "weight": "1", "starts_on": "2026-01-01", "due_on": "2026-12-31"}
    for number in range(4):
        filled_row = empty | (rows[number] if number < len(rows) else {})
        values |= {f"part-{number}-{name}": value for name, value in filled_row.items()}
    return values | more


def test_an_item_is_split_and_the_page_shows_its_parts(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    client, url = log_in(cast.chen), "/items/HB-1/parts/"
    wuhan = {"title": "武汉分项", "lead": cast.wuhan.pk}
    more = client.post(url, parts(wuhan, more="1"))
    assert len(more.context["parts"].forms) == 8
    assert client.post(url, parts(wuhan, reason="")).status_code == 422
    refused = client.post(url, parts(wuhan | {"due_on": "2027-06-01"}))
    assert refused.status_code == 422
    assert refused.context["parts"].forms[0].errors["due_on"]
    assert client.post(url, parts()).status_code == 422
    assert client.post(url, parts(wuhan, {"title": "省本级", "lead": cast.hubei.pk})).status_code == 302
    codes = WorkItem.objects.get(code="HB-1").children.values_list("code", flat=True)
    assert set(codes) == {"HB-1-1", "HB-1-2"}
    rollup.roll_up_stale_cells(plan=item.plan, now=THURSDAY)
    assert not StaleCell.objects.exists()
    assert "武汉分项" in page(client, "/items/HB-1/")


def common(**changes: Any) -> dict[str, Any]:
    return {
        "measure": make_measure().pk,
        "title": "{region}梯度培育",
        "starts_on": "2026-11-20",
        "due_on": "2027-09-30",
        "weight": "2",
        "commitment": "binding",
        "milestones": "2027-03-31 40% 方案印发",
    } | changes


def test_a_new_item_is_assigned_or_kept_as_a_draft(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    values = common(title="新事项", region=make_region().pk, lead=cast.hubei.pk)
    assert client.post("/new-item/", values | {"draft": "1"})["Location"] == "/items/42-1.1-01/"
    assert offered(client, "42-1.1-01") == {"item_assign", "item_cancel"}
    assert "42-1.1-01" in page(client, "/items/?state=draft")
    for user in (cast.chen, cast.zhao):
        assert log_in(user).get("/items/42-1.1-01/").status_code == 404
        assert "42-1.1-01" not in page(log_in(user), "/items/?state=draft")
    assert step(client, "item_assign", "42-1.1-01", reason="下达。").status_code == 302
    assert client.post("/new-item/", values)["Location"] == "/items/42-1.1-02/"
    assert set(WorkItem.objects.values_list("state", flat=True)) == {"assigned"}
    bad = client.post("/new-item/", values | {"due_on": "2030-01-01"})
    assert bad.status_code == 422
    assert bad.context["form"].errors["due_on"]
    assert client.post("/new-item/", values | {"milestones": "明天"}).status_code == 422


def test_a_measure_is_distributed_with_a_preview(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.li)
    values = common(batch="B1", every="on")
    preview = client.post("/distribute/", values)
    assert [(line.code, line.title, line.lead) for line in preview.context["lines"]] == [
        ("32-1.1-B1", "江苏梯度培育", "江苏省工业和信息化厅"),
        ("42-1.1-B1", "湖北梯度培育", "湖北省经济和信息化厅"),
    ]
    assert not WorkItem.objects.exists()
    wrong = client.post("/distribute/", values | {"lead-420000": "无名单位", "confirm": "1"})
    assert wrong.status_code == 422
    assert [bool(line.faults) for line in wrong.context["lines"]] == [False, True]
    assert not WorkItem.objects.exists()
    good = values | {"lead-420000": "wuhan", "title-420000": "武汉梯度培育", "confirm": "1"}
    assert client.post("/distribute/", good).status_code == 302
    assert WorkItem.objects.get(code="42-1.1-B1").lead == cast.wuhan
    assert client.post("/distribute/", good).status_code == 302
    assert WorkItem.objects.count() == 2
    assert client.post("/distribute/", common(batch="B2")).status_code == 422
    assert [
        region.code
        for region in log_in(cast.sun).get("/distribute/").context["form"]["regions"].field.queryset
    ] == ["320000"]


def test_what_is_typed_is_shown_as_text(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    lifecycle.suspend_item(item=item, reason="<script>alert(1)</script>", by=cast.li, now=THURSDAY)
    for url in ("/items/HB-1/", "/changes/"):
        text = page(log_in(cast.li), url)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
