"""Key tasks and measures that were drafted from a document and wait for a supervisor to adopt them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tasks_tracker.models.people import Actor
from tasks_tracker.models.policy import KeyTask, Measure, Policy, PolicyText


class OutlineDraft(models.Model):
    """A draft of an outline; of each policy one at a time is open. `revision` counts what was saved."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("of a draft", "open")
        ADOPTED = "adopted", pgettext_lazy("of a draft", "adopted")
        DISCARDED = "discarded", pgettext_lazy("of a draft", "discarded")

    policy = models.ForeignKey(
        Policy, models.PROTECT, related_name="drafts", verbose_name=_("policy"), db_index=False
    )
    policy_text = models.ForeignKey(
        PolicyText, models.PROTECT, related_name="drafts", verbose_name=_("policy text")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "policy_draft"
        ordering = ("-pk",)
        verbose_name = _("draft of an outline")
        verbose_name_plural = _("drafts of outlines")
        constraints = (
            models.UniqueConstraint(
                "policy", name="one_open_draft_of_a_policy", condition=models.Q(state="open")
            ),
        )

    def __str__(self) -> str:
        return str(self.policy_text)


class DraftLine(models.Model):
    """A proposed key task, or a proposed measure and its place; a line without a place is not finished.

    The place is a key task of this draft (`parent`), one that is there already (`under`), or an area.
    """

    draft = models.ForeignKey(
        OutlineDraft, models.CASCADE, related_name="lines", verbose_name=_("draft"), db_index=False
    )
    position = models.PositiveSmallIntegerField(_("position"))
    kept = models.BooleanField(_("kept"), default=True)
    is_key_task = models.BooleanField(_("is a key task"))
    code = models.CharField(_("code"), max_length=12, blank=True)
    title = models.CharField(_("title"), max_length=40, blank=True)
    short = models.CharField(_("short title"), max_length=10, blank=True)
    paragraph = models.PositiveIntegerField(_("paragraph"))
    phrase = models.CharField(_("locator phrase"), max_length=20)
    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", verbose_name=_("key task of the draft")
    )
    under = models.ForeignKey(
        KeyTask, models.SET_NULL, null=True, related_name="+", verbose_name=_("key task")
    )
    area = models.CharField(
        _("supporting area"), max_length=12, choices=Measure.SupportingArea.choices, blank=True
    )
    suggested_lead = models.ForeignKey(
        Actor, models.SET_NULL, null=True, related_name="+", verbose_name=_("suggested lead")
    )

    class Meta:
        db_table = "policy_draft_line"
        ordering = ("position",)
        verbose_name = _("line of a draft")
        verbose_name_plural = _("lines of drafts")
        constraints = (models.UniqueConstraint("draft", "position", name="draft_line_has_its_place"),)

    def __str__(self) -> str:
        return f"{self.code} {self.title}".strip()
