"""The words of the demonstration: all of them in texts.json, none of them from the policy."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tasks_tracker.models import Measure

INDUSTRY = "{industry}"


@dataclass(frozen=True)
class Subject:
    """What the items of a measure are about: title stems, what is counted, and what is handed in."""

    local: tuple[str, ...]
    national: tuple[str, ...]
    noun: str
    unit: str
    low: int
    high: int
    deliverable: str


@cache
def texts() -> dict[str, Any]:
    """The whole of texts.json."""
    content: dict[str, Any] = json.loads(Path(__file__).with_name("texts.json").read_text("utf-8"))
    return content


def subject_of(measure: Measure) -> Subject:
    """The subject of a measure; one made of its title where texts.json has none."""
    raw = texts()["measures"].get(measure.code, texts()["fallback"])
    noun, unit, low, high = raw["count"]
    return Subject(
        local=tuple(stem.replace("{measure}", measure.title) for stem in raw["local"]),
        national=tuple(stem.replace("{measure}", measure.title) for stem in raw["national"]),
        noun=noun,
        unit=unit,
        low=low,
        high=high,
        deliverable=raw["deliverable"],
    )


def marked(text: str) -> str:
    """The text behind the words that say that it is demonstration data."""
    return f"{texts()['mark']}{text}"


def pick(rng: Random, *path: str | int) -> Any:
    """One of the entries of the list at `path` in texts.json."""
    found: Any = texts()
    for key in path:
        found = found[key]
    return found[int(rng.random() * len(found))]
