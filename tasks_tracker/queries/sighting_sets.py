"""The rules of early signals that are about several items at once."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Sum

from tasks_tracker.models import (
    RUNNING_STATES,
    Cell,
    Light,
    Plan,
    ProblemCase,
    SignalCode,
    Standing,
    WeekRollup,
)

SHOWN = 12  # regions named in the evidence


@dataclass(frozen=True)
class SetSighting:
    """What a rule found: of which subject, with which figures, and the items that it is about."""

    subject: str
    fields: dict[str, Any]
    evidence: dict[str, Any]
    members: frozenset[int]


def place_counts(rollup: WeekRollup) -> dict[tuple[int, int], dict[str, int]]:
    """By (key task, region): items that run, are at risk, and in trouble; from the cells. One query."""
    cells: Any = Cell.objects.filter(rollup=rollup, measure__key_task__isnull=False)
    rows = cells.values("measure__key_task", "region").annotate(
        running=Sum(F("items") - F("done") - F("not_started")),
        at_risk_now=Sum("at_risk"),
        trouble=Sum(F("behind") + F("overdue")),
    )
    names = ("running", "at_risk_now", "trouble")
    return {
        (row["measure__key_task"], row["region"]): {name: row[name] for name in names}
        for row in rows.order_by()
    }


def clusters(plan: Plan, rollup: WeekRollup, numbers: Mapping[str, int]) -> Iterator[SetSighting]:
    """So many items of one key task and region at risk at once, and such a share of those that run there."""
    counts = {
        key: count
        for key, count in place_counts(rollup).items()
        if count["at_risk_now"] >= numbers["items"]
        and 100 * count["at_risk_now"] >= numbers["share"] * count["running"]
    }
    members = _at_risk(plan, rollup, counts.keys()) if counts else {}
    for (key_task, region), count in counts.items():
        yield SetSighting(
            subject=f"place:{key_task}:{region}",
            fields={"key_task_id": key_task, "region_id": region},
            evidence={"at_risk": count["at_risk_now"], "running": count["running"]},
            members=frozenset(members.get((key_task, region), ())),
        )


def _at_risk(plan: Plan, rollup: WeekRollup, places: Any) -> dict[tuple[int, int], list[int]]:
    standings: Any = Standing.objects.at(plan, rollup.point).counted()
    rows = standings.filter(
        light=Light.AT_RISK,
        item__measure__key_task__in={key_task for key_task, _region in places},
        item__region__in={region for _key_task, region in places},
    )
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for key_task, region, item in rows.order_by().values_list(
        "item__measure__key_task", "item__region", "item"
    ):
        found[key_task, region].append(item)
    return found


def same_problems(plan: Plan, rollup: WeekRollup, numbers: Mapping[str, int]) -> Iterator[SetSighting]:
    """One kind of problem, asked of one unit, not solved in so many regions."""
    week = rollup.week
    running = Standing.objects.in_force(plan, week).filter(
        item=OuterRef("item"), state__in=RUNNING_STATES, decomposed=False
    )
    cases = ProblemCase.objects.filter(
        Exists(running),
        Q(solved_week=None) | Q(solved_week__gt=week),
        item__plan=plan,
        raised_week__lte=week,
        needed_from__isnull=False,
    )
    columns = ("kind", "needed_from", "item", "item__region__code")
    found: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
    for kind, unit, item, region in cases.order_by("item__region__order", "pk").values_list(*columns):
        found[kind, unit].append((item, region))
    for (kind, unit), rows in found.items():
        regions = list(dict.fromkeys(region for _item, region in rows))
        if len(regions) >= numbers["regions"]:
            yield SetSighting(
                subject=f"problem:{kind}:{unit}",
                fields={"kind": kind, "unit_id": unit},
                evidence={"cases": len(rows), "regions": len(regions), "named": regions[:SHOWN]},
                members=frozenset(item for item, _region in rows),
            )


SETS: dict[str, Callable[[Plan, WeekRollup, Mapping[str, int]], Iterator[SetSighting]]] = {
    SignalCode.CLUSTER: clusters,
    SignalCode.SAME_PROBLEM: same_problems,
}
