"""What the policy says: key tasks, their measures, industries, and the loaded text."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import Actor, Named, in_language


class Industry(Named):
    """One of the industries that the steady-growth work plans name."""

    class Meta(Named.Meta):
        db_table = "policy_industry"
        verbose_name = _("industry")
        verbose_name_plural = _("industries")


class Policy(models.Model):
    """A policy document whose implementation is tracked."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=120)
    title_en = models.CharField(_("English title"), max_length=200, blank=True)
    publisher = models.CharField(_("publisher"), max_length=80, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    source_url = models.CharField(_("source"), max_length=200, blank=True)

    class Manager(models.Manager["Policy"]):
        def get_by_natural_key(self, code: str) -> "Policy":
            return self.get(code=code)

    objects: ClassVar[Manager] = Manager()

    class Meta:
        db_table = "policy_policy"
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return in_language(self.title, self.title_en)

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class KeyTaskManager(models.Manager["KeyTask"]):
    def get_by_natural_key(self, policy: str, number: int) -> "KeyTask":
        return self.get(policy__code=policy, number=number)


class KeyTask(models.Model):
    """One of the seven key tasks. `weight` is ours and not the policy's."""

    policy = models.ForeignKey(
        Policy, models.PROTECT, related_name="key_tasks", verbose_name=_("policy"), db_index=False
    )
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=40)
    title_en = models.CharField(_("English title"), max_length=120, blank=True)
    short = models.CharField(_("short title"), max_length=10)
    short_en = models.CharField(_("English short title"), max_length=40, blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    drafted_from = models.ForeignKey(
        "PolicyText",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("drafted from"),
    )

    objects: ClassVar[KeyTaskManager] = KeyTaskManager()

    class Meta:
        db_table = "policy_key_task"
        ordering = ("number",)
        verbose_name = _("key task")
        verbose_name_plural = _("key tasks")
        constraints = (models.UniqueConstraint("policy", "number", name="key_task_number_is_unique"),)

    def __str__(self) -> str:
        return f"{self.number} {self.short_label}"

    def natural_key(self) -> tuple[Any, ...]:
        return (*self.policy.natural_key(), self.number)

    natural_key.dependencies = ["tasks_tracker.policy"]  # type: ignore[attr-defined]

    @property
    def label(self) -> str:
        """The official title, in the language of the page."""
        return in_language(self.title, self.title_en)

    @property
    def short_label(self) -> str:
        """The short title, in the language of the page."""
        return in_language(self.short, self.short_en)


class MeasureManager(models.Manager["Measure"]):
    def get_by_natural_key(self, policy: str, code: str) -> "Measure":
        return self.get(policy__code=policy, code=code)


class Measure(models.Model):
    """A separately trackable clause of the policy, under a key task or among the supporting measures.

    `paragraph` and `phrase` locate it in the loaded text; the text itself is in no fixture. Weight and
    suggested lead are ours and not the policy's.
    """

    class SupportingArea(models.TextChoices):
        COORDINATION = "coordination", _("Coordination")
        GOVERNANCE = "governance", _("Industry governance")
        REFORM = "reform", _("Reform and opening up")
        SPIRIT = "spirit", _("Spirit")

    policy = models.ForeignKey(
        Policy, models.PROTECT, related_name="measures", verbose_name=_("policy"), db_index=False
    )
    code = models.CharField(_("code"), max_length=12)
    key_task = models.ForeignKey(
        KeyTask,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="measures",
        verbose_name=_("key task"),
    )
    supporting_area = models.CharField(
        _("supporting area"), max_length=12, choices=SupportingArea.choices, blank=True
    )
    title = models.CharField(_("title"), max_length=40)
    title_en = models.CharField(_("English title"), max_length=160, blank=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    paragraph = models.PositiveSmallIntegerField(_("paragraph"))
    phrase = models.CharField(_("locator phrase"), max_length=20)
    suggested_lead = models.ForeignKey(
        Actor,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suggested_measures",
        verbose_name=_("suggested lead"),
    )
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)
    drafted_from = models.ForeignKey(
        "PolicyText",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drafted_measures",
        verbose_name=_("drafted from"),
    )

    objects: ClassVar[MeasureManager] = MeasureManager()

    class Meta:
        db_table = "policy_measure"
        ordering = ("order", "code")
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = (
            models.UniqueConstraint("policy", "code", name="measure_code_is_unique"),
            models.CheckConstraint(
                name="measure_has_one_place",
                condition=models.Q(key_task__isnull=False, supporting_area="")
                | (models.Q(key_task__isnull=True) & ~models.Q(supporting_area="")),
                violation_error_message=_("A measure stands under a key task or in a supporting area."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.label}"

    def natural_key(self) -> tuple[str, str]:
        return (*self.policy.natural_key(), self.code)

    natural_key.dependencies = ["tasks_tracker.policy"]  # type: ignore[attr-defined]

    @property
    def label(self) -> str:
        """The title in the language of the page."""
        return in_language(self.title, self.title_en)


class WeightChange(models.Model):
    """A recorded change of the weight of a key task or a measure; it holds from `week` on.

    The row of the key task or measure has the weight of today; weeks before `week` keep the old one.
    """

    key_task = models.ForeignKey(
        KeyTask,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="weight_changes",
        verbose_name=_("key task"),
    )
    measure = models.ForeignKey(
        Measure,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="weight_changes",
        verbose_name=_("measure"),
    )
    week = models.DateField(_("week"))
    old_weight = models.PositiveSmallIntegerField(_("old weight"))
    new_weight = models.PositiveSmallIntegerField(_("new weight"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "policy_weight_change"
        ordering = ("week", "pk")
        verbose_name = _("weight change")
        verbose_name_plural = _("weight changes")
        constraints = (
            models.CheckConstraint(
                name="weight_change_is_about_one",
                condition=models.Q(key_task__isnull=False, measure__isnull=True)
                | models.Q(key_task__isnull=True, measure__isnull=False),
            ),
            models.CheckConstraint(
                name="weight_change_has_a_reason",
                condition=~models.Q(reason=""),
                violation_error_message=_("Say why the weight changes."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.old_weight} → {self.new_weight}"


class PolicyText(models.Model):
    """A policy text as it was loaded from a file; loading another keeps the older one.

    One stands beside the policy's own text when measures were drafted from it and added to a plan that had a
    text already: these measures stand in it and nowhere else.
    """

    policy = models.ForeignKey(
        Policy, models.PROTECT, related_name="texts", verbose_name=_("policy"), db_index=False
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    file_name = models.CharField(_("file name"), max_length=200)
    encoding = models.CharField(_("encoding"), max_length=20)
    loaded_at = models.DateTimeField(_("loaded at"))
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("loaded by"),
    )
    is_current = models.BooleanField(_("current"), default=True)
    is_beside = models.BooleanField(_("beside the policy’s own"), default=False)

    class Meta:
        db_table = "policy_text"
        verbose_name = _("policy text")
        verbose_name_plural = _("policy texts")
        constraints = (
            models.UniqueConstraint("policy", "sha256", name="policy_text_is_loaded_once"),
            models.UniqueConstraint(
                "policy", name="one_current_policy_text", condition=models.Q(is_current=True)
            ),
            models.CheckConstraint(
                name="current_text_is_not_beside",
                condition=~models.Q(is_current=True, is_beside=True),
            ),
        )

    def __str__(self) -> str:
        return self.file_name


class Paragraph(models.Model):
    """A non-blank paragraph of a loaded text, counted from 1."""

    policy_text = models.ForeignKey(
        PolicyText, models.CASCADE, related_name="paragraphs", verbose_name=_("policy text"), db_index=False
    )
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("text"))

    class Meta:
        db_table = "policy_paragraph"
        ordering = ("number",)
        verbose_name = _("paragraph")
        verbose_name_plural = _("paragraphs")
        constraints = (models.UniqueConstraint("policy_text", "number", name="paragraph_number_is_unique"),)

    def __str__(self) -> str:
        return f"{self.number}"
