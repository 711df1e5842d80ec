"""Weekly reports of the demonstration: two published ones, one of them revised, and a draft of this week."""

from datetime import date, datetime, time, timedelta

from django.conf import settings

from tasks_tracker.actions.demo.acts import at_the_desk_of
from tasks_tracker.actions.demo.texts import marked, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.actions.weekly_report import (
    draft_report,
    edit_paragraph,
    publish_report,
    revise_report,
)
from tasks_tracker.models import ReportScope, WeeklyReport, WorkItem
from tasks_tracker.rules.weeks import ONE_WEEK

PUBLISHED = 2  # of the last closed weeks
MOST_ITEMS = 5_000  # every item stands in an annex; a plan that only measures speed needs no paper
EDITED = "filing"


def write_issues(world: World) -> None:
    """Each on the Monday after its week; the older one was revised on the same day."""
    calendar = world.calendar
    if WorkItem.objects.filter(plan=world.plan).count() > MOST_ITEMS:
        return
    closed = calendar.weeks[-1 - PUBLISHED : -1]
    for week in closed:
        monday = datetime.combine(week + ONE_WEEK, time(10), tzinfo=calendar.now.tzinfo)
        if monday <= calendar.now:
            _publish(world, _drafted(world, week, monday), monday, is_revised=week == closed[0])
    _edit(world, _drafted(world, calendar.until, calendar.now), "draft", calendar.now)


def _drafted(world: World, week: date, now: datetime) -> WeeklyReport:
    by = world.people.supervisor
    with at_the_desk_of(by, world.seed):
        return draft_report(
            plan=world.plan,
            week=week,
            scope=ReportScope.NATIONAL,
            subject="",
            language=settings.LANGUAGE_CODE,
            by=by,
            now=now,
        )


def _publish(world: World, report: WeeklyReport, now: datetime, *, is_revised: bool) -> None:
    _sign(world, report, now)
    if is_revised:
        by, later = world.people.supervisor, now + timedelta(hours=3)
        reason = marked(texts()["weekly"]["reason"])
        with at_the_desk_of(by, world.seed):
            revise_report(report=report, seen=report.revision, reason=reason, by=by, now=later)
        _edit(world, report, "revision", later)
        _sign(world, report, later)


def _sign(world: World, report: WeeklyReport, now: datetime) -> None:
    report.refresh_from_db()
    by = world.people.supervisor
    with at_the_desk_of(by, world.seed):
        publish_report(report=report, seen=report.revision, signer=str(by), by=by, now=now)
    report.refresh_from_db()


def _edit(world: World, report: WeeklyReport, words: str, now: datetime) -> None:
    """A sentence is added by hand to what was generated."""
    by, paragraph = world.people.supervisor, report.paragraphs.get(key=EDITED)
    text = paragraph.generated + marked(texts()["weekly"][words])
    with at_the_desk_of(by, world.seed):
        edit_paragraph(paragraph=paragraph, seen=paragraph.version, text=text, by=by, now=now)
