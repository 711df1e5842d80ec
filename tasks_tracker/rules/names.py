"""Finding what a name stands for: units, regions and measures as offices write them.

A name leads somewhere when it is one of the known names, or is known to mean the same: short names, the older
names of the authorities of a region, a ministry put before its bureau. What only looks alike is never taken;
it is offered. Pure functions; the words stand in name_words.json.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

# By column of a ledger: as what its names are looked up.
LOOKED_UP = {
    "measure": "measure",
    "region": "region",
    "lead": "unit",
    "supporting": "unit",
    "industry": "industry",
}
MOST_OFFERED = 3
ALIKE = 0.45  # of two names, as difflib measures
_IGNORED = re.compile(r"[_\s\u3000\u201c\u201d\"'.,\u3002\u3001\uff0c\u00b7-]")
_REMARK = re.compile(r"\([^()]*\)")
_CODE = re.compile(r"[A-Za-z]?\d{1,3}(?:\.\d{1,3})*")
_CODED = re.compile(r"([A-Za-z]?\d{1,3}(?:\.\d{1,3})*)[\s\u3001.:\uff1a]*(\D.*)")


@dataclass(frozen=True)
class Answer:
    """What a name leads to: none, one or several rows. `understood`: it stands for it without being it."""

    rows: tuple[Any, ...]
    understood: bool = False
    offered: tuple[str, ...] = ()


class Finder:
    """Looks names up among rows, each known by several names."""

    def __init__(
        self,
        known: Mapping[str, Iterable[Any]],
        *,
        means: Callable[[str], Iterable[str]],
        label: Callable[[Any], str],
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        """`means` gives the forms in which a name is the same; `aliases` are names that somebody settled."""
        self.exact = {name: tuple(rows) for name, rows in known.items()}
        self.label = label
        self.means = means
        self.aliases = aliases or {}
        self.alike: dict[str, dict[Any, None]] = defaultdict(dict)
        for name, rows in self.exact.items():
            for form in means(name):
                self.alike[form].update(dict.fromkeys(rows))
        self.labels = {label(row): row for rows in self.exact.values() for row in rows}
        self._found: dict[str, Answer] = {}

    def find(self, name: str) -> Answer:
        """What the name leads to; remembered, for a table says the same name many times."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Answer:
        settled = self.exact.get(self.aliases.get(name, ""), ())
        if len(settled) == 1:
            return Answer(settled, understood=True)
        if rows := self.exact.get(name):
            return Answer(rows, offered=self._several(rows))
        for form in self.means(name):
            if rows := tuple(self.alike.get(form, ())):
                return Answer(rows, understood=True, offered=self._several(rows))
        return Answer((), offered=self._near(name))

    def _several(self, rows: tuple[Any, ...]) -> tuple[str, ...]:
        return tuple(map(self.label, rows))[:MOST_OFFERED] if len(rows) > 1 else ()

    def _near(self, name: str) -> tuple[str, ...]:
        plain = one_form(name)
        inside = [label for label in self.labels if plain and plain in one_form(label)]
        inside.sort(key=lambda label: -SequenceMatcher(None, plain, label).ratio())
        near = get_close_matches(name, self.labels, MOST_OFFERED, ALIKE)
        return tuple(dict.fromkeys([*inside, *near]))[:MOST_OFFERED]


def one_form(name: str) -> str:
    """In one width and case, without blanks, remarks in brackets and punctuation."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return _IGNORED.sub("", _REMARK.sub("", plain))


def unit_forms(name: str) -> Iterator[str]:
    """Of units: the name, without the ministry before it, and what an authority is of which place."""
    plain = one_form(name)
    yield plain
    words = _words()
    if plain in words["ministry"]:
        yield from (word for word in words["ministry"] if word != plain)
    for prefix in words["ministry_prefixes"]:
        if plain.startswith(prefix) and len(plain) > len(prefix) + 1:
            yield plain.removeprefix(prefix)
    if match := _authority().fullmatch(plain):
        yield f"authority of {place_of(match[1])}"


def region_forms(name: str) -> Iterator[str]:
    """Of regions: the name, and the name without what kind of place it is."""
    plain = one_form(name)
    yield plain
    yield f"place {'' if plain in _words()['national'] else place_of(plain)}"


def measure_forms(name: str) -> Iterator[str]:
    """Of measures: the code or the title, also both together."""
    written = unicodedata.normalize("NFKC", name).strip()
    if _CODE.fullmatch(written):  # 1.11 and 11.1 are two
        yield written.lower()
        return
    yield one_form(name)
    if match := _CODED.fullmatch(written):
        yield f"{match[1].lower()} {one_form(match[2])}"


def place_of(name: str) -> str:
    """Without what kind of place it is."""
    for suffix in _words()["place_suffixes"]:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            return str(name.removesuffix(suffix))
    return name


@cache
def _authority() -> re.Pattern[str]:
    words = _words()
    return re.compile(f"(.+?)(?:{'|'.join(words['authority'])})(?:{'|'.join(words['authority_kinds'])})")


@cache
def _words() -> dict[str, list[str]]:
    content: dict[str, list[str]] = json.loads(Path(__file__).with_name("name_words.json").read_text("utf-8"))
    return content
