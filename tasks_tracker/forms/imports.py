"""The forms of an import: which column is which, names that are to be settled, what is said about rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from tasks_tracker.actions.imports import Choices
from tasks_tracker.forms.item_plan import MeasureChoice, scoped
from tasks_tracker.forms.lifecycle import day_field
from tasks_tracker.forms.rows import fault_words
from tasks_tracker.models import Measure, Plan, PlanImport, User
from tasks_tracker.queries.imports import UnknownName
from tasks_tracker.rules.grids import MOST_ROWS, Grid, address, column_letters
from tasks_tracker.rules.ledger_columns import LEAST
from tasks_tracker.rules.ledger_csv import Fault, column_name

SAMPLES = 3
PREFIX = "column-"
REFUSALS: dict[str, Promise] = {
    "no_file": gettext_lazy("Choose a file."),
    "empty": gettext_lazy("The file was not read: it is empty."),
    "too_large": gettext_lazy("The file was not read: it is larger than 10 MB."),
    "binary": gettext_lazy("The file was not read: it is neither a workbook (.xlsx) nor a table (.csv)."),
    "unknown_encoding": gettext_lazy("The file was not read: it is neither UTF-8 nor GB18030 text."),
    "old_excel": gettext_lazy("The file was not read: save it in Excel or WPS as .xlsx first."),
    "encrypted": gettext_lazy("The file was not read: it takes a password. Save it without one first."),
    "macros": gettext_lazy("The file was not read: it contains macros. Save it as .xlsx without them first."),
    "damaged": gettext_lazy("The file was not read: it is damaged or not whole."),
    "bomb": gettext_lazy("The file was not read: what is packed in it is too large."),
    "too_many_rows": gettext_lazy("The file was not read: a sheet has more than %(rows)s rows. Split it."),
    "no_sheet": gettext_lazy("There is no such sheet in the file."),
    "file_missing": gettext_lazy("The file is kept no longer. Send it again."),
    "store_unwritable": gettext_lazy("The file could not be stored. Tell the system administrator."),
    "columns_missing": gettext_lazy("No column says this yet: %(columns)s."),
    "no_rows": gettext_lazy("There is no row below the header. Choose another sheet or header row."),
    "nothing_new": gettext_lazy("There is no new row to import."),
    "stale": gettext_lazy("Somebody else has gone on with this import meanwhile. This is how it stands now."),
    "closed": gettext_lazy("This import has been confirmed or discarded meanwhile. Nothing was written."),
}
# What a column means, in the order in which an office writes a ledger.
MEANINGS: dict[str, Promise] = {
    "code": gettext_lazy("Letters, digits and hyphens. Without it a code is made of region and measure."),
    "key_task": gettext_lazy("Only compared: it is said where the measure stands under another key task."),
    "measure": gettext_lazy("Code or title of a measure of the plan."),
    "title": gettext_lazy("What is to be done, at most 120 characters."),
    "region": gettext_lazy("Name or code. Without it the region of the lead is taken."),
    "lead": gettext_lazy("Exactly one unit that reports: its name, an older name, or its code."),
    "supporting": gettext_lazy("Any number of units, with commas or line breaks between them."),
    "industry": gettext_lazy("One of the industries of the plan."),
    "weight": gettext_lazy("A whole number from 1 to 1000; 1 where it is empty."),
    "run": gettext_lazy("First and last day in one cell, such as 2026.1-2026.12."),
    "starts_on": gettext_lazy("A day, or a month, of which the first day is taken."),
    "due_on": gettext_lazy("A day, a month, a quarter or half a year, of which the last day is taken."),
    "commitment": gettext_lazy("Binding or anticipatory; the latter where it is empty."),
    "is_key": gettext_lazy("Yes or no. Key items report every week."),
    "indicator": gettext_lazy("Name of what is measured."),
    "target": gettext_lazy("A number with its unit; anything else is kept in words."),
    "expected_result": gettext_lazy("At most 300 characters."),
    "deliverable": gettext_lazy("At most 200 characters."),
    "milestones": gettext_lazy("One per line: day, planned percent, title."),
}


def refusal_words(refused: Any) -> str:
    """The refusal of a file or of an import in words."""
    columns = pgettext("between names", ", ").join(map(label_of, getattr(refused, "columns", ())))
    return str(REFUSALS[refused.code]) % {"columns": columns, "rows": f"{MOST_ROWS:,}"}


def label_of(column: str) -> str:
    """The usual header of a column, in the language of the page."""
    if (get_language() or "").startswith("en"):
        return column_name(column, english=True).replace("_", " ").capitalize()
    return column_name(column, english=False)


def meanings() -> list[tuple[str, str, bool]]:
    """Of every column: its header, what it means, and whether every row needs it."""
    needed = (*LEAST, "measure", "due_on")
    return [(label_of(name), str(meaning), name in needed) for name, meaning in MEANINGS.items()]


class ColumnsForm(forms.Form):
    """How a ledger is read: a field for each of its columns, and what holds for all rows."""

    use_required_attribute = False
    year = forms.IntegerField(
        label=gettext_lazy("Year of days without one"),
        help_text=gettext_lazy("Such as “end of March”."),
        min_value=2000,
        max_value=2099,
    )
    starts_on = day_field(gettext_lazy("Start where a row says none"))
    measure = MeasureChoice(
        label=gettext_lazy("Measure of all rows"), queryset=Measure.objects.none(), required=False
    )
    hidden = forms.BooleanField(label=gettext_lazy("Read hidden rows too"), required=False)

    def __init__(self, data: Any = None, *, choices: Choices, grid: Grid, plan: Plan, user: User) -> None:
        measures, _regions = scoped(user, plan.policy.measures.filter(retired_on=None))
        chosen = next((m for m in measures if m.code == choices.measure), None)
        initial = {
            "year": choices.year,
            "starts_on": choices.starts_on,
            "measure": chosen,
            "hidden": choices.hidden,
        }
        super().__init__(data, initial=initial, label_suffix="")
        self.choices, self.grid = choices, grid
        self.fields["measure"].queryset = measures  # type: ignore[attr-defined]
        self.fields["measure"].help_text = _("Where no column says it.")
        self.head = next((line.cells for line in grid.lines if line.number == choices.header), ())
        self.below = [line for line in grid.lines if line.number > choices.header]
        for place in self.places():
            name = column_letters(place)
            self.fields[f"{PREFIX}{place}"] = forms.ChoiceField(
                label=_("Column %(letters)s") % {"letters": name},
                choices=[("", "—"), *((each, label_of(each)) for each in MEANINGS)],
                required=False,
                initial=choices.columns.get(place, ""),
            )

    def places(self) -> list[int]:
        """The columns that hold anything, from 0."""
        width = max((len(line.cells) for line in [*self.below]), default=0)
        lines = [self.head, *(line.cells for line in self.below)]
        return [
            place
            for place in range(max(width, len(self.head)))
            if any(len(cells) > place and cells[place].strip() for cells in lines)
        ]

    def columns(self) -> list[dict[str, Any]]:
        """For the page: letters, header, samples, whether it is hidden, and the field."""
        return [
            {
                "letters": column_letters(place),
                "header": self.head[place] if place < len(self.head) else "",
                "samples": self._samples(place),
                "hidden": place in self.grid.hidden_columns,
                "field": self[f"{PREFIX}{place}"],
            }
            for place in self.places()
        ]

    def _samples(self, place: int) -> list[str]:
        texts = [line.cells[place].strip() for line in self.below if place < len(line.cells)]
        return list(dict.fromkeys(filter(None, texts)))[:SAMPLES]

    def clean(self) -> dict[str, Any]:
        """Each thing stands in one column."""
        values: dict[str, Any] = super().clean() or {}
        seen: dict[str, int] = {}
        for place in self.places():
            name = values.get(f"{PREFIX}{place}", "")
            if name and name in seen:
                said = _("Column %(letters)s says this already.") % {"letters": column_letters(seen[name])}
                self.add_error(f"{PREFIX}{place}", said)
            seen.setdefault(name, place)
        return values

    def chosen(self) -> Choices:
        """What was chosen; settled names stay."""
        values = self.cleaned_data
        columns = {place: values[f"{PREFIX}{place}"] for place in self.places()}
        return Choices(
            sheet=self.choices.sheet,
            header=self.choices.header,
            columns={place: name for place, name in columns.items() if name},
            year=values["year"],
            starts_on=values["starts_on"],
            measure=values["measure"].code if values["measure"] else "",
            hidden=values["hidden"],
            aliases=self.choices.aliases,
        )


def settled(data: Mapping[str, Any], names: Sequence[UnknownName], known: Any) -> tuple[Any, list[str]]:
    """The names that were settled, by kind: text → code; and what was typed that is none of ours."""
    aliases: dict[str, dict[str, str]] = {}
    wrong = []
    for number, name in enumerate(names):
        typed = str(data.get(f"name-{number}", "")).strip()
        if not typed or data.get(f"text-{number}") != name.text:
            continue
        labels = known[name.kind]
        code = labels.get(typed) or (typed if typed in labels.values() else "")
        if code:
            aliases.setdefault(name.kind, {})[name.text] = code
        else:
            wrong.append(typed)
    return aliases, wrong


# --- what is said about a row -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Remark:
    """What is wrong in a cell, or was taken for granted: where, and in words."""

    place: str
    column: str
    words: str
    is_fault: bool


def remarks_of(plan_import: PlanImport, row: Any) -> list[Remark]:
    """What is said about a row, each with the address of its cell."""
    places = {name: int(place) for place, name in plan_import.choices["columns"].items()}
    return [_remark(note, row.number, places) for note in row.notes]


def _remark(note: Mapping[str, Any], number: int, places: Mapping[str, int]) -> Remark:
    fault = Fault(number, note["column"], note["code"], note["value"], tuple(note["others"]))
    place = places.get(note["column"])
    if place is None and note["column"] in ("due_on", "starts_on"):
        place = places.get("run")
    where = address(number, place) if place is not None else ""
    return Remark(where, label_of(note["column"]), fault_words(fault), note["level"] == "fault")


def left_out_words(plan_import: PlanImport) -> list[str]:
    """Which lines and values were left out, in sentences."""
    left = plan_import.left_out
    said = []
    if number := left.get("hidden_count"):
        hidden = plan_import.choices["hidden"]
        words = (
            ngettext(
                "%(n)d hidden row is read too: %(rows)s", "%(n)d hidden rows are read too: %(rows)s", number
            )
            if hidden
            else ngettext(
                "%(n)d hidden row is left out: %(rows)s", "%(n)d hidden rows are left out: %(rows)s", number
            )
        )
        said.append(words % {"n": number, "rows": _listed(left["hidden"], number)})
    if number := left.get("passed_count"):
        words = ngettext(
            "%(n)d line is a heading, a remark or a total and is passed over: %(rows)s",
            "%(n)d lines are headings, remarks or totals and are passed over: %(rows)s",
            number,
        )
        said.append(words % {"n": number, "rows": _listed(left["passed"], number)})
    if cells := left.get("unknown_values"):
        words = _(
            "Formulas whose value is not stored in the file, read as empty: %(cells)s. Open and save it."
        )
        said.append(words % {"cells": _listed(cells, len(cells))})
    return said


def _listed(names: Sequence[Any], number: int) -> str:
    text = pgettext("between names", ", ").join(map(str, names))
    return f"{text} …" if number > len(names) else text
