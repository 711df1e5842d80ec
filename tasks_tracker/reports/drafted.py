"""A weekly report being written: the paper with gaps for its paragraphs, their texts, and the figures.

A paragraph is a text with tokens (`rules.tokens`); a figure is what a token stands for, with the address of
the list behind it. Both go to JSON and come back.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from tasks_tracker.reports.paper import Level, Line, Paper, Part
from tasks_tracker.rules.tokens import filled

GAP = "\N{PILCROW SIGN}"  # begins a line that stands for a paragraph; its key follows


@dataclass(frozen=True)
class Figure:
    """A figure as it is shown, and where the list behind it is (relative to the site; "" where none is)."""

    text: str
    url: str = ""


@dataclass(frozen=True)
class Written:
    """A paragraph as it was generated: its key, the section that it stands in, its text with tokens."""

    key: str
    section: str
    text: str


@dataclass(frozen=True)
class Change:
    """A figure beside that of the week before, in words; `tone` is good, bad or flat."""

    label: str
    before: str
    now: str
    change: str
    tone: str = "flat"


@dataclass(frozen=True)
class Drafted:
    """What the composer hands over. Lines of the paper that begin with GAP stand for paragraphs."""

    paper: Paper
    paragraphs: tuple[Written, ...]
    figures: dict[str, Figure]
    comparison: tuple[Change, ...]

    @property
    def as_generated(self) -> Paper:
        """The paper with every gap filled as it was generated."""
        return bound(self.paper, {each.key: each.text for each in self.paragraphs}, self.figures)


Plain = dict[str, dict[str, str]]


def figures_as_plain(figures: Mapping[str, Figure]) -> Plain:
    """As JSON holds them."""
    return {name: asdict(figure) for name, figure in figures.items()}


def figures_from(plain: Plain) -> dict[str, Figure]:
    """What `figures_as_plain` gave."""
    return {name: Figure(**values) for name, values in plain.items()}


def gap(key: str, level: Level = Level.TEXT, lead: str = "") -> Line:
    """The line that stands for a paragraph."""
    return Line(GAP + key, level, lead)


def key_of(block: object) -> str:
    """The key of the paragraph that the block stands for; "" for any other block."""
    return block.text.removeprefix(GAP) if isinstance(block, Line) and block.text.startswith(GAP) else ""


def bound(paper: Paper, texts: Mapping[str, str], figures: Mapping[str, Figure]) -> Paper:
    """The paper as it is read: every gap filled. A paragraph of several lines becomes several paragraphs,
    an empty one none. Raises KeyError for a token that stands for nothing."""
    shown = {name: figure.text for name, figure in figures.items()}
    parts = tuple(_bound(part, texts, shown) for part in paper.parts)
    annexes = tuple(_bound(part, texts, shown) for part in paper.annexes)
    return replace(paper, parts=parts, annexes=annexes)


def _bound(part: Part, texts: Mapping[str, str], shown: Mapping[str, str]) -> Part:
    blocks: list[Any] = []
    for block in part.blocks:
        key = key_of(block)
        if not key or not isinstance(block, Line):
            blocks.append(block)
            continue
        lines = [line.strip() for line in texts.get(key, "").splitlines() if line.strip()]
        for number, line in enumerate(lines):
            blocks.append(replace(block, text=filled(line, shown), lead="" if number else block.lead))
    return replace(part, blocks=tuple(blocks))


def length_of(paper: Paper) -> int:
    """Characters of the seven sections, headings and paragraphs; tables, pictures and annexes apart."""
    lines = [block for part in paper.parts for block in part.blocks if isinstance(block, Line)]
    return sum(len(part.title) for part in paper.parts) + sum(len(line.lead + line.text) for line in lines)
