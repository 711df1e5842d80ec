"""What the pages of imports show: rows of a ledger with what is said about them, and names to be settled."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from tasks_tracker.models import Actor, ImportRow, Industry, Measure, Plan, PlanImport, Region, User
from tasks_tracker.rules.names import LOOKED_UP

MOST_NAMES = 40


def imports_of(user: User, plan: Plan) -> QuerySet[PlanImport]:
    """The imports that `user` sees, newest first."""
    return PlanImport.objects.visible_to(user).filter(plan=plan).select_related("made_by", "plan__policy")


@dataclass(frozen=True)
class Tab:
    """A choice of rows and how many there are."""

    code: str
    count: int


WARNED = "warned"


def tabs_of(plan_import: PlanImport) -> list[Tab]:
    """All rows, by what becomes of them, and those with a remark. Two queries."""
    counts = Counter(plan_import.rows.values_list("state", flat=True))
    warned = plan_import.rows.filter(has_warnings=True).count()
    by_state = [Tab(str(state), counts[state]) for state in ImportRow.State if counts[state]]
    return [Tab("", sum(counts.values())), *by_state, *([Tab(WARNED, warned)] if warned else [])]


def rows_of(plan_import: PlanImport, chosen: str) -> QuerySet[ImportRow]:
    """The rows of a tab; all of them for one that is none."""
    rows = plan_import.rows.select_related("item")
    if chosen == WARNED:
        return rows.filter(has_warnings=True)
    return rows.filter(state=chosen) if chosen in ImportRow.State.values else rows


@dataclass(frozen=True)
class Found:
    """The rows of the database to which the names of some rows lead."""

    measures: Mapping[int, Measure]
    regions: Mapping[int, Region]
    actors: Mapping[int, Actor]


def found_by(rows: Iterable[ImportRow]) -> Found:
    """Three queries for any number of rows."""
    found = [row.content["found"] for row in rows]
    units = {each["lead"] for each in found} | {pk for each in found for pk in each["supporting"]}
    return Found(
        Measure.objects.in_bulk({each["measure"] for each in found} - {None}),
        Region.objects.in_bulk({each["region"] for each in found} - {None}),
        Actor.objects.in_bulk(units - {None}),
    )


@dataclass(frozen=True)
class UnknownName:
    """A name of a ledger that leads nowhere, or to several; in how many cells, and what looks like it."""

    kind: str
    text: str
    cells: int
    offered: tuple[str, ...]


def unknown_names(plan_import: PlanImport) -> list[UnknownName]:
    """The names that keep most rows out, most of them first. One query."""
    refused = plan_import.rows.filter(state=ImportRow.State.REFUSED).values_list("notes", flat=True)
    counts: Counter[tuple[str, str]] = Counter()
    offered: dict[tuple[str, str], tuple[str, ...]] = {}
    for notes in refused:
        for note in notes:
            kind = LOOKED_UP.get(note["column"])
            if kind and note["code"] in ("unknown", "ambiguous"):
                key = (kind, note["value"])
                counts[key] += 1
                offered.setdefault(key, tuple(note["others"]))
    return [
        UnknownName(kind, text, cells, offered[kind, text])
        for (kind, text), cells in counts.most_common(MOST_NAMES)
    ]


def known_names(plan: Plan, kinds: Iterable[str]) -> dict[str, dict[str, str]]:
    """What a name may be settled as: by kind, label → code. A query for each kind."""
    wanted = set(kinds)
    rows: dict[str, Any] = {
        "measure": plan.policy.measures.filter(retired_on=None),
        "region": Region.objects.filter(Q(reports=True) | Q(kind=Region.Kind.NATIONAL)),
        "unit": Actor.objects.filter(retired_on=None),
        "industry": Industry.objects.all(),
    }
    return {kind: {_label(row): row.code for row in rows[kind]} for kind in rows if kind in wanted}


def _label(row: Any) -> str:
    return f"{row.code} {row.title}" if isinstance(row, Measure) else str(row.name)


@dataclass(frozen=True)
class Example:
    """Real names for a ledger to begin with."""

    measures: list[Measure]
    leads: list[Actor]
    supporting: list[Actor]


def example_names(plan: Plan, number: int = 3) -> Example:
    """The first measures of the plan, and units that may lead."""
    bureaus = Actor.objects.filter(retired_on=None, reports=True, level=Actor.Level.BUREAU)
    authorities = Actor.objects.filter(retired_on=None, reports=True, level=Actor.Level.PROVINCE)
    return Example(
        list(plan.policy.measures.filter(retired_on=None).select_related("key_task")[:number]),
        list(authorities.select_related("region")[:number]),
        list(bureaus[:number]),
    )
