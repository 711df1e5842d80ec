"""What accepted reports make of the problems that they state: one case per difficulty, over the weeks."""

from datetime import date, timedelta
from typing import Any

import pytest

from tasks_tracker.actions.cases import collect_cases
from tasks_tracker.actions.problems import coordinate_case, reopen_case, solve_case
from tasks_tracker.actions.progress import (
    Entry,
    ProblemEntry,
    accept_report,
    return_report,
    sign_no_change,
    submit_report,
)
from tasks_tracker.models import AuditEntry, Notice, Problem, ProblemCase, ProgressReport, WorkItem
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, moment
from tests.factories.cast import Cast

pytestmark = pytest.mark.django_db
State = ProblemCase.State
FUNDS = ProblemEntry(Problem.Kind.FUNDS, "配套资金尚未到位", "协调拨付")
LAND = ProblemEntry(Problem.Kind.LAND_ENERGY, "用地指标不足")


@pytest.fixture
def item(cast: Cast) -> WorkItem:
    return make_item("HB-1")


def handed_in(item: WorkItem, cast: Cast, week: date, *stated: ProblemEntry, day: int = 3) -> ProgressReport:
    entry = Entry(percent=95_00, progress_note=f"{week}进展", problems=list(stated))
    now = moment(week + timedelta(days=day))
    return submit_report(item=item, week=week, entry=entry, by=cast.chen, now=now)


def accepted(item: WorkItem, cast: Cast, week: date, *stated: ProblemEntry, day: int = 3) -> ProgressReport:
    report = handed_in(item, cast, week, *stated, day=day)
    return accept_report(report=report, by=cast.li, now=moment(week + timedelta(days=day), 15))


def edited(case: ProblemCase, description: str, kind: str = Problem.Kind.FUNDS) -> ProblemEntry:
    return ProblemEntry(kind, description, continues=case.pk)


def solved_by_li(case: ProblemCase, cast: Cast, now: Any) -> ProblemCase:
    return solve_case(case=case, seen=case.revision, words="已拨付", by=cast.li, now=now)


def test_a_case_begins_when_the_report_is_accepted(item: WorkItem, cast: Cast) -> None:
    report = handed_in(item, cast, THIS_WEEK, FUNDS)
    assert not ProblemCase.objects.exists()
    accept_report(report=report, by=cast.li, now=moment(THIS_WEEK + timedelta(days=3), 15))
    case = ProblemCase.objects.get()
    assert (case.item, case.kind, case.description) == (item, "funds", FUNDS.description)
    assert (case.state, case.raised_week, case.last_stated_week) == (State.OPEN, THIS_WEEK, THIS_WEEK)
    assert report.problems.get().case == case
    after = AuditEntry.objects.get(action="accept_report").after
    assert after["problems_opened"] == [FUNDS.description]


def test_a_returned_report_begins_nothing(item: WorkItem, cast: Cast) -> None:
    report = handed_in(item, cast, THIS_WEEK, FUNDS)
    return_report(report=report, by=cast.li, reason="请补充", now=moment(THIS_WEEK + timedelta(days=3), 15))
    assert not ProblemCase.objects.exists()


def test_the_same_words_go_on_in_the_same_case(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS)
    accepted(item, cast, THIS_WEEK, FUNDS, LAND)
    funds, land = ProblemCase.objects.order_by("pk")
    assert (funds.raised_week, funds.last_stated_week, funds.state) == (LAST_WEEK, THIS_WEEK, State.OPEN)
    assert (land.raised_week, land.description) == (THIS_WEEK, LAND.description)
    assert funds.statements.count() == 2
    assert funds.revision == 1  # nothing that a form shows has changed


def test_edited_words_go_on_in_the_case_that_the_form_names(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS)
    accepted(item, cast, THIS_WEEK, edited(ProblemCase.objects.get(), "配套资金只到位一半"))
    case = ProblemCase.objects.get()
    assert (case.description, case.state, case.revision) == ("配套资金只到位一半", State.OPEN, 2)


