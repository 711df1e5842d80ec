"""The pack of a week: the weekly report about the whole, every key task and every region, in every format."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.models.plan import Plan
from tasks_tracker.models.reporting import DIGEST, AboutSubjects, Issue, ReportScope


class WeeklyPack(models.Model):
    """There is one of a week. `told_at` is when its readers were told that it is complete."""

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="packs", verbose_name=_("plan"), db_index=False
    )
    week = models.DateField(_("week"))
    begun_at = models.DateTimeField(_("begun at"))
    told_at = models.DateTimeField(_("told at"), null=True)

    class Meta:
        db_table = "reporting_pack"
        ordering = ("-week",)
        verbose_name = _("pack of a week")
        verbose_name_plural = _("packs of weeks")
        constraints = (models.UniqueConstraint("plan", "week", name="one_pack_of_a_week"),)

    def __str__(self) -> str:
        return str(self.week)


class PackFile(models.Model):
    """A report of the pack in one format.

    `issue` is the issue that it is a file of; where none was published, it is a draft and its content lies in
    the store under its SHA-256 until it expires. A maker claims a file before it makes it: `claim` names the
    maker, `attempts` counts.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("of a file", "To be made")
        MAKING = "making", pgettext_lazy("of a file", "Being made")
        DONE = "done", pgettext_lazy("of a file", "Ready")
        FAILED = "failed", pgettext_lazy("of a file", "Failed")
        EXPIRED = "expired", pgettext_lazy("of a file", "Expired")

    pack = models.ForeignKey(
        WeeklyPack, models.PROTECT, related_name="files", verbose_name=_("pack of a week"), db_index=False
    )
    scope = models.CharField(_("scope"), max_length=10, choices=ReportScope.choices)
    subject = models.CharField(_("subject"), max_length=40, blank=True)
    format = models.CharField(_("format"), max_length=5)
    place = models.PositiveSmallIntegerField(_("place"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("error"), max_length=20, blank=True)
    claim = models.CharField(_("claim"), max_length=32, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    issue = models.ForeignKey(
        Issue, models.PROTECT, null=True, related_name="+", verbose_name=_("published issue")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, validators=DIGEST)
    size = models.PositiveIntegerField(_("size in bytes"), default=0)
    made_at = models.DateTimeField(_("made at"), null=True)

    objects: ClassVar[models.Manager["PackFile"]] = AboutSubjects["PackFile"].as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "reporting_pack_file"
        ordering = ("pack", "place", "format")
        verbose_name = _("file of a pack")
        verbose_name_plural = _("files of packs")
        constraints = (
            models.UniqueConstraint("pack", "scope", "subject", "format", name="pack_has_a_file_once"),
            models.CheckConstraint(
                name="pack_file_is_there_when_done",
                condition=~Q(state="done") | (~Q(sha256="") & Q(size__gt=0, made_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="failed_pack_file_says_why", condition=~Q(state="failed") | ~Q(error="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.pack_id} {self.scope} {self.subject} {self.format}"


class PackReader(models.Model):
    """Somebody who is told when a pack is complete. It opens nothing: each sees the own scope."""

    plan = models.ForeignKey(
        Plan, models.PROTECT, related_name="pack_readers", verbose_name=_("plan"), db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("user")
    )

    class Meta:
        db_table = "reporting_pack_reader"
        ordering = ("user",)
        verbose_name = _("reader of packs")
        verbose_name_plural = _("readers of packs")
        constraints = (models.UniqueConstraint("plan", "user", name="pack_reader_is_named_once"),)

    def __str__(self) -> str:
        return str(self.user)
