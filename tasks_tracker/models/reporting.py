"""What leaves the house: exported workbooks, and the weekly reports with their published issues.

And what came back and is not handed in yet.
"""

from datetime import datetime, timedelta
from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.append_only import AppendOnlyModel
from tasks_tracker.models.people import Actor, Region, User
from tasks_tracker.models.plan import Plan
from tasks_tracker.models.policy import KeyTask

DIGEST = [RegexValidator(r"\A[0-9a-f]{64}\Z")]


class ReportScope(models.TextChoices):
    """What a weekly report or workbook is about."""

    NATIONAL = "national", _("National")
    KEY_TASK = "key_task", _("Key task")
    REGION = "region", _("Region")
    ACTOR = "actor", _("Actor")


class WorkbookExport(models.Model):
    """A weekly workbook as it was handed out: what it was about, to whom, when, and its digest."""

    week = models.DateField(_("week"))
    scope = models.CharField(_("scope"), max_length=10, choices=ReportScope.choices)
    subject = models.CharField(_("subject"), max_length=40, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"))
    items = models.PositiveIntegerField(_("work items"))
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)

    class Meta:
        db_table = "reporting_workbook"
        ordering = ("-made_at",)
        verbose_name = _("exported workbook")
        verbose_name_plural = _("exported workbooks")

    def __str__(self) -> str:
        return f"{self.week} {self.scope} {self.subject}"


Row = TypeVar("Row", bound=models.Model)


class AboutSubjects(models.QuerySet[Row]):
    """What is about a `scope` and a `subject`, narrowed by who looks."""

    def within(self, user: User) -> Self:
        """Those about something that lies wholly in the scope of `user`: a report hides nothing of itself.

        A unit sees those about itself and the units below it.
        """
        scope = user.scope
        if scope.nothing:
            return self.none()
        if scope.is_national:
            return self.all()
        if scope.path:
            units = Actor.objects.filter(path__startswith=scope.path)
            return self.filter(scope=ReportScope.ACTOR, subject__in=units.values("code"))
        if scope.key_tasks and scope.regions:  # a whole key task or a whole region lies outside
            return self.none()
        if scope.regions:
            regions = Region.objects.filter(pk__in=scope.regions)
            return self.filter(scope=ReportScope.REGION, subject__in=regions.values("code"))
        numbers = KeyTask.objects.filter(pk__in=scope.key_tasks).values_list("number", flat=True)
        return self.filter(scope=ReportScope.KEY_TASK, subject__in=[str(number) for number in numbers])


class WeeklyReportQuerySet(AboutSubjects["WeeklyReport"]):
    """Reports, narrowed by who looks and by what became of them."""

    def published(self) -> Self:
        """Those of which there is an issue."""
        return self.filter(number__isnull=False)


