"""What a report has to say, given where its item stands. Rules: docs/numbers.md."""

from datetime import date


def asks_problem(percent: int | None, planned: int, due_on: date, day: date, behind_below: int) -> bool:
    """True when the item, at `percent`, is overdue on `day` or behind: then the report states a problem.

    `percent` and `planned` in hundredths of a percent, `behind_below` in hundredths of a point; an unknown
    percent is behind nothing.
    """
    return due_on < day or (percent is not None and percent - planned < behind_below)


def fields_asked(percent: int | None, previous: int | None, *, problem: bool) -> list[str]:
    """The fields without which a report is not taken: no other one is ever compulsory.

    `previous` is the percent accepted last; `problem` is the answer of `asks_problem`.
    """
    falls = percent is not None and previous is not None and percent < previous
    return [
        "percent",
        *(["decrease_reason"] if falls else []),
        "progress_note",
        *(["problems"] if problem else []),
    ]
