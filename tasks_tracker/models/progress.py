"""What was reported: one report per item and week, in versions, never overwritten."""

from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import Role, User
from tasks_tracker.models.plan import PERCENT, WHOLE, WorkItem


class ReportStatus(models.TextChoices):
    """The way of a report: handed in, signed for the unit, accepted. Only accepted ones count in the figures.

    It is returned from either step. Where the unit reviews nothing, it goes from submitted to accepted.
    """

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting")
    REVIEWED = "reviewed", _("Unit-reviewed")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned")
    SUPERSEDED = "superseded", _("Superseded")


WAITING = (ReportStatus.SUBMITTED, ReportStatus.REVIEWED)
GIVEN = (*WAITING, ReportStatus.ACCEPTED)


class UnitReview(models.TextChoices):
    """Whether a report goes through the review of its unit, settled as it is handed in; if not, why."""

    NEEDED = "needed", _("The unit reviews it")
    SWITCHED_OFF = "switched_off", _("Review switched off")
    NO_REVIEWER = "no_reviewer", _("No reviewer in the unit")


class ProgressReportQuerySet(models.QuerySet["ProgressReport"]):
    """Reports, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """Reports on the items that `user` sees; a draft shows only within the unit that writes it."""
        reports = self.filter(item__in=WorkItem.objects.visible_to(user))
        if user.scope.path:
            return reports
        return reports.exclude(status=ReportStatus.DRAFT)

    def given(self, frozen_at: datetime | None = None) -> Self:
        """Handed in and not returned (then, for a frozen week): the unit has done its part."""
        return self.filter(Q(status__in=GIVEN) | _waiting_then(frozen_at))

    def filed(self, status: ReportStatus, week: date, frozen_at: datetime | None = None) -> Self:
        """The reports of `week` that have `status`, or had it when the week was frozen.

        SUBMITTED stands for both steps of waiting. What was accepted only after the freeze counts in a later
        week and was waiting then.
        """
        decided = Q(status__in=(ReportStatus.ACCEPTED, ReportStatus.SUPERSEDED))
        chosen = {
            ReportStatus.ACCEPTED: decided & Q(counted_week__lte=week),
            ReportStatus.SUBMITTED: Q(status__in=WAITING)
            | (decided & Q(counted_week__gt=week))
            | _waiting_then(frozen_at),
        }
        return self.filter(chosen.get(status, Q(status=status)), week=week)

    def with_signatures(self) -> Self:
        """With everybody who has put a hand to a report, in one query."""
        return self.select_related("written_by", "saved_by", "submitted_by", "reviewed_by", "decided_by")

    def waiting_for_unit(self) -> Self:
        """Handed in, and a reviewer of the lead signs or returns it first.

        One whose unit has lost its last reviewer since, or whose plan has switched the review off, waits for
        the supervisor like any other.
        """
        return self.filter(
            Exists(unit_reviewers(OuterRef("item__lead"), OuterRef("written_by"), OuterRef("submitted_by"))),
            status=ReportStatus.SUBMITTED,
            unit_review=UnitReview.NEEDED,
            item__plan__unit_review=True,
        )

    def with_turn(self) -> Self:
        """Adds `is_with_unit`: the report waits for a reviewer of the lead."""
        with_unit = self.model.objects.waiting_for_unit().filter(pk=OuterRef("pk"))
        return self.annotate(is_with_unit=Exists(with_unit))

    def waiting_for_supervisor(self) -> Self:
        """Signed for the unit, or handed in by one that reviews nothing."""
        return self.filter(status__in=WAITING).exclude(pk__in=self.model.objects.waiting_for_unit())


def unit_reviewers(lead: Any, *signers: Any) -> "models.QuerySet[User]":
    """Who can sign for the unit `lead` what `signers` (row numbers) wrote and handed in."""
    reviewers = User.objects.filter(role=Role.REVIEWER, is_active=True, actor=lead)
    for signer in signers:
        reviewers = reviewers.exclude(pk=signer)
    return reviewers


def _waiting_then(frozen_at: datetime | None) -> Q:
    """Returned since the freeze; nothing for an open week."""
    if frozen_at is None:
        return Q(pk__in=())
    return Q(status=ReportStatus.RETURNED, decided_at__gt=frozen_at)


def _differs(one: str, other: str) -> Q:
    """Two people, or one of them not there yet."""
    return Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})


def _signature(name: Promise, related_name: str = "+") -> models.ForeignKey[Any, Any]:
    """Who did one thing with a report; empty until it is done."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name=related_name,
        verbose_name=name,
    )


class ProgressReport(models.Model):
    """One version of what a lead says about one item in one week.

    A correction is a new version; the old one stays. `counted_week` is the week in whose figures an accepted
    report first counts: its own, or a later one when its own was closed already.

    The signatures: `written_by` began the version, `saved_by` saved it last, `submitted_by` handed it in,
    `reviewed_by` signed it for the unit, `decided_by` accepted it or returned it.
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
    saved_by = _signature(_("saved by"))
    saved_at = models.DateTimeField(_("saved at"))
    submitted_by = _signature(_("handed in by"))
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    is_late = models.BooleanField(_("late"), default=False)
    unit_review = models.CharField(
        _("review of the unit"), max_length=12, blank=True, choices=UnitReview.choices
    )
    reviewed_by = _signature(_("reviewed by"))
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    decided_by = _signature(_("decided by"), related_name="decisions")
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
                condition=Q(status__in=["draft", "submitted", "reviewed"]),
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
                name="given_report_has_a_signer",
                condition=Q(status="draft", unit_review="")
                | (~Q(status="draft") & ~Q(unit_review="") & Q(submitted_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="reviewed_report_is_signed",
                condition=Q(reviewed_by__isnull=False, reviewed_at__isnull=False)
                | (Q(reviewed_by__isnull=True, reviewed_at__isnull=True) & ~Q(status="reviewed")),
            ),
            models.CheckConstraint(
                name="accepted_report_was_reviewed",
                condition=~Q(status__in=["accepted", "superseded"])
                | ~Q(unit_review="needed")
                | Q(reviewed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="decided_report_is_signed",
                condition=Q(status__in=["draft", "submitted", "reviewed"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="nobody_reviews_own_report",
                condition=_differs("reviewed_by", "written_by") & _differs("reviewed_by", "submitted_by"),
            ),
            models.CheckConstraint(
                name="nobody_decides_on_own_report",
                condition=_differs("decided_by", "written_by") & _differs("decided_by", "submitted_by"),
            ),
            models.CheckConstraint(
                name="reviewer_does_not_accept_too", condition=_differs("decided_by", "reviewed_by")
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

    @property
    def is_waiting(self) -> bool:
        """Handed in and not decided."""
        return self.status in WAITING

    @property
    def waits_for_unit(self) -> bool:
        """The unit's review comes first, as it was settled when the report was handed in."""
        return self.status == ReportStatus.SUBMITTED and self.unit_review == UnitReview.NEEDED

    @property
    def returned_by_unit(self) -> bool:
        """Sent back by the own unit: the supervisor never had it."""
        return (
            self.status == ReportStatus.RETURNED
            and self.unit_review == UnitReview.NEEDED
            and self.reviewed_by_id is None
        )
