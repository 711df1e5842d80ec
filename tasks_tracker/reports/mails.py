"""The e-mails of the product: plain text in the language of the house, with one link into the product."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from tasks_tracker.models import Actor, Notice, Slip
from tasks_tracker.queries.owed import OwedItem
from tasks_tracker.rules.weeks import format_week

LISTED = 50


@dataclass(frozen=True)
class Letter:
    """Subject, one line, and text of an e-mail."""

    subject: str
    body: str


def reminder_letter(
    *, notice: Notice, week: date, unit: Actor, items: Sequence[OwedItem], cutoff: datetime
) -> Letter:
    """What a unit owes, item by item; `notice` (not saved) says the sentence and where to go."""
    with override(settings.LANGUAGE_CODE):
        words = {"week": format_week(week), "unit": unit.label, "count": len(items)}
        subject = _("Reports owed for week %(week)s: %(count)d (%(unit)s)") % words
        return _letter(subject, notice, items, {"cutoff": cutoff})


def slip_letter(*, notice: Notice, slip: Slip, items: Sequence[OwedItem]) -> Letter:
    """A slip in short: what is demanded, by when, on which items."""
    with override(settings.LANGUAGE_CODE):
        subject = _("%(slip)s to %(unit)s") % {"slip": slip.label, "unit": slip.unit.label}
        return _letter(subject, notice, items, {"slip": slip})


def plain_letter(*, notice: Notice) -> Letter:
    """The sentence of the notice alone, for digests and answers."""
    with override(settings.LANGUAGE_CODE):
        return _letter(notice.text, notice, (), {})


def _letter(subject: str, notice: Notice, items: Iterable[OwedItem], more: dict[str, object]) -> Letter:
    listed = list(items)
    body = render_to_string(
        "supervision/mail.txt",
        {
            "sentence": notice.text,
            "items": listed[:LISTED],
            "hidden": max(0, len(listed) - LISTED),
            "url": f"{settings.SITE_URL}{notice.link}",
            **more,
        },
    )
    return Letter(" ".join(subject.split())[:200], body)
