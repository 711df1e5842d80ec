"""Slips in the browser: choose, look, issue; the register; the paper with answer and close."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tasks_tracker.actions.follow_up import follow_up
from tasks_tracker.actions.rollup import roll_up_week
from tasks_tracker.actions.slips import answer_slip, close_slip, issue_slip
from tasks_tracker.models import Level, Slip, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_report, make_user, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
LogIn = Callable[[User], Client]
NOW = moment(date(2026, 11, 20), 18)
MARKUP = "<script>alert(1)</script>"


@pytest.fixture
def items(cast: Cast, time_machine: Any) -> list[WorkItem]:
    """湖北 owes two reports, 江苏 one; on Friday after the cut-off."""
    time_machine.move_to(NOW, tick=False)
    found = [make_item(f"HB-{n}", is_key=True) for n in (1, 2)]
    make_item("JS-1", is_key=True, lead=cast.jiangsu, region=cast.jiangsu_region)
    roll_up_week(plan=found[0].plan, week=THIS_WEEK, now=NOW)
    return found


def issued(cast: Cast, items: list[WorkItem], **changes: Any) -> Slip:
    asked: dict[str, Any] = {
        "plan": items[0].plan,
        "week": THIS_WEEK,
        "unit": cast.hubei,
        "kind": Level.URGE,
        "items": items,
        "words": "请立即补报。",
        "answer_by": None,
        "by": cast.li,
        "now": NOW,
    }
    return issue_slip(**asked | changes)


URGE = "/filing/urge/hubei/"
TYPED = {"kind": "urge", "items": ["HB-1", "HB-2"], "words": "请立即补报。", "answer_by": ""}


class TestIssuing:
    def test_the_form_offers_what_the_unit_owes(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        issued(cast, items[:1])
        form = log_in(cast.li).get(URGE).context["form"]
        assert list(form.candidates) == ["HB-1", "HB-2"]
        assert form["items"].value() == ["HB-2"]  # the other one is on a slip already

    def test_nothing_is_issued_before_it_was_seen(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        client = log_in(cast.li)
        preview = client.post(URGE, TYPED | {"action": "preview"})
        assert preview.status_code == 200
        page = preview.content.decode()
        assert "催办单" in page
        assert "HB-2" in page
        assert not Slip.objects.exists()
        again = client.post(URGE, TYPED | {"action": "change", "words": "请马上补报。"})
        assert "请马上补报。" in again.content.decode()
        assert not Slip.objects.exists()
        response = client.post(URGE, TYPED | {"action": "issue"})
        slip = Slip.objects.get()
        assert response.headers["Location"] == f"/slips/{slip.pk}/"
        assert slip.urgings.count() == 2

    def test_what_is_refused_stands_in_the_form(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        client = log_in(cast.li)
        wrong: tuple[dict[str, Any], ...] = (
            {"items": []},
            {"words": ""},
            {"items": ["JS-1"]},
            {"kind": "fine"},
            {"kind": "supervise", "answer_by": "2026-11-25"},
            {"answer_by": "2026-11-19"},
        )
        for changes in wrong:
            assert client.post(URGE, TYPED | {"action": "issue"} | changes).status_code == 422, changes
        assert not Slip.objects.exists()

    def test_whoever_comes_second_is_told_and_nothing_is_lost(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        issued(cast, items[:1])
        response = log_in(cast.li).post(URGE, TYPED | {"action": "issue", "words": "我的措辞"})
        assert response.status_code == 409
        assert "我的措辞" in response.content.decode()
        assert Slip.objects.count() == 1

    def test_a_report_that_came_in_meanwhile_is_named(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        make_report(items[0], written_by=cast.chen)
        response = log_in(cast.li).post(URGE, TYPED | {"action": "issue"})
        assert response.status_code == 422
        assert "刚刚已填报" in response.content.decode()
        assert not Slip.objects.exists()

    def test_others_may_not_even_look(self, items: list[WorkItem], cast: Cast, log_in: LogIn) -> None:
        expected = {cast.chen: 403, cast.zhou: 403, cast.zhao: 403, cast.sun: 404, cast.audit_admin: 403}
        for user, status in expected.items():
            client = log_in(user)
            assert client.get(URGE).status_code == status
            assert client.post(URGE, TYPED | {"action": "issue"}).status_code == status
        assert log_in(cast.li).get("/filing/urge/nobody/").status_code == 404
        assert not Slip.objects.exists()

    def test_a_closed_week_and_a_unit_without_debts_are_said(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        plan = items[0].plan
        roll_up_week(plan=plan, week=LAST_WEEK - timedelta(weeks=1), now=NOW)
        client = log_in(cast.li)
        assert "该周已冻结" in client.get(URGE, {"week": "2026-W45"}).content.decode()
        for item in items:
            make_report(item, written_by=cast.chen)
        assert "没有未报事项" in client.get(URGE).content.decode()


class TestReading:
    def test_the_register_is_narrowed_by_its_filters(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn, time_machine: Any
    ) -> None:
        follow_up(plan=items[0].plan, now=NOW)
        first = issued(cast, items)
        firm = issued(cast, items, kind=Level.SUPERVISE, answer_by=date(2026, 11, 21), words="限期说明")
        answer_slip(slip=first, measures="已派专人。", promised_on=NOW.date(), by=cast.chen, now=NOW)
        time_machine.move_to(NOW + timedelta(days=2), tick=False)
        client = log_in(cast.li)

        def shown(**query: str) -> list[int]:
            response = client.get(reverse("slips"), query)
            return [row.record.pk for row in response.context["table"].rows]

        assert sorted(shown()) == sorted([first.pk, firm.pk])
        assert shown(kind="supervise") == [firm.pk]
        assert shown(status="answered") == [first.pk]
        assert shown(status="overdue") == [firm.pk]
        assert shown(q="限期") == [firm.pk]
        assert shown(year="2025") == shown()  # not understood: said and ignored
        assert shown(year="2026", q="湖北") == shown()
        assert shown(q="云南") == []

    def test_everybody_sees_the_own_slips(self, items: list[WorkItem], cast: Cast, log_in: LogIn) -> None:
        slip = issued(cast, items)
        page = reverse("slip", args=[slip.pk])
        expected = {
            cast.chen: 200,
            cast.zhou: 200,
            cast.li: 200,
            cast.zhao: 200,
            cast.liu: 404,
            cast.wang: 404,
            cast.sun: 404,
            cast.system_admin: 403,
        }
        for user, status in expected.items():
            assert log_in(user).get(page).status_code == status, user

    def test_a_supervisor_of_one_region_sees_only_its_items(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        elsewhere = make_item("HB-9", is_key=True, region=cast.jiangsu_region)
        slip = issued(cast, [*items, elsewhere])
        page = log_in(cast.sun).get(reverse("slip", args=[slip.pk])).content.decode()
        assert "HB-9" in page
        assert "HB-1" not in page

    def test_words_with_markup_are_text(self, items: list[WorkItem], cast: Cast, log_in: LogIn) -> None:
        slip = issued(cast, items, words=MARKUP)
        for page in (reverse("slip", args=[slip.pk]), reverse("slips"), reverse("my_week")):
            html = log_in(cast.chen).get(page).content.decode()
            assert MARKUP not in html
            assert "&lt;script&gt;" in html

    def test_the_slip_is_on_my_week_and_on_the_page_of_the_item(
        self, items: list[WorkItem], cast: Cast, log_in: LogIn
    ) -> None:
        follow_up(plan=items[0].plan, now=NOW)
        slip = issued(cast, items[:1])
        client = log_in(cast.chen)
        assert "催办单〔2026〕1号" in client.get(reverse("my_week")).content.decode()
        ladder = client.get(reverse("item", args=["HB-1"])).context["ladder"]
        assert [(urging.level, urging.slip) for urging in ladder] == [("urge", slip), ("urge", None)]
        assert "催办单〔2026〕1号" not in client.get(reverse("item", args=["HB-2"])).content.decode()
        close_slip(slip=slip, note="", by=cast.li, now=NOW)
        assert "催办单〔2026〕1号" not in client.get(reverse("my_week")).content.decode()

    @pytest.mark.parametrize("count", [1, 20])
    def test_the_paper_asks_the_database_the_same_however_long_it_is(
        self, count: int, items: list[WorkItem], cast: Cast, log_in: LogIn, django_assert_num_queries: Any
    ) -> None:
        slip = issued(cast, [make_item(f"X-{n}", is_key=True) for n in range(count)])
        client = log_in(cast.li)
        client.get(reverse("slip", args=[slip.pk]))
        with django_assert_num_queries(14):
            client.get(reverse("slip", args=[slip.pk]))


class TestAnswering:
    @pytest.fixture
    def slip(self, items: list[WorkItem], cast: Cast) -> Slip:
        return issued(cast, items)

    def test_the_unit_answers_and_the_supervisor_closes(self, slip: Slip, cast: Cast, log_in: LogIn) -> None:
        unit, office = log_in(cast.chen), log_in(cast.li)
        answer = {"answer-measures": "已派专人。", "answer-promised_on": "2026-11-23"}
        page = reverse("slip", args=[slip.pk])
        assert unit.post(reverse("slip_answer", args=[slip.pk]), answer).status_code == 302
        assert "已派专人。" in office.get(page).content.decode()
        assert office.post(reverse("slip_close", args=[slip.pk]), {"close-note": "已补报"}).status_code == 302
        assert "已补报" in unit.get(page).content.decode()
        assert unit.post(reverse("slip_answer", args=[slip.pk]), answer).status_code == 409
        assert office.post(reverse("slip_close", args=[slip.pk]), {}).status_code == 409

    def test_what_is_refused_stands_in_the_form(self, slip: Slip, cast: Cast, log_in: LogIn) -> None:
        response = log_in(cast.chen).post(
            reverse("slip_answer", args=[slip.pk]),
            {"answer-measures": "已派专人。", "answer-promised_on": "2026-11-01"},
        )
        assert response.status_code == 422
        assert "已派专人。" in response.content.decode()

    def test_nobody_else_answers_or_closes(self, slip: Slip, cast: Cast, log_in: LogIn) -> None:
        answer = {"answer-measures": "x", "answer-promised_on": "2026-11-23"}
        expected = {cast.li: (403, 302), cast.zhao: (403, 403), cast.wang: (404, 404), cast.sun: (404, 404)}
        for user, (answers, closes) in expected.items():
            if user != cast.li:
                assert log_in(user).post(reverse("slip_close", args=[slip.pk])).status_code == closes
            assert log_in(user).post(reverse("slip_answer", args=[slip.pk]), answer).status_code == answers
        assert log_in(cast.chen).post(reverse("slip_close", args=[slip.pk])).status_code == 403

    def test_an_open_urging_slip_leads_on_to_supervision(self, slip: Slip, cast: Cast, log_in: LogIn) -> None:
        client = log_in(cast.li)
        raise_url = client.get(reverse("slip", args=[slip.pk])).context["raise_url"]
        form = client.get(raise_url).context["form"]
        assert (form["kind"].value(), form["items"].value()) == ("supervise", ["HB-1", "HB-2"])
        typed = TYPED | {"kind": "supervise", "answer_by": "2026-11-25", "action": "issue"}
        assert client.post(raise_url, typed).status_code == 302
        assert Slip.objects.filter(kind="supervise", number=1).exists()
        assert log_in(cast.zhao).get(reverse("slip", args=[slip.pk])).context["raise_url"] == ""


def test_a_colleague_of_another_unit_has_no_slips_on_the_desk(
    items: list[WorkItem], cast: Cast, log_in: LogIn
) -> None:
    issued(cast, items)
    other = make_user(actor=cast.wuhan)
    assert log_in(other).get(reverse("my_week")).context["desk"].slips == []
