"""What left the house: each exported workbook is on record."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


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
