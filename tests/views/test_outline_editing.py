"""Key tasks and measures, as supervisors edit them, and who may."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions import policy as actions
from tasks_tracker.actions import rollup
from tasks_tracker.models import (
    AuditEntry,
    KeyTask,
    Measure,
    Paragraph,
    PolicyText,
    StaleCell,
    User,
    WeightChange,
    WorkItem,
)
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_indicator,
    make_item,
    make_measure,
    make_plan,
    make_policy,
    make_user,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast
from tests.views.editing import filled_in, words

LogIn = Callable[[User], Client]
THURSDAY = moment(date(2026, 11, 19), 15)


@pytest.fixture(autouse=True)
def _thursday(time_machine: Any) -> None:
    time_machine.move_to(THURSDAY, tick=False)


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    """An item of 湖北, 7 points behind the plan, in a rolled-up week; the week before is frozen."""
    item = make_item("HB-1", lead=cast.hubei, region=cast.hubei_region, due_on=date(2027, 12, 31))
    planned = 100 * 100 * (date(2026, 11, 19) - date(2026, 1, 1)).days // 729
    report_and_accept(item, planned - 700, LAST_WEEK, by=cast.chen, decided_by=cast.li)
    rollup.close_week(plan=item.plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    rollup.roll_up_week(plan=item.plan, week=THIS_WEEK, now=THURSDAY)
    return item


@pytest.fixture
def client(cast: Cast, log_in: LogIn) -> Client:
    """The national supervisor, reading English."""
    client = log_in(cast.li)
    client.cookies["django_language"] = "en"
    return client


def of_first(cast: Cast) -> User:
    """A supervisor limited to key task 1."""
    user = make_user("supervisor", username="first")
    user.key_tasks.add(make_measure("1.1").key_task)
    return user


# --- measures and key tasks ---------------------------------------------------------------------------------
def test_the_outline_counts_what_hangs_on_each_measure(item: WorkItem, cast: Cast, client: Client) -> None:
    make_measure("S1.1")
    make_indicator()
    text = words(client.get(reverse("outline")))
    assert f'{reverse("items")}?measure=1.1">1</a>' in text
    assert reverse("measure_edit", args=["S1.1"]) in text
    assert "ours and not the policy’s" in text


def test_a_new_weight_needs_a_reason_and_is_kept_with_it(item: WorkItem, cast: Cast, client: Client) -> None:
    url = reverse("measure_edit", args=["1.1"])
    response = client.post(url, filled_in(client, url, weight="5"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]
    assert client.post(url, filled_in(client, url, weight="5", reason="任务加重。")).status_code == 302
    change = WeightChange.objects.get()
    assert (change.old_weight, change.new_weight, change.week, change.by) == (1, 5, THIS_WEEK, cast.li)
    assert "任务加重。" in words(client.get(url))


def test_a_measure_is_edited_and_a_stale_form_overwrites_nothing(
    item: WorkItem, cast: Cast, client: Client
) -> None:
    url = reverse("measure_edit", args=["1.1"])
    stale = filled_in(client, url, title="过时的名称")
    assert client.post(url, filled_in(client, url, title="新名称", suggested_lead="hubei")).status_code == 302
    measure = Measure.objects.get(code="1.1")
    assert (measure.title, measure.suggested_lead) == ("新名称", cast.hubei)
    response = client.post(url, stale)
    assert response.status_code == 409
    shown = {d.label: (d.was, d.now, d.typed) for d in response.context["form"].differences}
    assert shown["Suggested lead"] == ("—", cast.hubei.name_en, "")
    assert shown["Title"] == ("举措1.1", "新名称", "过时的名称")
    measure.refresh_from_db()
    assert measure.title == "新名称"
    # What I did not touch follows the others: sending it again takes nothing back.
    again = {
        bound.html_name: bound.value() for bound in response.context["form"] if bound.value() is not None
    }
    assert client.post(url, again).status_code == 302
    measure.refresh_from_db()
    assert (measure.title, measure.suggested_lead) == ("过时的名称", cast.hubei)


@pytest.mark.parametrize("seen", ["", "nonsense", "eyJhIjoxfQ:1abc:xyz"])
def test_a_form_that_does_not_say_what_was_seen_is_refused(seen: str, item: WorkItem, client: Client) -> None:
    url = reverse("measure_edit", args=["1.1"])
    assert client.post(url, filled_in(client, url, title="新", seen=seen)).status_code == 422
    assert Measure.objects.get(code="1.1").title == "举措1.1"


def test_measures_are_added_under_a_key_task_or_among_the_supporting_ones(
    item: WorkItem, client: Client
) -> None:
    url = reverse("measure_new")
    first = KeyTask.objects.get()
    data = {"code": "1.9", "title": "新举措", "paragraph": "3", "phrase": "词", "weight": "2", "order": "9"}
    assert client.post(url, data | {"key_task": first.pk}).status_code == 302
    assert Measure.objects.get(code="1.9").key_task == first
    assert client.post(url, data | {"code": "S1.9", "supporting_area": "reform"}).status_code == 302
    for wrong in ({"key_task": first.pk}, {"code": "1.10"}, {"code": "a/b", "key_task": first.pk}):
        response = client.post(url, data | wrong)
        assert response.status_code == 422, wrong
        assert response.context["form"].errors
    both = data | {"code": "1.10", "key_task": first.pk, "supporting_area": "reform"}
    assert client.post(url, both).status_code == 422
    assert Measure.objects.count() == 3


def test_what_has_items_is_retired_and_what_has_none_may_be_deleted(
    item: WorkItem, cast: Cast, client: Client
) -> None:
    make_measure("1.2")
    text = words(client.get(reverse("measure_edit", args=["1.1"])))
    assert "It has work items and cannot be deleted." in text
    assert f"{reverse('items')}?measure=1.1" in text
    client.post(reverse("measure_delete", args=["1.1"]))
    assert Measure.objects.filter(code="1.1").exists()
    client.post(reverse("measure_retire", args=["1.1"]), {"retired": "1"})
    assert Measure.objects.get(code="1.1").retired_on == date(2026, 11, 19)
    client.post(reverse("measure_retire", args=["1.1"]), {"retired": "0"})
    assert Measure.objects.get(code="1.1").retired_on is None
    assert client.post(reverse("measure_delete", args=["1.2"])).headers["Location"] == reverse("outline")
    assert not Measure.objects.filter(code="1.2").exists()
    actions = AuditEntry.objects.filter(object_type="measure").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["retire_measure", "restore_measure", "delete_measure"]


def test_a_key_task_that_accounts_are_limited_to_is_not_deleted(cast: Cast, client: Client) -> None:
    """Without it such an account would see everything."""
    task = make_measure("1.1").key_task
    of_first(cast)
    Measure.objects.all().delete()
    client.post(reverse("key_task_delete", args=[task.number]))
    assert KeyTask.objects.filter(pk=task.pk).exists()
    url = reverse("key_task_edit", args=[task.number])
    assert client.post(url, filled_in(client, url, short="新简称")).status_code == 302
    task.refresh_from_db()
    assert task.short == "新简称"
    data = {"number": "8", "title": "第八项", "short": "八", "weight": "1"}
    assert client.post(reverse("key_task_new"), data).status_code == 302
    assert client.post(reverse("key_task_new"), data).status_code == 422
    client.post(reverse("key_task_delete", args=[8]))
    assert KeyTask.objects.count() == 1


def test_the_phrase_is_looked_up_while_it_is_typed(item: WorkItem, client: Client) -> None:
    url = reverse("measure_locate")
    assert "No policy text is loaded" in words(client.get(url, {"paragraph": "2", "phrase": "零碳"}))
    text = PolicyText.objects.create(
        policy=make_policy(), sha256="0" * 64, file_name="a.txt", encoding="utf-8", loaded_at=THURSDAY
    )
    for number, words_of_it in enumerate(("第一段", "建设零碳园区", "第三段"), 1):
        Paragraph.objects.create(policy_text=text, number=number, text=words_of_it)
    for paragraph, phrase, said in (
        ("2", "零碳", "Found in paragraph 2."),
        ("1", "零碳", "Not in paragraph 1 but in paragraph 2."),
        ("2", "没有这个词", "does not hold this phrase"),
        ("x", "", "does not hold this phrase"),
    ):
        assert said in words(client.get(url, {"paragraph": paragraph, "phrase": phrase}))
    url = reverse("measure_edit", args=["1.1"])
    response = client.post(url, filled_in(client, url, paragraph="1", phrase="零碳", title=""))
    assert "Not in paragraph 1 but in paragraph 2." in words(response)


def test_what_somebody_deleted_meanwhile_is_said_to_be_gone(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look-up of the page and the turn of the action."""
    make_plan()
    url = reverse("measure_edit", args=[make_measure("1.2").code])
    data = filled_in(client, url, title="新")
    may_edit = actions.check_may_edit

    def deleted_first(row: Measure, by: User) -> None:
        may_edit(row, by)
        Measure.objects.filter(pk=row.pk).delete()

    monkeypatch.setattr(actions, "check_may_edit", deleted_first)
    response = client.post(url, data)
    assert response.status_code == 404
    assert "deleted this in the meantime" in words(response)


