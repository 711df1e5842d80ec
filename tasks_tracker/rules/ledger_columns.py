"""An office's own ledger: where its header is, which column is which, and its rows.

Pure functions over a grid. Guesses are proposals: a person looks at them and corrects them.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks_tracker.rules.grids import Grid, Line
from tasks_tracker.rules.ledger_csv import Sheet, Terms, one_width, read_rows, unwrapped, words
from tasks_tracker.rules.names import one_form

HEADER_WITHIN = 30  # lines from the top
FEWEST_KNOWN = 2  # columns by which a header is recognised
LEAST = ("title", "lead")  # of every item; where it stands and until when may come from elsewhere


@dataclass(frozen=True)
class Ledger:
    """The rows of a ledger as they were read, and which lines were left out.

    `hidden` lines are left out unless they are asked for. `passed` lines are headings, remarks and totals.
    """

    sheet: Sheet
    hidden: tuple[int, ...]
    passed: tuple[int, ...]


def guess_header(grid: Grid) -> int:
    """The number of the line that most looks like a header; of a grid without lines 1."""
    best, number = FEWEST_KNOWN - 1, 0
    for line in grid.lines[:HEADER_WITHIN]:
        known = len(guess_columns(line.cells))
        if known > best:
            best, number = known, line.number
    return number or (grid.lines[0].number if grid.lines else 1)


def guess_columns(headers: Sequence[str]) -> dict[int, str]:
    """Place of a column → what it is, each thing once: the nearest of its names wins, then the first."""
    likely = sorted(
        (distance, place, name)
        for place, header in enumerate(headers)
        for name, distance in _likeness(header).items()
    )
    found: dict[int, str] = {}
    for _distance, place, name in likely:
        if place not in found and name not in found.values():
            found[place] = name
    return dict(sorted(found.items()))


def _likeness(header: str) -> dict[str, int]:
    """What the column may be: the smaller the number, the more likely."""
    plain = one_form(header)
    likely: dict[str, int] = {}
    if not plain or len(plain) > 20:
        return likely
    for name, known in words()["columns"].items():
        forms = [one_form(word) for word in known]
        if plain in forms:
            likely[name] = forms.index(plain)
            continue
        inside = [form for form in forms if len(form) > 1 and not form.isascii() and form in plain]
        if inside:
            likely[name] = 100 + len(plain) - len(max(inside, key=len))
    return likely


def header_key(headers: Sequence[str]) -> str:
    """The same for two ledgers with the same header."""
    plain = "\n".join(one_width(unwrapped(header)) for header in headers).rstrip("\n")
    return hashlib.sha256(plain.encode()).hexdigest()


def read_ledger(
    grid: Grid, *, header: int, columns: Mapping[int, str], terms: Terms, with_hidden: bool
) -> Ledger:
    """The rows below the header. Hidden lines are read only `with_hidden`."""
    head = next((line.cells for line in grid.lines if line.number == header), ())
    below = [line for line in grid.lines if line.number > header and not line.is_blank]
    passed = tuple(line.number for line in below if _is_passed(line, head))
    hidden = tuple(line.number for line in below if line.hidden and line.number not in passed)
    left_out = {*passed, *(() if with_hidden else hidden)}
    rows = (line for line in below if line.number not in left_out)
    return Ledger(read_rows(_filled(rows, columns), terms), hidden, passed)


def _filled(lines: Iterator[Line], columns: Mapping[int, str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    for line in lines:
        yield (
            line.number,
            {name: line.cells[place].strip() for place, name in columns.items() if place < len(line.cells)},
        )


def _is_passed(line: Line, head: Sequence[str]) -> bool:
    """A heading or a remark over the whole width, a total, or the header once more."""
    texts = [cell.strip() for cell in line.cells if cell.strip()]
    return (
        len(set(texts)) == 1
        or one_form(texts[0]) in words()["totals"]
        or [cell.strip() for cell in line.cells] == [cell.strip() for cell in head]
    )
