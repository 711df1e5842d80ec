"""The week of a unit as a workbook that goes out, is filled in anywhere, and is read when it comes back.

Plain values and words, no database. What goes out carries a signed identity, and each row the signed number
of its item, the version of the report that it was filled from, and a digest of what its fields held: so a
row that comes back unchanged is known, wherever it stands by then, and so is one put together by hand.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer, dumps, loads

from tasks_tracker.reports.document import Kind, Value
from tasks_tracker.reports.reading import BLANK, Cell, ReadSheet
from tasks_tracker.reports.xlsx.cells import clean
from tasks_tracker.rules.weeks import UnknownWeek, format_week, parse_week

FORMAT = 1  # of the workbook; one that is not known any more is refused in words
MARK = "week-workbook"  # stands in the first cell of the hidden sheet
ENTRY = (
    "percent",
    "no_change",
    "progress_note",
    "decrease_reason",
    "kind",
    "description",
    "next_steps",
)
HIDDEN = ("item", "seen", "seal")
LONGEST = {"progress_note": 2000, "decrease_reason": 300, "description": 500, "next_steps": 2000}
KEYS_WITHIN = 40  # rows from the top in which the row of keys is looked for
_SALT_BOOK, _SALT_ROW = "week-workbook", "week-workbook-row"
_HUGE = 1e9


class NotTheWorkbook(Exception):
    """A workbook, but not one to read here. `code`: not_ours, forged, other_format, columns_missing,
    columns_twice; `columns` are the keys that are missing.
    """

    def __init__(self, code: str, columns: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.columns = columns


class SheetColumn(NamedTuple):
    """A column of the table; `key` also stands in the hidden row by which the column is found again."""

    key: str
    title: str
    width: float
    kind: Kind
    prompt: str = ""  # shown beside an entry cell

    @property
    def is_entry(self) -> bool:
        """Somebody writes in it."""
        return self.key in ENTRY

    @property
    def is_hidden(self) -> bool:
        """It is for the way back."""
        return self.key in HIDDEN


@dataclass(frozen=True)
class SheetRow:
    """One item: what is shown of it, what its fields hold, and the version that they were filled from."""

    item_id: int
    code: str
    seen: str
    is_open: bool
    shown: Mapping[str, Value]
    values: Mapping[str, str]


class Identity(NamedTuple):
    """Which workbook it is."""

    plan: int
    week: date
    unit: str
    made_by: str = ""
    made_at: str = ""

    @property
    def bound(self) -> str:
        """What a row belongs to."""
        return f"{self.plan}|{format_week(self.week)}|{self.unit}"


@dataclass(frozen=True)
class WeekSheet:
    """Everything that the writer needs. `facts` are shown and name what is signed in `identity`."""

    title: str
    subtitle: str
    author: str
    identity: Identity
    notes: tuple[str, ...]
    columns: tuple[SheetColumn, ...]
    rows: tuple[SheetRow, ...]
    kinds: Mapping[str, str]  # code → label
    yes: str
    help: tuple[tuple[str, str], ...]
    words: Mapping[str, str] = field(default_factory=dict)


# --- out ----------------------------------------------------------------------------------------------------
def signed_identity(identity: Identity) -> str:
    """The identity as the hidden sheet holds it."""
    return dumps(
        [
            FORMAT,
            identity.plan,
            format_week(identity.week),
            identity.unit,
            identity.made_by,
            identity.made_at,
        ],
        salt=_SALT_BOOK,
    )


def seal(identity: Identity, row: SheetRow) -> str:
    """Digest of what the fields hold, and a signature that binds it to item, version and workbook."""
    digest = digest_of(row.values)
    return f"{digest}:{Signer(salt=_SALT_ROW).signature(_payload(identity, row, digest))}"


def digest_of(values: Mapping[str, str]) -> str:
    """A digest of the fields, the same whatever program has saved the workbook meanwhile."""
    text = "\x1f".join(held(values.get(key, "")) for key in ENTRY)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def held(text: str) -> str:
    """A text as a cell holds it and gives it back."""
    return clean(text).strip()


def _payload(identity: Identity, row: "SheetRow | FilledRow", digest: str) -> str:
    return "|".join((identity.bound, str(row.item_id), row.seen, held(row.code), digest))


# --- back ---------------------------------------------------------------------------------------------------
class Unread(NamedTuple):
    """A cell that cannot be read. `code`: formula, error, unclear_percent, unclear_number or yes_or_blank."""

    key: str
    code: str


@dataclass(frozen=True)
class FilledRow:
    """A row as it came back. `item_id` is None for one that was inserted.

    `base`: digest of what the fields held; "" where the hidden cells are not as they were signed.
    """

    number: int
    item_id: int | None
    seen: str
    code: str
    base: str
    typed: Mapping[str, str]
    unread: tuple[Unread, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """The fields hold what they held."""
        return not self.unread and digest_of(self.typed) == self.base


@dataclass(frozen=True)
class Filled:
    """A workbook that came back: which it is, where its columns stand now, and its rows in their order."""

    identity: Identity
    sheet: str
    columns: Mapping[str, int]
    rows: tuple[FilledRow, ...]


def read_back(sheets: Sequence[ReadSheet], kinds: Mapping[str, str], yes: frozenset[str]) -> Filled:
    """Raises NotTheWorkbook. `kinds`: label → code of a problem; `yes`: words for it, in lower case."""
    identity = _identity(sheets)
    sheet, head, columns = _table(sheets)
    rows = []
    for number, cells in enumerate(sheet.rows[head + 1 :], head + 2):
        at = {key: cells[place] if place < len(cells) else BLANK for key, place in columns.items()}
        if at["item"].value == "item" or all(at[key].is_blank for key in ("item", "code", "title", *ENTRY)):
            continue  # the heads, or a row that holds nothing
        rows.append(_filled_row(number, at, identity, kinds, yes))
    return Filled(identity, sheet.name, columns, tuple(rows))


def _identity(sheets: Sequence[ReadSheet]) -> Identity:
    signed = next((s.rows[0][1].value for s in sheets if _is_about(s)), None)
    if not isinstance(signed, str):
        raise NotTheWorkbook("not_ours")
    try:
        said: Any = loads(signed.strip(), salt=_SALT_BOOK)
    except BadSignature as error:
        raise NotTheWorkbook("forged") from error
    if said[0] != FORMAT:
        raise NotTheWorkbook("other_format")
    try:
        return Identity(said[1], parse_week(said[2]), *said[3:])
    except (UnknownWeek, TypeError) as error:  # signed by another version of the product
        raise NotTheWorkbook("other_format") from error


def _is_about(sheet: ReadSheet) -> bool:
    return bool(sheet.rows) and len(sheet.rows[0]) > 1 and sheet.rows[0][0].value == MARK


def _table(sheets: Sequence[ReadSheet]) -> tuple[ReadSheet, int, dict[str, int]]:
    """The sheet that holds the row of keys, where that row stands (from 0), and which column is which."""
    needed = {*HIDDEN, *ENTRY, "code", "title"}
    found = [
        (sheet, number, _keys(row))
        for sheet in sheets
        for number, row in enumerate(sheet.rows[:KEYS_WITHIN])
        if len(needed & {key for key, _place in _keys(row)}) > len(needed) // 2
    ]
    if not found:
        raise NotTheWorkbook("not_ours")
    sheet, head, keys = found[0]
    columns = dict(keys)
    if missing := [key for key in (*HIDDEN, "code", "title", *ENTRY) if key not in columns]:
        raise NotTheWorkbook("columns_missing", missing)
    if len(found) > 1 or sum(key in needed for key, _place in keys) > len(needed):
        raise NotTheWorkbook("columns_twice")
    return sheet, head, {key: place for key, place in columns.items() if key in needed}


def _keys(row: Sequence[Cell]) -> list[tuple[str, int]]:
    return [(cell.value.strip(), place) for place, cell in enumerate(row) if isinstance(cell.value, str)]


def _filled_row(
    number: int, at: Mapping[str, Cell], identity: Identity, kinds: Mapping[str, str], yes: frozenset[str]
) -> FilledRow:
    unread: list[Unread] = []
    typed: dict[str, str] = {}
    for key in ENTRY:
        try:
            typed[key] = _typed(key, at[key], kinds, yes)
        except _Unreadable as error:
            typed[key] = ""
            unread.append(Unread(key, error.code))
    digits = _plain(at["item"])
    row = FilledRow(
        number,
        int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else None,
        _plain(at["seen"]),
        _plain(at["code"]),
        "",
        typed,
        tuple(unread),
    )
    digest, _colon, signature = _plain(at["seal"]).partition(":")
    try:
        Signer(salt=_SALT_ROW).unsign(f"{_payload(identity, row, digest)}:{signature}")
    except BadSignature:
        return row
    return FilledRow(number, row.item_id, row.seen, row.code, digest, typed, row.unread)


class _Unreadable(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _typed(key: str, cell: Cell, kinds: Mapping[str, str], yes: frozenset[str]) -> str:
    """What was typed in an entry cell, as the form of the page would get it; raises _Unreadable."""
    if cell.is_formula and cell.value is None:
        raise _Unreadable("formula")
    if cell.is_error:
        raise _Unreadable("error")
    if key == "percent":
        return _percent(cell)
    text = held(_plain(cell))
    if key == "kind":
        return kinds.get(text, text)
    if key == "no_change":
        if text and text.lower() not in yes:
            raise _Unreadable("yes_or_blank")
        return "yes" if text else ""
    return text


def _percent(cell: Cell) -> str:
    """A share of 1 where the cell shows percents, else points; what could be either is not guessed."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        text = held(value)
        if _is_unclear(text):
            raise _Unreadable("unclear_percent")
        return text
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _Unreadable("unclear_number")
    if not cell.is_percent and 0 < value <= 1:
        raise _Unreadable("unclear_percent")
    if abs(value) > _HUGE:
        return str(value)
    points = Decimal(repr(value)) * (100 if cell.is_percent else 1)
    return format(points.quantize(Decimal("1e-9")).normalize(), "f")  # 58.330000000000005 is 58.33


def _is_unclear(text: str) -> bool:
    try:
        return 0 < Decimal(text) <= 1
    except ArithmeticError:
        return False


def _plain(cell: Cell) -> str:
    """A value as text: 5.0 is 5, a day is written as one."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer() and abs(value) < _HUGE:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value)
