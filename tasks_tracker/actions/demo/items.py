"""Drawing work items: where, who, what, until when, along which milestones."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from tasks_tracker.actions.assigning import short_code
from tasks_tracker.actions.demo.course import Course, Fate, Run, Span, draw_course, draw_fate, draw_run
from tasks_tracker.actions.demo.texts import INDUSTRY, Subject, pick, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.models import Actor, Measure, PlanChange, Region, WorkItem

FAMILY_EVERY = 100  # one item in so many is decomposed
MILESTONE_COUNTS = ((0, 1, 2, 3, 4, 5, 6), (12, 10, 16, 20, 20, 14, 8))
POINT = 100


@dataclass(frozen=True)
class Mark:
    """A milestone to be: its title, day and planned percent (hundredths)."""

    title: str
    day: date
    percent: int


@dataclass(frozen=True)
class Move:
    """A change of the plan that counts from `week` on."""

    week: date
    field: PlanChange.Field
    old: object
    new: object


@dataclass
class Draft:
    """An item with all that decides its history. `moves` lie in the order of their weeks."""

    item: WorkItem
    subject: Subject
    total: int
    step: int
    diligence: float
    fate: Fate
    course: Course
    rng: Random
    marks: list[Mark]
    first_marks: list[Mark]
    moves: list[Move]
    supporting: list[Actor]
    parent: "Draft | None" = None
    begins: date | None = None
    children: int = field(default=0)


class Drawer:
    """Draws items one after the other; the n-th is the same however many are asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        calendar = world.calendar
        self.span = Span(
            starts=world.plan.starts_on.toordinal(),
            ends=world.plan.ends_on.toordinal(),
            first=calendar.first.toordinal(),
            until=calendar.until.toordinal(),
        )
        self._numbers: Counter[tuple[int, int]] = Counter()
        self._uncovered = list(reversed(world.measures))

    def drafts(self, count: int) -> Iterator[Draft]:
        """`count` drafts. First every measure gets one; then children follow their decomposed parent."""
        family: Draft | None = None
        for index in range(count):
            rng = Random(self.world.seed * 1_000_003 + index)
            if family and family.children:
                family.children -= 1
                yield self._child(rng, family)
                continue
            draft = self._draft(rng)
            if index % FAMILY_EVERY == FAMILY_EVERY - 10 and not self._uncovered and count - index > 4:
                family = self._decompose(draft)
            yield draft

    def _draft(self, rng: Random) -> Draft:
        world = self.world
        if self._uncovered:
            measure = self._uncovered.pop()
            region = world.national if rng.random() < 0.5 else world.some_region(rng, measure)
        else:
            measure = world.some_measure(rng)
            region = world.some_region(rng, measure)
        return self._drawn(rng, measure, region, self._lead(rng, measure, region))

    def _child(self, rng: Random, parent: Draft) -> Draft:
        item = parent.item
        region = item.region
        if region == self.world.national:
            region = self.world.some_region(rng, item.measure)
        draft = self._drawn(rng, item.measure, region, self._lead(rng, item.measure, region))
        draft.parent = parent
        return draft

    def _decompose(self, draft: Draft) -> Draft:
        """Make the item one that is reported through its children."""
        draft.fate, draft.moves, draft.first_marks = Fate.ON_TRACK, [], draft.marks
        draft.item.decomposed = True
        draft.children = 2 + int(draft.rng.random() * 3)
        return draft

    def _lead(self, rng: Random, measure: Measure, region: Region) -> Actor:
        if region == self.world.national:
            lead: Actor | None = measure.suggested_lead
            return lead if lead and lead.reports else self.world.bureaux[0]
        cities = self.world.prefectures.get(region.pk, [])
        if cities and rng.random() < 0.3:
            return cities[int(rng.random() * len(cities))]
        return self.world.authority[region.pk]

    def _drawn(self, rng: Random, measure: Measure, region: Region, lead: Actor) -> Draft:
        world = self.world
        drag = world.drag(region, measure)
        fate = draw_fate(rng, drag)
        run = draw_run(rng, fate, self.span)
        marks = self._marks(rng, run)
        pace = 100 * POINT * 7 / (run.due - run.start)
        course = draw_course(rng, fate, run, self.span, pace, bias=int((1 - drag) * 130))
        subject = world.subjects[measure.pk]
        item = self._item(rng, measure, region, lead, run, subject)
        item.is_key = fate is not Fate.DONE and rng.random() < 0.06
        draft = Draft(
            item=item,
            subject=subject,
            total=round_number(rng, subject),
            step=rng.choices((100, 50, 10), (70, 22, 8))[0],
            diligence=rng.choices((0.985, 0.9, 0.6), (80, 15, 5))[0],
            fate=fate,
            course=course,
            rng=rng,
            marks=marks,
            first_marks=marks,
            moves=[],
            supporting=self._supporting(rng, region, lead),
        )
        item.expected_result = pick(rng, "results").format(
            year=item.due_on.year, noun=subject.noun, total=draft.total, unit=subject.unit
        )
        self._plan_moves(draft)
        return draft

    def _item(
        self, rng: Random, measure: Measure, region: Region, lead: Actor, run: Run, subject: Subject
    ) -> WorkItem:
        number = self._numbers[measure.pk, region.pk] = self._numbers[measure.pk, region.pk] + 1
        stems = subject.national if region == self.world.national else subject.local
        stem = stems[(number - 1) % len(stems)]
        turn, industry = (number - 1) // len(stems), None
        if INDUSTRY in stem:
            industry = self.world.industries[
                (measure.order + region.order + turn) % len(self.world.industries)
            ]
            stem, turn = stem.replace(INDUSTRY, industry.name), turn // len(self.world.industries)
        return WorkItem(
            code=f"{short_code(region)}-{measure.code}-{number:02d}",
            plan=self.world.plan,
            measure=measure,
            region=region,
            lead=lead,
            owner=self.world.people.reporters[lead.pk],
            industry=industry,
            title=f"{place_of(lead, region, self.world.national)}{stem}{batch(turn)}",
            deliverable=subject.deliverable,
            commitment=rng.choices(("binding", "anticipatory"), (35, 65))[0],
            weight=rng.choices((1, 2, 3, 4, 5), (30, 28, 22, 12, 8))[0],
            starts_on=date.fromordinal(run.start),
            due_on=date.fromordinal(run.due),
            is_demonstration=True,
        )

    def _supporting(self, rng: Random, region: Region, lead: Actor) -> list[Actor]:
        if region == self.world.national:
            near = [bureau for bureau in self.world.bureaux if bureau != lead]
        else:
            cities = self.world.prefectures.get(region.pk, [])
            near = [actor for actor in (*cities, self.world.authority[region.pk]) if actor != lead]
        near = near or self.world.participants
        found = [near[int(rng.random() * len(near))]] if rng.random() < 0.6 else []
        if rng.random() < 0.35:
            found.append(self.world.participants[int(rng.random() * len(self.world.participants))])
        return list(dict.fromkeys(found))

    def _marks(self, rng: Random, run: Run) -> list[Mark]:
        """Milestones strictly inside the run, their percent never falling."""
        count = rng.choices(*MILESTONE_COUNTS)[0]
        titles = pick(rng, "milestones")
        first = int(rng.random() * (len(titles) - count + 1))
        curve = rng.uniform(0.85, 1.25)
        length = run.due - run.start
        marks: list[Mark] = []
        for number in range(count):
            share = (number + 1 + rng.uniform(-0.3, 0.3)) / (count + 1)
            percent = min(95, max(5, 5 * round(20 * share**curve))) * POINT
            lowest = marks[-1].percent if marks else 0
            day = date.fromordinal(run.start + max(1, int(length * share)))
            marks.append(Mark(titles[first + number], day, max(percent, lowest)))
        return marks

    def _plan_moves(self, draft: Draft) -> None:
        rng, fate = draft.rng, draft.fate
        weeks = self.world.calendar.weeks[1:-1]
        if not weeks or fate in (Fate.DONE, Fate.NEW):
            return
        week = weeks[int(rng.random() * len(weeks))]
        chance = rng.random()
        if fate in (Fate.SUSPENDED, Fate.CANCELLED):
            state = "suspended" if fate is Fate.SUSPENDED else "cancelled"
            draft.moves = [Move(week, PlanChange.Field.STATE, "", state)]
        elif chance < (0.35 if fate is Fate.OVERDUE else 0.06):
            self._move_due_day(draft, week)
        elif 0.4 < chance < 0.42:
            old = draft.item.weight % 5 + 1
            draft.moves = [Move(week, PlanChange.Field.WEIGHT, old, draft.item.weight)]
        elif 0.5 < chance < 0.53:
            self._move_lead(draft, week)

    def _move_due_day(self, draft: Draft, week: date) -> None:
        """Let the item have been due earlier until `week`; the milestones after it move along."""
        due = draft.item.due_on
        old = due - timedelta(days=28 + int(draft.rng.random() * 120))
        if old < week + timedelta(days=14) or old <= draft.item.starts_on + timedelta(days=90):
            return
        if week <= draft.item.starts_on:
            return
        ratio = (old - week).days / (due - week).days
        marks = [
            m
            if m.day <= week
            else Mark(m.title, week + timedelta(days=int((m.day - week).days * ratio)), m.percent)
            for m in draft.marks
        ]
        days = [mark.day for mark in marks]
        if all(a < b for a, b in pairwise([*days, old])):
            draft.first_marks = marks
            draft.moves = [Move(week, PlanChange.Field.DUE_ON, old, due)]

    def _move_lead(self, draft: Draft, week: date) -> None:
        """Let another unit of the same place have led until `week`."""
        item = draft.item
        places = [*self.world.prefectures.get(item.region_id, []), self.world.authority.get(item.region_id)]
        others = [actor for actor in places if actor and actor != item.lead]
        if item.region != self.world.national and others:
            draft.moves = [Move(week, PlanChange.Field.LEAD, others[0], item.lead)]


def round_number(rng: Random, subject: Subject) -> int:
    """A target that one would set: two significant digits between the bounds of the subject."""
    raw = int(subject.low + (subject.high - subject.low) * rng.random() ** 2)
    size: int = 10 ** max(len(str(raw)) - 2, 0)
    return max(raw // size * size, 1)


def batch(turn: int) -> str:
    """What tells the second, third … item of the same name apart."""
    numerals: str = texts()["numerals"]
    if turn == 0:
        return ""
    return str(texts()["batch"]).format(n=numerals[turn] if turn < len(numerals) else turn + 1)


def place_of(lead: Actor, region: Region, national: Region) -> str:
    """What a title begins with: the city of a prefecture-level lead, the region, or nothing."""
    if region == national:
        return ""
    if lead.level == Actor.Level.PREFECTURE:
        city, found, _authority = lead.name.partition(texts()["city"])
        return city + found
    return region.name
