"""Asking for reports by the clock: reminders before the cut-off, urgings after it, digests for supervisors.

A person gets one notice and one e-mail on an occasion, however many items they are about. Rules:
docs/numbers.md, "Reminders and urgings".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_noop

from tasks_tracker.actions import audit, rollup
from tasks_tracker.actions.notices import notify
from tasks_tracker.models import Actor, Level, Notice, Occasion, Plan, Role, Round, Urging, User
from tasks_tracker.queries.owed import OwedItem, desk_of, owed_items, people_of
from tasks_tracker.reports.mails import plain_letter, reminder_letter
from tasks_tracker.rules.reminders import AFTER, EVE, occasion_due
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf, format_week, week_of

REMINDED = gettext_noop("Week %(week)s: reports that %(unit)s still owes: %(count)d. Cut-off: %(cutoff)s.")
URGED = gettext_noop("Week %(week)s: the cut-off has passed; %(unit)s has not handed in: %(count)d.")
DIGEST = gettext_noop(
    "Week %(week)s: reports to decide on: %(reports)d, answers to slips: %(answers)d, "
    "reports not handed in: %(missing)d."
)
LEVELS = {Occasion.EVE: Level.REMIND, Occasion.MORNING: Level.REMIND, Occasion.AFTER: Level.URGE}


@dataclass(frozen=True)
class Told:
    """What a round came to. `silent` are the units that owe and have nobody to tell."""

    week: date
    occasion: Occasion
    items: int
    people: int
    silent: list[Actor]


def follow_up(*, plan: Plan, now: datetime) -> list[Told]:
    """Do what is due by `now`, in the running week and in last week while it is open; once each."""
    this_week = week_of(now.date())
    told = []
    for week in (this_week - ONE_WEEK, this_week):
        point = rollup.point_of(plan, week, now)
        occasion = _due(plan, point, now, is_running=week == this_week)
        if occasion and (done := go_round(plan=plan, week=week, occasion=Occasion(occasion), now=now)):
            told.append(done)
    return told


def _due(plan: Plan, point: AsOf, now: datetime, *, is_running: bool) -> str:
    """The occasion that has come and was not kept yet; of last week only what follows a late cut-off."""
    assert point.cutoff is not None  # rollup.point_of knows it
    rolled = plan.weeks.filter(week=point.week).first()
    if rolled is None and not is_running:
        return ""
    if rolled and rolled.is_frozen:
        return ""
    occasion = occasion_due(point.week, point.cutoff, now)
    if occasion and plan.rounds.filter(week=point.week, occasion__in=(occasion, AFTER)).exists():
        return ""
    return occasion


@transaction.atomic
def go_round(*, plan: Plan, week: date, occasion: Occasion, now: datetime) -> Told | None:
    """Tell everybody once; None when somebody else did already. All of it or nothing."""
    try:
        with transaction.atomic():
            turn = Round.objects.create(plan=plan, week=week, occasion=occasion, at=now)
    except IntegrityError:
        return None
    point = rollup.point_of(plan, week, now)
    owed = owed_items(plan, point)
    units = {unit.pk: unit for unit in Actor.objects.filter(pk__in=owed)}
    people = people_of(owed)
    Urging.objects.bulk_create(_urgings(owed, week, occasion, now))
    for unit, users in people.items():
        _tell_unit(units[unit], users, owed[unit], point, occasion, now)
    supervisors = 0 if occasion == EVE else _tell_supervisors(plan, point, occasion, now)
    turn.items = sum(map(len, owed.values()))
    turn.people = sum(map(len, people.values())) + supervisors
    turn.save(update_fields=["items", "people"])
    audit.record(
        by=None,
        action="follow_up",
        obj=turn,
        after={
            "week": week.isoformat(),
            "occasion": str(occasion),
            "items": turn.items,
            "people": turn.people,
        },
    )
    silent = [unit for pk, unit in units.items() if pk not in people]
    return Told(week, occasion, turn.items, turn.people, silent)


def _urgings(
    owed: dict[int, list[OwedItem]], week: date, occasion: Occasion, now: datetime
) -> Iterator[Urging]:
    for unit, items in owed.items():
        for item in items:
            yield Urging(
                item_id=item.item_id,
                week=week,
                unit_id=unit,
                level=LEVELS[occasion],
                occasion=occasion,
                light=item.light,
                at=now,
            )


def _tell_unit(
    unit: Actor,
    users: Sequence[User],
    items: list[OwedItem],
    point: AsOf,
    occasion: Occasion,
    now: datetime,
) -> None:
    assert point.cutoff is not None
    written = format_week(point.week)
    is_urging = occasion == AFTER
    draft = Notice(
        kind=Notice.Kind.URGING if is_urging else Notice.Kind.REMINDER,
        words=URGED if is_urging else REMINDED,
        arguments={
            "week": written,
            "unit": [unit.name, unit.name_en],
            "count": len(items),
            "cutoff": f"{point.cutoff:%Y-%m-%d %H:%M}",
        },
        link=f"{reverse('my_week')}?week={written}",
        key=f"{occasion}:{written}",
    )
    letter = reminder_letter(notice=draft, week=point.week, unit=unit, items=items, cutoff=point.cutoff)
    notify(to=users, draft=draft, now=now, letter=letter)


def _tell_supervisors(plan: Plan, point: AsOf, occasion: Occasion, now: datetime) -> int:
    """A digest to every supervisor for whom something waits; returns how many got one."""
    told = 0
    written = format_week(point.week)
    for user in User.objects.filter(is_active=True, role=Role.SUPERVISOR).order_by("pk"):
        desk = desk_of(plan, user, point)
        if desk.is_empty:
            continue
        draft = Notice(
            kind=Notice.Kind.DIGEST,
            words=DIGEST,
            arguments={
                "week": written,
                "reports": desk.reports,
                "answers": desk.answers,
                "missing": desk.missing,
            },
            link=f"{reverse('filing')}?week={written}",
            key=f"{occasion}:{written}",
        )
        notify(to=[user], draft=draft, now=now, letter=plain_letter(notice=draft))
        told += 1
    return told
