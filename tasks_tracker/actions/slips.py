"""The ladder of supervisors: a slip that urges or supervises, the unit's answer, and the close.

Rules: docs/numbers.md, "Reminders and urgings".
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext_noop

from tasks_tracker.actions import audit, rollup
from tasks_tracker.actions.notices import notify
from tasks_tracker.actions.progress import EntryRefused, check_week_is_open
from tasks_tracker.models import Actor, Level, Notice, Plan, Slip, SlipAnswer, Urging, User, WorkItem
from tasks_tracker.permissions import check_can_answer, check_can_close, check_can_urge
from tasks_tracker.queries.owed import OwedItem, all_of, owed_items
from tasks_tracker.reports.mails import plain_letter, slip_letter

LONGEST_DAYS = 31  # a deadline further away demands nothing
ISSUED = {
    Level.URGE: gettext_noop("Urging slip [%(year)d] No. %(number)d to %(unit)s: reports: %(count)d."),
    Level.SUPERVISE: gettext_noop(
        "Supervision slip [%(year)d] No. %(number)d to %(unit)s: reports: %(count)d. Answer by %(day)s."
    ),
}
ANSWERED = {
    Level.URGE: gettext_noop(
        "%(unit)s has answered urging slip [%(year)d] No. %(number)d and promises the reports by %(day)s."
    ),
    Level.SUPERVISE: gettext_noop(
        "%(unit)s has answered supervision slip [%(year)d] No. %(number)d "
        "and promises the reports by %(day)s."
    ),
}
CLOSED = {
    Level.URGE: gettext_noop("Urging slip [%(year)d] No. %(number)d to %(unit)s is closed."),
    Level.SUPERVISE: gettext_noop("Supervision slip [%(year)d] No. %(number)d to %(unit)s is closed."),
}


class SlipRefused(Exception):
    """The slip cannot be issued, answered or closed so. `code` names the rule, `field` says where.

    Codes: nothing_chosen, words_missing, week_closed, not_owed, on_a_slip, not_urged_before,
    deadline_missing, deadline_passed, deadline_too_far, measures_missing, promise_passed, closed_already.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@transaction.atomic
def issue_slip(
    *,
    plan: Plan,
    week: date,
    unit: Actor,
    kind: Level,
    items: Collection[WorkItem],
    words: str,
    answer_by: date | None,
    by: User,
    now: datetime,
) -> Slip:
    """Demand the reports of `items`, which `unit` owes in `week`; the unit's people are told.

    Raises SlipRefused and PermissionDenied; writes nothing then.
    """
    check_can_urge(by, items)
    _check_demand(kind, words, answer_by, now.date())
    owed = _check_owed(plan, week, unit, kind, items, now)
    Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)  # numbers are given one after the other
    slip = Slip.objects.create(
        kind=kind,
        year=now.year,
        number=_next_number(now.year, kind),
        plan=plan,
        week=week,
        unit=unit,
        words=words.strip(),
        answer_by=answer_by,
        issued_by=by,
        issued_at=now,
    )
    _put_on(slip, owed, now)
    audit.record(by=by, action="issue_slip", obj=slip, after=_values(slip, owed))
    draft = _notice(slip, Notice.Kind.SLIP, ISSUED[kind], count=len(owed))
    notify(to=all_of(unit), draft=draft, now=now, letter=slip_letter(notice=draft, slip=slip, items=owed))
    return slip


@transaction.atomic
def answer_slip(*, slip: Slip, measures: str, promised_on: date, by: User, now: datetime) -> SlipAnswer:
    """Say what was done and by when the reports come; further answers may follow until the slip is closed."""
    check_can_answer(by, slip)
    if not measures.strip():
        raise SlipRefused("measures_missing", "measures")
    if promised_on < now.date():
        raise SlipRefused("promise_passed", "promised_on")
    open_slip = Slip.objects.filter(pk=slip.pk).exclude(status=Slip.Status.CLOSED)
    if not open_slip.update(status=Slip.Status.ANSWERED):
        raise SlipRefused("closed_already")
    answer = SlipAnswer.objects.create(
        slip=slip, measures=measures.strip(), promised_on=promised_on, by=by, at=now
    )
    audit.record(
        by=by,
        action="answer_slip",
        obj=slip,
        after={"measures": answer.measures, "promised_on": promised_on.isoformat()},
    )
    draft = _notice(slip, Notice.Kind.ANSWER, ANSWERED[Level(slip.kind)], day=promised_on.isoformat())
    notify(to=[slip.issued_by], draft=draft, now=now, letter=plain_letter(notice=draft))
    return answer


