"""Two at a weekly report at the same moment: one issue, numbers without a gap, and nothing overwritten."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tasks_tracker.actions import rollup
from tasks_tracker.actions.issue_files import keep
from tasks_tracker.actions.weekly_pack import make_pack
from tasks_tracker.actions.weekly_report import draft_report, edit_paragraph, publish_report
from tasks_tracker.models import Issue, IssueFile, PackFile, ReportParagraph, Role, WeeklyReport
from tasks_tracker.rules.weeks import ONE_WEEK
from tests.actions.test_concurrency import cast, outcomes, pytestmark, threads
from tests.factories import LAST_WEEK, THIS_WEEK, make_item, make_plan, make_user, moment, report_and_accept
from tests.factories.cast import Cast

__all__ = ["cast", "pytestmark", "threads"]
NOW = moment(THIS_WEEK, 10)


def drafts(cast: Cast) -> list[WeeklyReport]:
    """The drafts of two frozen weeks."""
    item = make_item("HB-1", lead=cast.hubei)
    weeks = (LAST_WEEK - ONE_WEEK, LAST_WEEK)
    for week in weeks:
        report_and_accept(item, 5_000, week)
    plan = make_plan()
    rollup.roll_up_week(plan=plan, week=weeks[0], now=moment(weeks[0]))
    rollup.close_week(plan=plan, week=LAST_WEEK, now=moment(THIS_WEEK, 9), by=cast.li)
    how: dict[str, Any] = {"scope": "national", "subject": "", "language": "zh-hans", "now": NOW}
    return [draft_report(plan=plan, week=week, by=cast.li, **how) for week in weeks]


def test_of_two_who_publish_one_wins(threads: ThreadPoolExecutor, cast: Cast) -> None:
    report, other = drafts(cast)[0], make_user(Role.SUPERVISOR)
    told = outcomes(
        threads,
        *(
            lambda by=by: publish_report(
                report=WeeklyReport.objects.get(pk=report.pk), seen=1, signer=str(by), by=by, now=NOW
            )
            for by in (cast.li, other)
        ),
    )
    assert sum(code in ("not_open", "changed_meanwhile") for code in told) == 1
    assert Issue.objects.get().revision == 1


def test_two_issues_at_once_get_numbers_one_and_two(threads: ThreadPoolExecutor, cast: Cast) -> None:
    reports = drafts(cast)
    outcomes(
        threads,
        *(
            lambda report=report: publish_report(report=report, seen=1, signer="李维", by=cast.li, now=NOW)
            for report in reports
        ),
    )
    assert sorted(WeeklyReport.objects.values_list("number", flat=True)) == [1, 2]


def test_of_two_who_write_one_paragraph_one_wins(threads: ThreadPoolExecutor, cast: Cast) -> None:
    report, other = drafts(cast)[0], make_user(Role.SUPERVISOR)
    told = outcomes(
        threads,
        *(
            lambda by=by: edit_paragraph(
                paragraph=ReportParagraph.objects.get(report=report, key="filing"),
                seen=1,
                text=f"{by}。",
                by=by,
                now=NOW,
            )
            for by in (cast.li, other)
        ),
    )
    assert told.count("changed_meanwhile") == 1
    paragraph = report.paragraphs.get(key="filing")
    assert paragraph.text == f"{paragraph.edited_by}。"
    assert paragraph.versions.count() == 1


def test_of_two_files_of_an_issue_the_first_is_kept(threads: ThreadPoolExecutor, cast: Cast) -> None:
    issue = publish_report(report=drafts(cast)[0], seen=1, signer="李维", by=cast.li, now=NOW)
    contents: list[bytes] = []
    outcomes(
        threads,
        *(
            lambda content=content: contents.append(keep(issue=issue, format="pdf", content=content, now=NOW))
            for content in (b"one", b"two")
        ),
    )
    kept = IssueFile.objects.get()
    assert len(set(contents)) == 1
    assert len(contents[0]) == kept.size


def test_two_makers_share_a_pack_and_make_no_file_twice(threads: ThreadPoolExecutor, cast: Cast) -> None:
    plan = drafts(cast)[0].plan
    makers: list[list[tuple[str, str]]] = []

    def make() -> None:
        done = make_pack(plan=plan, week=LAST_WEEK, now=NOW).done
        makers.append([(file.scope, file.subject) for file in done])

    outcomes(threads, make, make)
    assert set(PackFile.objects.values_list("state", "attempts")) == {("done", 1)}
    assert sum(map(len, makers)) == PackFile.objects.count() == 12
    assert not set(makers[0]) & set(makers[1])  # a report is composed by one of them
    assert plan.packs.count() == 1
