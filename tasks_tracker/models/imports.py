"""Importing a plan from an office's own ledger: one record each, with the rows as they were checked."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.models.people import Role, User
from tasks_tracker.models.plan import Plan, WorkItem


class PlanImportQuerySet(models.QuerySet["PlanImport"]):
    """Imports, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """Every one for national supervisors, the own ones for the others: a ledger may hold any region."""
        if not user.is_active or user.role != Role.SUPERVISOR:
            return self.none()
        return self if user.scope.is_national else self.filter(made_by=user)


class PlanImport(models.Model):
    """A ledger that was sent, how it was read, and what became of it.

    `choices` say how it is read: sheet, header, columns, what is taken where a row says nothing, and which
    names were settled. The file lies in the store `imports` under its SHA-256 until `expires_on`.
    """

    class State(models.TextChoices):
        SENT = "sent", pgettext_lazy("of an import", "sent")
        CHECKED = "checked", pgettext_lazy("of an import", "checked")
        RUNNING = "running", pgettext_lazy("of an import", "running")
        DONE = "done", pgettext_lazy("of an import", "done")
        DISCARDED = "discarded", pgettext_lazy("of an import", "discarded")

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="imports", verbose_name=_("plan"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SENT)
    file_name = models.CharField(_("file name"), max_length=120)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"))
    choices = models.JSONField(_("choices"), default=dict)
    header_key = models.CharField(_("key of the header"), max_length=64, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    is_draft = models.BooleanField(_("as drafts"), default=False)
    left_out = models.JSONField(_("left out"), default=dict)
    new = models.PositiveIntegerField(_("new"), default=0)
    there = models.PositiveIntegerField(_("already there"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    imported = models.PositiveIntegerField(_("imported"), default=0)
    checked_at = models.DateTimeField(_("checked at"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("confirmed by")
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    touched_at = models.DateTimeField(_("last step at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    expires_on = models.DateField(_("file is kept until"))
    has_file = models.BooleanField(_("the file is there"), default=True)

    objects: ClassVar[models.Manager["PlanImport"]] = PlanImportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "plan_import"
        ordering = ("-pk",)
        verbose_name = _("import of a plan")
        verbose_name_plural = _("imports of plans")
        constraints = (
            models.CheckConstraint(
                name="running_imports_are_confirmed",
                condition=~Q(state__in=["running", "done"]) | Q(confirmed_at__isnull=False),
            ),
        )
        indexes = (models.Index("header_key", name="import_by_header"),)

    def __str__(self) -> str:
        return self.file_name

    @property
    def to_do(self) -> int:
        """Rows that wait to be imported."""
        return max(self.new - self.imported, 0)


class ImportRow(models.Model):
    """A row of the ledger: what it says, what is to be said about it, and the work item it became or is."""

    class State(models.TextChoices):
        NEW = "new", pgettext_lazy("of a row", "new")
        THERE = "there", pgettext_lazy("of a row", "already there")
        REFUSED = "refused", pgettext_lazy("of a row", "refused")
        IMPORTED = "imported", pgettext_lazy("of a row", "imported")

    of = models.ForeignKey(
        PlanImport, models.CASCADE, related_name="rows", verbose_name=_("import"), db_index=False
    )
    number = models.PositiveIntegerField(_("row"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    content = models.JSONField(_("content"))
    notes = models.JSONField(_("notes"), default=list)
    has_warnings = models.BooleanField(_("has warnings"), default=False)
    item = models.ForeignKey(
        WorkItem, models.SET_NULL, null=True, related_name="+", verbose_name=_("work item")
    )

    class Meta:
        db_table = "plan_import_row"
        ordering = ("number",)
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        constraints = (models.UniqueConstraint("of", "number", name="import_row_is_there_once"),)
        indexes = (models.Index("of", "state", "number", name="import_rows_by_state"),)

    def __str__(self) -> str:
        return f"{self.of_id}: {self.number}"