@transaction.atomic
def close_slip(*, slip: Slip, note: str, by: User, now: datetime) -> Slip:
    """The matter is settled: nothing more is asked or answered. The unit's people are told."""
    check_can_close(by, slip)
    closed = (
        Slip.objects.filter(pk=slip.pk)
        .exclude(status=Slip.Status.CLOSED)
        .update(status=Slip.Status.CLOSED, closed_by=by, closed_at=now, closing_note=note.strip())
    )
    if not closed:
        raise SlipRefused("closed_already")
    before = slip.status
    slip.refresh_from_db()
    audit.record(
        by=by,
        action="close_slip",
        obj=slip,
        before={"slip_status": before},
        after={"slip_status": slip.status, "closing_note": slip.closing_note},
    )
    notify(to=all_of(slip.unit), draft=_notice(slip, Notice.Kind.SLIP, CLOSED[Level(slip.kind)]), now=now)
    return slip


def _check_demand(kind: Level, words: str, answer_by: date | None, today: date) -> None:
    if not words.strip():
        raise SlipRefused("words_missing", "words")
    if answer_by is None:
        if kind == Level.SUPERVISE:
            raise SlipRefused("deadline_missing", "answer_by")
        return
    if answer_by < today:
        raise SlipRefused("deadline_passed", "answer_by")
    if answer_by > today + timedelta(days=LONGEST_DAYS):
        raise SlipRefused("deadline_too_far", "answer_by")


def _check_owed(
    plan: Plan, week: date, unit: Actor, kind: Level, items: Collection[WorkItem], now: datetime
) -> list[OwedItem]:
    """The chosen items as they stand; each is owed by the unit, and on no slip of the kind yet."""
    if not items:
        raise SlipRefused("nothing_chosen", "items")
    try:
        check_week_is_open(plan, week, now)
    except EntryRefused as error:
        raise SlipRefused("week_closed") from error
    chosen = {item.pk for item in items}
    owed = [
        i for i in owed_items(plan, rollup.point_of(plan, week, now)).get(unit.pk, []) if i.item_id in chosen
    ]
    if len(owed) < len(chosen):
        raise SlipRefused("not_owed", "items")
    urgings = Urging.objects.filter(item__in=chosen)
    if urgings.filter(week=week, level=kind, slip__isnull=False).exists():
        raise SlipRefused("on_a_slip", "items")
    if kind == Level.SUPERVISE:
        urged = urgings.filter(level__in=(Level.URGE, Level.SUPERVISE)).values_list("item", flat=True)
        if chosen - set(urged):
            raise SlipRefused("not_urged_before", "items")
    return owed


def _next_number(year: int, kind: Level) -> int:
    last = Slip.objects.filter(year=year, kind=kind).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _put_on(slip: Slip, owed: Collection[OwedItem], now: datetime) -> None:
    urgings = (
        Urging(
            item_id=item.item_id,
            week=slip.week,
            unit=slip.unit,
            level=slip.kind,
            slip=slip,
            light=item.light,
            at=now,
        )
        for item in owed
    )
    try:
        with transaction.atomic():
            Urging.objects.bulk_create(urgings)
    except IntegrityError as error:  # somebody else put one of them on a slip at the same moment
        raise SlipRefused("on_a_slip", "items") from error


def _notice(slip: Slip, kind: Notice.Kind, words: str, **more: Any) -> Notice:
    day = slip.answer_by.isoformat() if slip.answer_by else ""
    arguments = {
        "year": slip.year,
        "number": slip.number,
        "unit": [slip.unit.name, slip.unit.name_en],
        "day": day,
    }
    return Notice(kind=kind, words=words, arguments=arguments | more, link=reverse("slip", args=[slip.pk]))


def _values(slip: Slip, owed: Collection[OwedItem]) -> dict[str, Any]:
    return {
        "kind": slip.kind,
        "number": f"{slip.year}-{slip.number}",
        "week": slip.week.isoformat(),
        "unit": slip.unit.code,
        "items": [item.code for item in owed],
        "words": slip.words,
        "answer_by": slip.answer_by.isoformat() if slip.answer_by else "",
    }
