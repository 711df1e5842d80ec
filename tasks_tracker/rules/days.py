"""Days as offices write them: a period that a text names, such as a day, a month, a quarter, half a year.

A due day is the last day of the period, a start the first one. Pure functions over strings; the words stand
in day_words.json.
"""

import json
import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

LONGEST = 60  # characters; more than that is prose
_SERIALS = range(36_526, 73_051)  # days of a spreadsheet from 2000 to 2099
_EPOCH = date(1899, 12, 30)
_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_JOINED = re.compile(r"(20\d{2})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})")
_BRACKETS = re.compile(r"[()\[\]\"']")


@dataclass(frozen=True)
class Period:
    """From `first` to `last`, both counted. `assumed`: the text names no year, and one was taken."""

    first: date
    last: date
    assumed: bool = False


def read_period(text: str, year: int | None = None) -> Period | None:
    """The period that a text names; None for anything else.

    `year` is the one of texts that name none; without it they are not understood.
    """
    return _period(_plain(text), year)


def read_run(text: str, year: int | None = None) -> Period | None:
    """From the first day to the last one: two periods with a word or a dash between them, or a single one."""
    plain = _plain(text)
    single = _period(plain, year)
    if single:
        return single
    for first, last in _splits(plain):
        begin = _period(_with_month(first, last), year)
        if begin is None:
            continue
        end = _period(last, begin.first.year)
        if end and begin.first <= end.last:
            return Period(begin.first, end.last, begin.assumed)
    return None


def is_long_term(text: str) -> bool:
    """The work has no end."""
    return _plain(text) in {re.sub(r"\s", "", word) for word in _words()["long_term"]}


def may_be_october(text: str) -> bool:
    """2026.1 may be a number that was typed as 2026.10."""
    return bool(re.fullmatch(r"\d{4}\.1", _plain(text)))


@cache
def _words() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("day_words.json").read_text("utf-8"))
    return content


def _plain(text: str) -> str:
    """In one width, without blanks and brackets, and without the words that change nothing."""
    if len(text) > LONGEST:
        return ""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if not _DAY.fullmatch(plain):
        plain = re.sub(r"\s", "", plain)
    plain = _BRACKETS.sub("", plain)
    for group in ("done", "until"):
        plain = _without(plain, _words()[group])
    return plain


def _without(text: str, endings: list[str]) -> str:
    return next((text.removesuffix(end) for end in endings if text.endswith(end) and text != end), text)


def _splits(text: str) -> Iterator[tuple[str, str]]:
    for word in _words()["between"]:
        first, found, last = text.partition(word)
        if found:
            yield first, last
    for match in re.finditer("-", text):
        yield text[: match.start()], text[match.end() :]


def _with_month(first: str, last: str) -> str:
    """The month that stands once, behind the second number, holds for both."""
    month = _words()["month"]
    bare = re.search(r"(?:^|\D)\d{1,2}$", first) and month not in first
    return first + month if bare and re.match(r"\d{1,2}" + month, last) else first


def _period(text: str, year: int | None) -> Period | None:
    try:
        return _written_out(text) or _in_words(text, year)
    except ValueError:  # there is no such day
        return None


def _written_out(text: str) -> Period | None:
    if match := _DAY.fullmatch(text):
        return _one_day(int(match[1]), int(match[3]), int(match[4]))
    if match := _JOINED.fullmatch(text):
        return _one_day(*map(int, match.groups()))
    if (match := _SERIAL.fullmatch(text)) and int(match[1]) in _SERIALS:
        day = _EPOCH + timedelta(days=int(match[1]))
        return Period(day, day)
    if match := _MONTH.fullmatch(text):
        return _months(int(match[1]), int(match[2]), int(match[2]))
    return None


def _in_words(text: str, year: int | None) -> Period | None:
    named, rest = _year_of(text, year)
    year = named or year
    if year is None or (not named and len(rest) < 2):
        return None
    found = _part_of_year(rest, year)
    if found is None or named:
        return found
    return Period(found.first, found.last, assumed=True)


def _year_of(text: str, year: int | None) -> tuple[int | None, str]:
    """The year that the text begins with, None where it names none, and what follows."""
    words = _words()
    if match := re.match(rf"(\d{{4}}|\d{{2}}(?={words['year']}))(?!\d)", text):
        number = int(match[1]) if len(match[1]) == 4 else 2000 + int(match[1])
        rest = text[match.end() :]
        return number, _without_start(rest, words["year_part"]).lstrip("-/.")
    for name, later in (("this_year", 0), ("next_year", 1)):
        if year and (rest := _without_start(text, words[name])) != text:
            return year + later, _without_start(rest, words["year_part"])
    return None, text


def _without_start(text: str, beginnings: list[str]) -> str:
    return next((text.removeprefix(word) for word in beginnings if text.startswith(word)), text)


def _part_of_year(text: str, year: int) -> Period | None:
    words = _words()
    if not text:
        return _months(year, 1, 12)
    if months := words["months_of_year"].get(text.removeprefix(words["ordinal"])):
        return _months(year, *months)
    number, found, rest = text.partition(words["month"])
    if not found:
        return None
    month = words["months"].index(number) + 1 if number in words["months"] else _number(number)
    if not rest:
        return _months(year, month, month)
    if days := words["days_of_month"].get(rest):
        last = monthrange(year, _checked(month))[1]
        return Period(date(year, month, days[0]), date(year, month, min(days[1], last)))
    return _one_day(year, month, _number(_without(rest, words["day"])))


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,2}", text):
        raise ValueError(text)
    return int(text)


def _checked(month: int) -> int:
    if not 1 <= month <= 12:
        raise ValueError(month)
    return month


def _months(year: int, first: int, last: int) -> Period:
    return Period(date(year, _checked(first), 1), date(year, last, monthrange(year, last)[1]))


def _one_day(year: int, month: int, day: int) -> Period:
    found = date(year, month, day)
    return Period(found, found)
