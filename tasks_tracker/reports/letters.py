"""Text as every file format can hold it."""

import re

# Not allowed in XML, or half of a pair.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def printable(text: str) -> str:
    """The text without what no file format can hold; lines end with a line feed."""
    return _FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def has_chinese(text: str) -> bool:
    """Whether a Chinese font is needed to print the text."""
    return bool(_CHINESE.search(text))
