"""Reports that are owed and asked for: reminders and urgings of the clock, and the slips of supervisors."""

from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import Actor, User
from tasks_tracker.models.plan import Light, Plan, WorkItem


class Level(models.TextChoices):
    """The ladder: each step is firmer than the one before."""

    REMIND = "remind", _("Reminder")
    URGE = "urge", _("Urging")
    SUPERVISE = "supervise", _("Supervision")


class Occasion(models.TextChoices):
    """When the clock asks: the afternoon before the cut-off, the morning of its day, and after it."""

    EVE = "eve", _("the day before the cut-off")
    MORNING = "morning", _("the morning of the cut-off")
    AFTER = "after", _("after the cut-off")


class Round(models.Model):
    """The clock went round once: everybody who owed a report of the week on that occasion was told.

    The row is written first, in the transaction that tells: two rings at once tell once.
    """

    plan = models.ForeignKey(
        Plan, models.CASCADE, related_name="rounds", verbose_name=_("plan"), db_index=False
    )
    week = models.DateField(_("week"))
    occasion = models.CharField(_("occasion"), max_length=8, choices=Occasion.choices)
    at = models.DateTimeField(_("at"))
    items = models.PositiveIntegerField(_("work items"), default=0)
    people = models.PositiveIntegerField(_("people"), default=0)

    class Meta:
        db_table = "supervision_round"
        ordering = ("-at",)
        verbose_name = _("round of reminders")
        verbose_name_plural = _("rounds of reminders")
        constraints = (models.UniqueConstraint("plan", "week", "occasion", name="the_clock_goes_round_once"),)

    def __str__(self) -> str:
        return f"{self.week} {self.occasion}"


class SlipQuerySet(models.QuerySet["Slip"]):
    """Slips, narrowed by who looks."""

    def visible_to(self, user: User) -> Self:
        """Those to the own subtree; for the office those about an item of its key tasks and regions."""
        scope = user.scope
        if scope.nothing:
            return self.none()
        if scope.path:
            return self.filter(unit__path__startswith=scope.path)
        if scope.is_national:
            return self.all()
        seen = Urging.objects.filter(slip=OuterRef("pk"), item__in=WorkItem.objects.visible_to(user))
        return self.filter(Exists(seen))


class Slip(models.Model):
    """A paper to one unit about reports that it owes, numbered by year and kind without a gap.

    Issued and never changed: the unit answers, the supervisor closes. A supervision slip has a deadline.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        ANSWERED = "answered", _("Answered")
        CLOSED = "closed", _("Closed")

    KINDS: ClassVar = [(Level.URGE.value, _("Urging slip")), (Level.SUPERVISE.value, _("Supervision slip"))]

    kind = models.CharField(_("kind"), max_length=10, choices=KINDS)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="slips", verbose_name=_("plan"))
    week = models.DateField(_("week"))
    unit = models.ForeignKey(Actor, models.PROTECT, related_name="slips", verbose_name=_("unit"))
    words = models.CharField(_("demand"), max_length=500)
    answer_by = models.DateField(_("answer by"), null=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    issued_at = models.DateTimeField(_("issued at"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closing_note = models.CharField(_("closing note"), max_length=300, blank=True)

    objects: ClassVar[models.Manager["Slip"]] = SlipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "supervision_slip"
        ordering = ("-issued_at", "-pk")
        verbose_name = _("slip")
        verbose_name_plural = _("slips")
        constraints = (
            models.UniqueConstraint("year", "kind", "number", name="slip_number_is_unique"),
            models.CheckConstraint(name="slip_has_a_demand", condition=~Q(words="")),
            models.CheckConstraint(
                name="supervision_slip_has_deadline",
                condition=~Q(kind="supervise") | Q(answer_by__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_slip_is_signed",
                condition=Q(status="closed", closed_by__isnull=False, closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_by__isnull=True, closed_at__isnull=True)),
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Kind, year and number, as the paper is headed."""
        words = {"kind": self.get_kind_display(), "year": self.year, "number": self.number}
        return gettext("%(kind)s [%(year)d] No. %(number)d") % words

    def is_overdue(self, today: date) -> bool:
        """The deadline has passed without an answer."""
        return self.status == self.Status.OPEN and self.answer_by is not None and self.answer_by < today


class SlipAnswer(models.Model):
    """What the unit says to a slip: the measures it took and the day it promises. Rows are only added."""

    slip = models.ForeignKey(Slip, models.PROTECT, related_name="answers", verbose_name=_("slip"))
    measures = models.CharField(_("measures taken"), max_length=1000)
    promised_on = models.DateField(_("promised day"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "supervision_slip_answer"
        ordering = ("at", "pk")
        verbose_name = _("answer to a slip")
        verbose_name_plural = _("answers to slips")
        constraints = (models.CheckConstraint(name="answer_says_something", condition=~Q(measures="")),)

    def __str__(self) -> str:
        return self.measures


class Urging(models.Model):
    """One item was asked for once, in one week: by the clock on an occasion, or by a supervisor on a slip.

    `unit` led the item then; `light` is what it showed then.
    """

    item = models.ForeignKey(WorkItem, models.PROTECT, related_name="urgings", verbose_name=_("work item"))
    week = models.DateField(_("week"))
    unit = models.ForeignKey(Actor, models.PROTECT, related_name="urgings", verbose_name=_("unit"))
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    occasion = models.CharField(_("occasion"), max_length=8, choices=Occasion.choices, blank=True)
    slip = models.ForeignKey(Slip, models.PROTECT, null=True, related_name="urgings", verbose_name=_("slip"))
    light = models.CharField(_("light"), max_length=12, choices=Light.choices, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "supervision_urging"
        ordering = ("at", "pk")
        verbose_name = _("urging")
        verbose_name_plural = _("urgings")
        constraints = (
            models.UniqueConstraint(
                "item", "week", "occasion", name="clock_asks_for_an_item_once", condition=Q(slip=None)
            ),
            models.UniqueConstraint(
                "item", "week", "level", name="slips_ask_for_an_item_once", condition=Q(slip__isnull=False)
            ),
            models.CheckConstraint(
                name="urging_is_by_clock_or_slip",
                condition=(Q(slip=None) & ~Q(occasion="")) | Q(slip__isnull=False, occasion=""),
            ),
        )
        indexes = (models.Index("unit", "at", name="urging_by_unit"),)

    def __str__(self) -> str:
        return f"{self.item_id} {self.week} {self.level}"
