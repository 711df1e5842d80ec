"""A week computed a second time, from the journal and in plain Python, and compared with what is stored.

The journal is what was written down: work items with every recorded change of them, milestones, lights that
supervisors set, and reports with the week in which each first counted. Standings, plan segments and cells are
derived from it, so they are compared and not read, with one exception that the journal does not hold: the
week in which an item entered the plan (its first standing). A frozen week is rebuilt as it was when it was
frozen. Rules: docs/numbers.md, "Verification".
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

from tasks_tracker.models import (
    GIVEN,
    WAITING,
    Cell,
    LightOverride,
    Milestone,
    Plan,
    PlanChange,
    PlanSegment,
    ProgressReport,
    ReportStatus,
    Standing,
    WeekRollup,
    WorkItem,
)
from tasks_tracker.models.people import Actor
from tasks_tracker.queries.figures import weight_changes
from tasks_tracker.rules.reference import RUNNING, Agreed, Thresholds, Told, Verdict, judge, pieces
from tasks_tracker.rules.schedule import read_marks
from tasks_tracker.rules.weeks import AsOf
from tasks_tracker.rules.weights import broken_links

Key = tuple[int, int, int]  # measure, region, lead
KEY_COLUMNS = ("measure_id", "region_id", "lead_id")
COUNTED = tuple(
    f.name for f in Cell._meta.concrete_fields if f.name not in {"id", "rollup", "measure", "region", "lead"}
)
DAYS = {PlanChange.Field.STARTS_ON, PlanChange.Field.DUE_ON}
FLAGS = {PlanChange.Field.IS_KEY, PlanChange.Field.DECOMPOSED}
Piece = tuple[date, date, int, int]


@dataclass(frozen=True)
class Difference:
    """One stored value that the journal contradicts. `cell` names the row: a cell, or an item's standing."""

    cell: str
    column: str
    stored: Any
    recomputed: Any

    def __str__(self) -> str:
        return f"{self.cell}: {self.column} stored {self.stored}, recomputed {self.recomputed}"


@dataclass
class Reports:
    """The reports of one item up to a week, as they stood when the week was last computed."""

    last: tuple[date, int] | None = None  # week and percent of the last accepted one
    last_before: tuple[date, int] | None = None  # the same when the week began
    given_weeks: set[date] = field(default_factory=set)
    this_week: list[tuple[str, bool, bool]] = field(default_factory=list)  # status, no change, late

    @property
    def told(self) -> Told:
        """For the rules of one item."""
        return Told(
            percent=self.last[1] if self.last else None,
            reported_week=self.last[0] if self.last else None,
            percent_before=self.last_before[1] if self.last_before else None,
            given_weeks=frozenset(self.given_weeks),
        )


@dataclass(frozen=True)
class Entry:
    """One item in the week: where it belongs, what was agreed, what was told, and what follows from it."""

    code: str
    key: Key
    agreed: Agreed
    reports: Reports
    verdict: Verdict


@dataclass(frozen=True)
class Names:
    """Codes for the messages."""

    measures: Mapping[int, str]
    regions: Mapping[int, str]
    leads: Mapping[int, str]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        items = WorkItem.objects.filter(plan=plan).order_by()
        return cls(
            dict(items.values_list("measure", "measure__code").distinct()),
            dict(items.values_list("region", "region__code").distinct()),
            dict(Actor.objects.values_list("pk", "code")),
        )

    def cell(self, key: Key) -> str:
        measure, region, lead = key
        return f"{self.measures.get(measure)} {self.regions.get(region)} {self.leads.get(lead)}"


def verify_week(rollup: WeekRollup) -> list[Difference]:
    """What is stored of the week and differs from the journal: cells, standings, plan segments, weights.

    Reads the whole journal of the plan up to the week; a handful of queries whatever the number of items.
    """
    names = Names.of(rollup.plan)
    entries = read_week(rollup.plan, rollup.point, rollup.frozen_at)
    found = [
        *_differing_cells(rollup, entries, names),
        *_differing_standings(rollup, entries, names),
        *_differing_segments(rollup, entries),
        *_differing_weights(rollup.plan),
    ]
    return sorted(found, key=lambda difference: (difference.cell, difference.column))


def read_week(plan: Plan, point: AsOf, frozen_at: datetime | None) -> dict[int, Entry]:
    """Every item that was in the plan in the week, by row number, judged from the journal alone."""
    thresholds = Thresholds(*astuple(point.limits or plan.limits))
    then = _values_in(plan, point.week)
    overrides = _overrides(plan, point.week)
    reports = _reports(plan, point.week, frozen_at)
    entries = {}
    for pk, row in then.items():
        override, last_day = overrides.get(pk, ("", None))
        agreed = replace(
            _agreed(row), milestones=row["milestones"], override=override, override_until=last_day
        )
        told = reports.get(pk, Reports())
        verdict = judge(agreed, told.told, thresholds, point)
        key = (row["measure_id"], row["region_id"], row["lead_id"])
        entries[pk] = Entry(row["code"], key, agreed, told, verdict)
    return entries


