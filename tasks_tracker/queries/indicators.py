"""Indicators with their newest values, as known in a week; attainment is exact."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from tasks_tracker.models import Indicator, IndicatorValue, Measure, WorkItem
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.attainment import attainment, is_reached
from tasks_tracker.rules.weeks import ONE_WEEK


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator and the value that was the newest in the week; None before the first one."""

    indicator: Indicator
    value: IndicatorValue | None
    previous: IndicatorValue | None

    @property
    def rising(self) -> bool:
        """More is better."""
        return self.indicator.direction == Indicator.Direction.RISING

    @property
    def attainment(self) -> Fraction | None:
        """The share of the way from baseline to target, in hundredths of a percent."""
        value = self.value.value if self.value else None
        return attainment(value, self.indicator.baseline, self.indicator.target, rising=self.rising)

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached."""
        return is_reached(self.value.value if self.value else None, self.indicator.target, rising=self.rising)


def indicators_of(subject: Measure | WorkItem, shown: ShownWeek | None) -> list[IndicatorLine]:
    """The indicators of a measure or an item as known in the shown week (None: now). Two queries at most.

    In a past week values count that had been recorded by its end, even if they were corrected later.
    """
    known_by = None if shown is None or shown.is_latest else _end_of(shown.week)
    indicators: Any = subject.indicators.prefetch_related(
        Prefetch("values", _known(known_by), to_attr="known")
    )
    return [
        line_of(indicator, indicator.known)
        for indicator in indicators
        if not indicator.retired_on or (known_by and indicator.retired_on >= known_by.date())
    ]


def line_of(indicator: Indicator, known: Iterable[IndicatorValue]) -> IndicatorLine:
    """The line of an indicator; `known` holds its values, the newest day first."""
    newest = [*known][:2]
    return IndicatorLine(indicator, *newest, *[None] * (2 - len(newest)))


def _known(known_by: datetime | None) -> QuerySet[IndicatorValue]:
    values = IndicatorValue.objects.order_by("-as_of", "-pk")
    if known_by is None:
        return values.filter(is_current=True)
    still_held = Q(corrected_by=None) | Q(corrected_by__recorded_at__gte=known_by)
    return values.filter(still_held, recorded_at__lt=known_by)


def _end_of(week: date) -> datetime:
    return timezone.make_aware(datetime.combine(week + ONE_WEEK, time()))
