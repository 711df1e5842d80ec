"""The pack of a week: a weekly report about the whole, every key task and every region, in every format.

A maker claims the files of a report, makes them and ticks them off, each in a short transaction of its own.
A fallen maker costs the report that it was at, several makers share the work, and what is done is not done
again. What failed is tried again by the next run; after MOST_ATTEMPTS somebody has to look at it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from tasks_tracker.actions import audit, issue_files
from tasks_tracker.actions.notices import notify
from tasks_tracker.models import Issue, Notice, PackFile, Plan, WeeklyPack, WeekRollup
from tasks_tracker.permissions import can_see_business_data
from tasks_tracker.queries.ledger import Selection, code_of, find_subject
from tasks_tracker.queries.packs import files_within, issues_of, readers_of, subjects_of
from tasks_tracker.reports.composer import compose
from tasks_tracker.reports.mails import plain_letter
from tasks_tracker.reports.paper import Paper
from tasks_tracker.reports.writers import FORMATS, NoChineseFont, write
from tasks_tracker.rules.weeks import UnknownWeek, format_week

FOLDER = "packs/"  # of the store of issues: what lies here expires, what lies beside it never does
MOST_ATTEMPTS = 3
CLAIM_LASTS = timedelta(minutes=30)  # many times what the longest report takes
READY = gettext_noop("The weekly reports of week %(week)s are ready.")
State = PackFile.State
log = logging.getLogger(__name__)
Watch = Callable[[PackFile], None]


class WeekIsOpen(Exception):
    """Packs are made of closed weeks, whose figures no longer move."""


@dataclass
class Run:
    """What a run came to: files that are ready now, and those that failed."""

    done: list[PackFile] = field(default_factory=list)
    failed: list[PackFile] = field(default_factory=list)


def make_due(*, plan: Plan, now: datetime) -> None:
    """Make the pack of the last closed week and what is missing in younger ones; let old files expire."""
    expire_files(now=now)
    last = plan.weeks.filter(frozen_at__isnull=False).order_by("-week").first()
    if last:
        begin_pack(plan=plan, week=last.week, now=now)
    oldest = now.date() - timedelta(days=settings.PACK_DAYS)
    for pack in WeeklyPack.objects.filter(plan=plan, week__gte=oldest).order_by("-week"):
        _work(pack, now, None)


def make_pack(*, plan: Plan, week: date, now: datetime, watch: Watch | None = None) -> Run:
    """Make what is missing in the pack of a closed week; `watch` is told of each file.

    Raises UnknownWeek and WeekIsOpen.
    """
    return _work(begin_pack(plan=plan, week=week, now=now), now, watch)


def begin_pack(*, plan: Plan, week: date, now: datetime) -> WeeklyPack:
    """The pack of a closed week with its files, of which none is made yet; there is one of each.

    Raises UnknownWeek and WeekIsOpen.
    """
    if pack := WeeklyPack.objects.filter(plan=plan, week=week).first():
        return pack
    rollup = plan.weeks.filter(week=week).first()
    if rollup is None:
        raise UnknownWeek(format_week(week))
    if not rollup.is_frozen:
        raise WeekIsOpen(format_week(week))
    try:
        with transaction.atomic():
            pack = WeeklyPack.objects.create(plan=plan, week=week, begun_at=now)
            PackFile.objects.bulk_create(
                PackFile(pack=pack, scope=scope, subject=code_of(about), place=place, format=format)
                for place, (scope, about) in enumerate(subjects_of(plan, week))
                for format in FORMATS
            )
    except IntegrityError:
        return WeeklyPack.objects.get(plan=plan, week=week)
    return pack


def _work(pack: WeeklyPack, now: datetime, watch: Watch | None) -> Run:
    """One run over the pack: report after report, whatever nobody else has claimed."""
    maker = _Maker(pack, now, watch)
    maker.take_up_again()
    waiting = pack.files.filter(state=State.WAITING).order_by("place").values_list("scope", "subject")
    for scope, subject in dict.fromkeys(waiting):
        maker.make(scope, subject)
    _tell(pack, now)
    return maker.run


class _Maker:
    """One run of one process: its claims carry a name of their own."""

    def __init__(self, pack: WeeklyPack, now: datetime, watch: Watch | None) -> None:
        self.pack, self.now, self.watch = pack, now, watch
        self.name = uuid4().hex
        self.run = Run()
        self.issues = issues_of(pack.plan, pack.week)

    def take_up_again(self) -> None:
        """Put back to waiting: what a fallen maker had claimed, what may be tried again, and what is a draft
        or an old revision although an issue was published."""
        files = self.pack.files
        lost = files.filter(state=State.MAKING, claimed_at__lt=self.now - CLAIM_LASTS)
        lost.update(state=State.FAILED, error="interrupted", claim="")
        files.filter(state=State.FAILED, attempts__lt=MOST_ATTEMPTS).update(state=State.WAITING)
        for file in list(files.filter(state=State.DONE)):
            issue = self.issues.get((file.scope, file.subject))
            if issue and issue.pk != file.issue_id:
                again = {"state": State.WAITING, "attempts": 0, "sha256": "", "issue": None}
                if PackFile.objects.filter(pk=file.pk, state=State.DONE).update(**again):
                    _forget(file)

    def make(self, scope: str, subject: str) -> None:
        """The files of one report that nobody else has claimed. A draft is composed once for all formats."""
        issue = self.issues.get((scope, subject))
        paper: Paper | None = None
        for file in self._claimed(scope, subject):
            try:
                if issue:
                    content = issue_files.content_of(issue=issue, format=file.format, now=self.now)
                else:
                    paper = paper or self._draft(scope, subject)
                    content = write(paper, file.format)
            except Exception as error:  # one report that cannot be made stops no other
                self._fail(file, error)
            else:
                self._tick_off(file, content, issue)

    def _claimed(self, scope: str, subject: str) -> list[PackFile]:
        mine = {"state": State.MAKING, "claim": self.name, "claimed_at": self.now, "error": ""}
        files = self.pack.files.filter(scope=scope, subject=subject)
        with transaction.atomic():  # one maker after the other, so that the formats of a report stay together
            WeeklyPack.objects.select_for_update(no_key=True).get(pk=self.pack.pk)
            files.filter(state=State.WAITING).update(attempts=F("attempts") + 1, **mine)
        return list(files.filter(claim=self.name, state=State.MAKING).order_by("format"))

    def _draft(self, scope: str, subject: str) -> Paper:
        about = find_subject(scope, subject, self.pack.plan.policy_id)
        rollup = WeekRollup.objects.select_related("plan").get(plan=self.pack.plan_id, week=self.pack.week)
        with translation.override(settings.LANGUAGE_CODE):
            author = _("Made by the system when the week was closed")
            made = compose(Selection(rollup, scope, about), office="", author=author, now=self.now)
            return made.as_generated

    def _tick_off(self, file: PackFile, content: bytes, issue: Issue | None) -> None:
        file.sha256 = sha256(content).hexdigest() if issue else issue_files.put(content, FOLDER)
        file.state, file.claim, file.size, file.made_at = State.DONE, "", len(content), self.now
        file.issue = issue
        self._save(file, "sha256", "size", "made_at", "issue")
        self.run.done.append(file)

    def _fail(self, file: PackFile, error: Exception) -> None:
        codes = {NoChineseFont: "no_font", issue_files.NoSuchFile: "gone"}
        file.state, file.claim, file.error = State.FAILED, "", codes.get(type(error), "unexpected")
        log.error("weekly pack: %s: %s: %s", file, type(error).__name__, error, exc_info=error)
        self._save(file, "error")
        self.run.failed.append(file)

    def _save(self, file: PackFile, *names: str) -> None:
        """If the claim still holds: whoever took it over has the last word."""
        values = {name: getattr(file, name) for name in ("state", "claim", *names)}
        PackFile.objects.filter(pk=file.pk, claim=self.name, state=State.MAKING).update(**values)
        if self.watch:
            self.watch(file)


@transaction.atomic
def _tell(pack: WeeklyPack, now: datetime) -> None:
    """Once nothing more will come by itself, tell the readers who may see something of it; once for all."""
    more = pack.files.filter(state__in=(State.WAITING, State.MAKING))
    again = pack.files.filter(state=State.FAILED, attempts__lt=MOST_ATTEMPTS)
    if more.exists() or again.exists():
        return
    if not WeeklyPack.objects.filter(pk=pack.pk, told_at=None).update(told_at=now):
        return
    done = pack.files.filter(state=State.DONE).count()
    failed = pack.files.filter(state=State.FAILED).count()
    week = format_week(pack.week)
    audit.record(
        by=None, action="make_pack", obj=pack, after={"week": week, "files": done, "failed": failed}, at=now
    )
    draft = Notice(
        kind=Notice.Kind.PACK,
        words=READY,
        arguments={"week": week},
        link=f"{reverse('weekly_pack')}?week={week}",
        key=f"pack:{week}",
    )
    users = [reader.user for reader in readers_of(pack.plan)]
    seeing = [
        user
        for user in users
        if can_see_business_data(user)
        and files_within(user, pack.plan).filter(pack=pack, state=State.DONE).exists()
    ]
    notify(to=seeing, draft=draft, now=now, letter=plain_letter(notice=draft))


def expire_files(*, now: datetime) -> int:
    """Forget the contents of files older than PACK_DAYS; returns how many. Issues keep theirs for ever."""
    old = PackFile.objects.filter(state=State.DONE, made_at__lt=now - timedelta(days=settings.PACK_DAYS))
    number = 0
    for file in old.iterator():
        _forget(file)  # first, so that a fall in between leaves nothing that nobody names
        number += PackFile.objects.filter(pk=file.pk, state=State.DONE).update(
            state=State.EXPIRED, sha256="", issue=None
        )
    return number


def _forget(file: PackFile) -> None:
    if file.issue_id is None:
        issue_files.store().delete(issue_files.path_of(file.sha256, FOLDER))
