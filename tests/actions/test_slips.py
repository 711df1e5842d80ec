"""Slips: numbered without a gap, issued on what is owed, answered by the unit, closed by a supervisor."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils.translation import override

from tasks_tracker.actions import rollup
from tasks_tracker.actions.follow_up import follow_up
from tasks_tracker.actions.slips import SlipRefused, answer_slip, close_slip, issue_slip
from tasks_tracker.models import AuditEntry, Level, Notice, Slip, SlipAnswer, Urging, User, WorkItem
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_measure, make_report, make_user, moment
from tests.factories.cast import Cast, make_cast

FRIDAY = moment(date(2026, 11, 20), 18)
TODAY = FRIDAY.date()


@pytest.fixture
def items(cast: Cast) -> list[WorkItem]:
    """Three items for which 湖北 owes a report."""
    return [make_item(f"HB-{n}", is_key=True) for n in (1, 2, 3)]


def issue(cast: Cast, items: list[WorkItem], kind: Level = Level.URGE, **changes: Any) -> Slip:
    deadline = TODAY + timedelta(days=5) if kind == Level.SUPERVISE else None
    asked: dict[str, Any] = {
        "plan": items[0].plan if items else WorkItem.objects.first().plan,
        "week": THIS_WEEK,
        "unit": cast.hubei,
        "kind": kind,
        "items": items,
        "words": "请立即补报。",
        "answer_by": deadline,
        "by": cast.li,
        "now": FRIDAY,
    }
    return issue_slip(**asked | changes)


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(SlipRefused) as refused:
        call()
    return refused.value.code, refused.value.field


@pytest.mark.django_db
class TestIssuing:
    def test_a_slip_demands_several_reports_in_one_act(self, cast: Cast, items: list[WorkItem]) -> None:
        slip = issue(cast, items)
        assert sorted(slip.urgings.values_list("item__code", "level", "light")) == [
            (f"HB-{n}", "urge", "at_risk") for n in (1, 2, 3)
        ]
        entry = AuditEntry.objects.get(action="issue_slip")
        assert (entry.by, entry.after["items"]) == (cast.li, ["HB-1", "HB-2", "HB-3"])

    def test_slips_are_numbered_by_year_and_kind(self, cast: Cast, items: list[WorkItem]) -> None:
        slips = [issue(cast, [item]) for item in items]
        slips.append(issue(cast, items[:1], Level.SUPERVISE))
        assert [(slip.kind, slip.year, slip.number) for slip in slips] == [
            ("urge", 2026, 1),
            ("urge", 2026, 2),
            ("urge", 2026, 3),
            ("supervise", 2026, 1),
        ]
        assert str(slips[2]) == "催办单〔2026〕3号"
        with override("en"):
            assert str(slips[3]) == "Supervision slip [2026] No. 1"

    def test_the_number_begins_anew_with_the_year(self, cast: Cast, items: list[WorkItem]) -> None:
        WorkItem.objects.update(due_on=date(2027, 12, 31))
        issue(cast, items[:1])
        new_year = moment(date(2027, 1, 2), 10)  # still week 53 of 2026
        slip = issue(cast, items[1:2], week=date(2026, 12, 28), now=new_year)
        assert (slip.year, slip.number) == (2027, 1)

    def test_a_refused_slip_uses_no_number_up(self, cast: Cast, items: list[WorkItem]) -> None:
        issue(cast, items[:1])
        assert refusal(lambda: issue(cast, items[:2]))[0] == "on_a_slip"
        assert issue(cast, items[1:2]).number == 2

    def test_reporters_and_reviewers_of_the_unit_are_told_and_nobody_else(
        self, cast: Cast, items: list[WorkItem]
    ) -> None:
        slip = issue(cast, items)
        told = Notice.objects.select_related("to")
        assert {notice.to for notice in told} == {cast.chen, cast.zhou}
        assert {notice.link for notice in told} == {f"/slips/{slip.pk}/"}
        assert str(told[0]) == "催办单〔2026〕1号：请湖北省经济和信息化厅补报3件。"

    def test_only_what_was_urged_is_supervised(self, cast: Cast, items: list[WorkItem]) -> None:
        assert refusal(lambda: issue(cast, items, Level.SUPERVISE)) == ("not_urged_before", "items")
        follow_up(plan=items[0].plan, now=FRIDAY)  # the clock urges after the cut-off
        assert issue(cast, items, Level.SUPERVISE).answer_by == date(2026, 11, 25)

    @pytest.mark.parametrize(
        ("kind", "changes", "expected"),
        [
            (Level.URGE, {"items": []}, ("nothing_chosen", "items")),
            (Level.URGE, {"words": " "}, ("words_missing", "words")),
            (Level.SUPERVISE, {"answer_by": None}, ("deadline_missing", "answer_by")),
            (Level.SUPERVISE, {"answer_by": TODAY - timedelta(days=1)}, ("deadline_passed", "answer_by")),
            (Level.SUPERVISE, {"answer_by": TODAY + timedelta(days=32)}, ("deadline_too_far", "answer_by")),
            (Level.URGE, {"week": LAST_WEEK - timedelta(weeks=1)}, ("week_closed", "")),
            (Level.URGE, {"week": THIS_WEEK + timedelta(weeks=1)}, ("week_closed", "")),
        ],
    )
    def test_what_is_refused(
        self,
        cast: Cast,
        items: list[WorkItem],
        kind: Level,
        changes: dict[str, Any],
        expected: tuple[str, str],
    ) -> None:
        chosen = changes.get("items", items)
        others = {name: value for name, value in changes.items() if name != "items"}
        assert refusal(lambda: issue(cast, chosen, kind, **others)) == expected
        assert [model.objects.count() for model in (Slip, Notice, AuditEntry)] == [0, 0, 0]

    def test_a_frozen_week_is_not_urged(self, cast: Cast, items: list[WorkItem]) -> None:
        monday = moment(THIS_WEEK + timedelta(weeks=1), 9)
        rollup.close_week(plan=items[0].plan, week=THIS_WEEK, now=monday, by=None)
        assert refusal(lambda: issue(cast, items, now=monday))[0] == "week_closed"

    def test_what_was_handed_in_meanwhile_is_not_demanded(self, cast: Cast, items: list[WorkItem]) -> None:
        make_report(items[1], written_by=cast.chen)
        assert refusal(lambda: issue(cast, items)) == ("not_owed", "items")
        assert issue(cast, [items[0], items[2]]).urgings.count() == 2

    def test_the_items_are_those_of_the_unit(self, cast: Cast, items: list[WorkItem]) -> None:
        foreign = make_item("JS-1", is_key=True, lead=cast.jiangsu, region=cast.jiangsu_region)
        assert refusal(lambda: issue(cast, [*items, foreign]))[0] == "not_owed"

    def test_only_a_supervisor_of_the_items_issues(self, cast: Cast, items: list[WorkItem]) -> None:
        for user in (cast.chen, cast.zhou, cast.zhao, cast.sun, cast.system_admin):
            with pytest.raises(PermissionDenied):
                issue(cast, items, by=user)


@pytest.mark.django_db
class TestAnswering:
    @pytest.fixture
    def slip(self, cast: Cast, items: list[WorkItem]) -> Slip:
        slip = issue(cast, items)
        Notice.objects.all().delete()
        return slip

    def answer(self, slip: Slip, by: User, **changes: Any) -> SlipAnswer:
        asked = {"measures": "已派专人。", "promised_on": TODAY, "now": FRIDAY} | changes
        return answer_slip(slip=slip, by=by, **asked)

    def test_the_unit_answers_and_the_supervisor_is_told(self, slip: Slip, cast: Cast) -> None:
        self.answer(slip, cast.chen)
        slip.refresh_from_db()
        assert slip.status == "answered"
        notice = Notice.objects.get()
        assert (notice.to, notice.kind) == (cast.li, "answer")
        assert AuditEntry.objects.get(action="answer_slip").after["promised_on"] == "2026-11-20"

    def test_a_second_answer_is_added(self, slip: Slip, cast: Cast) -> None:
        self.answer(slip, cast.chen)
        self.answer(slip, cast.zhou, measures="补充说明。")
        assert [answer.measures for answer in slip.answers.all()] == ["已派专人。", "补充说明。"]

    def test_nobody_else_answers(self, slip: Slip, cast: Cast) -> None:
        for user in (cast.liu, cast.wang, cast.li, cast.zhao):
            with pytest.raises(PermissionDenied):
                self.answer(slip, user)

    def test_what_is_refused(self, slip: Slip, cast: Cast) -> None:
        assert refusal(lambda: self.answer(slip, cast.chen, measures=" ")) == ("measures_missing", "measures")
        yesterday = TODAY - timedelta(days=1)
        assert refusal(lambda: self.answer(slip, cast.chen, promised_on=yesterday))[0] == "promise_passed"
        assert not SlipAnswer.objects.exists()

    def test_the_supervisor_closes_and_the_unit_is_told(self, slip: Slip, cast: Cast) -> None:
        close_slip(slip=slip, note="已补报。", by=cast.li, now=FRIDAY)
        assert (slip.status, slip.closed_by, slip.closing_note) == ("closed", cast.li, "已补报。")
        assert set(Notice.objects.values_list("to__username", flat=True)) == {"chen", "zhou"}
        assert refusal(lambda: self.answer(slip, cast.chen))[0] == "closed_already"
        assert refusal(lambda: close_slip(slip=slip, note="", by=cast.li, now=FRIDAY))[0] == "closed_already"
        assert AuditEntry.objects.filter(action="close_slip").count() == 1

    def test_whoever_does_not_supervise_does_not_close(self, slip: Slip, cast: Cast) -> None:
        for user in (cast.chen, cast.zhou, cast.zhao, cast.sun):
            with pytest.raises(PermissionDenied):
                close_slip(slip=slip, note="", by=user, now=FRIDAY)


@pytest.mark.django_db
def test_a_slip_is_seen_by_the_units_line_and_by_those_who_supervise_it(
    cast: Cast, items: list[WorkItem]
) -> None:
    slip = issue(cast, items)
    five = make_user("supervisor", "five")
    five.key_tasks.add(make_measure("5.1").key_task)
    one = make_user("supervisor", "one")
    one.key_tasks.add(make_measure("1.1").key_task)
    sees = [u.username for u in User.objects.all() if Slip.objects.visible_to(u).filter(pk=slip.pk).exists()]
    assert sorted(sees) == ["chen", "li", "one", "zhao", "zhou"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="writers run side by side only on PostgreSQL")
def test_slips_issued_at_once_have_numbers_without_gap_or_double() -> None:
    cast = make_cast()
    items = [make_item(f"HB-{n}", is_key=True) for n in range(4)]
    barrier = Barrier(5)

    def at_once(item: WorkItem) -> str:
        barrier.wait(10)
        try:
            return str(issue(cast, [item]).number)
        except SlipRefused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(at_once, [*items, items[0]]))  # two of them are about the same item
    assert sorted(done) == ["1", "2", "3", "4", "on_a_slip"]
    assert Urging.objects.count() == 4
