"""Looking for early signals: what the rules find in a week, kept as signals that last, cease and come again.

Evaluations of a plan take turns on its rules, and so does who edits one. A week is looked at once its cut-off
has passed, as often as one likes, and for the last time when it is frozen. Rules: docs/numbers.md.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.urls import reverse
from django.utils.translation import gettext_noop

from tasks_tracker.actions import audit
from tasks_tracker.actions.notices import notify
from tasks_tracker.models import (
    OPEN_STATES,
    EarlySignal,
    Notice,
    Plan,
    Role,
    SignalAct,
    SignalMember,
    SignalRule,
    SignalRun,
    SignalSighting,
    SignalTrack,
    User,
    WeekRollup,
)
from tasks_tracker.queries.back_test import back_test, weeks_of
from tasks_tracker.queries.sightings import Sighting, sightings
from tasks_tracker.rules.signals import RETURNS_WITHIN, SPECS
from tasks_tracker.rules.weeks import ONE_WEEK, format_week

BATCH = 1_000
TESTED_WEEKS = 26
CATCH_UP = 8  # weeks that were missed are looked at one after the other, at most so many
DIGEST = gettext_noop("Week %(week)s: new items on the watch list: %(count)d.")
State, Act = EarlySignal.State, SignalAct.Act
Key = tuple[str, str]


class SignalsRefused(Exception):
    """The week cannot be looked at. `code`: not_rolled_up, cutoff_not_passed, later_week_done."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def rules_in_force(*, plan: Plan, now: datetime) -> dict[str, SignalRule]:
    """The rules of the plan, held until the transaction ends; made from the defaults where there are none."""
    missing = SPECS.keys() - set(plan.signal_rules.values_list("code", flat=True))
    if missing:
        Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
        missing -= set(plan.signal_rules.values_list("code", flat=True))
        SignalRule.objects.bulk_create(first_version(plan, code, now) for code in SPECS if code in missing)
    # The first versions are never replaced: whoever waits for them then reads what is in force by now.
    list(SignalRule.objects.select_for_update(no_key=True).filter(plan=plan, version=1).order_by("pk"))
    return {rule.code: rule for rule in plan.signal_rules.filter(is_current=True).order_by("pk")}


def first_version(plan: Plan, code: str, now: datetime) -> SignalRule:
    """A rule as a plan begins with it, not saved."""
    spec = SPECS[code]
    return SignalRule(plan=plan, code=code, parameters=spec.defaults, horizon=spec.horizon, at=now)


def find_due(*, plan: Plan, now: datetime) -> list[SignalRun]:
    """Look at every week that is due: the last whose cut-off has passed, and what was missed before it."""
    ready = plan.weeks.filter(cutoff_passed=True, week__lte=now.date()).order_by("week")
    last = plan.signal_runs.aggregate(week=Max("week"))["week"]
    weeks = [week for week in ready.values_list("week", flat=True) if last is None or week >= last]
    weeks = weeks[-1:] if last is None else weeks[-CATCH_UP:]
    runs = []
    for week in weeks:
        with suppress(SignalsRefused):  # somebody else is further already
            runs.append(find_signals(plan=plan, week=week, now=now))
    return runs


@transaction.atomic
def find_signals(*, plan: Plan, week: date, now: datetime) -> SignalRun:
    """Look at one week. Doing it twice changes nothing; a week that was final stays as it is.

    Raises SignalsRefused.
    """
    in_force = rules_in_force(plan=plan, now=now)
    rollup = plan.weeks.filter(week=week).first()
    done = plan.signal_runs.filter(week=week).first()
    if done and done.is_final:
        return done
    if rollup is None:
        raise SignalsRefused("not_rolled_up")
    if not rollup.cutoff_passed:
        raise SignalsRefused("cutoff_not_passed")
    if plan.signal_runs.filter(week__gt=week).exists():
        raise SignalsRefused("later_week_done")
    found = sightings(plan, [rollup], in_force)[week]
    return keep(plan=plan, rollup=rollup, found=found, in_force=in_force, now=now)


@dataclass
class _Changes:
    """What an evaluation does to the signals."""

    week: date
    now: datetime
    raised: list[EarlySignal] = field(default_factory=list)
    changed: list[EarlySignal] = field(default_factory=list)
    acts: list[SignalAct] = field(default_factory=list)

    def note(self, signal: EarlySignal, act: SignalAct.Act) -> None:
        self.acts.append(SignalAct(signal=signal, act=act, state=signal.state, week=self.week, at=self.now))

    def number(self, act: SignalAct.Act) -> int:
        return sum(1 for each in self.acts if each.act == act)


