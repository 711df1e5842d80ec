"""What the product tells a person: a notice on the page, and the e-mail that says the same."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.people import User, in_language


class NoticeQuerySet(models.QuerySet["Notice"]):
    def of(self, user: User) -> Self:
        """Everybody reads the own ones only."""
        return self.filter(to=user)

    def unread(self) -> Self:
        """Not opened yet."""
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message to one person, in the language of whoever reads it.

    `words` is a message of the catalogues with named places, `arguments` what stands in them: a text, a
    number, or a name as a pair of Chinese and English. `key` makes a message of the clock unique: the same
    person never gets it twice.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("Reminder")
        URGING = "urging", _("Urging")
        SLIP = "slip", _("Slip")
        ANSWER = "answer", _("Answer")
        DIGEST = "digest", _("For you to do")
        CUTOFF = "cutoff", _("Cut-off")
        PROBLEM = "problem", _("Problem")
        SIGNAL = "signal", _("Early signal")
        PACK = "pack", _("Weekly report")

    to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notices",
        verbose_name=_("to"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    words = models.CharField(_("words"), max_length=200)
    arguments = models.JSONField(_("arguments"), default=dict)
    link = models.CharField(_("link"), max_length=200)
    key = models.CharField(_("key"), max_length=60, blank=True)
    at = models.DateTimeField(_("at"))
    read_at = models.DateTimeField(_("read at"), null=True)

    objects: ClassVar[models.Manager["Notice"]] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "notices_notice"
        ordering = ("-at", "-pk")
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = (
            models.UniqueConstraint("to", "key", name="notice_of_the_clock_comes_once", condition=~Q(key="")),
            models.CheckConstraint(name="notice_leads_into_the_product", condition=Q(link__startswith="/")),
        )
        indexes = (
            models.Index("to", "at", name="notice_by_reader"),
            models.Index("to", name="notice_unread", condition=Q(read_at=None)),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def text(self) -> str:
        """The words in the language of the page."""
        return gettext(self.words) % {name: _spoken(value) for name, value in self.arguments.items()}


def _spoken(value: Any) -> Any:
    return in_language(*value) if isinstance(value, list) else value


class Mail(models.Model):
    """The e-mail of a notice: what it says, and what became of it.

    A mail is claimed before it is handed to the server. Whoever falls over between the two leaves it
    `unclear`: it may have arrived, and it is not sent again.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not delivered")
        UNCLEAR = "unclear", _("Perhaps sent")

    notice = models.OneToOneField(
        Notice, models.CASCADE, related_name="mail", verbose_name=_("notice"), primary_key=True
    )
    address = models.EmailField(_("address"))
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try at"))
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        db_table = "notices_mail"
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        constraints = (
            models.CheckConstraint(
                name="sent_mail_has_a_moment",
                condition=Q(status="sent", sent_at__isnull=False)
                | (~Q(status="sent") & Q(sent_at__isnull=True)),
            ),
        )
        indexes = (
            models.Index("next_try_at", name="mail_to_send", condition=Q(status__in=["waiting", "sending"])),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.status}"
