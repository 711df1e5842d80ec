"""E-mails leave once each, through a real SMTP server; one that fails is named and stops nobody else's."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.utils.translation import override

from tasks_tracker import jobs
from tasks_tracker.actions import mails
from tasks_tracker.actions.follow_up import follow_up
from tasks_tracker.actions.notices import notify
from tasks_tracker.models import Mail, Notice, User
from tasks_tracker.reports.mails import Letter
from tests.conftest import Worker
from tests.factories import make_item, make_user, moment
from tests.factories.cast import Cast
from tests.processes import free_port
from tests.smtp import Server, mail_worker, smtp_server

NOW = moment(date(2026, 11, 19), 15)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with smtp_server() as running:
        settings.EMAIL_URL = running.url
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.DEFAULT_FROM_EMAIL = "tracker@example.gov.cn"
        settings.SITE_URL = "https://tracker.example.gov.cn"
        yield running


def write(*users: User, now: datetime = NOW) -> None:
    draft = Notice(kind="reminder", words="Reminder", link="/my-week/")
    notify(to=users, draft=draft, now=now, letter=Letter("填报提醒", "尚有2件未填报。\n"))


def people(*names: str) -> list[User]:
    return [make_user(username=name, email=f"{name}@example.gov.cn") for name in names]


@pytest.mark.django_db
class TestAMail:
    def test_leaves_once_and_says_so(self, server: Server) -> None:
        write(*people("a", "b"))
        assert mails.send_mails(now=NOW).sent == 2
        assert mails.send_mails(now=NOW + timedelta(hours=1)).sent == 0
        assert server.addresses == ["a@example.gov.cn", "b@example.gov.cn"]
        assert set(Mail.objects.values_list("status", "sent_at")) == {("sent", NOW)}
        (message,) = server.to("a@example.gov.cn")
        assert (message["Subject"], message["From"]) == ("填报提醒", "tracker@example.gov.cn")
        assert message.get_content().replace("\r\n", "\n") == "尚有2件未填报。\n"
        assert message["Message-ID"].endswith("@tracker.example.gov.cn>")

    def test_is_refused_for_good_and_the_others_go_on(self, server: Server) -> None:
        server.refused["b@example.gov.cn"] = "550 no such mailbox"
        write(*people("a", "b", "c"))
        sent = mails.send_mails(now=NOW)
        assert (sent.sent, sent.failed) == (2, ["b@example.gov.cn: 550 no such mailbox"])
        assert Mail.objects.get(status="failed").error == "550 no such mailbox"
        assert mails.send_mails(now=NOW + timedelta(hours=1)).failed == []

    def test_that_is_put_off_is_sent_later(self, server: Server) -> None:
        server.refused["a@example.gov.cn"] = "451 come again"
        write(*people("a", "b"))
        sent = mails.send_mails(now=NOW)
        assert (sent.sent, sent.put_off) == (1, ["a@example.gov.cn: 451 come again"])
        server.refused.clear()
        assert mails.send_mails(now=NOW).sent == 0  # not before its time
        assert mails.send_mails(now=NOW + timedelta(minutes=1)).sent == 1
        assert server.addresses == ["a@example.gov.cn", "b@example.gov.cn"]

    def test_waits_for_a_server_that_is_down_for_a_day(self, server: Server, settings: Any) -> None:
        settings.EMAIL_PORT = free_port()
        write(*people("a"))
        now, tries = NOW, 0
        while Mail.objects.get().status == "waiting":
            sent = mails.send_mails(now=now)
            tries += bool(sent.put_off or sent.failed)
            now += timedelta(minutes=1)
        mail = Mail.objects.get()
        assert (mail.status, "ConnectionRefused" in mail.error) == ("failed", True)
        assert timedelta(hours=24) < now - NOW < timedelta(hours=26)
        assert tries < 40  # with longer and longer pauses
        assert server.arrived == []

    def test_a_dead_server_ends_the_run_early(self, server: Server, settings: Any) -> None:
        settings.EMAIL_PORT = free_port()
        write(*people(*"abcdefgh"))
        assert len(mails.send_mails(now=NOW).put_off) == mails.DEAD_SERVER
        assert Mail.objects.filter(status="waiting").count() == 8

    def test_whose_sender_fell_over_is_unclear_and_not_sent_again(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(*people("a", "b"))
        real = mails._end

        def falls_over(*_args: object, **_kwargs: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(mails, "_end", falls_over)
        with pytest.raises(KeyboardInterrupt):
            mails.send_mails(now=NOW)  # it has reached the server, and nobody has written that down
        monkeypatch.setattr(mails, "_end", real)
        assert mails.send_mails(now=NOW + timedelta(minutes=1)).sent == 1
        later = mails.send_mails(now=NOW + timedelta(minutes=20))
        assert [line.partition(":")[0] for line in later.unclear] == ["a@example.gov.cn"]
        assert server.addresses == ["a@example.gov.cn", "b@example.gov.cn"]
        assert set(Mail.objects.values_list("status", flat=True)) == {"sent", "unclear"}

    def test_is_not_written_to_whoever_has_no_address(self, server: Server) -> None:
        write(make_user())
        assert (Notice.objects.count(), Mail.objects.count()) == (1, 0)

    def test_is_not_written_where_no_server_is_named(self) -> None:
        assert configured.EMAIL_URL == ""
        write(*people("a"))
        assert (Notice.objects.count(), Mail.objects.count()) == (1, 0)
        with override("en"):
            assert command() == ["E-mail is off: EMAIL_URL is not set"]

    def test_lists_the_items_of_the_own_unit_in_the_language_of_the_house(
        self, server: Server, cast: Cast
    ) -> None:
        for user in (cast.chen, cast.wang):
            User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.gov.cn")
        make_item("HB-1", is_key=True, title="工业互联网<平台>\n进园区")
        make_item("HB-2", is_key=True)
        plan = make_item("JS-1", is_key=True, lead=cast.jiangsu, region=cast.jiangsu_region).plan
        with override("en"):
            follow_up(plan=plan, now=NOW)
        mails.send_mails(now=NOW)
        (message,) = server.to("chen@example.gov.cn")
        text = message.get_content()
        assert message["Subject"].strip() == "2026-W47周尚有2件未填报（湖北省经济和信息化厅）"
        assert "工业互联网<平台>" in text
        assert "HB-1" in text
        assert "HB-2" in text
        assert "JS-1" not in text
        assert "https://tracker.example.gov.cn/my-week/?week=2026-W47" in text
        assert "2026-11-20 17:00" in text

    def test_the_command_ends_with_1_and_names_what_did_not_leave(
        self, server: Server, time_machine: Any
    ) -> None:
        time_machine.move_to(NOW, tick=False)
        server.refused["b@example.gov.cn"] = "550 no such mailbox"
        write(*people("a", "b"))
        out = StringIO()
        with override("en"), pytest.raises(SystemExit) as ended:
            call_command("send_mails", stdout=out)
        assert ended.value.code == 1
        assert out.getvalue().splitlines() == [
            "E-mails sent: 1",
            "not delivered: b@example.gov.cn: 550 no such mailbox",
        ]


def command() -> list[str]:
    out = StringIO()
    call_command("send_mails", stdout=out)
    return out.getvalue().splitlines()


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_sends_a_mail_once(worker: Worker, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:1"  # so that it is written; the worker knows the right one
    (user,) = people("a")
    write(user)
    with smtp_server() as server, mail_worker(worker, server) as ring:
        ring(jobs.send_mails)
        ring(jobs.send_mails)
    assert server.addresses == ["a@example.gov.cn"]
    assert Mail.objects.get().status == "sent"