def cells_of(entries: Mapping[int, Entry]) -> dict[Key, Counter[str]]:
    """The cells of the week, column by column."""
    cells: dict[Key, Counter[str]] = defaultdict(Counter)
    for entry in entries.values():
        if not entry.agreed.decomposed and entry.agreed.state != "draft":
            cells[entry.key].update(_summands(entry))
    return cells


def _summands(entry: Entry) -> Counter[str]:
    """What one item adds to its cell."""
    agreed, verdict = entry.agreed, entry.verdict
    weight = agreed.weight
    added = Counter[str](status for status, _no_change, _late in entry.reports.this_week)
    for status, no_change, late in entry.reports.this_week:
        if status in GIVEN:
            added.update(no_change=int(no_change), late=int(late))
    if agreed.state in ("suspended", "cancelled"):
        added.update({f"{agreed.state}_items": 1, f"{agreed.state}_weight": weight})
        return added
    added.update(
        {
            "items": 1,
            "weight": weight,
            "known_weight": weight * verdict.known,
            "stale_weight": weight * verdict.stale,
            "earned": weight * verdict.counted_percent,
            "planned": weight * verdict.planned,
            "unknown_items": int(not verdict.known),
            "stale_items": int(verdict.stale),
            verdict.light: 1,
            "due": int(verdict.due),
            "due_reported": int(verdict.due and verdict.reported),
        }
    )
    return added


# --- the journal --------------------------------------------------------------------------------------------
def _values_in(plan: Plan, week: date) -> dict[int, dict[str, Any]]:
    """What was agreed in the week, by item: today's values with every later change undone, latest first."""
    columns = ("code", "measure_id", "region_id", "lead_id", "weight", "starts_on", "due_on", "state")
    items = WorkItem.objects.filter(plan=plan, standings__since__lte=week).distinct()
    then = {row.pop("id"): row for row in items.values("id", *columns, "is_key", "decomposed").order_by()}
    milestones = _milestones(plan)
    for pk, row in then.items():
        row["milestones"] = milestones.get(pk, ())
    leads = dict(Actor.objects.values_list("code", "pk"))
    changes = PlanChange.objects.filter(item__plan=plan, week__gt=week).order_by("-week", "-at", "-pk")
    for pk, name, old in changes.values_list("item", "field", "old_value"):
        if pk in then:
            column, value = _read_value(name, old, leads)
            then[pk][column] = value
    return then


def _read_value(name: str, text: str, leads: Mapping[str, int]) -> tuple[str, Any]:
    if name in DAYS:
        return name, date.fromisoformat(text)
    if name == PlanChange.Field.WEIGHT:
        return name, int(text)
    if name == PlanChange.Field.LEAD:
        return "lead_id", leads[text]
    if name in FLAGS:
        return name, text == "1"
    if name == PlanChange.Field.MILESTONES:
        return name, [(due_on, percent) for due_on, percent, _title in read_marks(text)]
    return name, text


def _agreed(row: Mapping[str, Any]) -> Agreed:
    names = ("starts_on", "due_on", "state", "weight", "is_key", "decomposed")
    return Agreed(**{name: row[name] for name in names})


def _milestones(plan: Plan) -> dict[int, list[tuple[date, int]]]:
    """The milestones of today."""
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    rows = Milestone.objects.filter(item__plan=plan).order_by("due_on", "percent")
    for pk, due_on, percent in rows.values_list("item", "due_on", "percent"):
        found[pk].append((due_on, percent))
    return found


def _overrides(plan: Plan, week: date) -> dict[int, tuple[str, date]]:
    """The light that a supervisor set for the week and its last day, by item."""
    rows = LightOverride.objects.filter(item__plan=plan, since__lte=week, until__gt=week).order_by()
    return {pk: (light, last) for pk, light, last in rows.values_list("item", "light", "expires_on")}


def _stored_pieces(plan: Plan, week: date) -> Iterator[tuple[int, Piece]]:
    rows = PlanSegment.objects.filter(item__plan=plan, since__lte=week, until__gt=week).order_by("from_day")
    columns = ("item", "from_day", "until_day", "from_percent", "until_percent")
    for pk, first, last, low, high in rows.values_list(*columns).iterator():
        yield pk, (date.fromordinal(first), date.fromordinal(last), low, high)


