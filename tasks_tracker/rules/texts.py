"""Texts beside those of the week before: what is new in them, and what was only copied."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

NEARLY_EQUAL = 0.95  # share of the characters that two texts have in common, in order

_END_OF_SENTENCE = re.compile(r"(?<=[\u3002\uff1b\uff01\uff1f;!?])|(?<=\. )")
_COMMAS = ("\N{FULLWIDTH COMMA}", "\N{IDEOGRAPHIC COMMA}", ",")
_END_OF_CLAUSE = re.compile(r"(?<=[。；，！？;!?\n])|(?<=[.,] )")
_NO_WORD = re.compile(r"\W+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Clause:
    """A piece of a text; `is_new` when the text before did not have it."""

    text: str
    is_new: bool


def clauses(text: str, before: str) -> list[Clause]:
    """`text` cut at its punctuation; a clause is new when `before` did not have it. No `before`: none is."""
    known = {_bare(piece) for piece in _END_OF_CLAUSE.split(before)}
    return [
        Clause(piece, is_new=bool(before.strip()) and _bare(piece) not in known)
        for piece in _END_OF_CLAUSE.split(text)
        if piece
    ]


def is_copied(text: str, before: str) -> bool:
    """True when `text` says what `before` said: the same words, or nearly, and the very same numbers."""
    one, other = _NO_WORD.sub("", text), _NO_WORD.sub("", before)
    if not one or _NUMBER.findall(text) != _NUMBER.findall(before):
        return False
    if one == other:
        return True
    match = SequenceMatcher(None, one, other, autojunk=False)
    return match.quick_ratio() >= NEARLY_EQUAL and match.ratio() >= NEARLY_EQUAL


def _bare(clause: str) -> str:
    return clause.strip(" \n\r\t。；，！？;!?.,")


def shortened(text: str, most: int) -> str:
    """At most about `most` characters: whole sentences as long as they fit, else a sentence cut at its comma.

    Whoever cuts says so: an ellipsis stands where words were left out of a sentence.
    """
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    kept = ""
    for sentence in _END_OF_SENTENCE.split(text):
        if len(kept) + len(sentence) > most:
            break
        kept += sentence
    if kept:
        return kept.strip()
    cut = max(text.rfind(mark, 0, most) for mark in _COMMAS)
    return text[: cut if cut > most // 2 else most].rstrip() + "…"
