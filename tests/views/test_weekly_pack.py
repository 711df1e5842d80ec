"""The page of a pack: how far it is, what failed, its files in scope, and who is told."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tasks_tracker.actions import issue_files, rollup, weekly_pack
from tasks_tracker.actions.weekly_pack import FOLDER, begin_pack, make_pack
from tasks_tracker.models import AuditEntry, PackFile, PackReader, Plan, User
from tests.factories import (
    LAST_WEEK,
    THIS_WEEK,
    make_item,
    make_key_task,
    make_plan,
    make_region,
    moment,
    report_and_accept,
)
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
NOW = moment(THIS_WEEK, 10)
PAGE = "/weekly/pack/?week=2026-W46"
State = PackFile.State


@pytest.fixture(autouse=True)
def plan(cast: Cast, time_machine: Any, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """An item of 湖北 and one of 江苏; last week is frozen. Packs are of Excel only."""
    monkeypatch.setattr(weekly_pack, "FORMATS", ("xlsx",))
    time_machine.move_to(NOW, tick=False)
    for item in (
        make_item("HB-1", lead=cast.hubei),
        make_item("JS-1", lead=cast.jiangsu, region=cast.jiangsu_region),
    ):
        report_and_accept(item, 5_000, LAST_WEEK)
    plan = make_plan()
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    rollup.roll_up_week(plan=plan, week=THIS_WEEK, now=NOW)
    return plan


def file_of(subject: str) -> PackFile:
    return PackFile.objects.get(subject=subject)


def subjects(client: Client) -> set[str]:
    page = client.get(PAGE).content.decode()
    pks = re.findall(r'formaction="/weekly/pack/(\d+)/"', page)
    return set(PackFile.objects.filter(pk__in=pks).values_list("subject", flat=True))


class TestPage:
    def test_it_shows_whom_what_lies_in_the_own_scope(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        task = str(plan.policy.key_tasks.get().number)
        assert subjects(log_in(cast.zhao)) == {"", task, "420000", "320000"}
        assert subjects(log_in(cast.sun)) == {"320000"}
        assert subjects(log_in(cast.chen)) == set()
        assert "本人权限范围内没有" in log_in(cast.chen).get(PAGE).content.decode()
        assert log_in(cast.system_admin).get(PAGE).status_code == 403

    def test_without_a_week_it_is_the_last_closed_one(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client = log_in(cast.li)
        assert "尚未开始生成" in client.get("/weekly/pack/").content.decode()
        assert "关闭后" in client.get("/weekly/pack/?week=2026-W47").content.decode()
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        assert "已就绪4份" in client.get("/weekly/pack/").content.decode()
        assert 'href="/weekly/pack/"' in client.get("/weekly/").content.decode()

    def test_it_comes_again_by_itself_only_while_a_worker_makes_more(
        self, plan: Plan, cast: Cast, log_in: LogIn, settings: Any
    ) -> None:
        client = log_in(cast.li)
        begin_pack(plan=plan, week=LAST_WEEK, now=NOW)
        settings.CELERY_TASK_ALWAYS_EAGER = False
        page = client.get(PAGE).content.decode()
        assert 'hx-trigger="every 3s"' in page
        assert re.search(r'<progress [^>]*max="4" value="0"', page)
        part = client.get(PAGE, headers={"HX-Request": "true"}).content.decode()
        assert part.lstrip().startswith('<div id="pack"')
        settings.CELERY_TASK_ALWAYS_EAGER = True
        page = client.get(PAGE).content.decode()
        assert 'hx-trigger="every' not in page
        assert "make_pack --week 2026-W46" in page
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        settings.CELERY_TASK_ALWAYS_EAGER = False
        assert 'hx-trigger="every' not in client.get(PAGE).content.decode()

    def test_queries_do_not_grow_with_the_reports(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        pack = begin_pack(plan=plan, week=LAST_WEEK, now=NOW)
        counts = {user: queries(log_in(user), PAGE) for user in (cast.li, cast.zhao, cast.sun)}
        more = [("key_task", str(make_key_task(n).number)) for n in (6, 7)]
        more += [("region", make_region(code).code) for code in ("110000", "310000")]
        for place, (scope, subject) in enumerate(more, 10):
            pack.files.create(scope=scope, subject=subject, place=place, format="xlsx")
        assert {user: queries(log_in(user), PAGE) for user in counts} == counts
        assert counts == {cast.li: 14, cast.zhao: 11, cast.sun: 11}


def queries(client: Client, address: str) -> int:
    client.get(address)  # the session and what is remembered
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


class TestFiles:
    def test_a_file_is_private_and_on_record(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        file = file_of("320000")
        response = log_in(cast.sun).post(f"/weekly/pack/{file.pk}/")
        assert response.content == issue_files.fetch(file.sha256, FOLDER)
        assert "private" in response["Cache-Control"]
        name = unquote(response["Content-Disposition"])
        assert "新型工业化重点任务推进情况周报_2026-W46_江苏" in name
        assert "草稿.xlsx" in name
        entry = AuditEntry.objects.get(action="download_pack_file")
        assert (entry.by, entry.after["subject"], entry.after["sha256"]) == (
            cast.sun,
            "320000",
            file.sha256,
        )
        assert log_in(cast.sun).post(f"/weekly/pack/{file_of('420000').pk}/").status_code == 404
        assert log_in(cast.sun).get(f"/weekly/pack/{file.pk}/").status_code == 405

    def test_what_failed_is_named_and_made_again(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        PackFile.objects.filter(subject="320000").update(state=State.FAILED, error="no_font", attempts=3)
        again = f"/weekly/pack/{file_of('320000').pk}/again/"
        page = log_in(cast.zhao).get(PAGE).content.decode()
        assert "fonts-noto-cjk" in page
        assert again not in page
        assert log_in(cast.zhao).post(again).status_code == 403
        client = log_in(cast.sun)
        assert again in client.get(PAGE).content.decode()
        assert client.post(again)["Location"] == PAGE
        assert (file_of("320000").state, file_of("320000").attempts) == (State.WAITING, 0)
        assert AuditEntry.objects.get(action="make_pack_file_again").by == cast.sun
        assert "没有生成失败或已过期" in client.post(again, follow=True).content.decode()

    def test_an_expired_file_says_so_and_is_made_again(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        PackFile.objects.filter(subject="320000").update(state=State.EXPIRED, sha256="")
        client, file = log_in(cast.sun), file_of("320000")
        assert "已过期" in client.get(PAGE).content.decode()
        assert "已过期" in client.post(f"/weekly/pack/{file.pk}/", follow=True).content.decode()
        assert not AuditEntry.objects.filter(action="download_pack_file").exists()
        client.post(f"/weekly/pack/{file.pk}/again/")
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        assert client.post(f"/weekly/pack/{file.pk}/").content.startswith(b"PK")

    def test_a_content_that_was_changed_is_not_handed_out_and_made_again(
        self, plan: Plan, cast: Cast, log_in: LogIn
    ) -> None:
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        file = file_of("320000")
        with open(issue_files.store().path(issue_files.path_of(file.sha256, FOLDER)), "wb") as kept:
            kept.write(b"other")
        page = log_in(cast.sun).post(f"/weekly/pack/{file.pk}/", follow=True).content.decode()
        assert "存储" in page
        assert file_of("320000").error == "gone"
        make_pack(plan=plan, week=LAST_WEEK, now=NOW)
        assert file_of("320000").state == State.DONE


class TestReaders:
    def test_a_national_supervisor_keeps_the_list(self, plan: Plan, cast: Cast, log_in: LogIn) -> None:
        client = log_in(cast.li)
        assert client.post("/weekly/pack/readers/", {"user": cast.sun.pk}).status_code == 302
        assert PackReader.objects.get().user == cast.sun
        assert f"将{cast.sun}移出名单" in client.get(PAGE).content.decode()
        assert client.post("/weekly/pack/readers/", {"user": cast.sun.pk}).status_code == 422
        assert client.post("/weekly/pack/readers/", {"remove": cast.sun.pk}).status_code == 302
        assert not PackReader.objects.exists()
        assert client.post("/weekly/pack/readers/", {"remove": cast.sun.pk}).status_code == 404
        assert client.post("/weekly/pack/readers/", {"remove": "x"}).status_code == 404
        acts = AuditEntry.objects.filter(action__endswith="pack_reader").order_by("pk")
        assert [entry.action for entry in acts] == ["add_pack_reader", "remove_pack_reader"]

    def test_administrators_are_not_to_be_chosen(self, cast: Cast, log_in: LogIn) -> None:
        client = log_in(cast.li)
        assert client.post("/weekly/pack/readers/", {"user": cast.system_admin.pk}).status_code == 422

    def test_nobody_else_sees_or_changes_it(self, cast: Cast, log_in: LogIn) -> None:
        for user in (cast.sun, cast.zhao, cast.chen):
            client = log_in(user)
            assert "readers" not in client.get(PAGE).content.decode()
            assert client.post("/weekly/pack/readers/", {"user": cast.zhao.pk}).status_code == 403
