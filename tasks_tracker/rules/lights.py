"""The light of a set of work items, by the thresholds of its week; the bands of a variance on a map.

Rules: docs/numbers.md, "The light of a set".
"""

from collections.abc import Mapping
from fractions import Fraction

from tasks_tracker.rules.weeks import Limits

REGION_CUTS = (-450, -300, -150, 0)  # between the five bands of a variance, in hundredths of a point


def light_of_set(counts: Mapping[str, int], variance: Fraction | None, limits: Limits) -> str:
    """The code of the first rule that holds; "" where nothing is in scope, or nothing of it is known.

    `counts` are the items in scope by light, `variance` is that of the set in hundredths of a point, None
    where nothing is known. A set of one item has the light of its item, unless it was never reported.
    """
    present = {code for code, number in counts.items() if number}
    if not present:
        return ""
    running = present - {"done", "not_started"}
    if not running:
        return "not_started" if "not_started" in present else "done"
    if variance is None and "on_track" in running:
        return ""
    if len(running) == 1:
        return running.pop()
    if variance is None:
        return ""
    if variance < limits.behind_below:
        return "behind"
    return "at_risk" if variance < limits.at_risk_below else "on_track"