def test_another_kind_in_other_words_is_another_problem(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS)
    case = ProblemCase.objects.get()
    accepted(item, cast, THIS_WEEK, edited(case, "关键人才流失", Problem.Kind.TALENT))
    case.refresh_from_db()
    assert case.state == State.SOLVED
    assert ProblemCase.objects.get(kind="talent").again_after is None


def test_a_case_of_another_item_is_never_continued(item: WorkItem, cast: Cast) -> None:
    accepted(make_item("HB-2"), cast, LAST_WEEK, FUNDS)
    foreign = ProblemCase.objects.get()
    report = handed_in(item, cast, THIS_WEEK, edited(foreign, "配套资金只到位一半"))
    assert report.problems.get().case is None
    accept_report(report=report, by=cast.li, now=moment(THIS_WEEK + timedelta(days=3), 15))
    foreign.refresh_from_db()
    assert foreign.description == FUNDS.description
    assert ProblemCase.objects.filter(item=item).count() == 1


def test_the_same_problem_said_twice_is_one_case(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, THIS_WEEK, FUNDS, FUNDS)
    assert ProblemCase.objects.get().statements.count() == 2


def test_what_is_no_longer_stated_is_solved_by_the_report(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS, LAND)
    report = accepted(item, cast, THIS_WEEK, LAND)
    case = ProblemCase.objects.get(kind="funds")
    assert (case.state, case.solved_how, case.solved_week) == (State.SOLVED, "report", THIS_WEEK)
    assert (case.solved_at, case.solved_by) == (report.decided_at, None)
    assert ProblemCase.objects.get(kind="land_energy").state == State.OPEN
    after = AuditEntry.objects.filter(action="accept_report").latest("pk").after
    assert after["problems_solved"] == [FUNDS.description]


def test_no_change_leaves_all_as_it_is(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS, LAND)
    thursday = moment(THIS_WEEK + timedelta(days=3))
    solved_by_li(ProblemCase.objects.get(kind="land_energy"), cast, moment(THIS_WEEK))
    report = sign_no_change(item=item, week=THIS_WEEK, by=cast.chen, now=thursday)
    accept_report(report=report, by=cast.li, now=thursday)
    funds, land = ProblemCase.objects.order_by("pk")
    assert (funds.state, funds.last_stated_week) == (State.OPEN, THIS_WEEK)
    assert (land.state, land.last_stated_week, land.statements.count()) == (State.SOLVED, LAST_WEEK, 2)


def test_a_solved_problem_that_is_stated_again_is_a_new_case_that_names_the_old(
    item: WorkItem, cast: Cast
) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS)
    solved = solved_by_li(ProblemCase.objects.get(), cast, moment(THIS_WEEK))
    accepted(item, cast, THIS_WEEK, FUNDS)
    again = ProblemCase.objects.get(again_after=solved)
    assert (again.state, again.raised_week) == (State.OPEN, THIS_WEEK)
    solved.refresh_from_db()
    assert solved.state == State.SOLVED


def test_what_was_handed_in_before_it_was_solved_raises_nothing_again(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS)
    report = handed_in(item, cast, THIS_WEEK, FUNDS)
    thursday = THIS_WEEK + timedelta(days=3)
    solved = solved_by_li(ProblemCase.objects.get(), cast, moment(thursday, 12))
    accept_report(report=report, by=cast.li, now=moment(thursday, 15))
    assert ProblemCase.objects.get() == solved
    assert ProblemCase.objects.get().state == State.SOLVED
    assert solved.statements.count() == 2


