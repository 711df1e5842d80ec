"""Early signals: which rules there are with which numbers, and the arithmetic of those about one item.

Pure functions over weekly series, oldest week first, in hundredths of a percent. Rules: docs/numbers.md,
"Early signals".
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from itertools import pairwise, takewhile
from math import ceil

from tasks_tracker.rules.rollup import WHOLE

BLOCK = 4  # weeks whose progress is taken together: a monthly report makes one step of them
LEAST_WEEKS = 2 * BLOCK  # below that nothing is foretold
LEAST_REPORTS = 3
FARTHEST = 104  # weeks; what lies behind that is not foretold
RETURNS_WITHIN = 8  # weeks in which a signal that ceased comes again as the same one
LEAST_KNOWN = 5  # warnings of which one must know the outcome before it is said how often they were right
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Parameter:
    """A whole number of a rule, with its default and its bounds."""

    name: str
    default: int
    least: int
    most: int


@dataclass(frozen=True)
class Spec:
    """A rule: its numbers, and within how many weeks what it warns of is to come true."""

    code: str
    parameters: tuple[Parameter, ...]
    horizon: int = 6

    @property
    def defaults(self) -> dict[str, int]:
        """The numbers with which a plan begins."""
        return {parameter.name: parameter.default for parameter in self.parameters}


# In the order of urgency: the list of signals is sorted by it.
SPECS = {
    spec.code: spec
    for spec in (
        Spec(
            "will_be_late",
            (
                Parameter("weeks", 12, LEAST_WEEKS, 26),
                Parameter("late", 2, 1, 26),
                Parameter("ahead", 26, 4, 104),
            ),
            8,
        ),
        Spec("losing_pace", (Parameter("weeks", 3, 2, 12), Parameter("points", 1, 0, 50))),
        Spec("cluster", (Parameter("items", 3, 2, 100), Parameter("share", 20, 0, 100)), 4),
        Spec("same_problem", (Parameter("regions", 3, 2, 37),), 4),
        Spec("extended_again", (Parameter("times", 2, 2, 10), Parameter("weeks", 52, 4, 104)), 8),
        Spec("stuck", (Parameter("percent", 90, 50, 99), Parameter("weeks", 4, 2, 26)), 8),
        Spec(
            "late_jump",
            (Parameter("points", 20, 5, 100), Parameter("days", 14, 1, 60), Parameter("weeks", 3, 1, 8)),
            4,
        ),
        Spec("no_change", (Parameter("times", 3, 2, 12),)),
        Spec("copied", (Parameter("letters", 20, 10, 500), Parameter("weeks", 8, 1, 26))),
    )
}
CODES = tuple(SPECS)
OF_SETS = ("cluster", "same_problem")


def steps(series: Sequence[int]) -> list[int]:
    """The change from each week to the next."""
    return [later - earlier for earlier, later in pairwise(series)]


def lost(percents: Sequence[int], planned: Sequence[int]) -> int | None:
    """What was lost against the plan over the weeks, when each of them lost; None when one did not."""
    gaps = [wanted - moved for moved, wanted in zip(steps(percents), steps(planned), strict=True)]
    return sum(gaps) if gaps and min(gaps) > 0 else None


def pace_needed(percent: int, days: int) -> Fraction | None:
    """Progress per week that reaches 100 % in so many days; None when they are over."""
    return Fraction((WHOLE - percent) * 7, days) if days > 0 else None


@dataclass(frozen=True)
class Forecast:
    """In how many weeks from now 100 % is reached: at the better pace of the past, and at the lesser one.

    None: at that pace never, or farther away than can be foretold.
    """

    earliest: int | None
    latest: int | None


def forecast(percents: Sequence[int | None]) -> Forecast | None:
    """A range from the weekly history; None when it is too short to say.

    Progress is taken over blocks of four weeks that overlap. The upper quartile of these is the better pace,
    the lower one the lesser.
    """
    known = list(takewhile(lambda percent: percent is not None, reversed(percents)))[::-1]
    series = [percent for percent in known if percent is not None]
    if len(series) < LEAST_WEEKS:
        return None
    blocks = sorted(later - earlier for earlier, later in zip(series, series[BLOCK:], strict=False))
    rest = WHOLE - series[-1]
    return Forecast(
        _weeks(rest, quantile(blocks, Fraction(3, 4))), _weeks(rest, quantile(blocks, Fraction(1, 4)))
    )


def _weeks(rest: int, pace: Fraction) -> int | None:
    if rest <= 0:
        return 0
    if pace <= 0:
        return None
    weeks = ceil(rest * BLOCK / pace)
    return weeks if weeks <= FARTHEST else None


def quantile(ordered: Sequence[int], share: Fraction) -> Fraction:
    """The value below which `share` of the ordered values lie, linear between two of them."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def is_stuck(percents: Sequence[int | None], least: int) -> bool:
    """The same percent in all of the weeks, at least `least` and below 100 %."""
    last = percents[-1]
    return last is not None and least <= last < WHOLE and all(percent == last for percent in percents)


def streak(no_change: Sequence[bool]) -> int:
    """How many reports in a row, up to the last one, said "no change"."""
    return sum(1 for _each in takewhile(bool, reversed(no_change)))


def normalised(text: str) -> str:
    """A text without what does not matter: width and case of letters, blanks, punctuation. Numbers stay."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", text).casefold())


def fingerprint(text: str) -> int:
    """A number that two texts share when they are the same once normalised (and else practically never)."""
    return int.from_bytes(blake2b(normalised(text).encode(), digest_size=8).digest(), "big")
