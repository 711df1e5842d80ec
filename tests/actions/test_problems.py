"""What people do about problems: who may, what is on record, who is told, and who comes second."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from tasks_tracker.actions.problems import (
    CaseRefused,
    answer_case,
    coordinate_case,
    make_item_of_case,
    reopen_case,
    solve_case,
)
from tasks_tracker.actions.progress import Entry, ProblemEntry, accept_report, submit_report
from tasks_tracker.models import AuditEntry, CaseAct, Notice, Problem, ProblemCase, WorkItem
from tasks_tracker.rules.ledger_csv import Row
from tests.factories import THIS_WEEK, make_item, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
State = ProblemCase.State
THURSDAY, FRIDAY = (moment(THIS_WEEK + timedelta(days=day)) for day in (3, 4))


@pytest.fixture
def case(cast: Cast) -> ProblemCase:
    """湖北 needs something from 江苏."""
    asked = ProblemEntry(Problem.Kind.FUNDS, "配套资金尚未到位", "协调拨付", cast.jiangsu)
    entry = Entry(percent=95_00, progress_note="完成方案编制", problems=[asked])
    item = make_item("HB-1", lead=cast.hubei)
    report = submit_report(item=item, week=THIS_WEEK, entry=entry, by=cast.chen, now=THURSDAY)
    accept_report(report=report, by=cast.li, now=THURSDAY)
    Notice.objects.all().delete()
    return ProblemCase.objects.get()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(CaseRefused) as refused:
        call()
    return refused.value.code


def told() -> dict[str, str]:
    """Who has a notice, and its words."""
    return {notice.to.username: notice.text for notice in Notice.objects.select_related("to")}


def acts(case: ProblemCase) -> list[tuple[str, str]]:
    return list(case.acts.order_by("pk").values_list("act", "words"))


def audited(action: str) -> tuple[dict[str, object], dict[str, object]]:
    entry = AuditEntry.objects.get(action=action)
    return entry.before, entry.after


def row_of(item: WorkItem, cast: Cast) -> Row:
    return Row(
        number=1,
        code="",
        title="落实配套资金",
        measure=item.measure.code,
        region=item.region.code,
        lead=cast.jiangsu.code,
        weight=1,
        starts_on=THIS_WEEK,
        due_on=THIS_WEEK + timedelta(days=90),
        commitment="binding",
        is_key=False,
        expected_result="资金到位",
        deliverable="",
        supporting=(),
        milestones=(),
    )


def test_a_supervisor_takes_it_up_and_everybody_concerned_is_told(case: ProblemCase, cast: Cast) -> None:
    coordinate_case(case=case, seen=1, coordinator=cast.bureau, words="两周内解决", by=cast.li, now=FRIDAY)
    case.refresh_from_db()
    assert (case.state, case.coordinator, case.coordination_note) == (
        State.COORDINATING,
        cast.bureau,
        "两周内解决",
    )
    assert acts(case) == [("coordinate", "两周内解决")]
    assert audited("coordinate_case") == (
        {"case_state": "open"},
        {"case_state": "coordinating", "words": "两周内解决", "unit": "规划司"},
    )
    assert set(told()) == {"chen", "zhou", "wang"}
    assert "规划司" in told()["wang"]
    assert case.item.title not in told()["wang"]


def test_it_is_solved_in_words_and_opened_again_where_it_was(case: ProblemCase, cast: Cast) -> None:
    coordinate_case(case=case, seen=1, coordinator=cast.bureau, words="", by=cast.li, now=THURSDAY)
    solve_case(case=case, seen=2, words="资金已拨付", by=cast.li, now=FRIDAY)
    assert (case.state, case.solved_how, case.solved_week, case.solved_by, case.solution) == (
        State.SOLVED,
        "supervisor",
        THIS_WEEK,
        cast.li,
        "资金已拨付",
    )
    reopen_case(case=case, seen=3, words="只到位一半", by=cast.li, now=FRIDAY)
    assert (case.state, case.solved_how, case.coordinator) == (State.COORDINATING, "", cast.bureau)
    assert [act for act, _words in acts(case)] == ["coordinate", "solve", "reopen"]


def test_the_unit_that_is_asked_answers_and_moves_no_state(case: ProblemCase, cast: Cast) -> None:
    coordinate_case(case=case, seen=1, coordinator=cast.jiangsu, words="", by=cast.li, now=THURSDAY)
    Notice.objects.all().delete()
    answer_case(case=case, words="本周拨付", by=cast.wang, now=FRIDAY)
    case.refresh_from_db()
    assert (case.state, case.revision) == (State.COORDINATING, 2)
    act = case.acts.get(act=CaseAct.Act.ANSWER)
    assert (act.unit, act.by, act.words) == (cast.jiangsu, cast.wang, "本周拨付")
    assert set(told()) == {"chen", "zhou", "li"}  # the lead, and who took it up


def test_a_problem_becomes_one_work_item(case: ProblemCase, cast: Cast) -> None:
    row = row_of(case.item, cast)
    item = make_item_of_case(case=case, plan=case.item.plan, row=row, by=cast.li, now=FRIDAY)
    case.refresh_from_db()
    assert (case.made_item, case.state, case.coordinator) == (item, State.COORDINATING, cast.jiangsu)
    assert (item.title, item.lead, item.made_of.get()) == ("落实配套资金", cast.jiangsu, case)
    assert audited("make_item_case")[1]["item"] == item.code
    again = {"case": case, "plan": case.item.plan, "row": row_of(case.item, cast), "by": cast.li}
    assert refusal(lambda: make_item_of_case(now=FRIDAY, **again)) == "item_made"
    assert WorkItem.objects.filter(title="落实配套资金").count() == 1


class TestWhoComesSecond:
    def test_on_an_older_form_is_told_and_writes_nothing(self, case: ProblemCase, cast: Cast) -> None:
        coordinate_case(case=case, seen=1, coordinator=cast.bureau, words="", by=cast.li, now=FRIDAY)
        for late in (
            lambda: coordinate_case(
                case=case, seen=1, coordinator=cast.jiangsu, words="", by=cast.li, now=FRIDAY
            ),
            lambda: solve_case(case=case, seen=1, words="已解决", by=cast.li, now=FRIDAY),
        ):
            assert refusal(late) == "changed_meanwhile"
        case.refresh_from_db()
        assert (case.coordinator, case.acts.count()) == (cast.bureau, 1)

    def test_answers_nothing_that_is_solved(self, case: ProblemCase, cast: Cast) -> None:
        solve_case(case=case, seen=1, words="已拨付", by=cast.li, now=FRIDAY)
        assert refusal(lambda: answer_case(case=case, words="本周拨付", by=cast.wang, now=FRIDAY)) == (
            "solved_already"
        )

    def test_opens_nothing_that_the_lead_states_anew(self, case: ProblemCase, cast: Cast) -> None:
        solve_case(case=case, seen=1, words="已拨付", by=cast.li, now=THURSDAY)
        next_week = THIS_WEEK + timedelta(weeks=1)
        asked = ProblemEntry(Problem.Kind.FUNDS, "配套资金尚未到位")
        entry = Entry(percent=96_00, progress_note="推进", problems=[asked])
        report = submit_report(
            item=case.item, week=next_week, entry=entry, by=cast.chen, now=moment(next_week)
        )
        accept_report(report=report, by=cast.li, now=moment(next_week))
        late = lambda: reopen_case(case=case, seen=2, words="未解决", by=cast.li, now=moment(next_week))  # noqa: E731
        assert refusal(late) == "open_again_already"


class TestWordsAreMissing:
    def test_where_a_problem_is_solved_or_answered(self, case: ProblemCase, cast: Cast) -> None:
        assert refusal(lambda: solve_case(case=case, seen=1, words=" ", by=cast.li, now=FRIDAY)) == (
            "words_missing"
        )
        assert refusal(lambda: answer_case(case=case, words=" ", by=cast.wang, now=FRIDAY)) == "words_missing"

    def test_where_nobody_coordinates(self, case: ProblemCase, cast: Cast) -> None:
        nobody = partial(coordinate_case, case=case, seen=1, coordinator=None, words="")
        assert refusal(partial(nobody, by=cast.li, now=FRIDAY)) == "coordinator_missing"


def test_only_its_supervisor_steers_it_and_only_the_asked_unit_answers(case: ProblemCase, cast: Cast) -> None:
    for who in (cast.chen, cast.zhou, cast.wang, cast.sun, cast.zhao, cast.audit_admin):
        with pytest.raises(PermissionDenied):
            coordinate_case(case=case, seen=1, coordinator=cast.bureau, words="", by=who, now=FRIDAY)
        with pytest.raises(PermissionDenied):
            solve_case(case=case, seen=1, words="已解决", by=who, now=FRIDAY)
    for who in (cast.chen, cast.liu, cast.li, cast.zhao):
        with pytest.raises(PermissionDenied):
            answer_case(case=case, words="本周拨付", by=who, now=FRIDAY)
    assert not CaseAct.objects.exists()
