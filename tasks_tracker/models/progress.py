"""What was reported: one report per item and week, in versions, never overwritten."""

from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import Actor, User
from tasks_tracker.models.plan import PERCENT, WHOLE, WorkItem


class ReportStatus(models.TextChoices):
    """The way of a report. Only accepted ones count in the figures."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")
    SUPERSEDED = "superseded", _("Superseded")


GIVEN = (ReportStatus.SUBMITTED, ReportStatus.ACCEPTED)


class ProgressReportQuerySet(models.QuerySet["ProgressReport"]):
    """Reports, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """Reports on the items that `user` sees; a draft shows only within the unit that writes it."""
        reports = self.filter(item__in=WorkItem.objects.visible_to(user))
        if user.scope.path:
            return reports
        return reports.exclude(status=ReportStatus.DRAFT)

    def given(self, frozen_at: datetime | None = None) -> Self:
        """Submitted or accepted (then, for a frozen week): the unit has done its part."""
        return self.filter(Q(status__in=GIVEN) | _waiting_then(frozen_at))

    def filed(self, status: ReportStatus, week: date, frozen_at: datetime | None = None) -> Self:
        """The reports of `week` that have `status`, or had it when the week was frozen.

        What was accepted only after the freeze counts in a later week and was waiting then.
        """
        decided = Q(status__in=(ReportStatus.ACCEPTED, ReportStatus.SUPERSEDED))
        chosen = {
            ReportStatus.ACCEPTED: decided & Q(counted_week__lte=week),
            ReportStatus.SUBMITTED: Q(status=ReportStatus.SUBMITTED)
            | (decided & Q(counted_week__gt=week))
            | _waiting_then(frozen_at),
        }
        return self.filter(chosen.get(status, Q(status=status)), week=week)


def _waiting_then(frozen_at: datetime | None) -> Q:
    """Returned since the freeze; nothing for an open week."""
    if frozen_at is None:
        return Q(pk__in=())
    return Q(status=ReportStatus.RETURNED, decided_at__gt=frozen_at)


class ProgressReport(models.Model):
    """One version of what a lead says about one item in one week.

    A correction is a new version; the old one stays. `counted_week` is the week in whose figures an accepted
    report first counts: its own, or a later one when its own was closed already.
    """

    item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="reports", verbose_name=_("work item"), db_index=False
    )
    week = models.DateField(_("week"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    status = models.CharField(
        _("status"), max_length=12, choices=ReportStatus.choices, default=ReportStatus.DRAFT
    )
    percent = models.IntegerField(_("percent"), null=True, blank=True, validators=PERCENT)
    no_change = models.BooleanField(_("no change this week"), default=False)
    progress_note = models.TextField(_("progress note"), blank=True, max_length=2000)
    next_steps = models.TextField(_("next steps"), blank=True, max_length=2000)
    decrease_reason = models.CharField(_("reason for the decrease"), max_length=300, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="reports", verbose_name=_("written by")
    )
    saved_at = models.DateTimeField(_("saved at"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    is_late = models.BooleanField(_("late"), default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    return_reason = models.CharField(_("reason for the return"), max_length=500, blank=True)
    counted_week = models.DateField(_("counted in week"), null=True, blank=True)

    objects: ClassVar[models.Manager["ProgressReport"]] = ProgressReportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "progress_report"
        ordering = ("-week", "-version")
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        constraints = (
            models.UniqueConstraint("item", "week", "version", name="report_version_is_unique"),
            models.UniqueConstraint(
                "item",
                "week",
                name="one_open_report_per_week",
                condition=Q(status__in=["draft", "submitted"]),
            ),
            models.UniqueConstraint(
                "item", "week", name="one_accepted_report_per_week", condition=Q(status="accepted")
            ),
            models.CheckConstraint(
                name="report_percent_is_a_percent",
                condition=Q(percent__isnull=True) | Q(percent__range=(0, WHOLE)),
                violation_error_message=_("The percent lies between 0 and 100."),
            ),
            models.CheckConstraint(
                name="given_report_is_complete",
                condition=Q(status="draft") | Q(percent__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="decided_report_is_signed",
                condition=Q(status__in=["draft", "submitted"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="returned_report_says_why",
                condition=~Q(status="returned") | ~Q(return_reason=""),
                violation_error_message=_("Say why the report is returned."),
            ),
            models.CheckConstraint(
                name="accepted_reports_count",
                condition=Q(status__in=["accepted", "superseded"], counted_week__isnull=False)
                | (~Q(status__in=["accepted", "superseded"]) & Q(counted_week__isnull=True)),
            ),
        )
        indexes = (
            models.Index("week", "status", name="report_by_week"),
            models.Index("item", "counted_week", name="report_by_counted"),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.week} v{self.version}"


class Problem(models.Model):
    """A difficulty stated in a report: of what kind, what is needed, and from whom."""

    class Kind(models.TextChoices):
        FUNDS = "funds", _("Funds")
        POLICY = "policy", _("Policy support")
        LAND_ENERGY = "land_energy", _("Land and energy")
        TECHNOLOGY = "technology", _("Technology")
        TALENT = "talent", _("Talent")
        MARKET = "market", _("Market")
        APPROVAL = "approval", _("Approval")
        COORDINATION = "coordination", _("Coordination between units")
        OTHER = "other", _("Other")

    report = models.ForeignKey(
        ProgressReport, models.CASCADE, related_name="problems", verbose_name=_("progress report")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    description = models.CharField(_("description"), max_length=500)
    needed = models.CharField(_("what is needed"), max_length=300, blank=True)
    needed_from = models.ForeignKey(
        Actor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="asked_for_help",
        verbose_name=_("from whom"),
    )

    class Meta:
        db_table = "progress_problem"
        ordering = ("pk",)
        verbose_name = _("problem")
        verbose_name_plural = _("problems")

    def __str__(self) -> str:
        return self.description
