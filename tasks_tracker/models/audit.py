"""Who did what, when, and from where: rows are only ever added, and sealed into a chain."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.append_only import AppendOnlyModel
from tasks_tracker.models.plan import WorkItem
from tasks_tracker.rules import origin, seals


class Channel(models.TextChoices):
    """The way in by which an act came."""

    WEB = origin.WEB, _("web page")
    JOB = origin.JOB, _("scheduled job")
    COMMAND = origin.COMMAND, _("command line")


class AuditEntry(AppendOnlyModel):
    """One act of one user on one object, with the values before and after, and its MAC (`rules.seals`).

    `item` is the work item that the act is about, if any: its trail is one look at the index.
    """

    at = models.DateTimeField(_("at"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    channel = models.CharField(_("way in"), max_length=8, choices=Channel.choices, blank=True)
    address = models.CharField(_("network address"), max_length=45, blank=True)
    action = models.CharField(_("action"), max_length=40)
    object_type = models.CharField(_("object type"), max_length=40)
    object_id = models.CharField(_("object"), max_length=60)
    item = models.ForeignKey(
        WorkItem, models.PROTECT, null=True, related_name="+", verbose_name=_("work item")
    )
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    mac = models.CharField(_("authentication code"), max_length=seals.MAC_LENGTH, unique=True)

    class Meta(AppendOnlyModel.Meta):
        db_table = "audit_entry"
        ordering = ("-pk",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = (models.Index("object_type", "object_id", name="audit_by_object"),)
        constraints = (models.CheckConstraint(name="audit_entry_has_a_mac", condition=~models.Q(mac="")),)

    HELD_FAST = (
        "at",
        "by_id",
        "channel",
        "address",
        "action",
        "object_type",
        "object_id",
        "item_id",
        "before",
        "after",
    )

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"

    @property
    def contents(self) -> dict[str, Any]:
        """What the MAC and the seal hold fast."""
        return {name: getattr(self, name) for name in self.HELD_FAST}


class AuditSeal(AppendOnlyModel):
    """A link of the chain over the entries, in the order in which they were sealed.

    That an entry is sealed once and a number is given once keeps two sealing jobs from forking the chain. The
    database does not tie a seal to its entry, so that the seal of a removed entry stays and tells.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    entry = models.OneToOneField(
        AuditEntry, models.DO_NOTHING, related_name="seal", db_constraint=False, verbose_name=_("audit entry")
    )
    digest = models.CharField(_("digest"), max_length=seals.DIGEST_LENGTH)
    at = models.DateTimeField(_("at"))

    class Meta(AppendOnlyModel.Meta):
        db_table = "audit_seal"
        ordering = ("number",)
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")
        constraints = (
            models.CheckConstraint(name="audit_seals_count_from_one", condition=models.Q(number__gte=1)),
        )

    def __str__(self) -> str:
        return f"{self.number}:{self.digest}"
