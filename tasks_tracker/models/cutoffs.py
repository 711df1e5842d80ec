"""Until when a report of a week is in time: the plan's usual cut-off, or one that was moved for that week.

Whoever asks about a cut-off asks here; nobody else adds a weekday and a time up. Rules: docs/numbers.md.
"""

from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.plan import Plan
from tasks_tracker.rules.weeks import AsOf, as_of


class CutoffExceptionQuerySet(models.QuerySet["CutoffException"]):
    def in_force(self, plan: Plan) -> Self:
        """The moved cut-offs that hold."""
        return self.filter(plan=plan, withdrawn_at=None)


class CutoffException(models.Model):
    """The cut-off of one week, moved because of a holiday. Withdrawn or replaced it stays on record."""

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="moved_cutoffs", verbose_name=_("plan"), db_index=False
    )
    week = models.DateField(_("week"))
    cutoff = models.DateTimeField(_("cut-off"))
    reason = models.CharField(_("reason"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    objects: ClassVar[models.Manager["CutoffException"]] = CutoffExceptionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "plan_moved_cutoff"
        ordering = ("week", "at")
        verbose_name = _("moved cut-off")
        verbose_name_plural = _("moved cut-offs")
        constraints = (
            models.UniqueConstraint(
                "plan", "week", name="a_week_has_one_moved_cutoff", condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(name="moved_cutoff_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="withdrawn_cutoff_is_signed",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.week} {self.cutoff}"


def look_at(plan: Plan, week: date, now: datetime) -> AsOf:
    """`week` as it is looked at from `now`, the wall time of the house, and its cut-off. One query.

    In a plan that is not saved yet nothing is moved.
    """
    found = CutoffException.objects.in_force(plan).filter(week=week) if plan.pk else ()
    moved = next((exception.cutoff for exception in found), None)
    return as_of(week, now, plan.cutoff_weekday, plan.cutoff_time, moved)