# --- the page of a measure ----------------------------------------------------------------------------------
def test_the_page_of_a_measure_shows_figure_weight_and_indicators_of_the_week(
    item: WorkItem, cast: Cast, client: Client
) -> None:
    url = reverse("measure", args=["1.1"])
    edit = reverse("measure_edit", args=["1.1"])
    make_indicator(name="示范工厂", measure=Measure.objects.get(code="1.1"))
    client.post(edit, filled_in(client, edit, weight="5", reason="任务加重。"))
    now, then = client.get(url), client.get(url, {"week": "2026-W46"})
    assert (now.context["weight"], then.context["weight"]) == (5, 1)
    assert now.context["now"].tally.items == 1
    assert "示范工厂" in words(now)
    assert edit in words(now)


# --- who may ------------------------------------------------------------------------------------------------
NATIONAL = ("plan_edit", "key_task_new", "actor_list", "actor_new", "region_list")


def test_a_limited_supervisor_edits_the_measures_of_the_own_key_task_only(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    other = make_item("HB-2", measure=make_measure("2.1"), lead=cast.hubei)
    client = log_in(of_first(cast))
    assert client.get(reverse("plan")).status_code == 200
    assert "Measure 2.1" not in words(client.get(reverse("outline")))
    assert client.get(reverse("measure_edit", args=["1.1"])).status_code == 200
    assert client.get(reverse("measure_edit", args=["2.1"])).status_code == 404
    assert client.get(reverse("measure", args=["2.1"])).status_code == 404
    assert client.post(reverse("measure_retire", args=["2.1"]), {"retired": "1"}).status_code == 404
    for name in NATIONAL:
        assert client.get(reverse(name)).status_code == 403, name
    assert client.get(reverse("key_task_edit", args=[1])).status_code == 403
    data = {"code": "1.9", "title": "新", "paragraph": "3", "phrase": "词", "weight": "2", "order": "9"}
    assert (
        client.post(reverse("measure_new"), data | {"key_task": other.measure.key_task_id}).status_code == 422
    )
    assert client.post(reverse("measure_new"), data | {"supporting_area": "reform"}).status_code == 422
    assert (
        client.post(reverse("measure_new"), data | {"key_task": item.measure.key_task_id}).status_code == 302
    )


def test_one_who_is_limited_to_a_region_reads_and_edits_no_measure(
    item: WorkItem, cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.sun)
    assert client.get(reverse("outline")).status_code == 200
    assert reverse("measure_edit", args=["1.1"]) not in words(client.get(reverse("outline")))
    for url in (reverse("measure_edit", args=["1.1"]), reverse("measure_new")):
        assert client.get(url).status_code == 403


def test_nobody_but_supervisors_comes_to_these_pages(item: WorkItem, cast: Cast, log_in: LogIn) -> None:
    for user in cast.one_of_each_role():
        if user == cast.li:
            continue
        client = log_in(user)
        for name in ("plan", "outline", "measure_locate", "plan_new", *NATIONAL):
            assert client.get(reverse(name)).status_code == 403, (user.username, name)
        for name, key in (("measure_edit", "1.1"), ("actor_edit", "hubei"), ("region_edit", "420000")):
            assert client.get(reverse(name, args=[key])).status_code == 403
        for name in ("measure_retire", "measure_delete"):
            assert client.post(reverse(name, args=["1.1"]), {"retired": "1"}).status_code == 403
    assert Measure.objects.get(code="1.1").retired_on is None


# --- what it costs ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "queries"), [("plan", 11), ("outline", 10), ("actor_list", 9), ("region_list", 9)]
)
def test_a_page_costs_the_same_with_many_rows_as_with_few(
    name: str,
    queries: int,
    item: WorkItem,
    cast: Cast,
    client: Client,
    django_assert_num_queries: Any,
) -> None:
    client.get(reverse(name))
    with django_assert_num_queries(queries):
        client.get(reverse(name))
    for n in range(12):
        measure = make_measure(f"{n % 3 + 1}.{n + 3}", suggested_lead=cast.hubei)
        make_item(measure=measure, lead=cast.hubei)
        make_indicator(measure=measure)
    with django_assert_num_queries(queries):
        client.get(reverse(name))


def test_the_figures_follow_a_new_weight_at_once(item: WorkItem, cast: Cast, client: Client) -> None:
    """No cell changes with a weight, so none is noted as stale."""
    report_and_accept(
        make_item("HB-3", measure=make_measure("1.2"), lead=cast.hubei), 9_000, THIS_WEEK, by=cast.chen
    )
    rollup.roll_up_stale_cells(plan=item.plan, now=THURSDAY + timedelta(minutes=5))
    before = client.get("/").context["now"].progress
    url = reverse("measure_edit", args=["1.2"])
    client.post(url, filled_in(client, url, weight="9", reason="任务加重。"))
    assert not StaleCell.objects.exists()
    assert client.get("/").context["now"].progress > before
