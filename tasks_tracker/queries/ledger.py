"""What a weekly workbook holds: the cells behind its figures and the standings behind its ledger.

Both are narrowed by the same scope, so that the figures, the ledger and the dashboards agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext as _

from tasks_tracker.models import (
    NEEDS_ATTENTION,
    Actor,
    Cell,
    Industry,
    KeyTask,
    Measure,
    Problem,
    ProgressReport,
    Region,
    ReportScope,
    Scope,
    Standing,
    State,
    User,
    WeekRollup,
    WorkItem,
)

Subject = KeyTask | Region | Actor
CHUNK = 500
SCOPE_MODELS: dict[str, tuple[type[Any], str]] = {
    ReportScope.KEY_TASK: (KeyTask, "number"),
    ReportScope.REGION: (Region, "code"),
    ReportScope.ACTOR: (Actor, "code"),
}


class UnknownSubject(LookupError):
    """No key task, region or actor has that code."""


@dataclass(frozen=True)
class Selection:
    """What a workbook is about: a week, a scope with its subject, and through whose eyes.

    The subject is None for the national scope. `user` is None where everything is to be seen.
    """

    rollup: WeekRollup
    scope: str = ReportScope.NATIONAL
    subject: Subject | None = None
    user: User | None = None

    @property
    def code(self) -> str:
        """The subject as it is written in addresses and on record."""
        return code_of(self.subject)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One work item in one week. Percentages and variances in hundredths; None where nothing is known."""

    code: str
    title: str
    measure: Measure
    region: Region
    lead: Actor
    owner: str
    industry: str
    commitment: str
    weight: int
    starts_on: date
    due_on: date
    state: str
    light: str
    reason: str
    percent: int | None
    planned: int
    reported_week: date | None
    filing: str
    weekly: bool
    is_key: bool
    opening: int | None
    known: bool
    counted: bool
    stale: bool
    due: bool
    reported: bool
    note: str
    no_change: bool
    next_steps: str
    problems: str
    is_demonstration: bool

    @property
    def variance(self) -> int | None:
        """Percent − planned, in hundredths of a point."""
        return None if self.percent is None else self.percent - self.planned

    @property
    def gain(self) -> int:
        """Points won since the week before, in hundredths; 0 where one of the two is not known."""
        return 0 if self.percent is None or self.opening is None else self.percent - self.opening


def code_of(subject: Subject | None) -> str:
    """`5` for a key task, the code for a region or an actor, nothing for the whole."""
    if subject is None:
        return ""
    return str(subject.number) if isinstance(subject, KeyTask) else str(subject.code)


def find_subject(scope: str, code: str, policy: int) -> Subject | None:
    """The key task, region or actor with that code; None for the national scope. Raises UnknownSubject."""
    if scope == ReportScope.NATIONAL:
        return None
    if scope not in SCOPE_MODELS or (scope == ReportScope.KEY_TASK and not code.isdecimal()):
        raise UnknownSubject(code)
    model, field = SCOPE_MODELS[scope]
    rows = model.objects.filter(**{field: code})
    if scope == ReportScope.KEY_TASK:
        rows = rows.filter(policy=policy)
    subject: Subject | None = rows.first()
    if subject is None:
        raise UnknownSubject(code)
    return subject


def is_within(user: User, scope: str, subject: Subject | None) -> bool:
    """Whether the subject lies in the scope of `user`, or something visible to `user` belongs to it."""
    own = user.scope
    if own.nothing:
        return False
    if subject is None or own.is_national:
        return True
    if isinstance(subject, KeyTask) and own.key_tasks:
        return subject.pk in own.key_tasks
    if isinstance(subject, Region) and own.regions:
        return subject.pk in own.regions
    if isinstance(subject, Actor) and own.path:
        return subject.path.startswith(own.path)
    cells = Cell.objects.visible_to(user)
    return bool(cells.filter(_about(scope, subject, "")).exists())


def _about(scope: str, subject: Subject | None, place: str) -> Q:
    """The condition for rows about the subject; `place` leads from the row to its measure and region."""
    if subject is None:
        return Q()
    if scope == ReportScope.KEY_TASK:
        return Q(**{f"{place}measure__key_task": subject})
    if scope == ReportScope.REGION:
        return Q(**{f"{place}region": subject})
    assert isinstance(subject, Actor)
    subtree = Actor.objects.filter(pk=OuterRef("lead"), path__startswith=subject.path)
    return Q(Exists(subtree))


def cells_of(selection: Selection) -> QuerySet[Cell]:
    """The cells of the selection in all weeks of the plan."""
    cells = Cell.objects.filter(rollup__plan=selection.rollup.plan_id)
    if selection.user:
        cells = cells.visible_to(selection.user)
    return cells.filter(_about(selection.scope, selection.subject, ""))


def standings_of(selection: Selection) -> QuerySet[Standing]:
    """The standings that the selection's cells of the week count or count apart, annotated, in order."""
    rollup = selection.rollup
    own = selection.user.scope if selection.user else Scope()
    seen = _about(selection.scope, selection.subject, "item__")
    if own.nothing:
        seen = Q(pk__in=())
    if own.path:
        seen &= Q(Exists(Actor.objects.filter(pk=OuterRef("lead"), path__startswith=own.path)))
    if own.key_tasks:
        seen &= Q(item__measure__key_task__in=own.key_tasks)
    if own.regions:
        seen &= Q(item__region__in=own.regions)
    standings: QuerySet[Standing] = (
        Standing.objects.at(rollup.plan, rollup.point)
        .with_filing(rollup.point)
        .filter(seen, decomposed=False)
        .exclude(state=State.DRAFT)
    )
    return standings


