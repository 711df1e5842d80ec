"""Weights of key tasks and measures over time: a recorded change holds from its week on.

Rules: docs/numbers.md, "Weights over time".
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple


class Reweighted(NamedTuple):
    """From `week` on the weight is `new`; before it was `old`."""

    week: date
    old: int
    new: int


def weight_in(week: date, today: int, changes: Sequence[Reweighted]) -> int:
    """The weight that held in `week`; `changes` in the order in which they were made, `today` without any.

    Changes of one week count as one: the week has the last new weight, the week before the first old one.
    """
    for change in changes:
        if change.week > week:
            return change.old
    return changes[-1].new if changes else today


def broken_links(today: int, changes: Sequence[Reweighted]) -> list[tuple[int, int]]:
    """Where the record does not hang together: (what a change left behind, what came after it)."""
    left = [change.new for change in changes]
    found = [*(change.old for change in changes[1:]), today]
    return [(was, then) for was, then in zip(left, found, strict=False) if was != then]
