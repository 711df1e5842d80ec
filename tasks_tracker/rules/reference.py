"""The rules of the plan, the light and what is known, for one item at a time, in plain Python.

A second formulation of what the Standing QuerySet says in expressions: it is written from docs/numbers.md,
walks milestones and dates instead of segments and ordinals, and is compared with the expressions on random
plans and by `roll_up --verify`. Percentages in hundredths of a percent, variances in hundredths of a point.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor

from tasks_tracker.rules.weeks import AsOf

FULL = 100_00
RUNNING = frozenset({"assigned", "accepted", "in_progress", "completion_requested"})
STALE_AFTER = {"weekly": timedelta(weeks=2), "monthly": timedelta(weeks=9)}


@dataclass(frozen=True)
class Thresholds:
    """The numbers of a plan that the light depends on."""

    severely_behind_below: int = -3000
    behind_below: int = -1000
    at_risk_below: int = -500
    due_soon_days: int = 7


@dataclass(frozen=True)
class Agreed:
    """What is agreed about an item in a week. `milestones` are (due day, planned percent) in any order.

    `override` is the light that a supervisor set, if any, and `override_until` its last day.
    """

    starts_on: date
    due_on: date
    state: str = "in_progress"
    weight: int = 1
    is_key: bool = False
    decomposed: bool = False
    milestones: Sequence[tuple[date, int]] = ()
    override: str = ""
    override_until: date | None = None


@dataclass(frozen=True)
class Told:
    """What the reports say about an item in a week.

    `percent` and `reported_week` come from the last accepted report, `percent_before` from the one that was
    the last when the week began. `given_weeks` are the weeks for which a report is submitted or accepted.
    """

    percent: int | None = None
    reported_week: date | None = None
    percent_before: int | None = None
    given_weeks: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """All that the rules say about an item in a week; `light` and `reason` are codes, `` without a light.

    The computed ones are what the rules say where no supervisor set the light.
    """

    planned: int
    variance: int | None
    weekly: bool
    due: bool
    reported: bool
    missing: bool
    light: str
    reason: str
    computed_light: str
    computed_reason: str
    in_scope: bool
    known: bool
    counted_percent: int
    stale: bool


def planned_percent(agreed: Agreed, day: date) -> int:
    """Where the item should stand on `day`, rounded down to a hundredth of a percent."""
    if day < agreed.starts_on:
        return 0
    if day >= agreed.due_on:
        return FULL
    before, after = (agreed.starts_on, 0), (agreed.due_on, FULL)
    for milestone in sorted(agreed.milestones):
        if agreed.starts_on <= milestone[0] <= day:
            before = milestone
        elif day < milestone[0] < agreed.due_on:
            after = milestone
            break
    share = Fraction((day - before[0]).days, (after[0] - before[0]).days)
    return floor(before[1] + share * (after[1] - before[1]))


def pieces(agreed: Agreed) -> list[tuple[date, date, int, int]]:
    """The plan as straight pieces: from day, until day, from percent, until percent; oldest first."""
    inner = (point for point in sorted(agreed.milestones) if agreed.starts_on <= point[0] < agreed.due_on)
    points = [(agreed.starts_on, 0), *inner, (agreed.due_on, FULL)]
    return [(a[0], b[0], a[1], b[1]) for a, b in pairwise(points) if a[0] < b[0]]


def judge(agreed: Agreed, told: Told, thresholds: Thresholds, at: AsOf) -> Verdict:
    """What holds for the item in the week of `at`, looked at from its day."""
    planned = planned_percent(agreed, at.day)
    variance = None if told.percent is None else told.percent - planned
    weekly = is_weekly(agreed, told.percent_before, thresholds, at.week)
    due = is_due(agreed, weekly, told.given_weeks, at)
    reported = at.week in told.given_weeks
    missing = due and not reported and at.cutoff_passed
    computed = light_of(agreed, told.percent, variance, missing, thresholds, at.day)
    light, reason = set_by_hand(agreed, at.day) or computed
    closed, ahead = agreed.state == "closed", agreed.starts_on > at.day
    return Verdict(
        planned=planned,
        variance=variance,
        weekly=weekly,
        due=due,
        reported=reported,
        missing=missing,
        light=light,
        reason=reason,
        computed_light=computed[0],
        computed_reason=computed[1],
        in_scope=not agreed.decomposed and (closed or agreed.state in RUNNING),
        known=closed or ahead or told.percent is not None,
        counted_percent=FULL if closed else 0 if ahead else told.percent or 0,
        stale=not closed and not ahead and is_stale(told.reported_week, weekly, at.week),
    )


def is_weekly(agreed: Agreed, percent_before: int | None, thresholds: Thresholds, monday: date) -> bool:
    """Weekly cadence: key items, and items that were at risk, behind or overdue when the week began."""
    if agreed.is_key:
        return True
    if monday < agreed.starts_on:
        return False
    if monday > agreed.due_on:
        return True
    unfinished = percent_before is None or percent_before < FULL
    if unfinished and (agreed.due_on - monday).days <= thresholds.due_soon_days:
        return True
    if percent_before is None:
        return False
    return percent_before - planned_percent(agreed, monday) < thresholds.at_risk_below


def is_due(agreed: Agreed, weekly: bool, given_weeks: Iterable[date], at: AsOf) -> bool:
    """A report is owed in the week.

    Weekly items owe one every week; monthly ones in the week of the month's last Friday, and then until it is
    given. Nothing is owed for a week, or a month's end, whose Friday lies before the start.
    """
    if agreed.state not in RUNNING or agreed.decomposed:
        return False
    friday = timedelta(days=4)
    if weekly and agreed.starts_on <= at.week + friday:
        return True
    settled = any(at.month_end <= week < at.week for week in given_weeks)
    return agreed.starts_on <= at.month_end + friday and not settled


def is_stale(reported_week: date | None, weekly: bool, week: date) -> bool:
    """The last accepted report is older than two periods of the cadence."""
    if reported_week is None:
        return False
    return week - reported_week > STALE_AFTER["weekly" if weekly else "monthly"]


def light_of(
    agreed: Agreed,
    percent: int | None,
    variance: int | None,
    missing: bool,
    thresholds: Thresholds,
    day: date,
) -> tuple[str, str]:
    """Light and reason: the first rule of the table that holds."""
    fixed = {"closed": ("done", "closed"), "suspended": ("suspended", "suspended")}
    if agreed.state in fixed:
        return fixed[agreed.state]
    if agreed.state not in RUNNING:
        return "", ""
    if day < agreed.starts_on:
        return "not_started", "starts_later"
    if day > agreed.due_on:
        return "overdue", "due_day_passed"
    if variance is not None and variance < thresholds.at_risk_below:
        return _behind(variance, thresholds)
    if (percent is None or percent < FULL) and (agreed.due_on - day).days <= thresholds.due_soon_days:
        return "at_risk", "due_soon"
    if missing:
        return "at_risk", "report_missing"
    return "on_track", "not_yet_reported" if percent is None else "as_planned"


def set_by_hand(agreed: Agreed, day: date) -> tuple[str, str] | None:
    """Light and reason where a supervisor set the light of a running item that has started, and it holds."""
    if agreed.override_until is None or agreed.state not in RUNNING or day < agreed.starts_on:
        return None
    return (agreed.override, "overridden") if day <= agreed.override_until else None


def _behind(variance: int, thresholds: Thresholds) -> tuple[str, str]:
    if variance < thresholds.severely_behind_below:
        return "behind", "severely_behind"
    if variance < thresholds.behind_below:
        return "behind", "behind_plan"
    return "at_risk", "slightly_behind"
