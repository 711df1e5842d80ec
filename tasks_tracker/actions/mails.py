"""Sending the e-mails that are written: each once, and one that fails stops nobody else's.

A mail is claimed, handed to the server and then ticked off, each in a transaction of its own: two senders at
once never take the same mail. What a fallen sender had claimed may have arrived; it is called unclear and not
sent again.
"""

import logging
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from tasks_tracker.models import Mail

BATCH = 500  # of one run; the next one is a minute away
CLAIM_LASTS = timedelta(minutes=15)
PATIENCE = timedelta(hours=24)  # after that a mail has failed
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
DEAD_SERVER = 3  # so many tries without a connection end the run
log = logging.getLogger(__name__)


@dataclass
class Sent:
    """What a run came to: how many left, and the addresses and reasons of those that did not."""

    sent: int = 0
    put_off: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


class _NotNow(Exception):
    """The server could not be reached or asks to come again."""


class _Never(Exception):
    """The server refuses this mail."""


def send_mails(*, now: datetime) -> Sent:
    """Send what is due by `now`. Does nothing where no server is named (EMAIL_URL)."""
    result = Sent()
    if not settings.EMAIL_URL:
        return result
    _leave_unclear(result, now)
    unreachable = 0
    for mail in _due(now):
        try:
            _hand_over(mail)
        except _NotNow as reason:
            _put_off(mail, str(reason), now, result)
            unreachable += 1
            if unreachable == DEAD_SERVER:
                break
        except _Never as reason:
            _end(mail, Mail.Status.FAILED, str(reason))
            result.failed.append(f"{mail.address}: {reason}")
        else:
            _end(mail, Mail.Status.SENT, "", sent_at=now)
            result.sent += 1
            unreachable = 0
    for line in (*result.put_off, *result.failed, *result.unclear):
        log.error("e-mail: %s", line)
    return result


def _due(now: datetime) -> Iterator[Mail]:
    """Mails whose time has come, the oldest first, each claimed by this run."""
    waiting = Mail.objects.filter(status=Mail.Status.WAITING, next_try_at__lte=now)
    for pk in list(waiting.order_by("next_try_at", "pk").values_list("pk", flat=True)[:BATCH]):
        claimed = Mail.objects.filter(pk=pk, status=Mail.Status.WAITING).update(
            status=Mail.Status.SENDING, claimed_at=now
        )
        if claimed:
            yield Mail.objects.select_related("notice").get(pk=pk)


def _leave_unclear(result: Sent, now: datetime) -> None:
    lost = Mail.objects.filter(status=Mail.Status.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    for mail in lost:
        _end(mail, Mail.Status.UNCLEAR, "the sender ended while it was being sent")
        result.unclear.append(f"{mail.address}: {mail.error}")


def _hand_over(mail: Mail) -> None:
    """Raises _NotNow or _Never. A connection of its own: what one mail does to it is no other's business."""
    message = EmailMessage(
        mail.subject,
        mail.body,
        settings.DEFAULT_FROM_EMAIL,
        [mail.address],
        headers={
            "Message-ID": f"<notice-{mail.pk}-{mail.notice.at:%Y%m%d%H%M%S}@{_host()}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=get_connection(),
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise (_Never if code >= 500 else _NotNow)(_said(code, words)) from error
    except smtplib.SMTPAuthenticationError as error:  # a wrong setting, and no fault of this mail
        raise _NotNow(_said(error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        raise (_Never if error.smtp_code >= 500 else _NotNow)(
            _said(error.smtp_code, error.smtp_error)
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise _NotNow(f"{type(error).__name__}: {error}") from error
    except ValueError as error:  # an address or a subject that cannot stand in a mail
        raise _Never(f"{type(error).__name__}: {error}") from error


def _host() -> str:
    return settings.SITE_URL.partition("://")[2].partition("/")[0].partition(":")[0] or "localhost"


def _said(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"


def _put_off(mail: Mail, reason: str, now: datetime, result: Sent) -> None:
    """Try again later, with longer and longer pauses; after a day give up."""
    if now - mail.notice.at > PATIENCE:
        _end(mail, Mail.Status.FAILED, reason)
        result.failed.append(f"{mail.address}: {reason}")
        return
    pause = PAUSES[min(mail.tries, len(PAUSES) - 1)]
    Mail.objects.filter(pk=mail.pk).update(
        status=Mail.Status.WAITING,
        claimed_at=None,
        tries=mail.tries + 1,
        next_try_at=now + pause,
        error=reason[:300],
    )
    result.put_off.append(f"{mail.address}: {reason}")


def _end(mail: Mail, status: Mail.Status, error: str, sent_at: datetime | None = None) -> None:
    mail.status, mail.error, mail.sent_at, mail.tries = status, error[:300], sent_at, mail.tries + 1
    mail.save(update_fields=["status", "error", "sent_at", "tries"])