class TestAnEarlierWeek:
    """A report about a week before the newest accepted one moves no state and no words."""

    def test_solves_nothing(self, item: WorkItem, cast: Cast) -> None:
        accepted(item, cast, THIS_WEEK, FUNDS, day=1)
        accepted(item, cast, LAST_WEEK, day=8)
        assert ProblemCase.objects.get().state == State.OPEN

    def test_opens_nothing_that_a_later_one_does_not_say(self, item: WorkItem, cast: Cast) -> None:
        accepted(item, cast, THIS_WEEK, day=0)
        report = accepted(item, cast, LAST_WEEK, FUNDS, day=8)
        case = ProblemCase.objects.get()
        assert (case.state, case.raised_week, case.solved_week) == (State.SOLVED, LAST_WEEK, THIS_WEEK)
        assert report.problems.get().case == case

    def test_tells_only_since_when_it_has_been_a_problem(self, item: WorkItem, cast: Cast) -> None:
        accepted(item, cast, THIS_WEEK, FUNDS, day=0)
        case = ProblemCase.objects.get()
        accepted(item, cast, LAST_WEEK, edited(case, "资金申请已提交"), day=8)
        case.refresh_from_db()
        assert (case.raised_week, case.last_stated_week) == (LAST_WEEK, THIS_WEEK)
        assert (case.description, case.state) == (FUNDS.description, State.OPEN)

    def test_does_not_open_again_what_a_later_one_solved(self, item: WorkItem, cast: Cast) -> None:
        accepted(item, cast, LAST_WEEK, FUNDS)
        accepted(item, cast, THIS_WEEK, day=0)
        accepted(item, cast, LAST_WEEK, FUNDS, day=8)  # a correction, after the later report
        case = ProblemCase.objects.get()
        assert (case.state, case.solved_week) == (State.SOLVED, THIS_WEEK)
        assert case.statements.count() == 2


class TestACorrectionOfTheNewestWeek:
    def test_takes_back_what_its_first_version_solved(self, item: WorkItem, cast: Cast) -> None:
        accepted(item, cast, LAST_WEEK, FUNDS)
        case, monday = ProblemCase.objects.get(), moment(THIS_WEEK)
        coordinate_case(case=case, seen=1, coordinator=cast.bureau, words="", by=cast.li, now=monday)
        accepted(item, cast, THIS_WEEK, day=1)
        accepted(item, cast, THIS_WEEK, FUNDS, day=3)
        case.refresh_from_db()
        assert (case.state, case.solved_how, case.coordinator) == (State.COORDINATING, "", cast.bureau)
        assert ProblemCase.objects.count() == 1

    def test_solves_what_it_leaves_out(self, item: WorkItem, cast: Cast) -> None:
        accepted(item, cast, THIS_WEEK, FUNDS, day=1)
        accepted(item, cast, THIS_WEEK, day=3)
        assert ProblemCase.objects.get().state == State.SOLVED


def test_what_a_supervisor_opened_again_is_solved_when_the_next_report_is_silent(
    item: WorkItem, cast: Cast
) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS)
    case = solved_by_li(ProblemCase.objects.get(), cast, moment(LAST_WEEK + timedelta(days=4)))
    reopen_case(case=case, seen=case.revision, words="仍未解决", by=cast.li, now=moment(THIS_WEEK))
    assert ProblemCase.objects.get().state == State.OPEN
    accepted(item, cast, THIS_WEEK)
    assert ProblemCase.objects.get().solved_how == "report"


def test_the_unit_from_which_something_is_needed_is_told_once(item: WorkItem, cast: Cast) -> None:
    asked = ProblemEntry("funds", FUNDS.description, "协调拨付", cast.jiangsu)
    accepted(item, cast, LAST_WEEK, asked)
    accepted(item, cast, THIS_WEEK, asked)
    notice = Notice.objects.get(kind="problem")
    assert notice.to == cast.wang
    assert "协调拨付" in notice.text
    assert item.title not in notice.text


def test_cases_of_reports_from_before_the_ledger_are_collected_once(item: WorkItem, cast: Cast) -> None:
    accepted(item, cast, LAST_WEEK, FUNDS)
    accepted(item, cast, THIS_WEEK, LAND, day=0)
    next_week = THIS_WEEK + ONE_WEEK
    accepted(item, cast, next_week, FUNDS, LAND)
    columns = ("kind", "state", "raised_week", "last_stated_week", "solved_week", "again_after__raised_week")
    followed = sorted(ProblemCase.objects.values_list(*columns), key=str)
    assert len(followed) == 3
    Problem.objects.update(case=None)
    ProblemCase.objects.update(again_after=None)
    ProblemCase.objects.all().delete()
    assert collect_cases(items=[item.pk]) == 3
    assert sorted(ProblemCase.objects.values_list(*columns), key=str) == followed
    assert not Problem.objects.filter(case=None).exists()
    assert collect_cases(items=[item.pk]) == 0
