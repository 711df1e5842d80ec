"""A row of the week's table: the short form of a report, filled from what stands and read into an entry."""

from collections.abc import Mapping
from typing import Any

from tasks_tracker.forms.progress import ReportEntry, problem_values, written_percent
from tasks_tracker.models import ProgressReport

FIELDS = ("percent", "decrease_reason", "progress_note", "kind", "description", "next_steps")


def row_values(latest: ProgressReport | None, last: ProgressReport | None) -> dict[str, str]:
    """What the fields of a row hold: this week's version, else percent and problem of the last report."""
    source = latest or last
    problems = list(source.problems.all()) if source else []
    values = dict.fromkeys(FIELDS, "") | {"percent": written_percent(source.percent if source else None)}
    if latest:
        values |= {name: getattr(latest, name) for name in ("decrease_reason", "progress_note", "next_steps")}
    if problems:
        values |= {"kind": problems[0].kind, "description": problems[0].description}
    return values


def typed_values(data: Mapping[str, Any], prefix: str) -> dict[str, str]:
    """What was typed in the row whose fields begin with `prefix`."""
    return {name: str(data.get(f"{prefix}{name}", "")).replace("\r\n", "\n") for name in FIELDS}


def row_entry(
    typed: Mapping[str, str],
    source: ProgressReport | None,
    *,
    units: list[tuple[str, str]],
    previous: int | None,
    is_complete: bool,
) -> ReportEntry:
    """The typed row as the whole form.

    The row shows the first problem of `source`: emptied it is no longer one. The others stand as they are.
    """
    problems = [problem_values(problem) for problem in source.problems.all()] if source else []
    first = (problems[0] if problems else {}) | {name: typed[name] for name in ("kind", "description")}
    problems = [*([first] if typed["kind"] or typed["description"].strip() else []), *problems[1:]]
    data = dict(typed) | {"problems-TOTAL_FORMS": str(len(problems)), "problems-INITIAL_FORMS": "0"}
    for number, values in enumerate(problems):
        data |= {f"problems-{number}-{name}": value for name, value in values.items()}
    return ReportEntry(data, units=units, previous=previous, is_complete=is_complete)
