"""What another set of thresholds would do now: how many lights would change, and from what to what."""

from collections import Counter
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tasks_tracker.models import Plan, Standing
from tasks_tracker.rules.weeks import as_of, week_of


@dataclass(frozen=True)
class Consequence:
    """The running week under other rules: `moves` counts the items by (light now, light then)."""

    items: int
    moves: Counter[tuple[str, str]]

    @property
    def changed(self) -> int:
        """How many items would change their light."""
        return sum(self.moves.values())


def consequence_of(plan: Plan, rules: dict[str, Any], now: datetime) -> Consequence:
    """Every counted item of the running week under the rules of now and under `rules`. Two queries."""
    then = copy(plan)
    for name, value in rules.items():
        setattr(then, name, value)
    before, after = _lights(plan, now), _lights(then, now)
    moves = Counter((light, after[pk]) for pk, light in before.items() if after[pk] != light)
    return Consequence(len(before), moves)


def _lights(plan: Plan, now: datetime) -> dict[int, str]:
    point = as_of(week_of(now.date()), now, plan.cutoff_weekday, plan.cutoff_time)
    rows: Any = Standing.objects.at(plan, point).counted().order_by()
    return dict(rows.values_list("item", "light"))
