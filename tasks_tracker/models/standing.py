"""Where the items stand in a week.

The planned percent, the light with its reason, what is owed and what is stale are defined here once, as
expressions on the Standing QuerySet: integer arithmetic only, so that every database gives the same answer.
Rules: docs/numbers.md.
"""

from datetime import date
from functools import lru_cache
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import BooleanField, F, FilteredRelation, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tasks_tracker.models.once import CaseOnce, ExistsOnce
from tasks_tracker.models.people import Actor
from tasks_tracker.models.plan import (
    PERCENT,
    RUNNING_STATES,
    STATES_IN_SCOPE,
    WHOLE,
    Light,
    Plan,
    Reason,
    State,
    WorkItem,
)
from tasks_tracker.models.progress import ProgressReport, ReportStatus
from tasks_tracker.models.supervision import LIGHTS_TO_SET
from tasks_tracker.rules.weeks import FAR, ONE_WEEK, AsOf, Limits

STALE_AFTER_WEEKS = {"weekly": 2, "monthly": 9}  # two periods; two months span at most nine weeks


def yes(condition: Q) -> CaseOnce:
    """A boolean that is never NULL."""
    return CaseOnce(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def is_counted(at: str = "") -> Q:
    """What the figures count: running or closed, and not decomposed; `at` leads to the standing."""
    return Q(**{f"{at}state__in": STATES_IN_SCOPE, f"{at}decomposed": False})


def is_known(day: date, at: str = "") -> Q:
    """Closed = known at 100 %, future start = known at 0, else whether a report was accepted."""
    return (
        Q(**{f"{at}state": State.CLOSED})
        | Q(**{f"{at}starts_on__gt": day})
        | Q(**{f"{at}percent__isnull": False})
    )


def counted_percent(day: date, at: str = "") -> CaseOnce:
    """The percent that counts where it is known; 0 where it is not."""
    return CaseOnce(
        When(Q(**{f"{at}state": State.CLOSED}), then=Value(WHOLE)),
        When(Q(**{f"{at}starts_on__gt": day}), then=Value(0)),
        default=Coalesce(F(f"{at}percent"), Value(0)),
        output_field=models.IntegerField(),
    )


def _segment_on(week: Any, day: int) -> FilteredRelation:
    """The straight piece of the plan in force in `week` that contains `day`."""
    return FilteredRelation(
        "item__segments",
        condition=Q(
            item__segments__since__lte=week,
            item__segments__until__gt=week,
            item__segments__from_day__lte=day,
            item__segments__until_day__gt=day,
        ),
    )


def _planned(day: Any, segment: str) -> CaseOnce:
    """0 before the start, 100 % from the due day, between them linear on the segment, rounded down."""
    rise = F(f"{segment}__until_percent") - F(f"{segment}__from_percent")
    run = F(f"{segment}__until_day") - F(f"{segment}__from_day")
    gone = Value(day.toordinal()) - F(f"{segment}__from_day")
    return CaseOnce(
        When(starts_on__gt=day, then=Value(0)),
        When(due_on__lte=day, then=Value(WHOLE)),
        default=Coalesce(F(f"{segment}__from_percent") + rise * gone / run, Value(0)),
        output_field=models.IntegerField(),
    )


class StandingQuerySet(models.QuerySet["Standing"]):
    """Standings of one week, with everything that the rules say about them."""

    def in_force(self, plan: Plan | int, week: date) -> Self:
        """The standings of `plan` in `week`: at most one of each item."""
        return self.filter(item__plan=plan, since__lte=week, until__gt=week)

    def owed_at(self, plan: Plan, as_of: AsOf) -> Self:
        """Those that owe a report in the week of `as_of`, with `reported`; a fraction of the work of `at`."""
        owed = self.in_force(plan, as_of.week)._with_plan(as_of)
        return owed._with_obligation(as_of.limits or plan.limits, as_of).filter(due=True)

    def planned_at(self, plan: Plan, as_of: AsOf) -> Self:
        """The standings in force in the week of `as_of`, with `planned`; all that a series of weeks needs."""
        standings = self.in_force(plan, as_of.week).alias(
            segment=_segment_on(as_of.week, as_of.day.toordinal())
        )
        return standings.annotate(planned=_planned(as_of.day, "segment"))

    def _with_plan(self, as_of: AsOf) -> Self:
        return self.alias(
            segment=_segment_on(as_of.week, as_of.day.toordinal()),
            opening=_segment_on(as_of.week, as_of.week.toordinal()),
        ).annotate(
            planned=_planned(as_of.day, "segment"),
            variance=F("percent") - F("planned"),
            opening_percent=CaseOnce(
                When(since=as_of.week, then=F("previous_percent")), default=F("percent")
            ),
            opening_variance=F("opening_percent") - _planned(as_of.week, "opening"),
        )

    def _with_obligation(self, limits: Limits, as_of: AsOf) -> Self:
        """Cadence and obligation, as the week began: reporting must not take an item off the list of dues."""
        week = as_of.week
        soon = week + limits.due_soon_days * (ONE_WEEK / 7)
        needs_attention = Q(starts_on__lte=week) & (
            Q(due_on__lt=week)
            | Q(opening_variance__lt=limits.at_risk_below)
            | (Q(due_on__lte=soon) & (Q(opening_percent__isnull=True) | Q(opening_percent__lt=WHOLE)))
        )
        given = ProgressReport.objects.filter(item=OuterRef("item")).given(as_of.frozen_at)
        since_month_end = given.filter(week__gte=as_of.month_end, week__lt=week)
        owes = Q(state__in=RUNNING_STATES, decomposed=False) & (
            Q(weekly=True, starts_on__lte=week + 4 * (ONE_WEEK / 7))
            | (Q(starts_on__lte=as_of.month_end + 4 * (ONE_WEEK / 7)) & ~ExistsOnce(since_month_end))
        )
        return self.annotate(
            weekly=yes(Q(is_key=True) | needs_attention),
            due=yes(owes),
            reported=ExistsOnce(given.filter(week=week)),
            missing=yes(Q(due=True, reported=False)) if as_of.cutoff_passed else Value(False),
        )

    def _with_computed_light(self, limits: Limits, as_of: AsOf) -> Self:
        """The first rule that holds; cancelled items have no light."""
        soon = as_of.day + limits.due_soon_days * (ONE_WEEK / 7)
        rules: list[tuple[Q, Light, Reason]] = [
            (Q(state=State.CLOSED), Light.DONE, Reason.CLOSED),
            (Q(state=State.SUSPENDED), Light.SUSPENDED, Reason.SUSPENDED),
            (Q(starts_on__gt=as_of.day), Light.NOT_STARTED, Reason.STARTS_LATER),
            (Q(due_on__lt=as_of.day), Light.OVERDUE, Reason.DUE_DAY_PASSED),
            (Q(variance__lt=limits.severely_behind_below), Light.BEHIND, Reason.SEVERELY_BEHIND),
            (Q(variance__lt=limits.behind_below), Light.BEHIND, Reason.BEHIND_PLAN),
            (Q(variance__lt=limits.at_risk_below), Light.AT_RISK, Reason.SLIGHTLY_BEHIND),
            (
                Q(due_on__lte=soon) & (Q(percent__isnull=True) | Q(percent__lt=WHOLE)),
                Light.AT_RISK,
                Reason.DUE_SOON,
            ),
            (Q(missing=True), Light.AT_RISK, Reason.REPORT_MISSING),
            (Q(percent__isnull=True), Light.ON_TRACK, Reason.NOT_YET_REPORTED),
        ]
        cancelled = When(state__in=(State.CANCELLED, State.DRAFT), then=Value(""))
        return self.annotate(
            computed_light=CaseOnce(
                cancelled,
                *(When(condition, then=Value(str(light))) for condition, light, _reason in rules),
                default=Value(str(Light.ON_TRACK)),
                output_field=models.CharField(),
            ),
            computed_reason=CaseOnce(
                cancelled,
                *(When(condition, then=Value(str(reason))) for condition, _light, reason in rules),
                default=Value(str(Reason.AS_PLANNED)),
                output_field=models.CharField(),
            ),
        )

    def _with_light(self, as_of: AsOf) -> Self:
        """The light that a supervisor set, through its last day on running items; else the computed one."""
        by_hand = ~Q(override="") & Q(
            override_until__gte=as_of.day, state__in=RUNNING_STATES, starts_on__lte=as_of.day
        )
        return self.annotate(
            light=CaseOnce(When(by_hand, then=F("override")), default=F("computed_light")),
            reason=CaseOnce(
                When(by_hand, then=Value(str(Reason.OVERRIDDEN))),
                default=F("computed_reason"),
                output_field=models.CharField(),
            ),
        )

    def _with_knowledge(self, as_of: AsOf) -> Self:
        """What counts, what is known, and what is known from long ago."""
        week = as_of.week
        oldest = {cadence: week - number * ONE_WEEK for cadence, number in STALE_AFTER_WEEKS.items()}
        old = Q(reported_week__lt=oldest["monthly"]) | Q(reported_week__lt=oldest["weekly"], weekly=True)
        return self.annotate(
            in_scope=yes(is_counted()),
            known=yes(is_known(as_of.day)),
            counted_percent=counted_percent(as_of.day),
            stale=yes(old & ~Q(state=State.CLOSED) & Q(starts_on__lte=as_of.day)),
        )

    def with_filing(self, as_of: AsOf) -> Self:
        """Adds `filing`: what became of this week's report — a ReportStatus, `missing`, or `` (none owed)."""
        statuses = (
            ReportStatus.ACCEPTED,
            ReportStatus.SUBMITTED,
            ReportStatus.DRAFT,
            ReportStatus.RETURNED,
        )
        reports = ProgressReport.objects.filter(item=OuterRef("item"))
        return self.annotate(
            filing=CaseOnce(
                *(
                    When(
                        ExistsOnce(reports.filed(status, as_of.week, as_of.frozen_at)),
                        then=Value(str(status)),
                    )
                    for status in statuses
                ),
                When(due=True, then=Value("missing")),
                default=Value(""),
                output_field=models.CharField(),
            )
        )

    def planned_on(self, plan: Plan, monday: date) -> Self:
        """What counts now, with `planned` as the present plan has it for `monday`, past or future."""
        current = self.filter(item__plan=plan, until=FAR, state__in=STATES_IN_SCOPE, decomposed=False)
        segment = _segment_on(FAR - ONE_WEEK, monday.toordinal())
        return current.alias(segment=segment).annotate(planned=_planned(monday, "segment"))

    def counted(self) -> Self:
        """What the figures count: running or closed, and not decomposed. Needs `at`."""
        return self.filter(in_scope=True)

    def of(self, items: "models.QuerySet[WorkItem]") -> Self:
        """Only the standings of these items."""
        return self.filter(item__in=items)


_Manager = models.Manager.from_queryset(StandingQuerySet)


class StandingManager(_Manager["Standing"]):
    """Where all reading of standings begins."""

    def at(self, plan: Plan, as_of: AsOf) -> StandingQuerySet:
        """The standings of `plan` in the week of `as_of`, annotated.

        `planned`, `variance` (NULL where nothing is known), `weekly` (cadence), `due` (a report is owed this
        week), `reported`, `missing`, `light`, `reason` (and what the rules alone say: `computed_light`,
        `computed_reason`), `known`, `counted_percent`, `stale`, `in_scope`.
        """
        return _annotated(plan.pk, as_of.limits or plan.limits, as_of).all()


@lru_cache(maxsize=64)
def _annotated(plan: int, limits: Limits, as_of: AsOf) -> StandingQuerySet:
    """Questions about a week come many at a time; putting the rules together costs more than most answers."""
    return (
        StandingQuerySet(Standing)
        .in_force(plan, as_of.week)
        ._with_plan(as_of)
        ._with_obligation(limits, as_of)
        ._with_computed_light(limits, as_of)
        ._with_light(as_of)
        ._with_knowledge(as_of)
    )


class Standing(models.Model):
    """What was known and agreed about one item in the weeks [since, until).

    A new row begins in the week in which an accepted report or a plan change first counts, so that any past
    week is still there as it was. `previous_percent` is the percent in the week before `since`.
    """

    item = models.ForeignKey(
        WorkItem, models.CASCADE, related_name="standings", verbose_name=_("work item"), db_index=False
    )
    since = models.DateField(_("since week"))
    until = models.DateField(_("until week"))
    lead = models.ForeignKey(Actor, models.PROTECT, related_name="+", verbose_name=_("lead"), db_index=False)
    weight = models.IntegerField(_("weight"))
    starts_on = models.DateField(_("starts on"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=20, choices=State.choices)
    is_key = models.BooleanField(_("key item"), default=False)
    decomposed = models.BooleanField(_("decomposed"), default=False)
    percent = models.IntegerField(_("percent"), null=True, validators=PERCENT)
    reported_week = models.DateField(_("last reported week"), null=True)
    previous_percent = models.IntegerField(_("percent before"), null=True)
    override = models.CharField(_("light set by hand"), max_length=12, blank=True, choices=LIGHTS_TO_SET)
    override_until = models.DateField(_("set by hand until"), null=True)

    objects: ClassVar[StandingManager] = StandingManager()

    class Meta:
        db_table = "rollup_standing"
        ordering = ("item", "since")
        verbose_name = _("standing")
        verbose_name_plural = _("standings")
        constraints = (
            models.UniqueConstraint("item", "until", name="one_standing_at_a_time"),
            models.UniqueConstraint("item", "since", name="one_standing_since_a_week"),
            models.CheckConstraint(name="standing_runs_forward", condition=Q(until__gt=F("since"))),
            models.CheckConstraint(
                name="standing_override_has_an_end",
                condition=Q(override="", override_until__isnull=True)
                | (~Q(override="") & Q(override_until__isnull=False)),
            ),
        )
        indexes = (
            models.Index("until", "since", name="standing_by_week"),
            models.Index(
                "due_on",
                name="standing_open_by_due",
                condition=Q(until=FAR, state__in=RUNNING_STATES),
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} {self.since}"
