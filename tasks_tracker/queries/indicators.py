"""Indicators with their newest values, as known in a week; attainment is exact."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone

from tasks_tracker.models import Indicator, IndicatorValue, Measure, TargetChange, User, WorkItem
from tasks_tracker.models.indicators import DECIMALS
from tasks_tracker.queries.places import Place, standings_in
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.attainment import attainment, is_reached
from tasks_tracker.rules.weeks import ONE_WEEK

INDICATORS_SHOWN = 40


@dataclass(frozen=True)
class IndicatorLine:
    """An indicator and the value that was the newest in the week; None before the first one."""

    indicator: Indicator
    value: IndicatorValue | None
    previous: IndicatorValue | None
    history: Sequence[IndicatorValue] = ()  # all values that held, oldest day first

    @property
    def rising(self) -> bool:
        """More is better."""
        return self.indicator.direction == Indicator.Direction.RISING

    @property
    def trend(self) -> list[int]:
        """The values as whole numbers in the last decimal that is kept: the shape of a small line."""
        return [int(value.value.scaleb(DECIMALS)) for value in self.history]

    @property
    def attainment(self) -> Fraction | None:
        """The share of the way from baseline to target, in hundredths of a percent."""
        value = self.value.value if self.value else None
        return attainment(value, self.indicator.baseline, self.indicator.target, rising=self.rising)

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached."""
        return is_reached(self.value.value if self.value else None, self.indicator.target, rising=self.rising)


@dataclass(frozen=True)
class IndicatorSection:
    """The indicators of a place, those of its measures first; `left_out` is how many are not shown."""

    lines: Sequence[IndicatorLine]
    left_out: int


def indicators_of(subject: Measure | WorkItem, shown: ShownWeek | None) -> list[IndicatorLine]:
    """The indicators of a measure or an item as known in the shown week (None: now). Three queries at most.

    In a past week values count that had been recorded by its end, even if they were corrected later, against
    the target of then.
    """
    return _lines(subject.indicators.all(), _known_by(shown))


def indicators_in(shown: ShownWeek, user: User, place: Place) -> IndicatorSection:
    """Those of the measures of a place and of the items that its figures count. Three queries at most."""
    of_place = Q(item__in=standings_in(shown, user, place).values("item"))
    if place.measure:
        of_place |= Q(measure=place.measure)
    if place.key_task:
        of_place |= Q(measure__key_task=place.key_task)
    indicators: Any = Indicator.objects
    found = indicators.all().visible_to(user).filter(of_place).select_related("measure", "item__region")
    lines = _lines(
        found.order_by(
            F("measure__order").asc(nulls_last=True), "measure__code", "item__code", "order", "pk"
        ),
        _known_by(shown),
    )
    return IndicatorSection(lines[:INDICATORS_SHOWN], max(0, len(lines) - INDICATORS_SHOWN))


def indicators_known(indicators: Any, week: date | None) -> list[IndicatorLine]:
    """The lines of these indicators as known by the end of `week` (None: now). Three queries at most."""
    return _lines(indicators, None if week is None else _end_of(week))


def _lines(indicators: Any, known_by: datetime | None) -> list[IndicatorLine]:
    known = indicators.prefetch_related(Prefetch("values", _known(known_by), to_attr="known"))
    in_use = [
        indicator
        for indicator in known
        if not indicator.retired_on or (known_by and indicator.retired_on >= known_by.date())
    ]
    aims = _aims_of_then(in_use, known_by) if known_by else {}
    return [line_of(aims.get(indicator.pk, indicator), indicator.known) for indicator in in_use]


def _aims_of_then(indicators: Sequence[Indicator], known_by: datetime) -> dict[int, Indicator]:
    """Copies of the indicators whose target or baseline was changed later, with what held then. One query."""
    changes = TargetChange.objects.filter(indicator__in=[i.pk for i in indicators], at__gte=known_by)
    then: dict[int, Indicator] = {}
    by_pk = {indicator.pk: indicator for indicator in indicators}
    for change in changes.order_by("-at", "-pk"):  # undone one after the other, the last one first
        held = then.setdefault(change.indicator_id, copy(by_pk[change.indicator_id]))
        field: Any = Indicator._meta.get_field(change.field)
        setattr(held, change.field, field.to_python(change.old_value or (None if field.null else "")))
    return then


def line_of(indicator: Indicator, known: Iterable[IndicatorValue]) -> IndicatorLine:
    """The line of an indicator; `known` holds its values, the newest day first."""
    values = [*known]
    newest = [*values[:2], None, None]
    return IndicatorLine(indicator, newest[0], newest[1], values[::-1])


def _known(known_by: datetime | None) -> QuerySet[IndicatorValue]:
    values = IndicatorValue.objects.order_by("-as_of", "-pk")
    if known_by is None:
        return values.filter(is_current=True)
    still_held = Q(corrected_by=None) | Q(corrected_by__recorded_at__gte=known_by)
    return values.filter(still_held, recorded_at__lt=known_by)


def _known_by(shown: ShownWeek | None) -> datetime | None:
    """The end of a past week; None for the newest."""
    return None if shown is None or shown.is_latest else _end_of(shown.week)


def _end_of(week: date) -> datetime:
    return timezone.make_aware(datetime.combine(week + ONE_WEEK, time()))
