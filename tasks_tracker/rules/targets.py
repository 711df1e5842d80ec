"""What an indicator is to reach, as offices write it: a number with its unit, or words.

Only what is a number and nothing else becomes one: a target of about a hundred stays in words.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

LONGEST = 80  # characters of a target in words
MOST_DIGITS, DECIMALS = 11, 4  # as an indicator keeps numbers
_NUMBER = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(.*)")


@dataclass(frozen=True)
class Target:
    """Either a number with its unit or the words; never both."""

    number: Decimal | None = None
    unit: str = ""
    words: str = ""
    rising: bool = True


def read_target(text: str) -> Target | None:
    """What the text says; None for an empty one, and for words that are too long."""
    words = " ".join(text.split())
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", words))
    if not plain or len(words) > LONGEST:
        return None
    bare, rising = _direction(plain)
    match = _NUMBER.fullmatch(bare)
    if match and (match[3] == "" or match[3] in _words()["units"]):
        digits, decimals = match[1].replace(",", ""), match[2] or ""
        if len(digits) <= MOST_DIGITS and len(decimals) <= DECIMALS + 1:
            return Target(Decimal(digits + decimals), match[3], rising=rising)
    return Target(words=words)


def _direction(text: str) -> tuple[str, bool]:
    """Without the words that say from which side the number is to be reached."""
    for name, rising in (("at_least", True), ("at_most", False)):
        for word in sorted(_words()[name], key=len, reverse=True):
            if text.startswith(word):
                return text.removeprefix(word), rising
            if text.endswith(word):
                return text.removesuffix(word), rising
    return text, True


@cache
def _words() -> dict[str, list[str]]:
    content: dict[str, list[str]] = json.loads(
        Path(__file__).with_name("target_words.json").read_text("utf-8")
    )
    return content
