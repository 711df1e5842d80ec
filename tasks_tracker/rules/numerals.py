"""Numbers as outlines write them: in Chinese numerals, in digits of both widths, in circles."""

import json
from pathlib import Path
from typing import Any

WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("drafting_words.json").read_text("utf-8"))
_ONE_TO_NINE = WORDS["numerals"][:9]
_TEN, _HUNDRED = WORDS["numerals"][9], WORDS["numerals"][10]
_ZEROS = WORDS["numerals"][11:13]
_TWO = WORDS["numerals"][13]
LARGEST = 999


def chinese(number: int) -> str:
    """1 to 999 in Chinese numerals; digits for any other number."""
    if not 1 <= number <= LARGEST:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = _ONE_TO_NINE[hundreds - 1] + _HUNDRED if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _ONE_TO_NINE[tens - 1]) + _TEN
    elif hundreds and ones:
        text += _ZEROS[0]
    return text + (_ONE_TO_NINE[ones - 1] if ones else "")


def number_of(text: str) -> int | None:
    """What Chinese numerals, digits or a circled number say; None for anything else."""
    if len(text) == 1 and 0x2460 <= ord(text) < 0x2460 + 20:
        return ord(text) - 0x2460 + 1
    if text.isdecimal():
        return int(text) if len(text) <= len(str(LARGEST)) else None
    total, digit = 0, 0
    for character in text.translate({ord(_TWO): _ONE_TO_NINE[1]}):
        if character in _ONE_TO_NINE:
            digit = _ONE_TO_NINE.index(character) + 1
        elif character == _TEN:
            total, digit = total + (digit or 1) * 10, 0
        elif character == _HUNDRED and digit:
            total, digit = digit * 100, 0
        elif character not in _ZEROS:
            return None
    value = total + digit
    return (
        value
        if value and chinese(value) == text.replace(_ZEROS[1], _ZEROS[0]).replace(_TWO, _ONE_TO_NINE[1])
        else None
    )
