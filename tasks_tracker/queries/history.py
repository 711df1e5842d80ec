"""One work item as it stood in a week: its figures, its reports, its plan and what was changed.

Percentages in hundredths of a percent. Rules: docs/numbers.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from django.db.models import F, Q

from tasks_tracker.models import (
    Actor,
    LightOverride,
    Milestone,
    Paragraph,
    PlanChange,
    PlanSegment,
    ProgressReport,
    Reason,
    ReportStatus,
    Standing,
    State,
    User,
    WorkItem,
)
from tasks_tracker.queries.changes import Slippage, slippage_of
from tasks_tracker.queries.items import Conditions, listed, sums_of, with_shown_values
from tasks_tracker.queries.outline import in_own_text
from tasks_tracker.queries.problems import stated_problems
from tasks_tracker.queries.weeks import ShownWeek
from tasks_tracker.rules.rollup import WHOLE, Figure, Sums, figure_of
from tasks_tracker.rules.schedule import Segment, day_planned
from tasks_tracker.rules.weeks import ONE_WEEK

PACE_WEEKS = 4
SAME_IN_A_ROW = 3
PEERS = 12


@dataclass(frozen=True)
class Step:
    """From `week` on the item stood at `percent` in the figures."""

    week: date
    percent: int


@dataclass(frozen=True)
class Told:
    """One version of a report, beside what had been accepted before it.

    `unchanged` counts the weeks in a row, up to this one, in which "no change" was signed.
    """

    report: ProgressReport
    before: int | None
    unchanged: int

    @property
    def change(self) -> int | None:
        """Change against the last accepted percent before."""
        if self.before is None or self.report.percent is None:
            return None
        return self.report.percent - self.before


@dataclass(frozen=True)
class ItemPage:
    """Everything on the page of a work item."""

    shown: ShownWeek
    item: WorkItem
    standing: Standing
    steps: list[Step]
    segments: list[PlanSegment]
    reports: list[Told]
    milestones: list[Milestone]
    changes: list[PlanChange]
    supporting: list[Actor]
    children: list[Standing]
    sums: Sums  # of the children
    peers: list[Standing]
    paragraph: Paragraph | None
    override: LightOverride | None

    @cached_property
    def parts(self) -> Figure | None:
        """What the children of a decomposed item add up to."""
        return figure_of(self.sums)

    @property
    def day(self) -> date:
        """The day on which planned progress is taken."""
        return self.shown.rollup.as_of

    @cached_property
    def percent(self) -> Fraction | None:
        """Where it stands: for an item in parts what its parts add up to, else what counts in the figures."""
        if self.standing.decomposed:
            return self.parts.progress if self.parts else None
        shown: int | None = getattr(self.standing, "shown_percent")  # noqa: B009 — annotated
        return None if shown is None else Fraction(shown)

    @property
    def planned(self) -> Fraction:
        """Where it should stand."""
        if self.standing.decomposed and self.parts:
            return self.parts.planned
        return Fraction(getattr(self.standing, "planned"))  # noqa: B009 — annotated

    @property
    def variance(self) -> Fraction | None:
        """Percent − planned."""
        return None if self.percent is None else self.percent - self.planned

    @property
    def last_week(self) -> int | None:
        """The percent a week before."""
        return self._percent_in(self.shown.week - ONE_WEEK)

    @property
    def pace(self) -> Fraction | None:
        """Progress per week over the last four weeks; None when it was not known then."""
        now, then = (
            self._percent_in(self.shown.week),
            self._percent_in(self.shown.week - PACE_WEEKS * ONE_WEEK),
        )
        return None if now is None or then is None else Fraction(now - then, PACE_WEEKS)

    @property
    def required_pace(self) -> Fraction | None:
        """Progress per week that reaches 100 % on the due day; None from that day on."""
        days = self.days_to_due
        if days <= 0 or self.percent is None or self.standing.state == "closed":
            return None
        return (WHOLE - self.percent) * 7 / days

    @property
    def days_to_due(self) -> int:
        """Days from the day of the page to the due day; negative when it has passed."""
        return (self.standing.due_on - self.day).days

    @property
    def whole_weeks_to_due(self) -> int:
        """The whole weeks between the two days, whichever comes first."""
        return abs(self.days_to_due) // 7

    @property
    def coverage(self) -> Fraction | None:
        """How much of a decomposed item's weight is known, in hundredths of a percent."""
        return self.parts.coverage * WHOLE if self.parts else None

    @cached_property
    def segment(self) -> PlanSegment | None:
        """The straight piece of the plan on which the day of the page lies."""
        day = self.day.toordinal()
        return next((piece for piece in self.segments if piece.from_day <= day < piece.until_day), None)

    @cached_property
    def day_planned(self) -> Fraction | None:
        """The day on which the plan stood where the item stands, as an ordinal; None where it never did."""
        if self.percent is None or self.standing.decomposed:
            return None
        pieces = [
            Segment(piece.from_day, piece.until_day, piece.from_percent, piece.until_percent)
            for piece in self.segments
        ]
        return day_planned(pieces, self.percent)

    @property
    def weeks_late(self) -> Fraction | None:
        """Earned schedule: hundredths of a week since the plan stood where it stands; negative = ahead."""
        return None if self.day_planned is None else (self.day.toordinal() - self.day_planned) * 100 / 7

    @property
    def counted(self) -> ProgressReport | None:
        """The report whose percent counts in the week."""
        week = self.standing.reported_week
        versions = [
            told.report
            for told in self.reports
            if told.report.week == week
            and told.report.counted_week
            and told.report.counted_week <= self.shown.week
        ]
        return max(versions, key=lambda report: report.version, default=None)

    @property
    def slippage(self) -> Slippage:
        """The sum of the recorded moves of the due day."""
        return slippage_of(self.changes)

    def _percent_in(self, week: date) -> int | None:
        known = [step.percent for step in self.steps if step.week <= week]
        return known[-1] if known else None


