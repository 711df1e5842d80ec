"""Indicators of measures and work items, and their values. Rules: docs/numbers.md, "Indicators"."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import User, in_language
from tasks_tracker.models.plan import WorkItem
from tasks_tracker.models.policy import Measure

# Fifteen digits: what SQLite, which keeps decimals as floating point, still gives back exactly.
DIGITS, DECIMALS = 15, 4


def _number(label: object, **options: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=DIGITS, decimal_places=DECIMALS, **options)  # type: ignore[arg-type]


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    """Indicators, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """Those of the work items that the user sees, and of measures unless limited to other key tasks."""
        scope = user.scope
        if scope.nothing:
            return self.none()
        measures = Q(measure__isnull=False)
        if scope.key_tasks:
            measures &= Q(measure__key_task__in=scope.key_tasks)
        return self.filter(measures | Q(item__in=WorkItem.objects.visible_to(user)))


class Indicator(models.Model):
    """What a measure or a work item is to reach: a number (rising or falling) or words, by a day."""

    class Direction(models.TextChoices):
        RISING = "rising", _("is to rise")
        FALLING = "falling", _("is to fall")

    measure = models.ForeignKey(
        Measure,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("measure"),
    )
    item = models.ForeignKey(
        WorkItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="indicators",
        verbose_name=_("work item"),
    )
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    unit = models.CharField(_("unit of measurement"), max_length=20, blank=True)
    baseline = _number(_("baseline"), null=True, blank=True)
    baseline_on = models.DateField(_("baseline as of"), null=True, blank=True)
    direction = models.CharField(
        _("direction"), max_length=8, choices=Direction.choices, default=Direction.RISING
    )
    target = _number(_("target"), null=True, blank=True)
    target_text = models.CharField(_("target in words"), max_length=80, blank=True)
    target_on = models.DateField(_("target day"))
    commitment = models.CharField(
        _("commitment"),
        max_length=12,
        choices=WorkItem.Commitment.choices,
        default=WorkItem.Commitment.ANTICIPATORY,
    )
    source = models.CharField(_("source"), max_length=200)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    is_demonstration = models.BooleanField(_("demonstration data"), default=False)

    objects: ClassVar[models.Manager["Indicator"]] = IndicatorQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "plan_indicator"
        ordering = ("order", "pk")
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        constraints = (
            models.CheckConstraint(
                name="indicator_has_one_subject",
                condition=Q(measure__isnull=False, item__isnull=True)
                | Q(measure__isnull=True, item__isnull=False),
            ),
            models.CheckConstraint(
                name="indicator_has_one_target",
                condition=Q(target__isnull=False, target_text="")
                | (Q(target__isnull=True) & ~Q(target_text="")),
                violation_error_message=_("Give the target either as a number or in words."),
            ),
            models.CheckConstraint(
                name="baseline_has_a_day",
                condition=Q(baseline__isnull=True, baseline_on__isnull=True)
                | Q(baseline__isnull=False, baseline_on__isnull=False),
                violation_error_message=_("A baseline has a number and a day."),
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name, self.name_en)


class IndicatorValue(models.Model):
    """A value as of a day, with its source. Rows are only added: a correction takes the place of another."""

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="values", verbose_name=_("indicator"), db_index=False
    )
    value = _number(_("value"))
    as_of = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=200)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    corrects = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrected_by",
        verbose_name=_("corrects"),
    )
    is_current = models.BooleanField(_("current"), default=True)

    class Meta:
        db_table = "plan_indicator_value"
        ordering = ("-as_of", "-pk")
        verbose_name = _("indicator value")
        verbose_name_plural = _("indicator values")
        constraints = (
            models.UniqueConstraint(
                "indicator", "as_of", name="one_current_value_a_day", condition=Q(is_current=True)
            ),
        )
        indexes = (models.Index("indicator", "as_of", name="value_by_day"),)

    def __str__(self) -> str:
        return f"{self.value} ({self.as_of})"


class TargetChange(models.Model):
    """A recorded change of what an indicator is to reach, or of what it is measured from."""

    class Field(models.TextChoices):
        BASELINE = "baseline", _("baseline")
        BASELINE_ON = "baseline_on", _("baseline as of")
        DIRECTION = "direction", _("direction")
        TARGET = "target", _("target")
        TARGET_TEXT = "target_text", _("target in words")
        TARGET_ON = "target_on", _("target day")

    indicator = models.ForeignKey(
        Indicator, models.PROTECT, related_name="changes", verbose_name=_("indicator")
    )
    field = models.CharField(_("field"), max_length=12, choices=Field.choices)
    old_value = models.CharField(_("old value"), max_length=80, blank=True)
    new_value = models.CharField(_("new value"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "plan_target_change"
        ordering = ("at", "pk")
        verbose_name = _("target change")
        verbose_name_plural = _("target changes")
        constraints = (
            models.CheckConstraint(
                name="target_change_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why the target changes."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.field}: {self.old_value} → {self.new_value}"