def keep(
    *,
    plan: Plan,
    rollup: WeekRollup,
    found: Mapping[Key, Sighting],
    in_force: Mapping[str, SignalRule],
    now: datetime,
) -> SignalRun:
    """Bring the signals of the plan to what was found in the week, and tell supervisors of new ones.

    The caller holds the turn and the transaction.
    """
    week = rollup.week
    previous = plan.signal_runs.filter(week__lt=week).aggregate(week=Max("week"))["week"]
    held = EarlySignal.objects.select_for_update(no_key=True).filter(plan=plan, is_latest=True)
    there = {(signal.code, signal.subject): signal for signal in held.order_by("pk")}
    changes = _Changes(week, now)
    for key, seen in found.items():
        _seen(there, key, seen, in_force[seen.code], previous, changes, plan)
    gone = [signal for key, signal in there.items() if key not in found]
    _take_back(gone, changes)
    for signal in gone:
        _not_seen(signal, changes)
    _write(changes)
    signals = {key: there[key] for key in found}
    _write_sightings(plan, week, signals, found)
    _write_members(signals, found)
    values = {"at": now, "is_final": rollup.is_frozen, "found": len(found)}
    run, _made = SignalRun.objects.update_or_create(plan=plan, week=week, defaults=values)
    _count(run, changes, now)
    return run


def _count(run: SignalRun, changes: _Changes, now: datetime) -> None:
    """What this look has changed, added to what earlier looks at the week did."""
    raised = changes.number(Act.RAISE) + changes.number(Act.RETURN)
    ceased = changes.number(Act.CEASE)
    if not (raised or ceased):
        return
    SignalRun.objects.filter(pk=run.pk).update(raised=F("raised") + raised, ceased=F("ceased") + ceased)
    run.refresh_from_db()
    after = {"week": run.week.isoformat(), "found": run.found, "raised": raised, "ceased": ceased}
    audit.record(by=None, action="find_signals", obj=run, after=after, at=now)
    if raised:
        _tell_supervisors(run, now)


def _seen(
    there: dict[Key, EarlySignal],
    key: Key,
    seen: Sighting,
    rule: SignalRule,
    previous: date | None,
    changes: _Changes,
    plan: Plan,
) -> None:
    """The condition holds: a new signal, one that goes on, or one that comes again."""
    old, week = there.get(key), changes.week
    if old is None or (old.state != State.ITEM and week - old.last_week > RETURNS_WITHIN * ONE_WEEK):
        there[key] = _new(plan, seen, rule, old, week)
        changes.raised.append(there[key])
        changes.note(there[key], Act.RAISE)
        if old:
            old.is_latest = False
            changes.changed.append(old)
        return
    was_away = previous is not None and old.last_week < previous
    if old.state == State.CEASED or (old.state == State.SOLVED and was_away):
        old.state, old.revision, old.times = State.NEW, old.revision + 1, old.times + 1
        changes.note(old, Act.RETURN)
        changes.changed.append(old)
    elif old.last_week < week:
        changes.changed.append(old)
    old.last_week = max(old.last_week, week)


def _new(plan: Plan, seen: Sighting, rule: SignalRule, old: EarlySignal | None, week: date) -> EarlySignal:
    return EarlySignal(
        plan=plan,
        code=seen.code,
        rule=rule,
        subject=seen.subject,
        first_week=week,
        last_week=week,
        again_after=old,
        **seen.fields,
    )


def _take_back(signals: Sequence[EarlySignal], changes: _Changes) -> None:
    """What an earlier look at this week had seen and this one does not was last seen before. One query."""
    mistaken = {signal.pk: signal for signal in signals if signal.last_week == changes.week}
    seen = SignalSighting.objects.filter(signal__in=mistaken, week__lt=changes.week)
    for pk, week in seen.order_by().values_list("signal").annotate(week=Max("week")):
        mistaken[pk].last_week = week
        if mistaken[pk].state not in OPEN_STATES:
            changes.changed.append(mistaken[pk])


def _not_seen(signal: EarlySignal, changes: _Changes) -> None:
    """The condition does not hold: what nobody has settled ceases by itself."""
    if signal.state in OPEN_STATES:
        signal.state, signal.revision = State.CEASED, signal.revision + 1
        changes.note(signal, Act.CEASE)
        changes.changed.append(signal)


