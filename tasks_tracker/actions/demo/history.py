"""The weeks of one item, lived through one after the other: who owes a report, and what becomes of it.

The diary keeps to the rules of the product, so that its rows are those of a real history. Days are ordinals
where arithmetic is done with them. Rules: docs/numbers.md, "The week".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from random import Random

from tasks_tracker.actions.demo import filing
from tasks_tracker.actions.demo.book import Book
from tasks_tracker.actions.demo.course import WEEK, Fate
from tasks_tracker.actions.demo.files import evidence_of
from tasks_tracker.actions.demo.filing import CUTOFF, DAY, Status, Version
from tasks_tracker.actions.demo.items import Draft
from tasks_tracker.actions.demo.signing import Signed, sign
from tasks_tracker.actions.demo.texts import pick
from tasks_tracker.actions.demo.wording import Trouble, next_steps, progress_note, trouble
from tasks_tracker.actions.demo.world import World
from tasks_tracker.models import RUNNING_STATES, WHOLE, PlanChange, Problem, ProgressReport, State
from tasks_tracker.rules.weeks import ONE_WEEK, is_month_end_week, last_month_end_week, week_of

FRIDAY = 4
EARLIER_REPORTS = 3  # so many quarter-ends before the history show a report
ODD = 0.06  # the chance that something about a waiting report asks for a look
JUMP = 2_300
VOLUNTARY = 0.1  # the chance of a report that is not owed
REQUESTED_AT = 9 * 60
CLOSED_AT = 3 * DAY + 10 * 60
month_end = cache(last_month_end_week)


@dataclass(frozen=True)
class Content:
    """What a report says; its percent in hundredths."""

    percent: int
    note: str
    steps: str
    decrease_reason: str
    no_change: bool
    troubles: tuple[Trouble, ...]


class Diary(Book):
    """Writes the history of one draft into its book."""

    def __init__(self, world: World, draft: Draft) -> None:
        super().__init__(world, draft)
        self.calendar = world.calendar
        self.plan = world.plan
        self.moves = {move.week: move for move in draft.moves}
        self.last: Content | None = None
        self.last_given: date | None = None
        self.forced: set[date] = set()
        self.waits = False

    def write(self) -> None:
        """Live through all weeks; afterwards the item holds what is agreed about it now."""
        weeks = self._weeks()
        self.begin(weeks[0])
        for week in weeks if not self.item.decomposed else ():
            before = self.now.percent
            self._change_plan(week)
            if self.now.state in RUNNING_STATES and self.draft.fate is not Fate.SILENT:
                self._file(week, before)
        self.item.state = self.now.state

    def _weeks(self) -> list[date]:
        """The weeks to live through: a few earlier quarters, then every week up to now or to the close."""
        base, until = self.calendar.base, self.calendar.until
        start, fate = week_of(self.item.starts_on), self.draft.fate
        if fate is Fate.NEW:
            return list(_every_week(max(self.calendar.first, start - ONE_WEEK), until))
        closed = date.fromordinal(self.draft.course.closed) if fate is Fate.DONE else None
        done = closed - 2 * ONE_WEEK if closed else until
        quarters = list(_quarter_ends(start, min(base, done)))[-EARLIER_REPORTS:]
        self.forced = {*quarters, base, done} - {until}
        final = _every_week(done, closed) if closed else ()
        return sorted({*quarters, *_every_week(base, closed or until), *final})

    def _change_plan(self, week: date) -> None:
        move = self.moves.get(week)
        if move and move.field == PlanChange.Field.STATE:
            self.change_state(week, State(str(move.new)), minute=CLOSED_AT)
        elif move:
            self.move(move)
        ends = self.draft.course.closed
        if not ends or self.now.percent != WHOLE:
            return
        if week.toordinal() == ends - WEEK and self.now.state == State.IN_PROGRESS:
            self.change_state(week, State.COMPLETION_REQUESTED, minute=REQUESTED_AT)
        elif self.draft.fate is Fate.DONE and week.toordinal() == ends:
            self.change_state(week, State.CLOSED, minute=CLOSED_AT)

    # --- who owes -----------------------------------------------------------------------------------------

    def _is_weekly(self, monday: int, before: int | None) -> bool:
        """Weekly cadence, as the week began with the percent `before`."""
        due = self.now.due_on.toordinal()
        if self.item.is_key:
            return True
        if self.now.starts_on.toordinal() > monday:
            return False
        soon = due <= monday + self.plan.due_soon_days and (before is None or before < WHOLE)
        slow = before is not None and before - self.planned(monday) < self.plan.at_risk_below
        return due < monday or soon or slow

    def _owes(self, week: date, *, weekly: bool) -> bool:
        start, end = self.now.starts_on.toordinal(), month_end(week)
        if weekly and start <= week.toordinal() + FRIDAY:
            return True
        given = self.last_given is not None and self.last_given >= end
        return start <= end.toordinal() + FRIDAY and not given

    def _file(self, week: date, before: int | None) -> None:
        """Report or stay silent in `week`."""
        weekly = self._is_weekly(week.toordinal(), before)
        owed = self._owes(week, weekly=weekly)
        started = self.now.starts_on < week + ONE_WEEK
        forced = week in self.forced and started
        chance = self.draft.diligence if owed else VOLUNTARY if started else 0.0
        if not forced and (self.rng.random() >= chance or (self.waits and week == self.calendar.until)):
            return
        versions = self._versions(week, forced=forced, owed=owed)
        if versions:
            self._write(week, versions, self._percent(week, weekly=weekly))

    def _versions(self, week: date, *, forced: bool, owed: bool) -> list[Version]:
        if forced or week < self.calendar.first:
            return filing.filed_on_time(self.rng)
        if week < self.calendar.until:
            last = week == self.calendar.until - ONE_WEEK
            return filing.filed_in_closed_week(self.rng, may_wait=last)
        return filing.filed_in_running_week(self.rng, self.calendar.minutes_gone, owed=owed)

    # --- what is said -------------------------------------------------------------------------------------

    def _percent(self, week: date, *, weekly: bool) -> int:
        """Where the reporter says that the item stands; monthly reporters look a little ahead."""
        monday, known, step = week.toordinal(), self.now.percent or 0, self.draft.step
        course = self.draft.course
        if known > 1500 and known < WHOLE and self.rng.random() < 0.004:
            drop = 100 * (1 + int(self.rng.random() * 4))
            course.setback += drop
            return known - drop
        planned = self.planned(monday + (9 if weekly else 20))
        return max(known, course.aim(monday, planned) // step * step)

    def _write(self, week: date, versions: list[Version], percent: int) -> None:
        submitted = week.toordinal() + versions[-1].minute // DAY
        percent = self._odd_percent(week, versions[-1], percent)
        content = self._odd_note(
            week, versions[-1], self._content(week, percent, submitted, may_repeat=len(versions) == 1)
        )
        for number, version in enumerate(versions, start=1):
            self._write_version(week, number, version, content)
        final = versions[-1]
        if final.status in (Status.SUBMITTED, Status.ACCEPTED):
            self.last_given = week
        self.waits = final.status is Status.SUBMITTED
        if final.status is Status.ACCEPTED and final.decided is not None:
            self.last = content
            self.accept(week, percent, self.at(week, final.decided).date())

    def _odd_percent(self, week: date, final: Version, percent: int) -> int:
        """Among what waits a few reports jump, so that whoever reviews has something to look at."""
        odd = Random(f"{self.seed}/jump/{self.item.code}/{week}").random() < ODD
        if not (odd and final.status is Status.SUBMITTED and (self.now.percent or WHOLE) < WHOLE - JUMP):
            return percent
        return max(percent, (self.now.percent or 0) + JUMP)

    def _odd_note(self, week: date, final: Version, content: Content) -> Content:
        """And a few say what they said last time."""
        odd = Random(f"{self.seed}/copy/{self.item.code}/{week}").random() < ODD
        if not (odd and final.status is Status.SUBMITTED and self.last and self.last.note):
            return content
        return content if content.no_change else replace(content, note=self.last.note)

    def _content(self, week: date, percent: int, submitted: int, *, may_repeat: bool) -> Content:
        rng, draft, known = self.rng, self.draft, self.now.percent
        variance = percent - self.planned(submitted)
        must_explain = self.now.due_on.toordinal() < submitted or variance < self.plan.behind_below
        may_repeat = may_repeat and percent == known and rng.random() < 0.6
        if may_repeat and self.last and (self.last.troubles or not must_explain):
            return Content(percent, "", self.last.steps, "", no_change=True, troubles=self.last.troubles)
        chance = 1.0 if must_explain else 0.3 if variance < self.plan.at_risk_below else 0.03
        troubles: tuple[Trouble, ...] = ()
        if rng.random() < chance:
            old = self.last.troubles if self.last else ()
            troubles = old if old and rng.random() < 0.7 else (trouble(rng),)
        return Content(
            percent=percent,
            note=progress_note(rng, draft, percent, known or 0),
            steps=next_steps(rng, draft, percent, week, behind=must_explain),
            decrease_reason=pick(rng, "decreases") if percent < (known or 0) else "",
            no_change=False,
            troubles=troubles,
        )

    def _write_version(self, week: date, number: int, version: Version, content: Content) -> None:
        status = version.status
        given = status is not Status.DRAFT
        accepted = status in (Status.ACCEPTED, Status.SUPERSEDED)
        saved_at = self.at(week, version.minute)
        signed = sign(self, week, number, version) if given else Signed()
        report = ProgressReport(
            item=self.item,
            week=week,
            version=number,
            status=signed.status or status.value,
            percent=content.percent,
            no_change=content.no_change and given,
            progress_note=content.note,
            next_steps=content.steps,
            decrease_reason=content.decrease_reason,
            written_by=self.writer,
            saved_by=self.writer,
            saved_at=saved_at,
            submitted_by=self.writer if given else None,
            submitted_at=saved_at if given else None,
            is_late=given and version.minute >= CUTOFF,
            unit_review=signed.unit_review,
            reviewed_by=signed.reviewed_by,
            reviewed_at=signed.reviewed_at,
            decided_by=signed.decided_by,
            decided_at=signed.decided_at,
            return_reason=pick(self.rng, "returns") if status is Status.RETURNED else "",
            counted_week=week if accepted else None,
        )
        self.reports.append(report)
        self.evidence += evidence_of(self, report)
        self.problems += [self._problem(report, trouble) for trouble in content.troubles]

    def _problem(self, report: ProgressReport, trouble: Trouble) -> Problem:
        return Problem(
            report=report,
            kind=trouble.kind,
            description=trouble.description,
            needed=trouble.needed,
            needed_from=self.asked,
        )


def _every_week(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_WEEK


def _quarter_ends(first: date, before: date) -> Iterable[date]:
    """The month-end weeks of March, June, September and December from `first` on, before `before`."""
    for week in _every_week(first + ONE_WEEK, before - ONE_WEEK):
        friday = week + ONE_WEEK * 4 / 7
        if friday.month % 3 == 0 and is_month_end_week(week):
            yield week
