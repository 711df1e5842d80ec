"""What a table of a page must say, cell by cell, by the second count.

`Expected` knows the lines of a table by name and the columns by head. A column that nobody counts again is an
error: whoever adds one to a page says here how it is recounted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from tests.recount.arithmetic import LIGHTS, Count, Figure, change, minus, number, percent, signed, span
from tests.recount.pages import Table

LIGHT_WORDS = {
    "done": "Done",
    "on_track": "On track",
    "not_started": "Not started",
    "at_risk": "At risk",
    "behind": "Behind",
    "overdue": "Overdue",
}


@dataclass(frozen=True)
class Subject:
    """What a line is about: its items and figure now and a week before, and a figure beside it."""

    now: Count
    figure: Figure | None
    then: Figure | None = None
    before: Count | None = None
    beside: Figure | None = None


def value(figure: Figure | None, name: str) -> Fraction | None:
    return getattr(figure, name) if figure else None


def bar(count: Count) -> str:
    shown = [str(n) for n in count.lights().values() if n]
    return " ".join(shown) or "no items"


def dots(line: Subject) -> str:
    """The words of a row of dots."""
    words = [f"progress {percent(value(line.figure, 'progress'))}"]
    if line.figure:
        words.append(f"planned {percent(line.figure.planned)}")
        before = value(line.then, "progress")
        if line.figure.progress is not None and before is not None:
            words.append(f"last week {percent(before)}")
    if (beside := value(line.beside, "progress")) is not None:
        words.append(f"national {percent(beside)}")
    return ", ".join(words)


def bullet(line: Subject) -> str:
    """The words of a bar with its range."""
    words = dots(line)
    if line.figure and line.figure.coverage < 1:
        words += f", range {percent(line.figure.lower)} to {percent(line.figure.upper)}"
    return words


def cell(line: Subject, head: str) -> str | None:
    """The text that belongs under a head; None where the head is not known."""
    figure, then = line.figure, line.then
    progress, before = value(figure, "progress"), value(then, "progress")
    said = {
        "Items by light": bar(line.now),
        "actual planned last week": dots(line),
        "Progress and plan": bullet(line),
        "Progress": number(progress),
        "Range": span(figure),
        "Coverage": percent(None if figure is None else figure.coverage * 100, 0),
        "This week": signed(minus(progress, before)),
        "Variance": signed(value(figure, "variance")),
        "vs last week": change(minus(value(figure, "variance"), value(then, "variance")), 2),
        "Filled in": percent(line.now.filled_in, 0),
    }
    lights = line.now.lights()
    return said.get(head) or {LIGHT_WORDS[light]: str(lights[light]) for light in LIGHTS}.get(head)


def compare(table: Table, lines: Mapping[str, Subject]) -> list[str]:
    """Where the table differs from the count; `lines` are found by the beginning of their first cell.

    A line may be left out only where it has no items.
    """
    names = [line[0] for line in table.lines]
    found = [
        f"{table.name}: {known} is missing"
        for known, subject in lines.items()
        if subject.now.scope and not any(_begins(name, known) for name in names)
    ]
    for name, head, text in table.cells():
        subject = next((s for known, s in lines.items() if _begins(name, known)), None)
        wanted = cell(subject, head) if subject else None
        if wanted is None:
            found.append(f"{table.name}: {name} / {head}: nobody recounts it")
        elif text != wanted:
            found.append(f"{table.name}: {name} / {head}: {text}, recounted {wanted}")
    return found


def _begins(name: str, known: str) -> bool:
    return name == known or name.startswith(f"{known} ")
