"""Sentences of a paragraph, the passages in them that stand for measures, and how much of a text they cover.

Rules: docs/numbers.md, "Coverage of the policy text". Positions count the characters of the paragraph.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tasks_tracker.rules.rollup import WHOLE

_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]+[”’」』）)\"']*\s*|[^。！？!?]+$")
_CLAUSE = re.compile(r"[^，,；;：:]*[，,；;：:]+[”’」』\"']*|[^，,；;：:]+$")
_ENDS = "。！？!?；;…”’」』）)\"'"


@dataclass(frozen=True)
class Mark:
    """Where the phrase of a measure stands: from `start` to `end` of its paragraph."""

    code: str
    start: int
    end: int


@dataclass(frozen=True)
class Piece:
    """A part of a sentence and the measures that it stands for; none where no measure covers it."""

    text: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence of a paragraph, counted from 1, in its pieces."""

    number: int
    start: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole of it."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def codes(self) -> tuple[str, ...]:
        """All measures in it, in the order in which they stand."""
        return tuple(code for piece in self.pieces for code in piece.codes)


@dataclass(frozen=True)
class Coverage:
    """How many sentences and characters there are, and how many of them stand for a measure."""

    sentences: int = 0
    covered: int = 0
    characters: int = 0
    covered_characters: int = 0

    @property
    def open(self) -> int:
        """Sentences that no measure covers."""
        return self.sentences - self.covered

    @property
    def share_of_characters(self) -> Fraction | None:
        """In hundredths of a percent; None where there are none."""
        return Fraction(self.covered_characters * WHOLE, self.characters) if self.characters else None


def is_heading(paragraph: str) -> bool:
    """A paragraph that does not end like a sentence: a title, a date, a signature."""
    return not paragraph.rstrip().endswith(tuple(_ENDS))


def sentence_spans(paragraph: str) -> list[tuple[int, int]]:
    """Start and end of each sentence; together they are the whole paragraph."""
    return [match.span() for match in _SENTENCE.finditer(paragraph) if match.group()]


def sentences(paragraph: str, marks: Iterable[Mark] = ()) -> list[Sentence]:
    """The sentences, cut so that each measure has a piece of its own.

    A piece is the clause in which a phrase begins. Where a phrase runs on into the next clause the two are
    one; where several begin in a clause it is cut at each beginning; those that begin at one place share it.
    A phrase that runs beyond its sentence stands in the one in which it begins.
    """
    ordered = sorted(marks, key=lambda mark: (mark.start, mark.code))
    return [
        Sentence(
            number, start, _pieces(paragraph, start, end, [m for m in ordered if start <= m.start < end])
        )
        for number, (start, end) in enumerate(sentence_spans(paragraph), 1)
    ]


def _pieces(paragraph: str, start: int, end: int, marks: list[Mark]) -> tuple[Piece, ...]:
    sentence = paragraph[start:end]
    edges = {start + match.end() for match in _CLAUSE.finditer(sentence)} | {end}
    edges -= {edge for edge in edges for mark in marks if mark.start < edge < min(mark.end, end)}
    begun: set[int] = set()
    for mark in marks:
        clause = min(edge for edge in edges if edge > mark.start)
        if clause in begun and any(m.start < mark.start for m in marks if _edge(m, edges) == clause):
            edges.add(mark.start)
        begun.add(clause)
    pieces: list[Piece] = []
    at = start
    for edge in sorted(edges):
        codes = tuple(mark.code for mark in marks if at <= mark.start < edge)
        if pieces and not codes and not pieces[-1].codes:
            pieces[-1] = Piece(pieces[-1].text + paragraph[at:edge])
        else:
            pieces.append(Piece(paragraph[at:edge], codes))
        at = edge
    return tuple(pieces)


def _edge(mark: Mark, edges: set[int]) -> int:
    return min(edge for edge in edges if edge > mark.start)


def coverage(parts: Iterable[Sentence]) -> Coverage:
    """Of these sentences. White space is no character."""
    counted = list(parts)
    pieces = [piece for sentence in counted for piece in sentence.pieces]
    return Coverage(
        sentences=len(counted),
        covered=sum(1 for sentence in counted if sentence.codes),
        characters=sum(_length(piece.text) for piece in pieces),
        covered_characters=sum(_length(piece.text) for piece in pieces if piece.codes),
    )


def _length(text: str) -> int:
    return sum(1 for character in text if not character.isspace())


def part_of(numbers: Sequence[int]) -> range:
    """The paragraphs from the first to the last of `numbers`; none for none."""
    return range(min(numbers), max(numbers) + 1) if numbers else range(0)