def _reports(plan: Plan, week: date, frozen_at: datetime | None) -> dict[int, Reports]:
    """What the reports said in the week, by item; the versions of a week come in order."""
    found: dict[int, Reports] = defaultdict(Reports)
    columns = ("item", "week", "status", "percent", "counted_week", "decided_at", "no_change", "is_late")
    rows = ProgressReport.objects.filter(item__plan=plan, week__lte=week).order_by("item", "week", "version")
    for pk, about, status, percent, counted, decided_at, no_change, late in rows.values_list(*columns):
        reports = found[pk]
        if counted and counted <= week:
            reports.last = (about, percent)
        if counted and counted < week:
            reports.last_before = (about, percent)
        then = _status_then(status, counted, decided_at, week, frozen_at)
        if then in GIVEN:
            reports.given_weeks.add(about)
        if about == week:
            if then == ReportStatus.ACCEPTED:  # the version that counts; an earlier one is superseded
                reports.this_week = [seen for seen in reports.this_week if seen[0] != then]
            reports.this_week.append((then, no_change, late))
    return found


def _status_then(
    status: str, counted: date | None, decided_at: datetime | None, week: date, frozen_at: datetime | None
) -> str:
    """The status when the week was frozen; today's in an open week. Both steps of waiting are one.

    Whatever was accepted before a week was frozen counts in that week or an earlier one, and nothing is
    handed in for a frozen week; so only a return is told by its time. A version that another replaced was
    accepted until then.
    """
    if status in (ReportStatus.ACCEPTED, ReportStatus.SUPERSEDED):
        return ReportStatus.ACCEPTED if counted and counted <= week else ReportStatus.SUBMITTED
    if status == ReportStatus.RETURNED and frozen_at and decided_at and decided_at > frozen_at:
        return ReportStatus.SUBMITTED
    return ReportStatus.SUBMITTED if status in WAITING else status


# --- the comparison -----------------------------------------------------------------------------------------
def _differing_cells(rollup: WeekRollup, entries: Mapping[int, Entry], names: Names) -> Iterator[Difference]:
    stored = {
        tuple(row[name] for name in KEY_COLUMNS): row for row in rollup.cells.values(*KEY_COLUMNS, *COUNTED)
    }
    recomputed = cells_of(entries)
    for key in stored.keys() | recomputed.keys():
        for column in COUNTED:
            before = stored[key][column] if key in stored else 0
            after = recomputed[key][column] if key in recomputed else 0
            if before != after:
                yield Difference(f"cell {names.cell(key)}", column, before, after)


def _differing_standings(
    rollup: WeekRollup, entries: Mapping[int, Entry], names: Names
) -> Iterator[Difference]:
    rows: Any = Standing.objects.in_force(rollup.plan, rollup.week)
    stored: dict[int, dict[str, Any]] = {row["item_id"]: row for row in rows.values().iterator()}
    for pk, entry in entries.items():
        there = _comparable(stored.get(pk), rollup.week, names)
        for column, value in _expected_standing(entry, names).items():
            if there.get(column) != value:
                yield Difference(f"standing of {entry.code}", column, there.get(column), value)


def _comparable(row: dict[str, Any] | None, week: date, names: Names) -> dict[str, Any]:
    if row is None:
        return {}
    began = row["previous_percent"] if row["since"] == week else row["percent"]
    return row | {
        "lead": names.leads[row["lead_id"]],
        "state": _kind(row["state"]),
        "percent when the week began": began,
    }


def _expected_standing(entry: Entry, names: Names) -> dict[str, Any]:
    agreed, told = entry.agreed, entry.reports.told
    return {
        "lead": names.leads[entry.key[2]],
        "weight": agreed.weight,
        "starts_on": agreed.starts_on,
        "due_on": agreed.due_on,
        "state": _kind(agreed.state),
        "is_key": agreed.is_key,
        "decomposed": agreed.decomposed,
        "percent": told.percent,
        "reported_week": told.reported_week,
        "percent when the week began": told.percent_before,
        "override": agreed.override,
        "override_until": agreed.override_until,
    }


def _kind(state: str) -> str:
    """The states of a running item are one for the figures."""
    return "running" if state in RUNNING else state


def _differing_segments(rollup: WeekRollup, entries: Mapping[int, Entry]) -> Iterator[Difference]:
    stored: dict[int, list[Piece]] = defaultdict(list)
    for pk, piece in _stored_pieces(rollup.plan, rollup.week):
        stored[pk].append(piece)
    for pk, entry in entries.items():
        planned = pieces(entry.agreed)
        if stored[pk] != planned:
            yield Difference(f"plan of {entry.code}", "segments", _shown(stored[pk]), _shown(planned))


def _differing_weights(plan: Plan) -> Iterator[Difference]:
    """Weights of key tasks and measures that moved past the record: a past week would show another figure."""
    changes = weight_changes(plan)
    tasks = (
        ((task.pk, None), f"key task {task.number}", task.weight) for task in plan.policy.key_tasks.all()
    )
    measures = (((None, m.pk), f"measure {m.code}", m.weight) for m in plan.policy.measures.all())
    for subject, name, weight in (*tasks, *measures):
        for was, then in broken_links(weight, changes.get(subject, ())):
            yield Difference(f"weight of {name}", "weight", then, was)


def _shown(parts: list[Piece]) -> str:
    return " ".join(f"{first}..{last}:{low}..{high}" for first, last, low, high in parts) or "none"
