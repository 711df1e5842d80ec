"""What is written down about one item: its plan, the changes of it, and where it stands from week to week.

The rows are those that the product's own actions would have left, not saved yet. Rules: docs/numbers.md.
"""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from tasks_tracker.actions.demo.filing import DAY
from tasks_tracker.actions.demo.items import Draft, Mark, Move
from tasks_tracker.actions.demo.texts import marked, pick, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.models import (
    WHOLE,
    Actor,
    CompletionRequest,
    Decision,
    Evidence,
    ExtensionRequest,
    Grade,
    Milestone,
    PlanChange,
    PlanSegment,
    Problem,
    ProgressReport,
    Standing,
    State,
    User,
)
from tasks_tracker.rules import schedule
from tasks_tracker.rules.schedule import Segment, plan_segments, written_marks
from tasks_tracker.rules.weeks import FAR

CARRIED = (
    "item",
    "lead",
    "weight",
    "starts_on",
    "due_on",
    "state",
    "is_key",
    "decomposed",
    "percent",
    "reported_week",
)
MOVED_AT = DAY + 10 * 60  # the plan is changed on a Tuesday morning


class Book:
    """The rows of one item, and how plan changes and accepted reports move it."""

    def __init__(self, world: World, draft: Draft) -> None:
        self.draft, self.item, self.rng = draft, draft.item, draft.rng
        self.people, self.seed = world.people, world.seed
        self.looked_at = world.calendar.now
        self.zone = self.looked_at.tzinfo
        self.asked = world.asked_for(draft.supporting, draft.item.code)
        self.decider = world.people.decider(draft.rng, draft.item.measure)
        self.standings: list[Standing] = []
        self.segments: list[PlanSegment] = []
        self.changes: list[PlanChange] = []
        self.reports: list[ProgressReport] = []
        self.problems: list[Problem] = []
        self.evidence: list[Evidence] = []
        self.completions: list[CompletionRequest] = []
        self.extensions: list[ExtensionRequest] = []
        self.side = Random(f"{world.seed}/requests/{draft.item.code}")  # leaves the other draws as they are
        self.pieces: list[Segment] = []
        self._reached: list[tuple[int, date]] = []

    @property
    def now(self) -> Standing:
        """The standing in force."""
        return self.standings[-1]

    @property
    def writer(self) -> User:
        """The reporter of the unit that leads at the time."""
        return self.people.reporters[self.now.lead_id]

    @property
    def reviewer(self) -> User | None:
        """Who reviews in that unit, where anybody does."""
        return self.people.reviewers.get(self.now.lead_id)

    def begin(self, week: date) -> None:
        """Let the item enter the plan in `week`, with what was agreed before any change."""
        item = self.item
        first = {move.field: move.old for move in self.draft.moves}
        agreed: dict[str, Any] = {
            "lead": first.get(PlanChange.Field.LEAD, item.lead),
            "weight": first.get(PlanChange.Field.WEIGHT, item.weight),
            "due_on": first.get(PlanChange.Field.DUE_ON, item.due_on),
            "state": State.ACCEPTED if self.rng.random() < 0.6 else State.ASSIGNED,
        }
        self.standings.append(
            Standing(
                item=item,
                since=week,
                until=FAR,
                starts_on=item.starts_on,
                is_key=item.is_key,
                decomposed=item.decomposed,
                **agreed,
            )
        )
        self._lay_out(week, self.draft.first_marks)

    def advance(self, week: date, **changes: Any) -> None:
        """What actions.standing.advance does, on rows that are not saved yet."""
        now = self.now
        if now.since < week:
            now.until = week
            carried = {name: getattr(now, name) for name in CARRIED}
            self.standings.append(Standing(since=week, until=FAR, previous_percent=now.percent, **carried))
        for name, value in changes.items():
            setattr(self.now, name, value)

    def accept(self, week: date, percent: int, day: date) -> None:
        """What actions.progress.accept_report does to the item, decided on `day` within the week."""
        state = State.IN_PROGRESS if self.now.state in (State.ASSIGNED, State.ACCEPTED) else self.now.state
        self.advance(week, percent=percent, reported_week=week, state=state)
        self._reached.append((percent, day))

    def move(self, move: Move) -> None:
        """Change a date, a weight or the lead, on the record."""
        reason = pick(self.rng, "changes", str(move.field))
        self._record(move.week, move.field, move.old, move.new, reason, MOVED_AT)
        if move.field == PlanChange.Field.DUE_ON:
            self._note_extension(move, reason)
        self.advance(move.week, **{str(move.field): move.new})
        if move.field == PlanChange.Field.DUE_ON:
            old, new = self.draft.first_marks, self.draft.marks
            if old != new:
                self._record(move.week, PlanChange.Field.MILESTONES, old, new, reason, MOVED_AT)
            self._lay_out(move.week, self.draft.marks)

    def change_state(self, week: date, state: State, *, minute: int) -> None:
        """Change the state, on the record; a closed item has its day and its grade."""
        if state == State.COMPLETION_REQUESTED:
            self._ask_completion(week, minute)
        else:
            reason = texts()["changes"]["state"][str(state)]
            self._record(week, PlanChange.Field.STATE, self.now.state, state, reason, minute)
        self.advance(week, state=state)
        if state == State.CLOSED:
            self.item.closed_on = self.at(week, minute).date()
            self._grant_completion(week, minute)

    def planned(self, day: int) -> int:
        """Planned progress on a day (ordinal) by the plan in force."""
        if day < self.pieces[0].from_day:
            return 0
        for piece in self.pieces:
            if day < piece.until_day:
                rise, run = piece.until_percent - piece.from_percent, piece.until_day - piece.from_day
                return piece.from_percent + rise * (day - piece.from_day) // run
        return WHOLE

    def milestones(self) -> list[Milestone]:
        """The milestones as planned now, with the day on which each was reached."""
        return [
            Milestone(
                item=self.item,
                number=number,
                title=mark.title,
                due_on=mark.day,
                percent=mark.percent,
                reached_on=next((day for percent, day in self._reached if percent >= mark.percent), None),
            )
            for number, mark in enumerate(self.draft.marks, start=1)
        ]

    def at(self, week: date, minute: int) -> datetime:
        """The moment `minute` minutes after the Monday began."""
        return datetime.combine(week, time(), tzinfo=self.zone) + timedelta(minutes=minute)

    def is_past(self, week: date, minute: int) -> bool:
        """That moment has come already."""
        return self.at(week, minute) <= self.looked_at

    def _lay_out(self, week: date, marks: list[Mark]) -> None:
        """Put the straight pieces of the plan in force from `week` on."""
        for segment in self.segments:
            segment.until = min(segment.until, week)
        run = (self.now.starts_on, self.now.due_on)
        self.pieces = plan_segments(*run, [(mark.day, mark.percent) for mark in marks])
        self.segments += [
            PlanSegment(item=self.item, since=week, until=FAR, **piece._asdict()) for piece in self.pieces
        ]

    def _ask_completion(self, week: date, minute: int) -> None:
        asked = CompletionRequest(
            item=self.item,
            statement=marked(pick(self.side, "steps", "statement")),
            percent=self.now.percent,
            asked_by=self.writer,
            asked_at=self.at(week, minute),
        )
        self.completions.append(asked)

    def _grant_completion(self, week: date, minute: int) -> None:
        if not self.completions:
            self._ask_completion(week, minute - DAY)
        asked = self.completions[-1]
        asked.decision, asked.decided_by, asked.decided_at = (
            Decision.GRANTED,
            self.decider,
            self.at(week, minute),
        )
        asked.grade = self.side.choices((Grade.EXCELLENT, Grade.GOOD, Grade.QUALIFIED), (25, 55, 20))[0]

    def _note_extension(self, move: Move, reason: str) -> None:
        """The request behind a due day that was moved."""
        if not isinstance(move.old, date) or not isinstance(move.new, date):
            return
        self.extensions.append(
            ExtensionRequest(
                item=self.item,
                due_on=move.old,
                asked_due_on=move.new,
                granted_due_on=move.new,
                reason=marked(reason),
                catch_up=marked(pick(self.side, "steps", "catch_up")),
                asked_by=self.writer,
                asked_at=self.at(move.week, MOVED_AT - DAY),
                decision=Decision.GRANTED,
                decided_by=self.decider,
                decided_at=self.at(move.week, MOVED_AT),
            )
        )

    def _record(
        self, week: date, field: PlanChange.Field, old: object, new: object, reason: str, minute: int
    ) -> None:
        self.changes.append(
            PlanChange(
                item=self.item,
                week=week,
                field=field,
                old_value=_written(old),
                new_value=_written(new),
                reason=marked(reason),
                asked_by=self.writer,
                approved_by=self.decider,
                at=self.at(week, minute),
            )
        )


def _written(value: object) -> str:
    """A value as PlanChange keeps it: days as ISO days, leads as actor codes."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return written_marks(schedule.Mark(mark.day, mark.percent, mark.title) for mark in value)
    return value.code if isinstance(value, Actor) else str(value)
