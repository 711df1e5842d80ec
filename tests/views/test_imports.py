"""Importing an office's own ledger: from the file to the work items, page by page."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from tasks_tracker.jobs import import_plan
from tasks_tracker.models import AuditEntry, Indicator, Plan, PlanImport, Standing, State, User, WorkItem
from tests.factories import THIS_WEEK, make_key_task, make_measure, make_plan, make_region, moment
from tests.factories.cast import Cast
from tests.factories.files import zipped
from tests.factories.ledgers import PLAIN, changed, parts_of, renumbered, sent, ugly, workbook
from tests.views.import_form import columns_as_shown

LogIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _friday_in_english() -> Iterator[None]:
    with time_machine.travel(moment(THIS_WEEK + timedelta(days=4)), tick=False), override("en"):
        yield


@pytest.fixture
def plan(cast: Cast) -> Plan:
    make_region("100000")
    make_measure("1.1")
    return make_plan()


@pytest.fixture
def li(cast: Cast, log_in: LogIn) -> Client:
    client = log_in(cast.li)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def send(client: Client, content: bytes, name: str = "台账.xlsx") -> PlanImport:
    response = client.post(reverse("plan_imports"), {"file": sent(content, name)})
    assert response.status_code == 302, words(response)
    return PlanImport.objects.latest("pk")


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def check(client: Client, found: PlanImport, **changes: Any) -> Any:
    url = reverse("plan_import_columns", args=[found.pk])
    response = client.post(url, columns_as_shown(client, found, **changes), follow=True)
    found.refresh_from_db()
    return response


def confirm(client: Client, found: PlanImport, **more: str) -> Any:
    found.refresh_from_db()
    url = reverse("plan_import_confirm", args=[found.pk])
    return client.post(url, {"seen": found.revision} | more, follow=True)


# --- the whole way ----------------------------------------------------------------------------------------
def test_a_ledger_becomes_work_items(plan: Plan, cast: Cast, li: Client) -> None:
    found = send(li, workbook())
    page = words(li.get(reverse("plan_import", args=[found.pk])))
    assert "编制产业链图谱" in page  # samples of the columns
    assert not WorkItem.objects.exists()
    page = words(check(li, found))
    assert (found.state, found.new, found.refused) == ("checked", 2, 0)
    assert "“100个左右” is no plain number and is kept in words" in page
    assert "H3" in page
    assert not WorkItem.objects.exists()
    confirm(li, found)
    import_plan(found.pk)
    found.refresh_from_db()
    assert (found.state, found.imported, found.confirmed_by) == ("done", 2, cast.li)
    first, second = WorkItem.objects.order_by("code")
    assert (first.code, first.lead, first.region) == ("32-1.1-01", cast.jiangsu, cast.jiangsu_region)
    assert (second.code, second.weight, second.due_on) == ("42-1.1-01", 3, date(2026, 12, 31))
    assert list(second.supporting.all()) == [cast.bureau]
    assert (first.state, first.starts_on) == (State.ASSIGNED, plan.starts_on)
    assert set(Indicator.objects.values_list("target_text", "unit")) == {("100个左右", ""), ("", "个")}
    assert Standing.objects.filter(since=THIS_WEEK).count() == 2
    acts = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert acts[0] == "send_ledger"
    assert acts.count("assign_item") == acts.count("create_indicator") == 2
    assert acts[-1] == "import_plan"
    page = words(li.get(reverse("plan_import", args=[found.pk])))
    assert "What became of it" in page
    assert "32-1.1-01" in page


def test_the_same_ledger_again_brings_nothing_new(plan: Plan, li: Client) -> None:
    for round_ in (1, 2):
        found = send(li, workbook())
        check(li, found)
        assert (found.new, found.there) == ((2, 0) if round_ == 1 else (0, 2))
        response = confirm(li, found)
        import_plan(found.pk)
    assert response.status_code == 422
    assert "There is no new row to import." in words(response)
    assert WorkItem.objects.count() == 2


def test_an_ugly_ledger_is_read_or_named(plan: Plan, cast: Cast, li: Client) -> None:
    found = send(li, ugly())
    assert (found.choices["sheet"], found.choices["header"]) == ("任务台账", 2)
    page = words(check(li, found))
    assert (found.new, found.refused) == (3, 1)
    assert "1 hidden row is left out: 6" in page
    assert "2 lines are headings, remarks or totals and are passed over: 3, 9" in page
    assert "D8" in page
    assert "“某某局” is not known" in page
    rows = {row.number: row for row in found.rows.all()}
    assert set(rows) == {4, 5, 7, 8}
    assert (rows[4].content["title"], rows[4].content["weight"]) == ("编制产业链图谱", 3)
    assert (rows[4].content["due_on"], rows[5].content["due_on"]) == ("2026-03-31", "2026-06-30")
    assert rows[5].content["found"]["lead"] == cast.hubei.pk  # the merged cell holds for both rows
    assert rows[4].content["found"]["supporting"] == [cast.bureau.pk, cast.wuhan.pk]
    assert rows[7].content["due_on"] == plan.ends_on.isoformat()
    said = {(note["column"], note["code"]) for row in rows.values() for note in row.notes}
    assert {("due_on", "year_taken"), ("due_on", "long_term"), ("lead", "understood")} <= said
    check(li, found, hidden="on")
    assert found.new == 4
    hidden = found.rows.get(number=6)
    assert (hidden.content["due_on"], hidden.content["found"]["lead"]) == ("2026-10-31", cast.hubei.pk)
    confirm(li, found, draft="1")
    import_plan(found.pk)
    assert set(WorkItem.objects.values_list("state", flat=True)) == {State.DRAFT}
    assert WorkItem.objects.count() == 4


def test_a_table_in_gbk_will_do(plan: Plan, li: Client) -> None:
    rows = ["举措,事项名称,责任单位,时限", "1.1,编制图谱,湖北省经济和信息化厅,2026年底"]
    found = send(li, "\r\n".join(rows).encode("gbk"), "台账.csv")
    check(li, found)
    assert (found.new, found.refused) == (1, 0)


# --- columns ----------------------------------------------------------------------------------------------
def test_columns_are_corrected_and_remembered(plan: Plan, li: Client) -> None:
    header = ("甲", "乙", "丙", "丁")
    rows = [("1.1", "编制图谱", "hubei", "2026-12-31")]
    found = send(li, workbook(rows, header))
    assert found.choices["columns"] == {}
    response = check(li, found)
    assert response.status_code == 422
    assert "No column says this yet: Title, Lead, Measure, Due on." in words(response)
    names = {"column-0": "measure", "column-1": "title", "column-2": "lead", "column-3": "due_on"}
    check(li, found, **names)
    assert found.new == 1
    again = send(li, workbook([("1.1", "另一事项", "hubei", "2026-12-31")], header))
    assert again.choices["columns"] == {"0": "measure", "1": "title", "2": "lead", "3": "due_on"}


def test_a_thing_stands_in_one_column_only(plan: Plan, li: Client) -> None:
    found = send(li, workbook())
    response = check(li, found, **{"column-6": "title"})
    assert response.status_code == 422
    assert "Column C says this already." in words(response)


def test_another_sheet_and_header_are_looked_at(plan: Plan, li: Client) -> None:
    found = send(li, ugly())
    url = reverse("plan_import_columns", args=[found.pk])
    assert "填报说明" in words(li.get(url, {"sheet": "说明"}))
    assert li.get(url, {"sheet": "任务台账", "header": "2"}).context["form"].choices.header == 2
    assert "There is no such sheet in the file." in words(li.get(url, {"sheet": "别的"}))


def test_all_rows_may_have_one_measure(plan: Plan, li: Client) -> None:
    found = send(li, workbook([("编制图谱", "hubei", "2026-12-31")], ("事项", "牵头单位", "时限")))
    measure = plan.policy.measures.get()
    check(li, found, measure=str(measure.pk))
    assert found.new == 1


# --- names ------------------------------------------------------------------------------------------------
def test_a_name_is_settled_once_for_all_such_ledgers(plan: Plan, cast: Cast, li: Client) -> None:
    rows = [("1.1", f"事项{n}", "武汉市经济和信息化委员会", "2026-12-31") for n in range(3)]
    header = ("举措", "事项", "牵头单位", "时限")
    found = send(li, workbook(rows, header))
    page = words(check(li, found))
    assert (found.new, found.refused) == (3, 0)  # an authority by another name
    rows = [("1.1", f"事项{n}", "我市主管部门", "2026-12-31") for n in range(3)]
    found = send(li, workbook(rows, header))
    page = words(check(li, found))
    assert found.refused == 3
    assert "Names that lead nowhere" in page
    url = reverse("plan_import_names", args=[found.pk])
    form = {"seen": found.revision, "text-0": "我市主管部门", "name-0": "无此单位"}
    assert "“无此单位” is no name of the plan." in words(li.post(url, form, follow=True))
    li.post(url, form | {"name-0": "武汉市经信局"})
    found.refresh_from_db()
    assert (found.new, found.refused) == (3, 0)
    again = send(li, workbook(rows, header))
    check(li, again)
    assert again.new == 3


# --- who, and when ----------------------------------------------------------------------------------------
def test_a_limited_supervisor_imports_into_the_own_scope_only(plan: Plan, cast: Cast, log_in: LogIn) -> None:
    sun = log_in(cast.sun)
    found = send(sun, workbook())
    page = words(check(sun, found))
    assert (found.new, found.refused) == (1, 1)
    assert (
        "this lies outside your scope" in page
        or "不在您的" in page
        or found.rows.filter(notes__0__code="outside_scope")
    )
    national = PlanImport.objects.create(
        plan=plan, file_name="别人的.xlsx", size=1, sha256="0" * 64, made_by=cast.li,
        made_at=moment(THIS_WEEK), expires_on=THIS_WEEK, choices=found.choices,
    )  # fmt: skip
    assert sun.get(reverse("plan_import", args=[national.pk])).status_code == 404
    assert "别人的.xlsx" not in words(sun.get(reverse("plan_imports")))


@pytest.mark.parametrize("name", ["chen", "zhou", "zhao", "system_admin"])
def test_nobody_else_imports(plan: Plan, cast: Cast, log_in: LogIn, name: str) -> None:
    client = log_in(getattr(cast, name))
    assert client.get(reverse("plan_imports")).status_code == 403
    assert client.post(reverse("plan_imports"), {"file": sent(workbook())}).status_code == 403
    assert not PlanImport.objects.exists()


def test_of_two_people_one_goes_on(plan: Plan, li: Client) -> None:
    found = send(li, workbook())
    old = columns_as_shown(li, found)
    check(li, found)
    response = li.post(reverse("plan_import_columns", args=[found.pk]), old)
    assert response.status_code == 409
    assert "Somebody else has gone on with this import meanwhile." in words(response)
    li.post(reverse("plan_import_discard", args=[found.pk]), {"seen": found.revision})
    found.refresh_from_db()
    assert (found.state, found.has_file, found.rows.count()) == ("discarded", False, 0)
    response = confirm(li, found)
    assert response.status_code == 409
    assert not WorkItem.objects.exists()


def test_the_file_is_given_out_on_record(plan: Plan, li: Client) -> None:
    content = workbook()
    found = send(li, content)
    response = li.post(reverse("plan_import_file", args=[found.pk]))
    assert b"".join(response.streaming_content) == content
    assert AuditEntry.objects.filter(action="download_ledger").count() == 1


def test_progress_asks_again_until_it_is_done(
    plan: Plan, li: Client, django_capture_on_commit_callbacks: Any
) -> None:
    found = send(li, workbook())
    check(li, found)
    with django_capture_on_commit_callbacks() as rung:
        page = confirm(li, found)
    assert len(rung) == 1
    assert "hx-trigger" in page.content.decode()
    progress = reverse("plan_import_progress", args=[found.pk])
    assert "HX-Refresh" not in li.get(progress)
    import_plan(found.pk)
    assert li.get(progress)["HX-Refresh"] == "true"


def test_the_example_can_be_imported_as_it_is(cast: Cast, li: Client) -> None:
    make_measure("1.1", key_task=make_key_task(1))
    plan = make_plan()
    content = b"".join(li.get(reverse("plan_import_example")).streaming_content)
    found = send(li, content)
    check(li, found)
    assert (found.new, found.refused) == (1, 0), [row.notes for row in found.rows.all()]
    assert plan.imports.count() == 1


# --- files that are none ----------------------------------------------------------------------------------
def test_a_file_that_is_none_is_refused_in_one_line(plan: Plan, li: Client) -> None:
    for content, said in (
        (b"", "Choose a file."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "save it in Excel or WPS as .xlsx first"),
        (workbook()[:2000], "it is damaged or not whole"),
        (b"PK\x03\x04" + b"x" * 50, "it is damaged or not whole"),
    ):
        response = li.post(reverse("plan_imports"), {"file": sent(content)} if content else {})
        assert response.status_code == 422
        assert said in words(response)
    assert not PlanImport.objects.exists()
    assert not AuditEntry.objects.exists()


def test_whatever_is_sent_nothing_breaks_and_nothing_is_written(plan: Plan, li: Client) -> None:
    """Changed workbooks through the pages: read or refused, and the plan stays as it is."""
    chance, whole, parts = random.Random(5), ugly(), parts_of(ugly())
    answers = set()
    for _round in range(40):
        name = chance.choice([each for each in parts if each.startswith("xl/worksheets/")])
        change = chance.choice((changed, renumbered, renumbered))
        content = zipped(parts | {name: change(parts[name], chance)})
        if chance.random() < 0.1:
            content = changed(whole, chance)
        response = li.post(reverse("plan_imports"), {"file": sent(content)})
        answers.add(response.status_code)
        if response.status_code == 302:
            assert check(li, PlanImport.objects.latest("pk")).status_code in (200, 422)
    assert answers == {302, 422}
    assert not WorkItem.objects.exists()
    assert set(PlanImport.objects.values_list("state", flat=True)) <= {"sent", "checked"}


# --- queries ----------------------------------------------------------------------------------------------
def test_pages_cost_the_same_with_many_rows(plan: Plan, li: Client, django_assert_num_queries: Any) -> None:
    few, many = send(li, workbook()), send(li, workbook([row for row in PLAIN for _ in range(15)]))
    for found in (few, many):
        check(li, found)
        with django_assert_num_queries(LIST):
            li.get(reverse("plan_imports"))
        with django_assert_num_queries(PAGE):
            li.get(reverse("plan_import", args=[found.pk]), {"rows": "all"})
        with django_assert_num_queries(COLUMNS):
            li.get(reverse("plan_import_columns", args=[found.pk]))


LIST, PAGE, COLUMNS = 9, 16, 10
