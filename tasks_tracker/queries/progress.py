"""What a unit reports in a week, and one item's entry: last week beside this week.

Percentages and variances are in hundredths of a percent. The number of queries does not grow with the items.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Value, When

from tasks_tracker.models import (
    GIVEN,
    RUNNING_STATES,
    Actor,
    Light,
    Plan,
    ProgressReport,
    Reason,
    ReportStatus,
    Standing,
    UnitReview,
    User,
    WorkItem,
)
from tasks_tracker.queries.problems import stated_problems
from tasks_tracker.rules.progress import asks_problem, fields_asked
from tasks_tracker.rules.weeks import ONE_WEEK, AsOf

MISSING = "missing"  # owed and not begun; the other filings are ReportStatus values
DUES_SHOWN = 300
OTHERS_SHOWN = 100
_COLUMNS = (
    "item_id",
    "item__code",
    "item__title",
    "item__measure__code",
    "due_on",
    "light",
    "filing",
    "planned",
    "variance",
    "opening_percent",
    "due",
)
MINE, UNIT = "mine", "unit"  # whose items a list holds
_PLACE = ("planned", "percent", "light", "reason", "due", "due_on")
_RUNNING = Q(state__in=RUNNING_STATES, decomposed=False)


@dataclass(frozen=True)
class Line:
    """One item in the list of a unit. `previous` is the percent as the week began, `percent` this week's."""

    item_id: int
    code: str
    title: str
    measure: str
    due_on: date
    light: str
    filing: str
    is_due: bool
    planned: int
    variance: int | None
    previous: int | None
    percent: int | None
    return_reason: str
    waits_for_unit: bool  # handed in, and the unit's own review comes first
    at: datetime | None  # when this week's newest version was saved, submitted or decided
    asked: list[str]  # the fields without which its report would not be taken, as it stands now

    @property
    def is_given(self) -> bool:
        """The unit has done its part."""
        return self.filing in GIVEN

    @property
    def is_returned(self) -> bool:
        """Came back and is not answered yet, though a draft of the answer may be begun."""
        return self.filing == ReportStatus.RETURNED or (
            self.filing == ReportStatus.DRAFT and bool(self.return_reason)
        )


@dataclass(frozen=True)
class UnitWeek:
    """What the week asks of a unit, or of one of its people. The five counts are over what is due.

    `reported` is given already; `mine_due` and `unit_due` are what is due from the reader and from the unit.
    """

    whose: str
    mine_due: int
    unit_due: int
    due: int
    reported: int
    returned: int
    draft: int
    missing: int
    lines: list[Line]  # returned, then open by light and variance, then given
    others: list[Line]  # running, led by the unit, not due this week
    others_count: int
    hidden: int  # lines beyond what a page shows

    @property
    def returned_lines(self) -> list[Line]:
        """What came back: first of all."""
        return [line for line in self.lines if line.is_returned]

    @property
    def open_lines(self) -> list[Line]:
        """Not begun, or begun as a draft."""
        return [line for line in self.lines if not line.is_given and not line.is_returned]

    @property
    def given_lines(self) -> list[Line]:
        """Waiting for a signature, or accepted."""
        return [line for line in self.lines if line.is_given]

    @property
    def pips(self) -> list[str]:
        """One filing per report that is due, for the strip of squares."""
        counts = (("done", self.reported), ("returned", self.returned), ("draft", self.draft))
        return [name for name, count in (*counts, ("missing", self.missing)) for _ in range(count)]

    @property
    def fields_left(self) -> int:
        """How many fields the reports that are still due really ask."""
        return sum(len(line.asked) for line in self.lines if line.is_due and not line.is_given)

    def next_after(self, code: str) -> Line | None:
        """The next line that still asks for something, after the one with `code`, then from the top."""
        codes = [line.code for line in self.lines]
        position = codes.index(code) + 1 if code in codes else 0
        turned = self.lines[position:] + self.lines[:position]
        return next((line for line in turned if not line.is_given and line.code != code), None)