def ledger(selection: Selection) -> Iterator[LedgerRow]:
    """Every item: what is counted first, in the order of the outline; what is counted apart at the end.

    Read in chunks, so that memory does not grow with the items.
    """
    order = ("-in_scope", "item__measure__order", "item__measure__code", "item__code")
    return _rows(standings_of(selection).order_by(*order), selection.rollup)


def attention(selection: Selection) -> Iterator[LedgerRow]:
    """What is overdue, behind or at risk, in this order, the furthest behind first."""
    severity = Case(
        *(When(light=light, then=Value(place)) for place, light in enumerate(NEEDS_ATTENTION)),
        output_field=IntegerField(),
    )
    chosen = standings_of(selection).filter(Q(in_scope=True, light__in=NEEDS_ATTENTION))
    order = ("severity", F("variance").asc(nulls_first=True), "item__code")
    return _rows(chosen.annotate(severity=severity).order_by(*order), selection.rollup)


def unreported(selection: Selection) -> Iterator[LedgerRow]:
    """The items whose report of the week is owed and not given, unit by unit."""
    silent = standings_of(selection).filter(Q(in_scope=True, due=True, reported=False))
    return _rows(silent.order_by("lead__order", "lead__code", "due_on", "item__code"), selection.rollup)


def owed_by_lead(selection: Selection) -> dict[int, tuple[Actor, int, int]]:
    """Lead → (lead, reports owed, of them given) in the week; units that owe nothing are left out."""
    owing = standings_of(selection).filter(Q(in_scope=True, due=True))
    counts = owing.values("lead").annotate(n=Count("pk"), given=Count("pk", filter=Q(reported=True)))
    rows = list(counts.order_by())
    actors = Actor.objects.in_bulk([row["lead"] for row in rows])
    return {row["lead"]: (actors[row["lead"]], row["n"], row["given"]) for row in rows}


VALUES = {
    "item_code": "item__code",
    "title": "item__title",
    "measure_pk": "item__measure",
    "region_pk": "item__region",
    "lead_pk": "lead",
    "owner_name": "item__owner__display_name",
    "industry_pk": "item__industry",
    "commitment": "item__commitment",
    "demonstration": "item__is_demonstration",
}
PLAIN = (
    "weight",
    "starts_on",
    "due_on",
    "state",
    "light",
    "reason",
    "planned",
    "reported_week",
    "filing",
    "weekly",
    "is_key",
    "opening_percent",
    "known",
    "in_scope",
    "stale",
    "due",
    "reported",
    "counted_percent",
)


def _rows(standings: QuerySet[Standing], rollup: WeekRollup) -> Iterator[LedgerRow]:
    """The standings as rows, with the last report that counts in the week, `CHUNK` at a time."""
    counted = ProgressReport.objects.filter(
        item=OuterRef("item"), week=OuterRef("reported_week"), counted_week__lte=rollup.week
    )
    values = standings.annotate(report_pk=Subquery(counted.order_by("-version").values("pk")[:1])).values(
        *PLAIN, "report_pk", **{name: F(path) for name, path in VALUES.items()}
    )
    names = _Names(rollup)
    rows = values.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        reports = _reports([row["report_pk"] for row in chunk if row["report_pk"]])
        for row in chunk:
            yield names.row(row, reports.get(row["report_pk"]) or {})


def _reports(pks: list[int]) -> dict[int, dict[str, Any]]:
    """What the reports say, with their problems in one text. Two queries."""
    fields = ("progress_note", "no_change", "next_steps")
    reports = {row["pk"]: row for row in ProgressReport.objects.filter(pk__in=pks).values("pk", *fields)}
    said = _("%(label)s: %(value)s")
    for problem in Problem.objects.filter(report__in=pks).order_by("report", "pk"):
        text = said % {"label": problem.get_kind_display(), "value": problem.description}
        lines = reports[problem.report_id].setdefault("problems", [])
        lines.append(f"{text} → {problem.needed}" if problem.needed else text)
    return reports


class _Names:
    """The reference rows that the ledger prints, read once."""

    def __init__(self, rollup: WeekRollup) -> None:
        policy = rollup.plan.policy_id
        self.measures = {m.pk: m for m in Measure.objects.filter(policy=policy).select_related("key_task")}
        self.regions: dict[int, Region] = Region.objects.in_bulk()
        self.actors: dict[int, Actor] = Actor.objects.in_bulk()
        self.industries = {pk: industry.label for pk, industry in Industry.objects.in_bulk().items()}
        self.commitments = {str(c): str(c.label) for c in WorkItem.Commitment}

    def row(self, values: dict[str, Any], report: dict[str, Any]) -> LedgerRow:
        """A row of the query, in words."""
        return LedgerRow(
            code=values["item_code"],
            title=values["title"],
            measure=self.measures[values["measure_pk"]],
            region=self.regions[values["region_pk"]],
            lead=self.actors[values["lead_pk"]],
            owner=values["owner_name"] or "",
            industry=self.industries.get(values["industry_pk"], ""),
            commitment=self.commitments[values["commitment"]],
            weight=values["weight"],
            starts_on=values["starts_on"],
            due_on=values["due_on"],
            state=values["state"],
            light=values["light"],
            reason=values["reason"],
            percent=values["counted_percent"] if values["known"] else None,
            planned=values["planned"],
            reported_week=values["reported_week"],
            filing=values["filing"],
            weekly=values["weekly"],
            is_key=values["is_key"],
            opening=values["opening_percent"],
            known=values["known"],
            counted=values["in_scope"],
            stale=values["stale"],
            due=values["due"] and values["in_scope"],
            reported=values["reported"],
            note=report.get("progress_note", ""),
            no_change=report.get("no_change", False),
            next_steps=report.get("next_steps", ""),
            problems="\n".join(report.get("problems", ())),
            is_demonstration=values["demonstration"],
        )
