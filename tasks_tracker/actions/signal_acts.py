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
State, Act = EarlySignal.State, SignalAct.Act


class SignalRefused(Exception):
    """The act breaks a rule. `code`: changed_meanwhile, words_missing, item_made; `field` says where."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@transaction.atomic
def assess_signal(*, signal: EarlySignal, seen: int, words: str, by: User, now: datetime) -> EarlySignal:
    """Say what a new signal means."""
    return _act(signal, seen, Act.ASSESS, (State.NEW,), {"state": State.ASSESSED}, words, by, now)


@transaction.atomic
def handle_signal(*, signal: EarlySignal, seen: int, words: str, by: User, now: datetime) -> EarlySignal:
    """Say what is done about it, or what more is done; the lead of the item is told."""
    _act(signal, seen, Act.HANDLE, OPEN_STATES, {"state": State.HANDLED}, words, by, now)
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
    return _act(signal, seen, Act.SOLVE, OPEN_STATES, {"state": State.SOLVED}, words, by, now)


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
    values = {"state": State.ITEM, "made_item": item}
    before = _move(signal, None, OPEN_STATES, values, "item_made")
    _record(signal, Act.MAKE_ITEM, before, "", by, now, unit=item.lead)
    return item


def _act(
    signal: EarlySignal,
    seen: int,
    act: SignalAct.Act,
    states: Collection[str],
    values: dict[str, Any],
    words: str,
    by: User,
    now: datetime,
) -> EarlySignal:
    check_can_handle_signal(by, signal)
    if not words.strip():
        raise SignalRefused("words_missing", "words")
    before = _move(signal, seen, states, values, "changed_meanwhile")
    _record(signal, act, before, words, by, now)
    return signal


def _move(
    signal: EarlySignal, seen: int | None, states: Collection[str], values: dict[str, Any], refusal: str
) -> str:
    """One act wins; whoever comes second, or saw something older, is told. Returns the state before."""
    before = signal.state
    mine = EarlySignal.objects.filter(pk=signal.pk, state__in=states)
    if seen is not None:
        mine = mine.filter(revision=seen)
    if not mine.update(revision=F("revision") + 1, **values):
        raise SignalRefused(refusal)
    signal.refresh_from_db()
    return before


def _record(
    signal: EarlySignal,
    act: SignalAct.Act,
    before: str,
    words: str,
    by: User,
    now: datetime,
    unit: Actor | None = None,
) -> None:
    """Write the act down beside the signal, and in the audit log."""
    after: dict[str, Any] = {"signal_state": signal.state}
    after |= {"words": words.strip()} if words.strip() else {}
    after |= {"item": signal.made_item.code} if signal.made_item else {}
    audit.record(
        by=by, action=f"{act}_signal", obj=signal, before={"signal_state": before}, after=after, at=now
    )
    SignalAct.objects.create(
        signal=signal,
        act=act,
        state=signal.state,
        week=week_of(now.date()),
        words=words.strip(),
        unit=unit,
        by=by,
        at=now,
    )
