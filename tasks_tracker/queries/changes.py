"""The ledger of plan changes, and how far due days have slipped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from tasks_tracker.models import Plan, PlanChange, User
from tasks_tracker.models.people import within_unit


@dataclass(frozen=True)
class Slippage:
    """How often the due day was moved, and by how many days in all."""

    moved: int = 0
    days: int = 0

    def __add__(self, other: "Slippage") -> "Slippage":
        return Slippage(self.moved + other.moved, self.days + other.days)


@dataclass(frozen=True)
class Asked:
    """What the ledger is narrowed to; "" and None mean everything. `lead` stands for its subtree."""

    key_task: str = ""
    region: str = ""
    lead: str = ""
    field: str = ""
    item: str = ""
    since: date | None = None
    until: date | None = None


def days_moved(change: PlanChange) -> int | None:
    """By how many days a day was moved; None for what is no day."""
    if change.field not in (PlanChange.Field.DUE_ON, PlanChange.Field.STARTS_ON):
        return None
    return _days(change.old_value, change.new_value)


def _days(old: str, new: str) -> int:
    return (date.fromisoformat(new) - date.fromisoformat(old)).days


def slippage_of(changes: Iterable[PlanChange]) -> Slippage:
    """The sum of the recorded moves of the due day."""
    moves = [change for change in changes if change.field == PlanChange.Field.DUE_ON]
    return Slippage(len(moves), sum(_days(move.old_value, move.new_value) for move in moves))


def slippages(items: Sequence[int], week: date) -> dict[int, Slippage]:
    """The slippage of each of the items by the end of a week. One query."""
    found: dict[int, Slippage] = {}
    moves = PlanChange.objects.filter(item__in=items, field=PlanChange.Field.DUE_ON, week__lte=week)
    for pk, old, new in moves.order_by().values_list("item", "old_value", "new_value"):
        found[pk] = found.get(pk, Slippage()) + Slippage(1, _days(old, new))
    return found


def ledger_of_changes(plan: Plan, user: User, asked: Asked) -> QuerySet[PlanChange]:
    """The changes that `user` sees and that were asked for, with every name that a row prints."""
    changes = PlanChange.objects.all().visible_to(user).filter(item__plan=plan)
    conditions = {
        "item__measure__key_task__number": int(asked.key_task) if asked.key_task else None,
        "item__region__code": asked.region,
        "field": asked.field,
        "item__code": asked.item,
        "at__date__gte": asked.since,
        "at__date__lte": asked.until,
    }
    changes = changes.filter(**{name: value for name, value in conditions.items() if value})
    if asked.lead:
        changes = changes.filter(within_unit("item__lead__path", asked.lead))
    named = changes.select_related("item__region", "item__lead", "item__measure", "asked_by", "approved_by")
    found: QuerySet[PlanChange] = named.order_by("-at", "-pk")
    return found


def slipped_in(changes: QuerySet[PlanChange]) -> tuple[Slippage, int]:
    """What the due days in a ledger slipped in all, and of how many items. One query."""
    moves = changes.filter(field=PlanChange.Field.DUE_ON).order_by().select_related(None)
    rows = list(moves.values_list("item", "old_value", "new_value"))
    total = Slippage(len(rows), sum(_days(old, new) for _item, old, new in rows))
    return total, len({item for item, _old, _new in rows})
