"""What supervisors say about an item beside its reports. Rules: docs/numbers.md."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.plan import COUNTED_LIGHTS, WorkItem
from tasks_tracker.rules.weeks import FAR

LIGHTS_TO_SET = [(light.value, light.label) for light in COUNTED_LIGHTS]


class LightOverride(models.Model):
    """A light that a supervisor set by hand, with a reason, from the week `since` through `expires_on`.

    A row is never changed but to end it: withdrawn or replaced, it counts in the weeks [since, until) only.
    What was set and ended within one week counted in none. The computed light stays beside it.
    """

    item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="light_overrides", verbose_name=_("work item")
    )
    since = models.DateField(_("since week"))
    until = models.DateField(_("until week"), default=FAR)
    light = models.CharField(_("light"), max_length=12, choices=LIGHTS_TO_SET)
    expires_on = models.DateField(_("expires on"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("set by")
    )
    at = models.DateTimeField(_("at"))
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        db_table = "supervision_light_override"
        ordering = ("at", "pk")
        verbose_name = _("light set by hand")
        verbose_name_plural = _("lights set by hand")
        constraints = (
            models.UniqueConstraint(
                "item", name="one_light_override_at_a_time", condition=Q(withdrawn_at__isnull=True)
            ),
            models.CheckConstraint(
                name="light_override_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why the light is set by hand."),
            ),
            models.CheckConstraint(
                name="light_override_end_is_signed",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, until=FAR)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, until__lt=FAR),
            ),
            models.CheckConstraint(name="light_override_runs_forward", condition=Q(until__gte=F("since"))),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.light} {self.since}"
