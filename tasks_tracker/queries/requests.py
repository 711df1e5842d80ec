"""What waits for somebody: requests for a supervisor, assigned items for the lead that signs for them."""

from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from tasks_tracker.models import (
    UNIT_ROLES,
    Actor,
    CompletionRequest,
    Decision,
    EarlySignal,
    ExtensionRequest,
    Plan,
    PlanChange,
    Role,
    Standing,
    State,
    User,
    WorkItem,
)
from tasks_tracker.queries.changes import Slippage, slippages
from tasks_tracker.rules.weeks import FAR

NAMES = ("item__plan", "item__lead", "item__region", "item__measure", "asked_by", "decided_by")
DECIDED_SHOWN = 50


def completions(plan: Plan, user: User) -> QuerySet[CompletionRequest]:
    """Completion requests that wait for a decision, the oldest first."""
    found: QuerySet[CompletionRequest] = _named(_open(CompletionRequest, plan, user))
    return found


def extensions(plan: Plan, user: User) -> QuerySet[ExtensionRequest]:
    """Extension requests that wait, the oldest first; those of suspended items wait with them."""
    found: QuerySet[ExtensionRequest] = _named(_of_running(_open(ExtensionRequest, plan, user)))
    return found


def _open(model: Any, plan: Any, user: User) -> Any:
    return model.objects.all().visible_to(user).filter(item__plan=plan).open()


def _named(requests: Any) -> Any:
    """With the names that a page prints and the percent that stands now."""
    percent = Standing.objects.filter(item=OuterRef("item"), until=FAR).values("percent")[:1]
    return requests.select_related(*NAMES).annotate(percent_now=Subquery(percent))


def _of_running(requests: Any) -> Any:
    return requests.exclude(item__state=State.SUSPENDED)


def decided(plan: Plan, user: User) -> list[Any]:
    """The newest decisions on either kind of request. Two queries."""
    rows: list[Any] = []
    for model in (CompletionRequest, ExtensionRequest):
        settled = model.objects.all().visible_to(user).filter(item__plan=plan)
        settled = settled.exclude(decision=Decision.OPEN).select_related(*NAMES)
        rows += settled.order_by("-decided_at", "-pk")[:DECIDED_SHOWN]
    return sorted(rows, key=lambda row: row.decided_at, reverse=True)[:DECIDED_SHOWN]


def with_waiting(user: User) -> QuerySet[Plan]:
    """The plans, each with what waits in it for the user, counted in the same query.

    `items_to_accept` for who signs for a unit, `requests_waiting` for who decides, with `new_signals`; 0 for
    everybody else.
    """
    this = OuterRef("pk")
    counts: dict[str, Any] = {
        "items_to_accept": Value(0),
        "requests_waiting": Value(0),
        "new_signals": Value(0),
    }
    if user.role in UNIT_ROLES and user.actor:
        waiting = WorkItem.objects.filter(plan=this, lead=user.actor, state=State.ASSIGNED)
        counts["items_to_accept"] = _number(waiting, "plan")
    elif user.role == Role.SUPERVISOR:
        found = (_open(CompletionRequest, this, user), _of_running(_open(ExtensionRequest, this, user)))
        completion, extension = (_number(requests, "item__plan") for requests in found)
        counts["requests_waiting"] = completion + extension
        fresh: Any = EarlySignal.objects.filter(plan=this, state=EarlySignal.State.NEW)
        counts["new_signals"] = _number(fresh.visible_to(user), "plan")
    return Plan.objects.annotate(**counts)


def _number(rows: Any, plan: str) -> Coalesce:
    """How many rows there are, as a subquery per plan."""
    counted = rows.order_by().values(plan).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def requests_of(item: WorkItem) -> list[Any]:
    """Everything that was ever asked about an item, the newest first. Two queries."""
    rows: list[Any] = []
    for model in (CompletionRequest, ExtensionRequest):
        rows += model.objects.filter(item=item).select_related("asked_by", "decided_by")
    return sorted(rows, key=lambda row: row.asked_at, reverse=True)


def slipped(requests: list[Any], week: date) -> dict[int, Slippage]:
    """How far the items of the requests slipped before. One query."""
    return slippages([asked.item_id for asked in requests], week)


def to_accept(plan: Plan, unit: Actor) -> QuerySet[WorkItem]:
    """The items assigned to the unit that wait for its signature, the most urgent first."""
    items = WorkItem.objects.filter(plan=plan, lead=unit, state=State.ASSIGNED)
    return items.select_related("measure", "region").order_by("due_on", "code")


def last_state_change(item: WorkItem) -> PlanChange | None:
    """Why the item is in its state, where that is on record. One query."""
    changes = PlanChange.objects.filter(item=item, field=PlanChange.Field.STATE)
    return changes.select_related("approved_by").order_by("-at", "-pk").first()
