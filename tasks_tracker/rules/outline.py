"""The policy text as numbered paragraphs, and where in it each measure stands.

Pure functions over bytes and strings. A measure is located by a paragraph number and a short phrase; the text
itself comes from a file that the user supplies. Comparison ignores white space and the width and style of
punctuation, because copies of one text differ in just these.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_BYTES = 5_000_000  # a policy text of this size would be a book of 1.6 million characters

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_ONE_STYLE = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u2033\u300c\u300d\u300e\u300f", '"'),
        **dict.fromkeys("\u2018\u2019\u2032", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u3002": ".",  # the ideographic full stop
    }
)


class UnreadableText(ValueError):
    """The bytes are no policy text. `code` says why: empty, too_large, binary, unknown_encoding.

    Of Word files also: old_word, encrypted, macros, damaged, bomb (see `rules.documents`).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class DecodedText:
    """A text and the encoding it was read with: utf-8, utf-8-sig, gb18030, or docx."""

    text: str
    encoding: str


@dataclass(frozen=True)
class Locator:
    """Where a measure should stand: `paragraph` counts the non-blank paragraphs from 1."""

    code: str
    paragraph: int
    phrase: str


@dataclass(frozen=True)
class Place:
    """Where a measure does stand."""

    locator: Locator
    paragraph: int

    @property
    def moved(self) -> bool:
        """The text has shifted: the phrase stands in another paragraph than the locator says."""
        return self.paragraph != self.locator.paragraph


@dataclass(frozen=True)
class Outline:
    """The measures that were found in a text and those that were not, each in the order given."""

    located: tuple[Place, ...]
    missing: tuple[Locator, ...]

    @property
    def moved(self) -> tuple[Place, ...]:
        """The located ones that stand elsewhere than expected."""
        return tuple(place for place in self.located if place.moved)


def decode(content: bytes) -> DecodedText:
    """Read UTF-8, with or without a byte order mark, else GB18030 (and so GBK). Raises UnreadableText."""
    if len(content) > MAX_BYTES:
        raise UnreadableText("too_large")
    if b"\0" in content:
        raise UnreadableText("binary")
    decoded = _decode(content)
    if _CONTROL.search(decoded.text):
        raise UnreadableText("binary")
    if not split_paragraphs(decoded.text):
        raise UnreadableText("empty")
    return decoded


def _decode(content: bytes) -> DecodedText:
    marked = content.startswith(b"\xef\xbb\xbf")
    for encoding in ("utf-8-sig" if marked else "utf-8", "gb18030"):
        try:
            return DecodedText(content.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableText("unknown_encoding")


def split_paragraphs(text: str) -> list[str]:
    """The non-blank lines without surrounding white space; the first is paragraph 1."""
    return [line.strip() for line in text.splitlines() if _INVISIBLE.sub("", line)]


def locate(locators: Iterable[Locator], paragraphs: Sequence[str]) -> Outline:
    """Find each locator's phrase.

    It is located when its own paragraph holds the phrase. Where the text has shifted, the one other paragraph
    that holds it will do; with several or none the measure is missing rather than guessed.
    """
    plain = [_plain(paragraph) for paragraph in paragraphs]
    located: list[Place] = []
    missing: list[Locator] = []
    for locator in locators:
        number = _find(locator, plain)
        if number is None:
            missing.append(locator)
        else:
            located.append(Place(locator, number))
    return Outline(tuple(located), tuple(missing))


def _find(locator: Locator, plain: list[str]) -> int | None:
    phrase = _plain(locator.phrase)
    if not phrase:
        return None
    holders = [number for number, paragraph in enumerate(plain, 1) if phrase in paragraph]
    if locator.paragraph in holders:
        return locator.paragraph
    return holders[0] if len(holders) == 1 else None


def occurrences(phrase: str, paragraph: str, most: int = 1_000) -> list[tuple[int, int]]:
    """Start and end of the phrase where it stands in the paragraph, compared as `locate` compares."""
    wanted = _plain(phrase)
    if not wanted:
        return []
    text, places = _plain_places(paragraph)
    found: list[tuple[int, int]] = []
    at = text.find(wanted)
    while at >= 0 and len(found) < most:
        found.append((places[at], places[at + len(wanted) - 1] + 1))
        at = text.find(wanted, at + len(wanted))
    return found


@lru_cache(maxsize=32)
def _plain_places(paragraph: str) -> tuple[str, list[int]]:
    """The plain text, and for each of its characters the place where it comes from."""
    plain = [(_plain_character(character), place) for place, character in enumerate(paragraph)]
    text = "".join(part for part, _place in plain)
    return text, [place for part, place in plain for _character in part]


def _plain(text: str) -> str:
    """The text without white space, in half-width characters and one style of quotation marks."""
    return "".join(map(_plain_character, text))


@lru_cache(maxsize=20_000)
def _plain_character(character: str) -> str:
    """One by one, so that each place in the plain text has its place in the text."""
    plain = unicodedata.normalize("NFKC", character).translate(_ONE_STYLE)
    return _INVISIBLE.sub("", plain).casefold()