def item_page(shown: ShownWeek, user: User, code: str) -> ItemPage | None:
    """The item as `user` may see it in the shown week; None when it is not there or not visible.

    Visible is what is visible today, and what the own subtree led in the shown week.
    """
    standing = _standing(shown, user, code)
    if standing is None:
        return None
    item = standing.item
    children, sums = _children(shown, standing)
    return ItemPage(
        shown=shown,
        item=item,
        standing=standing,
        steps=_steps(item, shown.week),
        segments=list(item.segments.filter(since__lte=shown.week, until__gt=shown.week).order_by("from_day")),
        reports=_reports(item, standing, user, shown.week),
        milestones=list(item.milestones.order_by("due_on", "number")),
        changes=list(
            item.changes.filter(week__lte=shown.week)
            .select_related("asked_by", "approved_by")
            .order_by("-at", "-pk")
        ),
        supporting=list(item.supporting.all()),
        children=children,
        sums=sums,
        peers=_peers(shown, user, item),
        paragraph=_paragraph(item),
        override=_override(standing, shown.week),
    )


def _standing(shown: ShownWeek, user: User, code: str) -> Standing | None:
    scope = user.scope
    visible = Q(item__in=WorkItem.objects.visible_to(user))
    if scope.path:
        visible |= Q(lead__path__startswith=scope.path) & ~Q(state=State.DRAFT)
    standings = Standing.objects.at(shown.plan, shown.rollup.point).with_filing(shown.rollup.point)
    found: Standing | None = (
        with_shown_values(standings)
        .filter(visible, item__code=code)
        .select_related(
            "lead",
            "item__measure__key_task",
            "item__measure__policy",
            "item__region",
            "item__owner",
            "item__industry",
            "item__parent",
            "item__plan",
        )
        .first()
    )
    return found


def _override(standing: Standing, week: date) -> LightOverride | None:
    """The light set by hand, where it is the one that shows."""
    if getattr(standing, "reason") != Reason.OVERRIDDEN:  # noqa: B009 — annotated
        return None
    set_by_hand = standing.item.light_overrides.filter(since__lte=week, until__gt=week)
    return set_by_hand.select_related("by").first()


def _steps(item: WorkItem, week: date) -> list[Step]:
    """When the percent that counts changed, oldest first."""
    rows = item.standings.filter(since__lte=week).order_by("since").values_list("since", "percent")
    steps: list[Step] = []
    for since, percent in rows:
        if percent is not None and (not steps or steps[-1].percent != percent):
            steps.append(Step(since, percent))
    return steps


def _reports(item: WorkItem, standing: Standing, user: User, week: date) -> list[Told]:
    """All versions up to the week, newest first; a draft shows only to the unit that writes it."""
    reports = ProgressReport.objects.filter(item=item, week__lte=week)
    scope = user.scope
    if not (scope.path and standing.lead.path.startswith(scope.path)):
        reports = reports.exclude(status=ReportStatus.DRAFT)
    rows = list(
        reports.with_signatures()
        .select_related("submitted_by__actor")
        .prefetch_related(stated_problems(), "evidence")
        .order_by("week", "version")
    )
    return _told(rows)[::-1]


def _told(rows: Sequence[ProgressReport]) -> list[Told]:
    told: list[Told] = []
    accepted: list[ProgressReport] = []
    unchanged, last_week = 0, None
    for report in rows:
        before = next((a.percent for a in reversed(accepted) if a.week < report.week), None)
        if report.week != last_week:
            unchanged = unchanged + 1 if report.no_change else 0
        last_week = report.week
        told.append(Told(report=report, before=before, unchanged=unchanged))
        if report.status == ReportStatus.ACCEPTED:
            accepted.append(report)
    return told


def _children(shown: ShownWeek, whole: Standing) -> tuple[list[Standing], Sums]:
    """The parts of an item that was decomposed, down to what was not, and what they add up to."""
    if not whole.decomposed:
        return [], Sums()
    leaves: list[int] = []
    frontier = [whole.item_id]
    while frontier:
        in_force = Standing.objects.in_force(shown.plan, shown.week).filter(item__parent__in=frontier)
        rows = list(in_force.exclude(state=State.DRAFT).values_list("item_id", "decomposed"))
        frontier = [pk for pk, decomposed in rows if decomposed]
        leaves += [pk for pk, decomposed in rows if not decomposed]
    standings = with_shown_values(Standing.objects.at(shown.plan, shown.rollup.point).filter(item__in=leaves))
    parts = list(standings.select_related("item", "item__region", "lead").order_by("item__code"))
    return parts, sums_of(standings)


def _peers(shown: ShownWeek, user: User, item: WorkItem) -> list[Standing]:
    """The same title under the same measure elsewhere, among what counts for the user; worst first."""
    same = listed(shown.plan, shown.rollup.point, user, Conditions(measure=item.measure.code)).filter(
        item__title=item.title
    )
    peers = list(
        same.select_related("item", "item__region", "lead").order_by(
            F("shown_variance").asc(nulls_last=True), "item__code"
        )[:PEERS]
    )
    return peers if len(peers) > 1 else []


def _paragraph(item: WorkItem) -> Paragraph | None:
    """The paragraph of the policy that the measure points to, when a text is loaded."""
    measure = item.measure
    found = Paragraph.objects.filter(
        in_own_text(measure.drafted_from_id),
        policy_text__policy=measure.policy,
        number=measure.paragraph,
    )
    return found.order_by("policy_text__is_current").first()
