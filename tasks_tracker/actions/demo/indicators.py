"""Indicators of the demonstration: one for about every third measure and for some key items, with values.

All of it is invented and marked so. It draws on a chance of its own, so that items and reports stay the same.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from tasks_tracker.actions.demo.texts import marked, subject_of, texts
from tasks_tracker.actions.demo.world import World
from tasks_tracker.models import Indicator, IndicatorValue, Measure, WorkItem

SHARE = 0.35  # of the measures
KEY_ITEMS = 12
MONTHS = 6  # with a value each, up to now
CORRECTED = 0.08


def add_indicators(world: World) -> int:
    """Save the indicators with their values; returns how many there are."""
    made = [
        *(_of_measure(world, measure) for measure in world.measures if _rng(world, measure).random() < SHARE),
        *(_of_item(world, item) for item in _key_items(world)),
    ]
    Indicator.objects.bulk_create(made)
    values = [value for indicator in made for value in _values(world, indicator)]
    IndicatorValue.objects.bulk_create(values)
    _correct(world, values)
    return len(made)


def _rng(world: World, of: Measure | WorkItem | Indicator) -> Random:
    subject = (of.measure or of.item) if isinstance(of, Indicator) else of
    name = subject.code if subject else ""
    return Random(f"{world.seed}/indicator/{type(of).__name__}/{name}")


def _key_items(world: World) -> list[WorkItem]:
    items = WorkItem.objects.filter(plan=world.plan, is_key=True, decomposed=False).select_related("measure")
    return list(items.order_by("code")[:KEY_ITEMS])


def _of_measure(world: World, measure: Measure) -> Indicator:
    """Every fifth target is in words, every sixth number is to fall."""
    rng, subject, words = _rng(world, measure), subject_of(measure), texts()["indicators"]
    rng.random()  # the one that chose the measure
    total = rng.randint(subject.low, subject.high) * 10
    indicator = Indicator(
        measure=measure,
        name=subject.noun,
        unit=subject.unit,
        commitment=rng.choice(WorkItem.Commitment.values),
        source=marked(words["source"]),
        target_on=world.plan.ends_on,
        is_demonstration=True,
    )
    kind = rng.random()
    if kind < 0.2:
        indicator.target_text = words["about"].format(total=total, unit=subject.unit)
    elif kind < 0.36:
        indicator.name, indicator.unit = rng.choice(words["falling"])
        indicator.direction = Indicator.Direction.FALLING
        indicator.baseline = Decimal(rng.randint(300, 900)) / 10
        indicator.target = indicator.baseline * (100 - rng.randint(8, 20)) / 100
        indicator.baseline_on = world.plan.starts_on - timedelta(days=1)
    else:
        indicator.baseline, indicator.target = Decimal(total // 4), Decimal(total)
        indicator.baseline_on = world.plan.starts_on - timedelta(days=1)
    if indicator.target is not None:
        indicator.target = indicator.target.quantize(Decimal("0.1"))
    return indicator


def _of_item(world: World, item: WorkItem) -> Indicator:
    rng, subject = _rng(world, item), subject_of(item.measure)
    return Indicator(
        item=item,
        name=subject.noun,
        unit=subject.unit,
        baseline=Decimal(0),
        baseline_on=item.starts_on,
        target=Decimal(rng.randint(subject.low, subject.high)),
        target_on=item.due_on,
        commitment=item.commitment,
        source=marked(texts()["indicators"]["source"]),
        is_demonstration=True,
    )


def _values(world: World, indicator: Indicator) -> Iterator[IndicatorValue]:
    """One at the end of each month since the start, on the way to the target, a little off the line."""
    rng, now = _rng(world, indicator), world.calendar.now
    first = indicator.baseline_on or world.plan.starts_on
    whole = indicator.target if indicator.target is not None else Decimal(rng.randint(50, 150))
    base = indicator.baseline if indicator.baseline is not None else Decimal(0)
    pace = rng.uniform(0.75, 1.15)
    by = world.people.supervisor if indicator.measure_id else None
    for day in _month_ends(now.date()):
        if day <= first:
            continue
        share = min(1.0, pace * (day - first).days / max((indicator.target_on - first).days, 1))
        reached = base + (whole - base) * Decimal(round(share * 100)) / 100
        yield IndicatorValue(
            indicator=indicator,
            value=reached.quantize(Decimal("0.1") if indicator.direction == "falling" else Decimal(1)),
            as_of=day,
            source=marked(texts()["indicators"]["monthly"]),
            recorded_by=by or world.people.reporters[indicator.item.lead_id],  # type: ignore[union-attr]
            recorded_at=min(now, datetime.combine(day + timedelta(days=5), time(15), tzinfo=now.tzinfo)),
        )


def _month_ends(today: date) -> list[date]:
    """The last days of the six months before, oldest first."""
    ends = []
    day = today
    for _n in range(MONTHS):
        day = day.replace(day=1) - timedelta(days=1)
        ends.append(day)
    return ends[::-1]


def _correct(world: World, values: list[IndicatorValue]) -> None:
    """A few values were corrected the day after: both stay on record."""
    rng = Random(f"{world.seed}/indicator/corrections")
    for wrong in values:
        if rng.random() >= CORRECTED or wrong.value < 10:
            continue
        IndicatorValue.objects.filter(pk=wrong.pk).update(is_current=False)
        IndicatorValue.objects.create(
            indicator=wrong.indicator,
            value=wrong.value - 1,
            as_of=wrong.as_of,
            source=marked(texts()["indicators"]["corrected"]),
            recorded_by=wrong.recorded_by,
            recorded_at=min(world.calendar.now, wrong.recorded_at + timedelta(days=1)),
            corrects=wrong,
        )