class WeeklyReport(models.Model):
    """The weekly report about one subject: a draft until it is published, and again while it is revised.

    `body` is the paper with gaps for its paragraphs, `figures` what their tokens stand for, `comparison` the
    headline beside last week's, all as generated from the roll-up that had been computed `times_computed`
    times (`reports.drafted`). `number` counts in its year and about its subject without a gap. `revision`
    rises with every change of the draft: a form that saw an older one is stale.
    """

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="weekly_reports", verbose_name=_("plan"), db_index=False
    )
    week = models.DateField(_("week"))
    scope = models.CharField(_("scope"), max_length=10, choices=ReportScope.choices)
    subject = models.CharField(_("subject"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10)
    office = models.CharField(_("issuing office"), max_length=80, blank=True)
    body = models.TextField(_("body"))
    figures = models.JSONField(_("figures"), default=dict)
    comparison = models.JSONField(_("comparison"), default=list)
    composed_at = models.DateTimeField(_("composed at"))
    composed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("composed by")
    )
    times_computed = models.PositiveIntegerField(_("times computed"))
    is_frozen = models.BooleanField(_("composed from frozen figures"), default=False)
    is_open = models.BooleanField(_("being written"), default=True)
    why_revised = models.CharField(_("reason of the revision"), max_length=300, blank=True)
    year = models.PositiveSmallIntegerField(_("year"), null=True)
    number = models.PositiveIntegerField(_("issue number"), null=True)
    revision = models.PositiveIntegerField(_("revision"), default=1)

    objects: ClassVar[models.Manager["WeeklyReport"]] = WeeklyReportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "reporting_report"
        ordering = ("-week", "scope", "subject")
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")
        constraints = (
            models.UniqueConstraint("plan", "week", "scope", "subject", name="one_report_of_a_week"),
            models.UniqueConstraint(
                "plan", "year", "scope", "subject", "number", name="issue_number_is_unique"
            ),
            models.CheckConstraint(
                name="issue_number_has_a_year",
                condition=Q(year__isnull=True, number__isnull=True, is_open=True)
                | Q(year__isnull=False, number__gte=1),
            ),
            models.CheckConstraint(
                name="only_national_has_no_subject",
                condition=Q(scope="national", subject="") | (~Q(scope="national") & ~Q(subject="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.week} {self.scope} {self.subject}".strip()

    @property
    def is_published(self) -> bool:
        """There is an issue of it."""
        return self.number is not None


class ReportParagraph(models.Model):
    """A paragraph: as generated, and as somebody wrote it (`edited` is None where nobody did).

    `is_used` is False once the report no longer generates it; what somebody wrote is kept all the same.
    """

    report = models.ForeignKey(
        WeeklyReport,
        models.PROTECT,
        related_name="paragraphs",
        verbose_name=_("weekly report"),
        db_index=False,
    )
    key = models.CharField(_("key"), max_length=60)
    section = models.CharField(_("section"), max_length=20)
    place = models.PositiveSmallIntegerField(_("place"))
    generated = models.TextField(_("generated text"), blank=True)
    edited = models.TextField(_("edited text"), null=True)  # noqa: DJ001 — "" is a paragraph left out
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("edited by")
    )
    edited_at = models.DateTimeField(_("edited at"), null=True)
    is_used = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        db_table = "reporting_paragraph"
        ordering = ("place", "pk")
        verbose_name = _("paragraph of a report")
        verbose_name_plural = _("paragraphs of reports")
        constraints = (
            models.UniqueConstraint("report", "key", name="report_paragraph_is_there_once"),
            models.CheckConstraint(
                name="edited_paragraph_says_by_whom",
                condition=Q(edited__isnull=True, edited_by__isnull=True, edited_at__isnull=True)
                | Q(edited__isnull=False, edited_by__isnull=False, edited_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.key

    @property
    def text(self) -> str:
        """What stands in the report."""
        return self.generated if self.edited is None else self.edited

    @property
    def is_edited(self) -> bool:
        """Somebody wrote it."""
        return self.edited is not None


class TextVersion(AppendOnlyModel):
    """A paragraph as somebody left it. Rows are only added."""

    class Act(models.TextChoices):
        EDIT = "edit", _("Edited")
        RESET = "reset", _("Set back to the generated text")

    paragraph = models.ForeignKey(
        ReportParagraph, models.PROTECT, related_name="versions", verbose_name=_("paragraph of a report")
    )
    act = models.CharField(_("act"), max_length=8, choices=Act.choices)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta(AppendOnlyModel.Meta):
        db_table = "reporting_text_version"
        ordering = ("-at", "-pk")
        verbose_name = _("version of a paragraph")
        verbose_name_plural = _("versions of paragraphs")
        constraints = (models.UniqueConstraint("paragraph", "version", name="text_version_is_unique"),)

    def __str__(self) -> str:
        return f"{self.paragraph_id} {self.version}"


class Issue(AppendOnlyModel):
    """A published issue: the paper as it was signed, never changed. Revisions count from 1.

    `paper` is what `reports.paper.written` gave and `sha256` its digest. `changed` says what differs from the
    revision before. `texts` and `figures` are the paragraphs with their tokens, for the lists behind them.
    """

    report = models.ForeignKey(
        WeeklyReport, models.PROTECT, related_name="issues", verbose_name=_("weekly report"), db_index=False
    )
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    paper = models.TextField(_("paper"))
    texts = models.JSONField(_("texts"), default=dict)
    figures = models.JSONField(_("figures"), default=dict)
    sha256 = models.CharField(_("SHA-256"), max_length=64, validators=DIGEST)
    changed = models.JSONField(_("what changed"), default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    signer = models.CharField(_("signer"), max_length=40)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published at"))

    class Meta(AppendOnlyModel.Meta):
        db_table = "reporting_issue"
        ordering = ("report", "-revision")
        verbose_name = _("published issue")
        verbose_name_plural = _("published issues")
        constraints = (
            models.UniqueConstraint("report", "revision", name="issue_revision_is_unique"),
            models.CheckConstraint(name="issue_is_signed", condition=~Q(signer="")),
            models.CheckConstraint(name="issue_has_a_digest", condition=~Q(sha256="")),
            models.CheckConstraint(
                name="only_a_revision_has_a_reason",
                condition=Q(revision=1, reason="") | (Q(revision__gt=1) & ~Q(reason="")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.report_id} {self.revision}"


class IssueFile(AppendOnlyModel):
    """A format of an issue as it was first written; its content lies in the store under its SHA-256."""

    issue = models.ForeignKey(
        Issue, models.PROTECT, related_name="files", verbose_name=_("published issue"), db_index=False
    )
    format = models.CharField(_("format"), max_length=5)
    sha256 = models.CharField(_("SHA-256"), max_length=64, validators=DIGEST)
    size = models.PositiveIntegerField(_("size in bytes"))
    made_at = models.DateTimeField(_("made at"))

    class Meta(AppendOnlyModel.Meta):
        db_table = "reporting_issue_file"
        ordering = ("issue", "format")
        verbose_name = _("file of an issue")
        verbose_name_plural = _("files of issues")
        constraints = (
            models.UniqueConstraint("issue", "format", name="issue_has_a_format_once"),
            models.CheckConstraint(name="issue_file_is_not_empty", condition=Q(size__gt=0)),
        )

    def __str__(self) -> str:
        return f"{self.issue_id} {self.format}"


class WeekUploadQuerySet(models.QuerySet["WeekUpload"]):
    """Uploads, narrowed by who looks."""

    def kept_for(self, user: User, now: datetime) -> Self:
        """What `user` uploaded for the own unit and what has not expired."""
        return self.filter(uploaded_by=user, unit=user.actor_id, uploaded_at__gt=_oldest(now))

    def expired(self, now: datetime) -> Self:
        """What nobody handed in in time."""
        return self.filter(uploaded_at__lte=_oldest(now))


def _oldest(now: datetime) -> datetime:
    return now - timedelta(hours=settings.WORKBOOK_HOURS)


class WeekUpload(models.Model):
    """A filled-in workbook of a week between its check and its handing in: one of each user, then gone.

    The file itself lies in the row, not on a disk: it is small, goes with the row in one transaction, and
    nobody reaches it but through the row.
    """

    uploaded_by = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="week_upload", verbose_name=_("uploaded by")
    )
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="+", verbose_name=_("plan"))
    unit = models.ForeignKey(Actor, models.CASCADE, related_name="+", verbose_name=_("unit"))
    week = models.DateField(_("week"))
    name = models.CharField(_("file name"), max_length=120)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    content = models.BinaryField(_("content"))
    uploaded_at = models.DateTimeField(_("uploaded at"))

    objects: ClassVar[models.Manager["WeekUpload"]] = WeekUploadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "reporting_week_upload"
        ordering = ("-uploaded_at",)
        verbose_name = _("filled-in workbook")
        verbose_name_plural = _("filled-in workbooks")

    def __str__(self) -> str:
        return self.name

    @property
    def expires_at(self) -> datetime:
        """Until when it is kept."""
        return self.uploaded_at + timedelta(hours=settings.WORKBOOK_HOURS)