def _write(changes: _Changes) -> None:
    columns = ["state", "revision", "times", "last_week", "is_latest"]
    EarlySignal.objects.bulk_update(changes.changed, columns, batch_size=BATCH)
    EarlySignal.objects.bulk_create(changes.raised, batch_size=BATCH)
    SignalAct.objects.bulk_create(changes.acts, batch_size=BATCH)


def _write_sightings(
    plan: Plan, week: date, signals: Mapping[Key, EarlySignal], found: Mapping[Key, Sighting]
) -> None:
    """The sightings of the week are those of the last look at it."""
    wanted = {signals[key].pk: seen.evidence for key, seen in found.items()}
    rows = SignalSighting.objects.filter(week=week, signal__plan=plan)
    stored = {row.signal_id: row for row in rows}
    _delete(SignalSighting, [row.pk for pk, row in stored.items() if pk not in wanted])
    moved = [row for pk, row in stored.items() if pk in wanted and row.evidence != wanted[pk]]
    for row in moved:
        row.evidence = wanted[row.signal_id]
    SignalSighting.objects.bulk_update(moved, ["evidence"], batch_size=BATCH)
    SignalSighting.objects.bulk_create(
        (
            SignalSighting(signal_id=pk, week=week, evidence=evidence)
            for pk, evidence in wanted.items()
            if pk not in stored
        ),
        batch_size=BATCH,
    )


def _delete(model: Any, rows: Sequence[int]) -> None:
    for first in range(0, len(rows), BATCH):
        model.objects.filter(pk__in=rows[first : first + BATCH]).delete()


def _write_members(signals: Mapping[Key, EarlySignal], found: Mapping[Key, Sighting]) -> None:
    """Which items the signals about several are about now."""
    wanted = {(signals[key].pk, item) for key, seen in found.items() for item in seen.members}
    of = {signals[key].pk for key, seen in found.items() if seen.members}
    rows = SignalMember.objects.filter(signal__in=of).values_list("pk", "signal", "item")
    stored = {(signal, item): pk for pk, signal, item in rows}
    _delete(SignalMember, [pk for key, pk in stored.items() if key not in wanted])
    SignalMember.objects.bulk_create(
        (SignalMember(signal_id=pk, item_id=item) for pk, item in sorted(wanted - stored.keys())),
        batch_size=BATCH,
    )


def _tell_supervisors(run: SignalRun, now: datetime) -> None:
    """One notice per supervisor and week, to whoever has something new in the own scope."""
    written = format_week(run.week)
    key = f"signals:{written}"
    told = set(Notice.objects.filter(key=key).values_list("to", flat=True))
    for user in User.objects.filter(is_active=True, role=Role.SUPERVISOR).order_by("pk"):
        fresh: Any = EarlySignal.objects.filter(plan=run.plan, state=State.NEW, last_week=run.week)
        count = fresh.visible_to(user).filter(acts__week=run.week, acts__by=None).distinct().count()
        if user.pk in told or not count:
            continue
        draft = Notice(
            kind=Notice.Kind.SIGNAL,
            words=DIGEST,
            arguments={"week": written, "count": count},
            link=f"{reverse('signals')}?week={written}&state=new",
            key=key,
        )
        notify(to=[user], draft=draft, now=now)


@transaction.atomic
def back_test_signals(*, plan: Plan, weeks: int, now: datetime) -> list[SignalTrack]:
    """See how often the rules in force were right on the last so many weeks, and keep it.

    Only weeks whose cut-off has passed count. Nothing is stored before there are two of them.
    """
    in_force = rules_in_force(plan=plan, now=now)
    ready = plan.weeks.filter(cutoff_passed=True, week__lte=now.date()).order_by("-week")[: weeks + 1]
    rollups = consecutive(list(ready))
    if len(rollups) < 2:
        return []
    counts = back_test(plan, rollups, in_force)
    first, last = weeks_of(rollups)
    return [
        SignalTrack.objects.update_or_create(
            rule=in_force[code],
            first_week=first,
            last_week=last,
            defaults={"warnings": count.warnings, "hits": count.hits, "at": now},
        )[0]
        for code, count in counts.items()
    ]


def consecutive(newest_first: Sequence[WeekRollup]) -> list[WeekRollup]:
    """The weeks up to the newest without a gap, oldest first."""
    found: list[WeekRollup] = []
    for rollup in newest_first:
        if found and found[-1].week - rollup.week != ONE_WEEK:
            break
        found.append(rollup)
    return found[::-1]
