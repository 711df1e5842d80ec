"""What supervisors say about an item beside its reports. Rules: docs/numbers.md."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import User
from tasks_tracker.models.plan import COUNTED_LIGHTS, PERCENT, WorkItem
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


class Decision(models.TextChoices):
    """What became of a request. It lapses when the item is closed, cancelled or decomposed meanwhile."""

    OPEN = "open", _("waiting for a decision")
    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("not granted")
    LAPSED = "lapsed", _("lapsed")


class Grade(models.TextChoices):
    """How well a completed item was done."""

    EXCELLENT = "excellent", _("excellent")
    GOOD = "good", _("good")
    QUALIFIED = "qualified", _("qualified")
    UNQUALIFIED = "unqualified", _("unqualified")


class RequestQuerySet(models.QuerySet[Any]):
    """Requests of the leads, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """The requests about items that `user` sees."""
        return self.filter(item__in=WorkItem.objects.visible_to(user))

    def open(self) -> Self:
        """What waits for a decision, the oldest first."""
        return self.filter(decision=Decision.OPEN).order_by("asked_at", "pk")


class Request(models.Model):
    """What a lead asks for about an item, and what a supervisor decided. Only its decision changes a row."""

    item = models.ForeignKey(
        WorkItem, models.PROTECT, related_name="%(class)ss", verbose_name=_("work item"), db_index=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"))
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices, default=Decision.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision_reason = models.CharField(_("reason for the decision"), max_length=300, blank=True)

    objects: ClassVar[models.Manager[Any]] = RequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        abstract = True
        ordering = ("asked_at", "pk")

    def __str__(self) -> str:
        return f"{self.item_id} {self.decision}"


def _decided(kind: str) -> tuple[models.BaseConstraint, ...]:
    """What holds of every kind of request, each constraint named after the kind."""
    return (
        models.UniqueConstraint("item", name=f"one_open_{kind}_request", condition=Q(decision="open")),
        models.CheckConstraint(
            name=f"{kind}_decision_is_signed",
            condition=Q(decision="open", decided_by__isnull=True, decided_at__isnull=True)
            | (~Q(decision="open") & Q(decided_by__isnull=False, decided_at__isnull=False)),
        ),
        models.CheckConstraint(
            name=f"{kind}_refusal_says_why",
            condition=~Q(decision="refused") | ~Q(decision_reason=""),
            violation_error_message=_("Say why it is not granted."),
        ),
    )


class CompletionRequest(Request):
    """The lead states that the work is done; only a grant with a grade closes the item.

    `percent` is what was accepted last when it was asked, `shortfall` why it is asked below 100 %.
    """

    statement = models.TextField(_("statement of completion"), max_length=1000)
    percent = models.IntegerField(_("percent"), null=True, blank=True, validators=PERCENT)
    shortfall = models.CharField(_("why below 100 %"), max_length=300, blank=True)
    grade = models.CharField(_("grade"), max_length=12, choices=Grade.choices, blank=True)

    class Meta(Request.Meta):
        db_table = "supervision_completion"
        verbose_name = _("completion request")
        verbose_name_plural = _("completion requests")
        constraints = (
            *_decided("completion"),
            models.CheckConstraint(
                name="completion_is_graded",
                condition=Q(decision="granted") & ~Q(grade="") | (~Q(decision="granted") & Q(grade="")),
            ),
        )
        indexes = (models.Index("item", "asked_at", name="completion_by_item"),)


class ExtensionRequest(Request):
    """The lead asks for a later due day, with the plan by which the work catches up."""

    due_on = models.DateField(_("due on when asked"))
    asked_due_on = models.DateField(_("asked for"))
    reason = models.CharField(_("reason"), max_length=300)
    catch_up = models.TextField(_("plan of catching up"), max_length=1000)
    granted_due_on = models.DateField(_("granted until"), null=True, blank=True)

    class Meta(Request.Meta):
        db_table = "supervision_extension"
        verbose_name = _("extension request")
        verbose_name_plural = _("extension requests")
        constraints = (
            *_decided("extension"),
            models.CheckConstraint(
                name="extension_lies_later",
                condition=Q(asked_due_on__gt=F("due_on")),
                violation_error_message=_("An extension ends after the due day."),
            ),
            models.CheckConstraint(
                name="granted_extension_has_a_day",
                condition=Q(decision="granted", granted_due_on__isnull=False)
                | (~Q(decision="granted") & Q(granted_due_on__isnull=True)),
            ),
        )
        indexes = (models.Index("item", "asked_at", name="extension_by_item"),)