def unit_week(plan: Plan, unit: Actor, point: AsOf, user: User, whose: str = "") -> UnitWeek:
    """The list of the unit that leads the items, or of those that `user` owns. Four queries.

    `whose` is MINE or UNIT; empty: the own items where any of them is due, else all of the unit's.
    """
    standings: Any = Standing.objects.at(plan, point).filter(item__lead=unit)
    standings = standings.with_filing(point)
    counts = _counts(standings, user)
    due = {one: sum(row[one] for row in counts if row["due"]) for one in (MINE, UNIT)}
    whose = whose or (MINE if due[MINE] else UNIT)
    if whose == MINE:
        standings = standings.filter(item__owner=user)
    tally = {(row["filing"], row["due"]): row[whose] for row in counts}
    rows = list(
        standings.exclude(filing="")
        .annotate(place=_place(point.week))
        .order_by("place", F("variance").asc(nulls_last=True), "item__code")
        .values(*_COLUMNS)[:DUES_SHOWN]
    )
    others = list(
        standings.filter(_RUNNING, filing="").order_by("item__code").values(*_COLUMNS)[:OTHERS_SHOWN]
    )
    versions = _newest_versions([row["item_id"] for row in rows], point.week)
    line = partial(_line, day=point.day, behind_below=plan.behind_below)
    return UnitWeek(
        whose=whose,
        mine_due=due[MINE],
        unit_due=due[UNIT],
        due=due[whose],
        reported=sum(n for (filing, is_due), n in tally.items() if is_due and filing in GIVEN),
        returned=tally.get((ReportStatus.RETURNED, True), 0),
        draft=tally.get((ReportStatus.DRAFT, True), 0),
        missing=tally.get((MISSING, True), 0),
        lines=[line(row, versions.get(row["item_id"])) for row in rows],
        others=[line(row, None) for row in others],
        others_count=sum(n for (filing, _due), n in tally.items() if not filing),
        hidden=max(0, sum(n for (filing, _due), n in tally.items() if filing) - DUES_SHOWN),
    )


def _counts(standings: Any, user: User) -> list[dict[str, Any]]:
    """Items by `filing` and `due`: of the `unit`, and `mine` among them."""
    counted = standings.filter(_RUNNING | ~Q(filing="")).values("filing", "due")
    return list(counted.annotate(unit=Count("pk"), mine=Count("pk", filter=Q(item__owner=user))).order_by())


def count_still_due(plan: Plan, unit: Actor, point: AsOf, user: User) -> int:
    """How many reports the list of `user`, as it opens, still owes this week. One query."""
    standings: Any = Standing.objects.owed_at(plan, point).filter(item__lead=unit)
    mine, left = Q(item__owner=user), Q(reported=False)
    counts = standings.aggregate(
        mine=Count("pk", filter=mine),
        mine_left=Count("pk", filter=mine & left),
        left=Count("pk", filter=left),
    )
    return int(counts["mine_left"] if counts["mine"] else counts["left"])


