"""The cells into which a week is rolled up, and what keeps them fresh. Rules: docs/numbers.md."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import Actor, Region, Scope, User
from tasks_tracker.models.plan import Plan
from tasks_tracker.models.policy import Measure
from tasks_tracker.rules.rollup import Sums
from tasks_tracker.rules.weeks import AsOf, Limits


class WeekRollup(models.Model):
    """The roll-up of one week: from which day it is looked at and when it was computed.

    A frozen week is never computed again.
    """

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="weeks", verbose_name=_("plan"), db_index=False
    )
    week = models.DateField(_("week"))
    as_of = models.DateField(_("as of"))
    cutoff_passed = models.BooleanField(_("cut-off passed"), default=False)
    computed_at = models.DateTimeField(_("computed at"))
    times_computed = models.PositiveIntegerField(_("times computed"), default=0)
    rule_version = models.PositiveSmallIntegerField(_("rule version"))
    severely_behind_below = models.IntegerField(_("severely behind below"))
    behind_below = models.IntegerField(_("behind below"))
    at_risk_below = models.IntegerField(_("at risk below"))
    due_soon_days = models.PositiveSmallIntegerField(_("due soon, days"))
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("frozen by"),
    )

    class Meta:
        db_table = "rollup_week"
        ordering = ("-week",)
        verbose_name = _("rolled-up week")
        verbose_name_plural = _("rolled-up weeks")
        constraints = (models.UniqueConstraint("plan", "week", name="week_is_rolled_up_once"),)

    def __str__(self) -> str:
        return str(self.week)

    @property
    def is_frozen(self) -> bool:
        """Closed: the figures stay as they are."""
        return self.frozen_at is not None

    @property
    def point(self) -> AsOf:
        """The point from which the week's figures were taken, with the thresholds of then."""
        return AsOf(
            week=self.week,
            day=self.as_of,
            cutoff_passed=self.cutoff_passed,
            frozen_at=self.frozen_at,
            limits=Limits(
                self.severely_behind_below, self.behind_below, self.at_risk_below, self.due_soon_days
            ),
        )


