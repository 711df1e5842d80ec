"""The outline of a document: the numbers before its points, and how the points lie in each other.

Known are chapters, sections and articles, Chinese numerals with a comma or in brackets, digits with a stop or
in brackets, circled digits, and “firstly is … secondly is …”, also inside a paragraph; of either width.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from tasks_tracker.rules.numerals import WORDS, chinese, number_of
from tasks_tracker.rules.passages import sentence_spans

_NUMERAL = f"[{WORDS['numerals']}]{{1,5}}"
_DIGITS = r"\d{1,3}"
_EITHER = f"(?P<n>{_NUMERAL}|{_DIGITS})"
_GAP = r"[\s\u3000：:、.．]*"


def _ordinal(kinds: str) -> str:
    return f"{WORDS['ordinal']}{_EITHER}(?:{'|'.join(WORDS[kinds])}){_GAP}"


# The families of numbers, as they stand at the beginning of a paragraph.
_FAMILIES = {
    "chapter": _ordinal("chapter"),
    "section": _ordinal("section"),
    "article": _ordinal("article"),
    "firstly": rf"(?P<n>{_NUMERAL})(?:{'|'.join(WORDS['firstly'])})[：:，,]?",
    "numeral": rf"(?P<n>{_NUMERAL})[、.．]\s*",
    "bracketed": rf"[（(]\s*(?P<n>{_NUMERAL})\s*[）)]{_GAP}",
    "digits": rf"(?P<n>{_DIGITS})[.．、](?!\d)\s*",
    "bracketed_digits": rf"(?:[（(]\s*)?(?P<n>{_DIGITS})\s*[）)]{_GAP}",
    "circled": rf"(?P<n>[\u2460-\u2473]){_GAP}",
}
_AT_START = {name: re.compile(rf"\s*{pattern}") for name, pattern in _FAMILIES.items()}
_INSIDE = re.compile(rf"(?<=[。；;，,：:、！？])\s*{_FAMILIES['firstly']}")
MOST_ENTRIES = 3_000
_SKIP = 2  # a number may be left out now and then


@dataclass
class Entry:
    """A numbered point: where its number and its words begin, and all that belongs to it.

    `spans` are (paragraph, start, end): what follows the number, then the paragraphs below it.
    """

    family: str
    number: int
    paragraph: int
    start: int
    text_start: int
    spans: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def is_inside(self) -> bool:
        """It stands within a paragraph."""
        return self.start > 0


@dataclass(eq=False)
class Node:
    """A point of the outline with its first sentence and the points that lie in it."""

    entry: Entry
    title: str
    children: list["Node"] = field(default_factory=list)


def written(family: str, number: int) -> str:
    """The number as a document of ours would write it before a point; `read_outline` reads it back."""
    numeral = chinese(number)
    return {
        "chapter": f"{WORDS['ordinal']}{numeral}{WORDS['chapter'][0]} ",
        "section": f"{WORDS['ordinal']}{numeral}{WORDS['section'][0]} ",
        "article": f"{WORDS['ordinal']}{numeral}{WORDS['article'][0]} ",
        "firstly": f"{numeral}{WORDS['firstly'][0]}",
        "numeral": f"{numeral}、",
        "bracketed": f"（{numeral}）",
        "digits": f"{number}.",
        "bracketed_digits": f"（{number}）",
        "circled": chr(0x2460 + number - 1) if number <= 20 else f"（{number}）",
    }[family]


def read_outline(paragraphs: Sequence[str]) -> list[Node]:
    """The points of the highest level, each with those that lie in it."""
    entries = entries_of(paragraphs)[:MOST_ENTRIES]
    _give_spans(entries, paragraphs)
    roots: list[Node] = []
    path: list[Node] = []
    for entry in entries:
        families = [node.entry.family for node in path]
        if entry.family in families:
            del path[families.index(entry.family) :]
        elif not entry.is_inside:
            while path and path[-1].entry.is_inside:
                path.pop()
        node = Node(entry, _title(entry, paragraphs))
        (path[-1].children if path else roots).append(node)
        path.append(node)
    return roots


def _title(entry: Entry, paragraphs: Sequence[str]) -> str:
    text = paragraphs[entry.paragraph][entry.text_start : entry.spans[0][2]]
    spans = sentence_spans(text)
    return text[: spans[0][1]].strip() if spans else ""


def entries_of(paragraphs: Sequence[str]) -> list[Entry]:
    """The numbered points in their order: numbers that count on from 1, and never one alone."""
    last: dict[str, int] = {}
    found: list[Entry] = []
    for entry in _candidates(paragraphs):
        before = last.get(entry.family, 0)
        if entry.number == 1 or (before and before < entry.number <= before + _SKIP):
            last[entry.family] = entry.number
            found.append(entry)
    alone = _alone(found)
    return [entry for place, entry in enumerate(found) if place not in alone]


def _alone(entries: Iterable[Entry]) -> set[int]:
    """The places of points whose count ends as it begins: a 1 that no 2 follows."""
    open_: dict[str, list[int]] = {}
    alone: set[int] = set()
    for place, entry in enumerate(entries):
        if entry.number == 1:
            before = open_.pop(entry.family, [])
            alone.update(before if len(before) == 1 else ())
        open_.setdefault(entry.family, []).append(place)
    return alone | {run[0] for run in open_.values() if len(run) == 1}


def _candidates(paragraphs: Sequence[str]) -> Iterator[Entry]:
    for place, paragraph in enumerate(paragraphs):
        for family, pattern in _AT_START.items():
            match = pattern.match(paragraph)
            if match and (number := number_of(match["n"])):
                yield Entry(family, number, place, 0, match.end())
                break
        for match in _INSIDE.finditer(paragraph):
            if number := number_of(match["n"]):
                yield Entry("firstly", number, place, match.start("n"), match.end())


def _give_spans(entries: list[Entry], paragraphs: Sequence[str]) -> None:
    """To each point what follows its number, up to the next number."""
    for entry, after in zip_longest(entries, entries[1:]):
        until = after.paragraph if after else len(paragraphs)
        same = after is not None and after.paragraph == entry.paragraph
        end = after.start if after and same else len(paragraphs[entry.paragraph])
        entry.spans.append((entry.paragraph, entry.text_start, end))
        if not same:
            below = range(entry.paragraph + 1, until)
            entry.spans += [(number, 0, len(paragraphs[number])) for number in below]
            if after and after.start > 0:  # the words before a number that stands inside its paragraph
                entry.spans.append((until, 0, after.start))
