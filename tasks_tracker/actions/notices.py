"""Telling people something, and their reading it. The words are translated when they are read."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from tasks_tracker.models import Mail, Notice, User
from tasks_tracker.reports.mails import Letter


@transaction.atomic
def notify(*, to: Iterable[User], draft: Notice, now: datetime, letter: Letter | None = None) -> list[Notice]:
    """One notice like `draft` (not saved) for each of `to`, in the caller's transaction.

    With a `letter` an e-mail is written too, to whoever has an address, if this installation sends any; it
    leaves when the transaction is through.
    """
    names = ("kind", "words", "arguments", "link", "key")
    values = {name: getattr(draft, name) for name in names}
    notices = Notice.objects.bulk_create(Notice(to=user, at=now, **values) for user in to)
    if letter and settings.EMAIL_URL:
        Mail.objects.bulk_create(
            Mail(
                notice=notice,
                address=notice.to.email,
                subject=letter.subject,
                body=letter.body,
                next_try_at=now,
            )
            for notice in notices
            if notice.to.email
        )
    return notices


def read_notices(*, by: User, now: datetime, notice: int | None = None) -> int:
    """Mark the own unread notices (or the one of that number) as read; returns how many.

    What somebody read and when is not put on record: it is no business of anybody else.
    """
    unread = Notice.objects.of(by).unread()
    if notice is not None:
        unread = unread.filter(pk=notice)
    return unread.update(read_at=now)
