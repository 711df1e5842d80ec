"""A filled-in workbook of a week, row by row: what would happen if it were handed in now. Nothing is written.

The rules are those of the page: the same form reads a row, the same functions of `actions.progress` judge it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from io import BytesIO
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tasks_tracker.actions import progress
from tasks_tracker.actions.handing_in import (
    NO_CHANGE,
    SUBMIT,
    RowEntry,
    refusal_of_unseen,
    says_the_same,
    seen_token,
)
from tasks_tracker.actions.progress import Entry, EntryRefused
from tasks_tracker.forms.conflicts import Difference, differences
from tasks_tracker.forms.progress import CONFLICTS, ReportEntry, refusal_text
from tasks_tracker.forms.week_sheet import codes_of_kinds, columns, words_for_yes
from tasks_tracker.forms.week_table import row_entry, row_values
from tasks_tracker.models import Actor, Plan, Problem, ProgressReport, ReportStatus, WorkItem
from tasks_tracker.queries.week_table import places, reports_around
from tasks_tracker.reports.reading import address_of, read_workbook
from tasks_tracker.reports.week_sheet import ENTRY, Filled, FilledRow, read_back
from tasks_tracker.rules.progress import asks_problem
from tasks_tracker.rules.weeks import AsOf

REFUSED_FILES: dict[str, Promise] = {
    "no_file": gettext_lazy("Choose a file first."),
    "too_large": gettext_lazy(
        "The file is too large for a workbook of a week. Upload the one that you filled in."
    ),
    "file_empty": gettext_lazy("The file is empty."),
    "not_xlsx": gettext_lazy("This is no Excel workbook. Save it as .xlsx and upload it again."),
    "old_xls": gettext_lazy("This is an old Excel file (.xls). Save it as .xlsx and upload it again."),
    "password": gettext_lazy(
        "The file is locked with a password. Remove the password, save it and upload it again."
    ),
    "damaged": gettext_lazy("The file is damaged or incomplete. Save it again, or download a new workbook."),
    "macros": gettext_lazy("The file holds macros. Save it as .xlsx without macros and upload it again."),
    "too_much": gettext_lazy("The file unpacks to far more than a workbook of a week. It is not taken."),
    "too_many_rows": gettext_lazy("The table has far more rows than a workbook of a week. It is not taken."),
    "entities": gettext_lazy(
        "The file holds declarations that no spreadsheet program writes. It is not taken."
    ),
    "embedded": gettext_lazy("Other files are embedded in the workbook. Remove them and upload it again."),
    "not_ours": gettext_lazy(
        "This is not the workbook that was downloaded here. Download it again and fill it in."
    ),
    "forged": gettext_lazy(
        "The hidden sheet of the workbook was changed, so it cannot be told what it is about. "
        "Download it again."
    ),
    "other_format": gettext_lazy("The workbook is from another version of this system. Download it again."),
    "columns_missing": gettext_lazy(
        "Columns are missing: %(columns)s. Columns may be moved but not deleted; download the workbook again."
    ),
    "columns_twice": gettext_lazy(
        "The table is there twice. Delete the copied sheet or columns and upload it again."
    ),
    "other_plan": gettext_lazy("The workbook belongs to another plan."),
    "other_unit": gettext_lazy("The workbook belongs to another unit."),
    "other_week": gettext_lazy(
        "The workbook belongs to week %(week)s. Change to that week and upload it there."
    ),
    "week_closed": gettext_lazy("This week is closed; its figures are frozen. Report in the open week."),
}
UNREAD: dict[str, Promise] = {
    "formula": gettext_lazy("The cell holds a formula without a value. Write the value itself."),
    "error": gettext_lazy("The cell holds an error of the spreadsheet program. Write the value itself."),
    "unclear_percent": gettext_lazy(
        "It is not clear whether this is a share or a percent. Write it with the sign, for example 65%."
    ),
    "unclear_number": gettext_lazy("Enter a number, for example 62.5."),
    "yes_or_blank": gettext_lazy("Choose from the list, or leave it blank."),
}


class Verdict(models.TextChoices):
    """What would become of a row."""

    NEW = "new", gettext_lazy("New report")
    CHANGED = "changed", gettext_lazy("Draft or return answered")
    NO_CHANGE = "no_change", gettext_lazy("“No change” signed")
    UNCHANGED = "unchanged", gettext_lazy("Left as it is")
    REFUSED = "refused", gettext_lazy("Not taken")
    CONFLICT = "conflict", gettext_lazy("Reported meanwhile")


GOOD = (Verdict.NEW, Verdict.CHANGED, Verdict.NO_CHANGE)
BAD = (Verdict.REFUSED, Verdict.CONFLICT)


@dataclass(frozen=True)
class Fault:
    """What is wrong, and in which cell (`D7`; that of the title where it is the row's)."""

    cell: str
    label: str
    words: str


@dataclass(frozen=True)
class Change:
    """A field that would get another value."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Judged:
    """One row of the workbook and what would become of it."""

    number: int
    code: str
    title: str
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    changes: tuple[Change, ...] = ()
    note: str = ""
    theirs: ProgressReport | None = None
    differences: tuple[Difference, ...] = ()
    entry: RowEntry | None = None

    @property
    def is_good(self) -> bool:
        """It can be handed in."""
        return self.verdict in GOOD


@dataclass(frozen=True)
class Checked:
    """All rows, in the order of the workbook."""

    filled: Filled
    rows: tuple[Judged, ...]

    def of(self, *verdicts: Verdict) -> list[Judged]:
        """The rows with one of these verdicts."""
        return [row for row in self.rows if row.verdict in verdicts]

    @property
    def good(self) -> list[Judged]:
        """The rows that can be handed in."""
        return self.of(*GOOD)

    @property
    def bad(self) -> list[Judged]:
        """The rows that cannot."""
        return self.of(*BAD)

    @property
    def counts(self) -> list[tuple[Verdict, int]]:
        """How many rows of each kind there are."""
        return [(verdict, len(self.of(verdict))) for verdict in Verdict]

    @property
    def chosen(self) -> str:
        """The rows that would be handed in, as a form sends them back: item numbers."""
        return ",".join(str(row.entry.item.pk) for row in self.good if row.entry)

    @property
    def entries(self) -> list[RowEntry]:
        """What would be handed in."""
        return [row.entry for row in self.good if row.entry]

    def remarks(self) -> dict[str, str]:
        """Address of a cell → what is wrong with it, for the copy that goes back."""
        found: dict[str, list[str]] = {}
        for row in self.bad:
            for fault in row.faults:
                found.setdefault(fault.cell, []).append(fault.words)
            for one in row.differences:
                if not one.is_same:
                    found.setdefault(row.faults[0].cell, []).append(f"{one.label}: {one.theirs or '—'}")
        return {cell: "\n".join(words) for cell, words in found.items()}


def read_filled(content: bytes) -> Filled:
    """Raises NotAWorkbook and NotTheWorkbook."""
    return read_back(read_workbook(BytesIO(content)), codes_of_kinds(), words_for_yes())


def refusal_of_file(code: str, **named: str) -> str:
    """Why a file was not taken, in words."""
    return str(REFUSED_FILES[code]) % named


@dataclass(frozen=True)
class Facts:
    """What the rows are judged by. Read once for all of them."""

    plan: Plan
    point: AsOf
    items: Mapping[int, WorkItem]
    units: Callable[..., list[tuple[str, str]]]
    closed: EntryRefused | None = None  # the week takes no reports any more

    @cached_property
    def reports(self) -> Mapping[int, tuple[ProgressReport | None, ProgressReport | None]]:
        """Item → last accepted report, newest version of the week."""
        return reports_around(list(self.items), self.point.week)

    @cached_property
    def places(self) -> Mapping[int, tuple[int, Any]]:
        """Item → planned percent, due day."""
        return places(self.plan, self.point, list(self.items))

    def asks_problem(self, item: WorkItem, percent: int) -> bool:
        """At `percent` the item is behind or overdue; like `progress.needs_problem`."""
        if item.pk not in self.places:
            return False
        planned, due_on = self.places[item.pk]
        return asks_problem(percent, planned, due_on, self.point.day, self.plan.behind_below)


def check(filled: Filled, facts: Facts) -> Checked:
    """Judge every row. The number of queries does not grow with the rows."""
    seen: dict[int, list[int]] = {}
    for row in filled.rows:
        if row.item_id is not None:
            seen.setdefault(row.item_id, []).append(row.number)
    twice = {item: numbers for item, numbers in seen.items() if len(numbers) > 1}
    return Checked(filled, tuple(_Judge(row, filled, facts, twice).judged() for row in filled.rows))


class _Judge:
    """One row under judgement."""

    def __init__(
        self, row: FilledRow, filled: Filled, facts: Facts, twice: Mapping[int, Sequence[int]]
    ) -> None:
        self.row, self.facts, self.twice = row, facts, twice
        self.columns = filled.columns
        self.labels = {column.key: column.title for column in columns()}
        self.item = facts.items.get(row.item_id or 0)
        self.last, self.latest = facts.reports.get(row.item_id or 0, (None, None))

    def judged(self) -> Judged:
        """What would become of the row."""
        if wrong := self._wrong_row():
            return self._as(Verdict.REFUSED, self._fault("", wrong))
        if self.row.is_unchanged:
            is_old = self.row.seen != seen_token(self.latest)
            return self._as(Verdict.UNCHANGED, note=_("Reported meanwhile") if is_old else "")
        if self.row.unread:
            return self._as(
                Verdict.REFUSED, *(self._fault(one.key, str(UNREAD[one.code])) for one in self.row.unread)
            )
        return self._judge_entry()

    def _wrong_row(self) -> str:
        """What is wrong with the row as a whole; "" for nothing."""
        row = self.row
        if row.item_id is None:
            return _("This row was inserted; it belongs to no work item.")
        if row.item_id in self.twice:
            numbers = ", ".join(map(str, self.twice[row.item_id]))
            return _("The same work item stands in rows %(rows)s. Keep one of them.") % {"rows": numbers}
        if not row.base:
            return _(
                "The hidden cells of this row are not as they went out, or the row is from another workbook."
            )
        if self.item is None:
            return _("Your unit does not report on this work item any more.")
        return ""

    def _judge_entry(self) -> Judged:
        assert self.item is not None  # _wrong_row
        kind = NO_CHANGE if self.row.typed["no_change"] else SUBMIT
        form = row_entry(
            self.row.typed,
            self.latest or self.last,
            units=self.facts.units(self.latest or self.last),
            previous=self.last.percent if self.last else None,
            is_complete=kind == SUBMIT,
        )
        if form.is_valid and self._is_there(kind, form):
            return self._as(Verdict.UNCHANGED, note=_("This is reported already."))
        if self.row.seen != seen_token(self.latest):
            return self._conflict(form, EntryRefused(refusal_of_unseen(self.latest)))
        if self.latest and self.latest.status == ReportStatus.ACCEPTED:
            return self._as(
                Verdict.REFUSED, self._fault("", _("Accepted already. Correct it on its own form."))
            )
        if not form.is_valid or (kind == NO_CHANGE and form.contradicts_no_change(self.latest, self.last)):
            return self._as(Verdict.REFUSED, *self._faults(form))
        if kind == NO_CHANGE and (lost := self._lost()):
            return self._as(Verdict.REFUSED, *lost)
        entry = form.entry(self._asked())
        try:
            self._check(kind, entry)
        except EntryRefused as refused:
            if refused.code in CONFLICTS:
                return self._conflict(form, refused)
            form.refuse(refused)
            return self._as(Verdict.REFUSED, *self._faults(form))
        verdict = Verdict.NO_CHANGE if kind == NO_CHANGE else Verdict.CHANGED if self.latest else Verdict.NEW
        row_to_write = RowEntry(self.item, kind, entry, self.row.seen)
        return self._as(verdict, changes=self._changes(), entry=row_to_write)

    def _check(self, kind: str, entry: Entry) -> None:
        """What the action would refuse; raises EntryRefused."""
        assert self.item is not None
        if self.facts.closed:
            raise self.facts.closed
        progress.check_is_running(self.item)
        if self.latest and self.latest.is_waiting:
            raise EntryRefused("already_waiting")
        asks = partial(self.facts.asks_problem, self.item)
        if kind == NO_CHANGE:
            stated = list(self.last.problems.all()) if self.last else []
            progress.check_no_change(self.last, stated, asks)
        else:
            progress.check_entry(entry, self.last.percent if self.last else None, asks)

    def _is_there(self, kind: str, form: ReportEntry) -> bool:
        entry = form.entry(self._asked())
        return self.latest is not None and says_the_same(kind, self.latest, entry, or_accepted=True)

    def _asked(self) -> dict[str, Actor]:
        """Whom the problems of the report ask for help; the workbook cannot name anybody else."""
        source = self.latest or self.last
        problems = source.problems.all() if source else ()
        return {p.needed_from.code: p.needed_from for p in problems if p.needed_from}

    def _lost(self) -> list[Fault]:
        """What was written beside “no change” and would not be kept."""
        words = _("Marked “no change”, so this would not be kept. Clear one of the two.")
        changed = self._changed() & {"kind", "description", "next_steps", "decrease_reason"}
        return [self._fault(key, words) for key in ENTRY if key in changed]

    def _changed(self) -> set[str]:
        before = row_values(self.latest, self.last)
        return {key for key in before if before[key].strip() != self.row.typed[key]}

    def _changes(self) -> tuple[Change, ...]:
        before, changed = row_values(self.latest, self.last), self._changed()
        kinds = {code: str(label) for code, label in Problem.Kind.choices}
        return tuple(
            Change(
                self.labels[key],
                kinds.get(before[key], before[key]),
                kinds.get(self.row.typed[key], self.row.typed[key]),
            )
            for key in ENTRY
            if key in changed
        )

    def _conflict(self, form: ReportEntry, refused: EntryRefused) -> Judged:
        fault = self._fault("", refusal_text(refused))
        if refused.code not in ("changed_meanwhile", "already_waiting") or self.latest is None:
            return self._as(Verdict.REFUSED, fault)
        both = tuple(differences(form, self.latest))
        return self._as(Verdict.CONFLICT, fault, theirs=self.latest, both=both)

    def _faults(self, form: ReportEntry) -> list[Fault]:
        """The errors of the form beside the cells that they are about."""
        found = [(name, error) for name, errors in form.form.errors.items() for error in errors]
        for errors in form.problems.errors:
            found += [(name, error) for name, said in errors.items() for error in said]
        found += [("description", error) for error in form.problems.non_form_errors()]
        return [self._fault(name, str(error)) for name, error in found]

    def _fault(self, key: str, words: str) -> Fault:
        key = key if key in self.columns else "title"
        label = self.labels[key] if key in ENTRY else ""
        return Fault(address_of(self.row.number, self.columns[key]), label, words)

    def _as(
        self,
        verdict: Verdict,
        *faults: Fault,
        changes: tuple[Change, ...] = (),
        note: str = "",
        theirs: ProgressReport | None = None,
        both: tuple[Difference, ...] = (),
        entry: RowEntry | None = None,
    ) -> Judged:
        title = self.item.title if self.item else ""
        code = self.item.code if self.item else self.row.code
        return Judged(self.row.number, code, title, verdict, faults, changes, note, theirs, both, entry)
