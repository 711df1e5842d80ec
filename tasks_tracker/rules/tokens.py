"""Texts with locked figures: `{name}` stands for a figure, which a person may move or drop but not type."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

TOKEN = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_BRACES = str.maketrans({"{": "\N{FULLWIDTH LEFT CURLY BRACKET}", "}": "\N{FULLWIDTH RIGHT CURLY BRACKET}"})


@dataclass(frozen=True)
class Piece:
    """Words, or (with a `token`) a place where a figure stands."""

    words: str
    token: str = ""


def tokens_of(text: str) -> list[str]:
    """The names of its tokens, in order."""
    return TOKEN.findall(text)


def pieces(text: str) -> list[Piece]:
    """The text cut at its tokens, in order."""
    found = []
    for place, part in enumerate(TOKEN.split(text)):
        if place % 2:
            found.append(Piece("", part))
        elif part:
            found.append(Piece(part))
    return found


def filled(text: str, figures: Mapping[str, str]) -> str:
    """The text as it is read. Raises KeyError for a token that stands for nothing."""
    return "".join(figures[piece.token] if piece.token else piece.words for piece in pieces(text))


def strangers(text: str, figures: Collection[str]) -> list[str]:
    """What stands in braces and is no figure, as it was written; a brace without its other half too."""
    unknown = [f"{{{name}}}" for name in TOKEN.findall(text) if name not in figures]
    return unknown + re.findall(r"\{[^{}]*\}?|\}", TOKEN.sub("", text))


def quoted(text: str) -> str:
    """Words of others, to be put into a text: in one line, and never taken for a token."""
    return " ".join(text.split()).translate(_BRACES)


def typed_numbers(text: str, generated: str) -> list[str]:
    """The numbers in the words of a text that do not stand in the words of the generated one."""
    known = set(_NUMBER.findall(TOKEN.sub(" ", generated)))
    return [number for number in _NUMBER.findall(TOKEN.sub(" ", text)) if number not in known]
