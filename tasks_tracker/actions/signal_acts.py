"""What supervisors do about early signals: assess one, handle it, solve it, make a work item of it.

Each act names the `revision` that was on the form: of two who act at the same moment, or on a form that is
stale, one wins and the other is told. Rules: docs/numbers.md, "Early signals".
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_noop

from tasks_tracker.actions import audit
from tasks_tracker.actions.assigning import assign_item
from tasks_tracker.actions.notices import notify
from tasks_tracker.models import (
    OPEN_STATES,
    Actor,
    EarlySignal,
    Industry,
    Notice,
    Plan,
    SignalAct,
    User,
    WorkItem,
)
from tasks_tracker.permissions import check_can_handle_signal
from tasks_tracker.queries.owed import all_of
from tasks_tracker.rules.ledger_csv import Row
from tasks_tracker.rules.weeks import week_of

HANDLED = gettext_noop("On the watch list and being handled: %(item)s.")
State = EarlySignal.State


class SignalRefused(Exception):
    """The act breaks a rule. `code`: changed_meanwhile, words_missing, item_made; `field` says where."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@transaction.atomic
def assess_signal(*, signal: EarlySignal, seen: int, words: str, by: User, now: datetime) -> EarlySignal:
    """Say what a new signal means."""
    before = _move(signal, seen, (State.NEW,), State.ASSESSED, words, by)
    record(signal, before, by, now, action="assess_signal", words=words)
    return signal


@transaction.atomic
def handle_signal(*, signal: EarlySignal, seen: int, words: str, by: User, now: datetime) -> EarlySignal:
    """Say what is done about it, or what more is done; the lead of the item is told."""
    before = _move(signal, seen, OPEN_STATES, State.HANDLED, words, by)
    record(signal, before, by, now, action="handle_signal", words=words)
    if signal.item:
        link = reverse("signal", args=[signal.pk])
        draft = Notice(
            kind=Notice.Kind.SIGNAL, words=HANDLED, arguments={"item": signal.item.title}, link=link
        )
        notify(to=all_of(signal.item.lead), draft=draft, now=now)
    return signal


@transaction.atomic
def solve_signal(*, signal: EarlySignal, seen: int, words: str, by: User, now: datetime) -> EarlySignal:
    """Say how it was solved. It stays solved unless its condition goes away and comes again."""
    before = _move(signal, seen, OPEN_STATES, State.SOLVED, words, by)
    record(signal, before, by, now, action="solve_signal", words=words)
    return signal


@transaction.atomic
def make_item_of_signal(
    *,
    signal: EarlySignal,
    plan: Plan,
    row: Row,
    draft: bool = False,
    industry: Industry | None = None,
    by: User,
    now: datetime,
) -> WorkItem:
    """Turn a signal into a work item; at most once.

    Raises like `assign_item`, and SignalRefused; writes nothing then.
    """
    check_can_handle_signal(by, signal)
    item = assign_item(plan=plan, row=row, draft=draft, industry=industry, by=by, now=now)
    before = _change(signal, {"state__in": OPEN_STATES}, "item_made", state=State.ITEM, made_item=item)
    record(signal, before, by, now, action="make_item_signal", words="", unit=item.lead)
    return item


def _move(signal: EarlySignal, seen: int, states: Collection[str], state: str, words: str, by: User) -> str:
    """From one of `states`, as the form showed it, to another. Returns the state before."""
    check_can_handle_signal(by, signal)
    if not words.strip():
        raise SignalRefused("words_missing", "words")
    return _change(signal, {"state__in": states, "revision": seen}, "changed_meanwhile", state=state)


def _change(signal: EarlySignal, holds: dict[str, Any], refusal: str, **values: Any) -> str:
    """One act wins; whoever comes second, or saw something older, is told. Returns the state before."""
    before = str(signal.state)
    if not EarlySignal.objects.filter(pk=signal.pk, **holds).update(revision=F("revision") + 1, **values):
        raise SignalRefused(refusal)
    signal.refresh_from_db()
    return before


def record(
    signal: EarlySignal,
    before: str,
    by: User,
    now: datetime,
    *,
    action: str,
    words: str,
    unit: Actor | None = None,
) -> None:
    """Write the act down beside the signal, and in the audit log."""
    after: dict[str, Any] = {"signal_state": signal.state}
    after |= {"words": words.strip()} if words.strip() else {}
    after |= {"item": signal.made_item.code} if signal.made_item else {}
    audit.record(by=by, action=action, obj=signal, before={"signal_state": before}, after=after, at=now)
    SignalAct.objects.create(
        signal=signal,
        act=action.removesuffix("_signal"),
        state=signal.state,
        week=week_of(now.date()),
        words=words.strip(),
        unit=unit,
        by=by,
        at=now,
    )
