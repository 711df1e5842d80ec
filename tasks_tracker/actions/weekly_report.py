"""The weekly report: composed, edited, published, revised. Each act names the revision that was on the page.

A draft is what the composer made of the week, with the paragraphs that somebody wrote over it. Publishing
freezes the paper as it is read (`Issue`), with its number, digest and signer; nothing changes it afterwards.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import translation
from django.utils.translation import gettext as _

from tasks_tracker.actions import audit
from tasks_tracker.actions.workbook import fresh_rollup
from tasks_tracker.models import Issue, Plan, ReportParagraph, TextVersion, User, WeeklyReport
from tasks_tracker.permissions import check_can_issue, check_can_write_report
from tasks_tracker.queries.ledger import Selection, find_subject
from tasks_tracker.reports.checks import STOP, checks_of
from tasks_tracker.reports.composer import compose
from tasks_tracker.reports.differences import differences
from tasks_tracker.reports.drafted import (
    Drafted,
    bound,
    figures_as_plain,
    figures_from,
    length_of,
)
from tasks_tracker.reports.paper import Paper, read, written
from tasks_tracker.reports.wording import day_words
from tasks_tracker.rules.tokens import strangers
from tasks_tracker.rules.weeks import format_week

LONGEST = 4_000  # characters of one paragraph


class ReportRefused(Exception):
    """The act breaks a rule. `code` names it, `field` says where, `names` what; the page words it.

    Codes: there_already, changed_meanwhile, not_open, text_too_long, strange_figures, week_open, figures_old,
    totals_differ, signer_missing, reason_missing, nothing_changed.
    """

    def __init__(self, code: str, field: str = "", names: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.names = names


# --- composing --------------------------------------------------------------------------------------------
def draft_report(
    *, plan: Plan, week: date, scope: str, subject: str, language: str, by: User, now: datetime
) -> WeeklyReport:
    """Compose the report of a week about a subject, in `language`; there is one of each.

    Raises UnknownWeek, UnknownSubject, PermissionDenied and ReportRefused (there_already).
    """
    about = find_subject(scope, subject, plan.policy_id)
    check_can_issue(by, about)
    report = WeeklyReport(plan=plan, week=week, scope=scope, subject=subject, language=language)
    report.office = by.office or (by.actor.name if by.actor else "")
    made = _compose(report, by, now)  # no transaction while it reads: on SQLite nobody else could write
    try:
        with transaction.atomic():
            report.save()
            _write(report, made)
            audit.record(by=by, action="draft_weekly_report", obj=report, after=on_record(report))
    except IntegrityError as error:
        raise ReportRefused("there_already") from error
    return report


def compose_again(
    *, report: WeeklyReport, seen: int, keeps_edits: bool, by: User, now: datetime
) -> WeeklyReport:
    """Generate the report from the figures as they are now; what was edited stays, unless it is to go, too.

    Raises PermissionDenied and ReportRefused (not_open, changed_meanwhile).
    """
    check_can_write_report(by, report)
    made = _compose(report, by, now)
    values = {name: getattr(report, name) for name in COMPOSED}
    with transaction.atomic():
        _move(report, seen, **values)
        _write(report, made)
        if not keeps_edits:
            for paragraph in report.paragraphs.filter(edited__isnull=False, is_used=True):
                _set(paragraph, None, by, now)
        after = on_record(report) | {"keeps_edits": keeps_edits}
        audit.record(by=by, action="compose_weekly_report", obj=report, after=after)
    return report


COMPOSED = (
    "body",
    "figures",
    "comparison",
    "composed_at",
    "composed_by",
    "times_computed",
    "is_frozen",
)


def _compose(report: WeeklyReport, by: User, now: datetime) -> Drafted:
    """What is generated, with the fields of `report` that come from it set and not saved."""
    rollup = fresh_rollup(report.plan, report.week, now)
    about = find_subject(report.scope, report.subject, report.plan.policy_id)
    with translation.override(report.language):
        selection = Selection(rollup, report.scope, about)
        made = compose(selection, office=report.office, author=str(by), now=now)
    report.body = written(made.paper)
    report.figures = figures_as_plain(made.figures)
    report.comparison = [asdict(change) for change in made.comparison]
    report.composed_at, report.composed_by = now, by
    report.times_computed, report.is_frozen = rollup.times_computed, rollup.is_frozen
    return made


def _write(report: WeeklyReport, made: Drafted) -> None:
    """The generated texts beside what somebody wrote, which stays even where none is generated any more."""
    there = {paragraph.key: paragraph for paragraph in report.paragraphs.all()}
    for place, text in enumerate(made.paragraphs):
        row = there.pop(text.key, None) or ReportParagraph(report=report, key=text.key)
        row.section, row.place, row.generated, row.is_used = text.section, place, text.text, True
        row.save()
    for row in there.values():
        row.is_used = False
        row.save(update_fields=["is_used"])


def _move(report: WeeklyReport, seen: int, **values: Any) -> None:
    """Change an open draft, if nobody changed it since it was seen."""
    found = WeeklyReport.objects.filter(pk=report.pk, revision=seen, is_open=True)
    if not found.update(revision=F("revision") + 1, **values):
        is_open = WeeklyReport.objects.filter(pk=report.pk, is_open=True).exists()
        raise ReportRefused("changed_meanwhile" if is_open else "not_open")
    report.refresh_from_db()


# --- editing ----------------------------------------------------------------------------------------------
@transaction.atomic
def edit_paragraph(
    *, paragraph: ReportParagraph, seen: int, text: str, by: User, now: datetime
) -> ReportParagraph:
    """Write a paragraph over the generated one; figures stay tokens. An empty text leaves it out.

    `seen` is the version of the paragraph on the page: two may write different paragraphs at the same time.
    Raises PermissionDenied and ReportRefused (not_open, changed_meanwhile, text_too_long, strange_figures).
    """
    report = paragraph.report
    check_can_write_report(by, report)
    text = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    if len(text) > LONGEST:
        raise ReportRefused("text_too_long", "text")
    if strange := strangers(text, report.figures):
        raise ReportRefused("strange_figures", "text", strange)
    return _turn(paragraph, seen, None if text == paragraph.generated else text, by, now)


@transaction.atomic
def reset_paragraph(*, paragraph: ReportParagraph, seen: int, by: User, now: datetime) -> ReportParagraph:
    """Take the generated text again; what was written stays among its versions.

    Raises PermissionDenied and ReportRefused (not_open, changed_meanwhile).
    """
    check_can_write_report(by, paragraph.report)
    return _turn(paragraph, seen, None, by, now)


def _turn(
    paragraph: ReportParagraph, seen: int, text: str | None, by: User, now: datetime
) -> ReportParagraph:
    """One of two who change the same paragraph wins; so does whoever closes the draft meanwhile."""
    if not WeeklyReport.objects.filter(pk=paragraph.report_id, is_open=True).update(
        revision=F("revision") + 1
    ):
        raise ReportRefused("not_open")
    held = ReportParagraph.objects.select_for_update(no_key=True).get(pk=paragraph.pk)
    if held.version != seen:
        raise ReportRefused("changed_meanwhile")
    if held.edited == text:
        return held
    before = held.text
    _set(held, text, by, now)
    audit.record(
        by=by,
        action="edit_weekly_report" if text is not None else "reset_weekly_report",
        obj=held,
        before={"text": before},
        after={"paragraph": held.key, "text": held.text},
    )
    return held


def _set(paragraph: ReportParagraph, text: str | None, by: User, now: datetime) -> None:
    """The text, with its version."""
    paragraph.edited = text
    paragraph.edited_by, paragraph.edited_at = (None, None) if text is None else (by, now)
    paragraph.version += 1
    paragraph.save()
    act = TextVersion.Act.RESET if text is None else TextVersion.Act.EDIT
    TextVersion.objects.create(
        paragraph=paragraph, act=act, version=paragraph.version, text=paragraph.text, by=by, at=now
    )


def draft_of(report: WeeklyReport, paragraphs: Sequence[ReportParagraph]) -> Paper:
    """The draft as it is read. A token whose figure is gone shows its name."""
    figures = figures_from(report.figures)
    texts = {paragraph.key: paragraph.text for paragraph in paragraphs}
    for text in texts.values():
        for name in strangers(text, figures):
            figures.setdefault(name.strip("{}"), replace(next(iter(figures.values())), text=name, url=""))
    return bound(read(report.body), texts, figures)


# --- publishing -------------------------------------------------------------------------------------------
@transaction.atomic
def publish_report(*, report: WeeklyReport, seen: int, signer: str, by: User, now: datetime) -> Issue:
    """Freeze the draft as an issue with number, digest and signer, or as the next revision of its issue.

    Raises PermissionDenied and ReportRefused (not_open, changed_meanwhile, signer_missing, week_open,
    figures_old, totals_differ, strange_figures, nothing_changed).
    """
    check_can_write_report(by, report)
    if not signer.strip():
        raise ReportRefused("signer_missing", "signer")
    Plan.objects.select_for_update(no_key=True).get(pk=report.plan_id)  # numbers are given one by one
    _move(report, seen, is_open=False, **_numbered(report))
    last = report.issues.first()
    issue = Issue(report=report, revision=last.revision + 1 if last else 1, signer=signer.strip())
    issue.published_by, issue.published_at, issue.reason = by, now, report.why_revised if last else ""
    paper = _signed(report, issue, _checked(report), now)
    if last:
        issue.changed = differences(_unsigned(read(last.paper)), _unsigned(paper))
        if not issue.changed:
            raise ReportRefused("nothing_changed")
    issue.texts = {each.key: each.text for each in report.paragraphs.filter(is_used=True)}
    issue.figures = report.figures
    issue.paper = written(paper)
    issue.sha256 = sha256(issue.paper.encode()).hexdigest()
    issue.save()
    after = on_record(report) | {"version": issue.revision, "signer": issue.signer, "sha256": issue.sha256}
    audit.record(by=by, action="publish_weekly_report", obj=report, after=after)
    return issue


def _numbered(report: WeeklyReport) -> dict[str, int]:
    """The number of the issue: the next of the year of its week, about the same subject."""
    if report.number:
        return {}
    year = report.week.isocalendar().year
    alike = WeeklyReport.objects.filter(
        plan=report.plan_id, year=year, scope=report.scope, subject=report.subject
    )
    return {"year": year, "number": (alike.aggregate(last=Max("number"))["last"] or 0) + 1}


def _checked(report: WeeklyReport) -> Paper:
    """The draft as it is read, if nothing stops its publication."""
    paragraphs = list(report.paragraphs.all())
    paper = draft_of(report, paragraphs)
    rollup = report.plan.weeks.get(week=report.week)
    longest = settings.WEEKLY_REPORT_LENGTH
    for check in checks_of(report, rollup, paper, paragraphs, length_of(paper), longest):
        if check.kind == STOP:
            raise ReportRefused(check.code)
    return paper


def _signed(report: WeeklyReport, issue: Issue, paper: Paper, now: datetime) -> Paper:
    """The paper with number, day and signer."""
    with translation.override(report.language):
        serial = _("%(year)d, No. %(number)d") % {"year": report.year or 0, "number": report.number or 0}
        facts = [(_("Issue"), serial), (_("Signer"), issue.signer)]
        facts.append((_("Published at"), now.strftime("%Y-%m-%d %H:%M")))
        if issue.revision > 1:
            serial = _("%(issue)s, revision %(n)d") % {"issue": serial, "n": issue.revision}
            facts.append((_("Revision"), f"{issue.revision}: {issue.reason}"))
        return replace(
            paper,
            serial=serial,
            dated=day_words(now.date()),
            signer=issue.signer,
            facts=(*paper.facts, *facts),
        )


def _unsigned(paper: Paper) -> Paper:
    """Without what differs between two revisions anyway."""
    return replace(paper, serial="", dated="", signer="", facts=())


@transaction.atomic
def revise_report(*, report: WeeklyReport, seen: int, reason: str, by: User, now: datetime) -> WeeklyReport:
    """Open the draft of a published report again; the issue stays as it is until the revision is published.

    Raises PermissionDenied and ReportRefused (reason_missing, changed_meanwhile).
    """
    check_can_write_report(by, report)
    if not reason.strip():
        raise ReportRefused("reason_missing", "reason")
    closed = WeeklyReport.objects.filter(pk=report.pk, revision=seen, is_open=False, number__isnull=False)
    if not closed.update(revision=F("revision") + 1, is_open=True, why_revised=reason.strip()):
        raise ReportRefused("changed_meanwhile")
    report.refresh_from_db()
    after = on_record(report) | {"reason": report.why_revised}
    audit.record(by=by, action="revise_weekly_report", obj=report, after=after)
    return report


def on_record(report: WeeklyReport) -> dict[str, Any]:
    """What the log says of a report."""
    number = f"{report.year}-{report.number}" if report.number else ""
    return {
        "week": format_week(report.week),
        "scope": str(report.scope),
        "subject": report.subject,
        "number": number,
    }
