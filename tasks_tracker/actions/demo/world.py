"""What the demonstration is made from: the reference data, the calendar, and who is slow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from tasks_tracker.actions.demo.accounts import People
from tasks_tracker.actions.demo.texts import Subject, subject_of
from tasks_tracker.models import Actor, Industry, Measure, Plan, Region
from tasks_tracker.rules.weeks import ONE_WEEK, last_month_end_week

FRIDAY_AFTERNOON = timedelta(days=4, hours=16, minutes=20)
NATIONAL_SHARE = {"key": 0.12, "supporting": 0.4}
BIG_PROVINCE = 2.2


@dataclass(frozen=True)
class Calendar:
    """The weeks of the history.

    `first` … the week before `until` get frozen, `until` is the running week, looked at from `now`. The
    simulation begins in `base`, a month-end week before `first`, so that the figures do not start unknown.
    """

    first: date
    until: date
    now: datetime

    @property
    def base(self) -> date:
        """The last month-end week before the first week."""
        return last_month_end_week(self.first - ONE_WEEK)

    @property
    def weeks(self) -> list[date]:
        """The weeks that are rolled up, the running one last."""
        return [self.first + n * ONE_WEEK for n in range((self.until - self.first).days // 7 + 1)]

    @property
    def minutes_gone(self) -> int:
        """Minutes between the Monday of the running week and `now`."""
        monday = datetime.combine(self.until, time(), tzinfo=self.now.tzinfo)
        return int((self.now - monday).total_seconds() // 60)


class World:
    """Reference data in memory, drawn from by weight. All draws are the same for the same seed."""

    def __init__(self, *, plan: Plan, calendar: Calendar, people: People, seed: int) -> None:
        self.plan, self.calendar, self.people, self.seed = plan, calendar, people, seed
        self.measures: list[Measure] = list(
            plan.policy.measures.select_related("key_task").order_by("order", "code")
        )
        self.subjects: dict[int, Subject] = {m.pk: subject_of(m) for m in self.measures}
        self.industries = list(Industry.objects.order_by("order"))
        regions = list(Region.objects.order_by("order", "code"))
        self.national: Region = next(r for r in regions if r.kind == Region.Kind.NATIONAL)
        self.regions = [r for r in regions if r.reports and r.kind != Region.Kind.NATIONAL]
        big = set(Region.objects.filter(groups__code="industrial-provinces").values_list("pk", flat=True))
        self._region_weights = list(accumulate(BIG_PROVINCE if r.pk in big else 1.0 for r in self.regions))
        self._measure_weights = list(accumulate(m.weight for m in self.measures))
        actors = list(Actor.objects.order_by("order", "code"))
        self.bureaux: list[Actor] = [a for a in actors if a.level == Actor.Level.BUREAU and a.reports]
        self.participants = [a for a in actors if a.level == Actor.Level.PARTICIPANT]
        self.authority: dict[int | None, Actor] = {
            a.region_id: a for a in actors if a.level == Actor.Level.PROVINCE
        }
        self.prefectures: dict[int | None, list[Actor]] = {}
        for actor in actors:
            if actor.level == Actor.Level.PREFECTURE and actor.reports:
                self.prefectures.setdefault(actor.region_id, []).append(actor)
        self._drag = {
            ("region", r.pk): Random(f"{seed}/region/{r.code}").uniform(0.3, 1.65)
            for r in [self.national, *self.regions]
        }
        for measure in self.measures:
            head = measure.key_task.number if measure.key_task else 0
            self._drag["measure", measure.pk] = Random(f"{seed}/task/{head}").uniform(0.75, 1.3)

    def some_measure(self, rng: Random) -> Measure:
        """A measure, the weightier the likelier."""
        return rng.choices(self.measures, cum_weights=self._measure_weights)[0]

    def some_region(self, rng: Random, measure: Measure) -> Region:
        """The national level for a share of the items, else a region; industrial provinces have more."""
        if rng.random() < NATIONAL_SHARE["key" if measure.key_task_id else "supporting"]:
            return self.national
        chosen: Region = rng.choices(self.regions, cum_weights=self._region_weights)[0]
        return chosen

    def asked_for(self, supporting: Sequence[Actor], code: str) -> Actor | None:
        """From whom an item needs something: a unit that supports it, else a bureau, or nobody."""
        rng = Random(f"{self.seed}/asked/{code}")
        units = [actor for actor in supporting if actor.reports] or self.bureaux
        return rng.choice(units) if rng.random() < 0.85 else None

    def drag(self, region: Region, measure: Measure) -> float:
        """How slow things go there: 1 = as everywhere, 2 = twice as many items behind."""
        return self._drag["region", region.pk] * self._drag["measure", measure.pk]