def _place(week: date) -> Case:
    """Returned first, also with a draft begun; then what is not handed in, worst first; then what is."""
    came_back = ProgressReport.objects.filter(item=OuterRef("item"), week=week, status=ReportStatus.RETURNED)
    return Case(
        When(filing=ReportStatus.RETURNED, then=Value(0)),
        When(filing=ReportStatus.SUBMITTED, then=Value(5)),
        When(filing=ReportStatus.ACCEPTED, then=Value(6)),
        When(Exists(came_back), filing=ReportStatus.DRAFT, then=Value(0)),
        When(light=Light.OVERDUE, then=Value(1)),
        When(light=Light.BEHIND, then=Value(2)),
        When(light=Light.AT_RISK, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )


def _newest_versions(items: Iterable[int], week: date) -> dict[int, dict[str, Any]]:
    """Per item the newest version of the week, with the reason of the last return in `why`."""
    reports = ProgressReport.objects.filter(item__in=list(items), week=week).order_by("version")
    newest: dict[int, dict[str, Any]] = {}
    for row in reports.values(
        "item_id",
        "percent",
        "status",
        "unit_review",
        "saved_at",
        "submitted_at",
        "decided_at",
        "return_reason",
    ):
        why = row["return_reason"] or newest.get(row["item_id"], {}).get("why", "")
        why = "" if row["status"] == ReportStatus.ACCEPTED else why  # answered; what follows is a correction
        newest[row["item_id"]] = row | {"why": why}
    return newest


def _line(row: dict[str, Any], version: dict[str, Any] | None, *, day: date, behind_below: int) -> Line:
    version = version or {}
    previous, percent = row["opening_percent"], version.get("percent")
    stands_at = previous if percent is None else percent
    problem = asks_problem(stands_at, row["planned"], row["due_on"], day, behind_below)
    return Line(
        item_id=row["item_id"],
        code=row["item__code"],
        title=row["item__title"],
        measure=row["item__measure__code"],
        due_on=row["due_on"],
        light=row["light"],
        filing=row["filing"],
        is_due=row["due"],
        planned=row["planned"],
        variance=row["variance"],
        previous=previous,
        percent=percent,
        return_reason="" if row["filing"] in GIVEN else version.get("why", ""),
        waits_for_unit=(version.get("status"), version.get("unit_review"))
        == (ReportStatus.SUBMITTED, UnitReview.NEEDED),
        at=version.get("decided_at") or version.get("submitted_at") or version.get("saved_at"),
        asked=fields_asked(stands_at, previous, problem=problem),
    )


@dataclass(frozen=True)
class ItemWeek:
    """One item in one week: where it stands, what was accepted last, and this week's versions.

    `planned` and the light are those of `point`; None / "" for an item that is not in the plan that week.
    """

    item: WorkItem
    day: date
    due_on: date
    planned: int | None
    percent: int | None
    light: str
    reason: str
    is_due: bool
    last: ProgressReport | None
    versions: list[ProgressReport]  # newest first

    @property
    def latest(self) -> ProgressReport | None:
        """The newest version of the week."""
        return self.versions[0] if self.versions else None

    @property
    def status(self) -> str:
        """The status of the newest version; "" before the first."""
        return self.latest.status if self.latest else ""

    @property
    def returned(self) -> ProgressReport | None:
        """The return that is still to be answered."""
        open_versions = self.versions[1:] if self.status == ReportStatus.DRAFT else self.versions
        newest = open_versions[0] if open_versions else None
        return newest if newest and newest.status == ReportStatus.RETURNED else None

    @property
    def reason_words(self) -> str:
        """Why the light is what it is."""
        return str(Reason(self.reason).label) if self.reason else ""

    @property
    def previous_percent(self) -> int | None:
        """What this week's percent is compared with."""
        return self.last.percent if self.last else None

    @property
    def is_overdue(self) -> bool:
        """The due day has passed: whatever the percent, the report states a problem."""
        return self.planned is not None and self.due_on < self.day

    def asked(self, percent: int | None) -> list[str]:
        """The fields without which a report of `percent` is not taken."""
        problem = self.planned is not None and asks_problem(
            percent, self.planned, self.due_on, self.day, self.item.plan.behind_below
        )
        return fields_asked(percent, self.previous_percent, problem=problem)


def item_week(item: WorkItem, point: AsOf) -> ItemWeek:
    """Everything that the form of an item shows. Eight queries at most."""
    standing: Any = Standing.objects.at(item.plan, point)
    found = standing.filter(item=item).values(*_PLACE).first()
    reports = ProgressReport.objects.filter(item=item).with_signatures()
    reports = reports.prefetch_related(stated_problems(), "evidence")
    accepted = reports.filter(status=ReportStatus.ACCEPTED, week__lt=point.week).order_by("-week")
    return ItemWeek(
        item=item,
        day=point.day,
        due_on=found["due_on"] if found else item.due_on,
        planned=found["planned"] if found else None,
        percent=found["percent"] if found else None,
        light=found["light"] if found else "",
        reason=found["reason"] if found else "",
        is_due=bool(found and found["due"]),
        last=accepted.first(),
        versions=list(reports.filter(week=point.week).order_by("-version")),
    )


def reporting_weeks(plan: Plan, this_week: date) -> dict[date, bool]:
    """Week → frozen?, newest first: every rolled-up week, the running one and the one before. One query."""
    weeks = {this_week: False, this_week - ONE_WEEK: False}
    weeks |= {
        week: frozen_at is not None
        for week, frozen_at in plan.weeks.filter(week__lte=this_week).values_list("week", "frozen_at")
    }
    return dict(sorted(weeks.items(), reverse=True))


def units_to_ask(user: User) -> list[tuple[str, str]]:
    """(code, name) of who can be asked for help: the upper levels and the own line, in use. One query."""
    path = user.actor.path if user.actor else ""
    above = [code for code in path.split("/") if code]
    upper = (Actor.Level.LEADING_GROUP, Actor.Level.MINISTRY, Actor.Level.BUREAU)
    asked = Actor.objects.filter(
        Q(level__in=upper) | Q(code__in=above) | Q(path__startswith=path or "-"),
        kind__in=(Actor.Kind.PARTY, Actor.Kind.GOVERNMENT),
        retired_on=None,
    )
    return [(actor.code, actor.label) for actor in asked]