class CellQuerySet(models.QuerySet["Cell"]):
    """Cells, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """The cells in which the user's own subtree leads, or those of the office's tasks and regions."""
        return self.within(user.scope)

    def within(self, scope: Scope) -> Self:
        """The same for a scope."""
        if scope.nothing:
            return self.none()
        cells = self
        if scope.path:
            subtree = Actor.objects.filter(pk=OuterRef("lead"), path__startswith=scope.path)
            cells = cells.filter(Exists(subtree))
        if scope.key_tasks:
            cells = cells.filter(measure__key_task__in=scope.key_tasks)
        if scope.regions:
            cells = cells.filter(region__in=scope.regions)
        return cells


class Cell(models.Model):
    """One week × measure × region × lead: integer sums and counts. Dashboards read these, never items.

    `earned` and `planned` are in weight × hundredths of a percent. Cancelled and suspended items are in no
    sum but their own. Measure, region and lead are copied from standings and items, where the database holds
    their references; checking each copy again would cost more than writing it.
    """

    rollup = models.ForeignKey(
        WeekRollup, models.CASCADE, related_name="cells", verbose_name=_("rolled-up week"), db_index=False
    )
    measure = models.ForeignKey(
        Measure,
        models.PROTECT,
        related_name="+",
        verbose_name=_("measure"),
        db_index=False,
        db_constraint=False,
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="+",
        verbose_name=_("region"),
        db_index=False,
        db_constraint=False,
    )
    lead = models.ForeignKey(
        Actor,
        models.PROTECT,
        related_name="+",
        verbose_name=_("lead"),
        db_index=False,
        db_constraint=False,
    )
    items = models.IntegerField(_("work items"), default=0)
    weight = models.BigIntegerField(_("weight"), default=0)
    known_weight = models.BigIntegerField(_("known weight"), default=0)
    stale_weight = models.BigIntegerField(_("stale weight"), default=0)
    earned = models.BigIntegerField(_("earned"), default=0)
    planned = models.BigIntegerField(_("planned"), default=0)
    unknown_items = models.IntegerField(_("unknown"), default=0)
    stale_items = models.IntegerField(_("stale"), default=0)
    done = models.IntegerField(_("Done"), default=0)
    on_track = models.IntegerField(_("On track"), default=0)
    not_started = models.IntegerField(_("Not started"), default=0)
    at_risk = models.IntegerField(_("At risk"), default=0)
    behind = models.IntegerField(_("Behind"), default=0)
    overdue = models.IntegerField(_("Overdue"), default=0)
    suspended_items = models.IntegerField(_("suspended"), default=0)
    suspended_weight = models.BigIntegerField(_("suspended weight"), default=0)
    cancelled_items = models.IntegerField(_("cancelled"), default=0)
    cancelled_weight = models.BigIntegerField(_("cancelled weight"), default=0)
    due = models.IntegerField(_("reports due"), default=0)
    due_reported = models.IntegerField(_("of them reported"), default=0)
    accepted = models.IntegerField(_("accepted"), default=0)
    submitted = models.IntegerField(_("waiting"), default=0)
    returned = models.IntegerField(_("returned"), default=0)
    no_change = models.IntegerField(_("no change"), default=0)
    late = models.IntegerField(_("late"), default=0)

    objects: ClassVar[models.Manager["Cell"]] = CellQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "rollup_cell"
        verbose_name = _("cell")
        verbose_name_plural = _("cells")
        constraints = (
            models.UniqueConstraint("rollup", "measure", "region", "lead", name="cell_is_unique"),
            models.CheckConstraint(
                name="cell_counts_every_item_once",
                condition=Q(
                    items=F("done")
                    + F("on_track")
                    + F("not_started")
                    + F("at_risk")
                    + F("behind")
                    + F("overdue")
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.rollup_id} {self.measure_id} {self.region_id} {self.lead_id}"

    @property
    def sums(self) -> Sums:
        """The cell as summands of a figure."""
        return Sums(self.items, self.weight, self.known_weight, self.stale_weight, self.earned, self.planned)


class StaleCell(models.Model):
    """A note that the cells of one item are to be computed again from `week` on.

    It is written in the transaction of the change and deleted in the transaction of the recomputation: a
    crash loses nothing, and doing it twice changes nothing.
    """

    week = models.DateField(_("week"))
    measure = models.ForeignKey(
        Measure, models.CASCADE, related_name="+", verbose_name=_("measure"), db_index=False
    )
    region = models.ForeignKey(
        Region, models.CASCADE, related_name="+", verbose_name=_("region"), db_index=False
    )
    lead = models.ForeignKey(Actor, models.CASCADE, related_name="+", verbose_name=_("lead"), db_index=False)

    class Meta:
        db_table = "rollup_stale_cell"
        verbose_name = _("stale cell")
        verbose_name_plural = _("stale cells")

    def __str__(self) -> str:
        return f"{self.week} {self.measure_id} {self.region_id} {self.lead_id}"


class PlannedPoint(models.Model):
    """Planned progress of a measure in a region on a Monday, by the plan as it stands now.

    Drawn now and then for the whole run of the plan, so that a curve can show where the plan goes.
    """

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="points", verbose_name=_("plan"), db_index=False
    )
    week = models.DateField(_("week"))
    measure = models.ForeignKey(
        Measure, models.CASCADE, related_name="+", verbose_name=_("measure"), db_index=False
    )
    region = models.ForeignKey(
        Region, models.CASCADE, related_name="+", verbose_name=_("region"), db_index=False
    )
    weight = models.BigIntegerField(_("weight"))
    planned = models.BigIntegerField(_("planned"))

    class Meta:
        db_table = "rollup_planned_point"
        verbose_name = _("planned point")
        verbose_name_plural = _("planned points")
        constraints = (
            models.UniqueConstraint("plan", "week", "measure", "region", name="planned_point_is_unique"),
        )

    def __str__(self) -> str:
        return f"{self.week} {self.measure_id} {self.region_id}"
