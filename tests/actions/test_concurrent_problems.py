"""Two people at one problem at the same moment: one wins, the other is told, nothing is there twice."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tasks_tracker.actions.problems import answer_case, coordinate_case, make_item_of_case, solve_case
from tasks_tracker.actions.progress import ProblemEntry, accept_report, submit_report
from tasks_tracker.models import CaseAct, Problem, ProblemCase, Role, WorkItem
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.actions.test_concurrency import ENTRY, ROUNDS, THURSDAY, cast, outcomes, pytestmark, threads
from tests.actions.test_problems import row_of
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_user, moment
from tests.factories.cast import Cast

__all__ = ["cast", "pytestmark", "threads"]
STATED = replace(ENTRY, problems=[ProblemEntry(Problem.Kind.FUNDS, "配套资金尚未到位")])


def case_of(item: WorkItem, cast: Cast) -> ProblemCase:
    """The problem that last week's report states."""
    thursday = THURSDAY - ONE_WEEK
    report = submit_report(item=item, week=LAST_WEEK, entry=STATED, by=cast.chen, now=thursday)
    accept_report(report=report, by=cast.li, now=thursday)
    return ProblemCase.objects.get(item=item)


def test_of_two_supervisors_one_decides(threads: ThreadPoolExecutor, cast: Cast) -> None:
    other = make_user(Role.SUPERVISOR)
    for number in range(ROUNDS):
        case = case_of(make_item(f"A{number}"), cast)
        told = outcomes(
            threads,
            lambda case=case: solve_case(case=case, seen=1, words="已拨付", by=cast.li, now=THURSDAY),
            lambda case=case: coordinate_case(
                case=ProblemCase.objects.get(pk=case.pk),
                seen=1,
                coordinator=cast.bureau,
                words="",
                by=other,
                now=THURSDAY,
            ),
        )
        assert told.count("changed_meanwhile") == 1
        case.refresh_from_db()
        assert case.state == ("coordinating" if told[0] == "changed_meanwhile" else "solved")
        assert CaseAct.objects.filter(case=case).count() == 1


def test_of_two_who_make_an_item_of_it_one_makes_it(threads: ThreadPoolExecutor, cast: Cast) -> None:
    other = make_user(Role.SUPERVISOR)
    for number in range(ROUNDS):
        case = case_of(make_item(f"B{number}"), cast)
        row = replace(row_of(case.item, cast), title=f"落实资金{number}")
        told = outcomes(
            threads,
            *(
                lambda by=by, case=case, row=row: make_item_of_case(
                    case=ProblemCase.objects.select_related("item__plan").get(pk=case.pk),
                    plan=case.item.plan,
                    row=row,
                    by=by,
                    now=THURSDAY,
                )
                for by in (cast.li, other)
            ),
        )
        assert told.count("item_made") == 1
        assert WorkItem.objects.filter(title=row.title).count() == 1


def test_two_reports_accepted_at_once_continue_one_case(threads: ThreadPoolExecutor, cast: Cast) -> None:
    """The reports of this week and of the next, of one item: whichever is first, the case is one."""
    now = moment(THIS_WEEK + ONE_WEEK, 10)
    for number in range(ROUNDS):
        case = case_of(make_item(f"C{number}"), cast)
        reports = [
            submit_report(item=case.item, week=week, entry=STATED, by=cast.chen, now=now)
            for week in (THIS_WEEK, THIS_WEEK + ONE_WEEK)
        ]
        accepting = (
            lambda report=report: accept_report(report=report, by=cast.li, now=now) for report in reports
        )
        assert outcomes(threads, *accepting) == reports
        found = ProblemCase.objects.get(item=case.item)
        assert (found.raised_week, found.last_stated_week) == (LAST_WEEK, THIS_WEEK + ONE_WEEK)
        assert found.statements.count() == 3


def test_an_answer_and_a_solution_at_once_both_stand_or_the_answer_is_told(
    threads: ThreadPoolExecutor, cast: Cast
) -> None:
    for number in range(ROUNDS):
        case = case_of(make_item(f"D{number}"), cast)
        ProblemCase.objects.filter(pk=case.pk).update(needed_from=cast.jiangsu)
        told = outcomes(
            threads,
            lambda case=case: solve_case(
                case=ProblemCase.objects.get(pk=case.pk), seen=1, words="已拨付", by=cast.li, now=THURSDAY
            ),
            lambda case=case: answer_case(
                case=ProblemCase.objects.get(pk=case.pk), words="本周拨付", by=cast.wang, now=THURSDAY
            ),
        )
        assert told[0] == case
        answers = CaseAct.objects.filter(case=case, act="answer").count()
        assert answers == (told[1] != "solved_already")
