"""Evidence: the files that belong to a version of a report."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.progress import ProgressReport


class Evidence(models.Model):
    """A file of one version of a report; its content lies in the evidence store under its SHA-256.

    `name` is what people see and is never a path. `content_type` is what the content was found to be.
    """

    report = models.ForeignKey(
        ProgressReport, models.PROTECT, related_name="evidence", verbose_name=_("progress report")
    )
    name = models.CharField(_("file name"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")])
    content_type = models.CharField(_("content type"), max_length=100)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        db_table = "progress_evidence"
        ordering = ("pk",)
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = (
            models.UniqueConstraint("report", "sha256", name="evidence_is_there_once"),
            models.CheckConstraint(name="evidence_is_not_empty", condition=Q(size__gt=0)),
        )
        indexes = (models.Index("sha256", name="evidence_by_content"),)

    def __str__(self) -> str:
        return self.name
