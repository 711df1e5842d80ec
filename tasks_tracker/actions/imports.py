"""Importing a plan from an office's own ledger, up to the confirmation: sent, mapped, checked, discarded.

Until somebody confirms nothing is in the plan: a check writes rows of the import only. What follows stands in
actions/import_rows.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import transaction
from django.db.models import F

from tasks_tracker.actions import audit, ledger_files
from tasks_tracker.actions.assigning import short_code
from tasks_tracker.actions.item_rows import Checker, Wanted
from tasks_tracker.models import ImportRow, Plan, PlanImport, User, WorkItem
from tasks_tracker.permissions import check_can_plan
from tasks_tracker.reports import sheets
from tasks_tracker.rules.grids import Grid
from tasks_tracker.rules.ledger_columns import (
    HEADER_WITHIN,
    LEAST,
    Ledger,
    guess_columns,
    guess_header,
    header_key,
    read_ledger,
)
from tasks_tracker.rules.ledger_csv import Fault, Row, Terms
from tasks_tracker.rules.outline import UnreadableText
from tasks_tracker.rules.schedule import Mark

State = PlanImport.State
OPEN = (State.SENT, State.CHECKED)
BATCH = 500  # rows of one statement
SHEETS_LOOKED_AT = 8
MOST_NAMED = 50  # lines that are named one by one


class ImportRefused(Exception):
    """Nothing was written.

    Codes: stale, closed, columns_missing, no_rows, nothing_new, file_missing and store_unwritable.
    """

    def __init__(self, code: str, columns: Iterable[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.columns = tuple(columns)


@dataclass(frozen=True)
class Choices:
    """How a ledger is read. `columns`: place, from 0 → what stands there; `aliases`: names that were settled.

    `year` is that of days that name none, `starts_on` the start of rows that say none, `measure` the code of
    the measure where there is no column for it.
    """

    sheet: str
    header: int
    columns: Mapping[int, str]
    year: int
    starts_on: date
    measure: str = ""
    hidden: bool = False
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan_import: PlanImport) -> Self:
        """As they were chosen or guessed."""
        kept = dict(plan_import.choices)
        kept["columns"] = {int(place): name for place, name in kept["columns"].items()}
        kept["starts_on"] = date.fromisoformat(kept["starts_on"])
        return cls(**kept)

    @property
    def plain(self) -> dict[str, Any]:
        """As JSON holds them."""
        columns = {str(place): name for place, name in self.columns.items()}
        return asdict(self) | {"columns": columns, "starts_on": self.starts_on.isoformat()}

    @property
    def missing(self) -> list[str]:
        """Columns without which no row is an item."""
        there = set(self.columns.values())
        gone = [name for name in LEAST if name not in there]
        gone += [] if "measure" in there or self.measure else ["measure"]
        return gone + ([] if there & {"due_on", "run"} else ["due_on"])

    def terms(self, plan: Plan) -> Terms:
        """What holds for all rows."""
        needed = (*LEAST, "measure", "due_on")
        texts = {"measure": self.measure} if self.measure else {}
        return Terms(needed, year=self.year, first=self.starts_on, last=plan.ends_on, texts=texts)


# --- a ledger comes in ------------------------------------------------------------------------------------
def send_ledger(*, plan: Plan, content: bytes, file_name: str, by: User, now: datetime) -> PlanImport:
    """Keep a ledger whose columns are guessed, or remembered from the last one with the same header.

    Raises PermissionDenied, UnreadableText (see reports.sheets) and ImportRefused; nothing is kept then.
    """
    check_can_plan(by)
    choices, key = _first_choices(plan, content, now)
    try:
        sha256 = ledger_files.keep(content)
    except ledger_files.NoFile as error:
        raise ImportRefused(error.code) from error
    with transaction.atomic():
        made = PlanImport.objects.create(
            plan=plan,
            file_name=file_name,
            size=len(content),
            sha256=sha256,
            made_by=by,
            made_at=now,
            choices=choices.plain,
            header_key=key,
            expires_on=now.date() + timedelta(days=settings.LEDGER_DAYS),
        )
        audit.record(by=by, action="send_ledger", obj=made, after=on_record(made))
    return made


def on_record(plan_import: PlanImport) -> dict[str, Any]:
    """The file, as the audit log names it."""
    return {"file_name": plan_import.file_name, "sha256": plan_import.sha256}


def _first_choices(plan: Plan, content: bytes, now: datetime) -> tuple[Choices, str]:
    grids = [sheets.read_grid(content, name, HEADER_WITHIN) for name in _looked_at(content)]
    grid = max(grids, key=_likeliness)
    if not grid.lines:
        raise UnreadableText("empty")
    header = guess_header(grid)
    choices, key = guessed(plan, grid, header, now)
    return choices, key


def _looked_at(content: bytes) -> list[str]:
    return sheets.sheet_names(content)[:SHEETS_LOOKED_AT]


def _likeliness(grid: Grid) -> int:
    return max((len(guess_columns(line.cells)) for line in grid.lines), default=-1)


def guessed(plan: Plan, grid: Grid, header: int, now: datetime) -> tuple[Choices, str]:
    """How the sheet would be read with its header in that line, and the key of the header."""
    head = next((line.cells for line in grid.lines if line.number == header), ())
    key = header_key(head)
    before = PlanImport.objects.filter(header_key=key).exclude(checked_at=None).order_by("-pk").first()
    kept = Choices.of(before) if before else None
    first, last = plan.starts_on, plan.ends_on
    choices = Choices(
        sheet=grid.name,
        header=header,
        columns=kept.columns if kept else guess_columns(head),
        year=min(max(now.year, first.year), last.year),
        starts_on=first,
        measure=kept.measure if kept else "",
        aliases=kept.aliases if kept else {},
    )
    return choices, key


# --- it is checked ----------------------------------------------------------------------------------------
def check_ledger(*, plan_import: PlanImport, choices: Choices, seen: int, by: User, now: datetime) -> None:
    """Read every row and say what would become of it; nothing is written into the plan.

    `seen` is the revision that the page was made with. Raises PermissionDenied, ImportRefused (stale, closed,
    columns_missing, no_rows, file_missing) and UnreadableText.
    """
    check_can_plan(by)
    if choices.missing:
        raise ImportRefused("columns_missing", choices.missing)
    grid = _grid(plan_import, choices.sheet)  # before the transaction, which keeps others from writing
    ledger = read_ledger(
        grid,
        header=choices.header,
        columns=choices.columns,
        terms=choices.terms(plan_import.plan),
        with_hidden=choices.hidden,
    )
    if not ledger.sheet.rows:
        raise ImportRefused("no_rows")
    with transaction.atomic():
        take(plan_import, seen, OPEN)
        _store_check(plan_import, grid, ledger, choices, by, now)


def _store_check(
    plan_import: PlanImport, grid: Grid, ledger: Ledger, choices: Choices, by: User, now: datetime
) -> None:
    head = next((line.cells for line in grid.lines if line.number == choices.header), ())
    rows = _checked_rows(plan_import, ledger, choices, by)
    plan_import.rows.all().delete()
    ImportRow.objects.bulk_create(rows, batch_size=BATCH)
    counts = {state: sum(row.state == state for row in rows) for state in ImportRow.State}
    plan_import.state, plan_import.choices = State.CHECKED, choices.plain
    plan_import.header_key, plan_import.checked_at = header_key(head), now
    plan_import.left_out = _left_out(grid, ledger)
    plan_import.new, plan_import.there = counts[ImportRow.State.NEW], counts[ImportRow.State.THERE]
    plan_import.refused = counts[ImportRow.State.REFUSED]
    plan_import.save()


def take(plan_import: PlanImport, seen: int, states: tuple[str, ...], **values: Any) -> None:
    """Of two people with the same page one gets the next revision."""
    open_ = PlanImport.objects.filter(pk=plan_import.pk, state__in=states)
    if not open_.filter(revision=seen).update(revision=F("revision") + 1, **values):
        raise ImportRefused("stale" if open_.exists() else "closed")
    plan_import.refresh_from_db()


def _grid(plan_import: PlanImport, sheet: str) -> Grid:
    try:
        return sheets.read_grid(ledger_files.content_of(plan_import.sha256), sheet)
    except ledger_files.NoFile as error:
        raise ImportRefused(error.code) from error


def head_of(plan_import: PlanImport, sheet: str | None = None) -> tuple[list[str], Grid]:
    """The sheets of the file, and the beginning of one. Raises ImportRefused and UnreadableText."""
    try:
        content = ledger_files.content_of(plan_import.sha256)
    except ledger_files.NoFile as error:
        raise ImportRefused(error.code) from error
    chosen = plan_import.choices["sheet"] if sheet is None else sheet
    return sheets.sheet_names(content), sheets.read_grid(content, chosen, 2 * HEADER_WITHIN)


def _left_out(grid: Grid, ledger: Ledger) -> dict[str, Any]:
    return {
        "hidden": list(ledger.hidden[:MOST_NAMED]),
        "hidden_count": len(ledger.hidden),
        "passed": list(ledger.passed[:MOST_NAMED]),
        "passed_count": len(ledger.passed),
        "unknown_values": list(grid.unknown_values),
    }


def _checked_rows(plan_import: PlanImport, ledger: Ledger, choices: Choices, by: User) -> list[ImportRow]:
    plan = plan_import.plan
    checker = Checker(plan, ledger.sheet, by=by, aliases=choices.aliases, source=source_of(plan_import))
    found = [(row, checker.wanted(row)) for row in ledger.sheet.rows]
    said = _notes(checker)
    numbers = Numbers({row.code for row in ledger.sheet.rows})
    rows = []
    for row, wanted in found:
        notes = said.get(row.number, [])
        state = state_of(checker, row, wanted)
        generated = state == ImportRow.State.NEW and not row.code
        if generated:
            row = replace(row, code=numbers.next(wanted))
        rows.append(
            ImportRow(
                of=plan_import,
                number=row.number,
                state=state,
                content=written_row(row, wanted, generated),
                notes=notes,
                has_warnings=any(note["level"] == "warning" for note in notes),
                item=wanted.there,
            )
        )
    return rows


def source_of(plan_import: PlanImport) -> str:
    """Where the targets of its indicators are from."""
    return plan_import.file_name


def state_of(checker: Checker, row: Row, wanted: Wanted) -> str:
    """What is to become of a row that was checked."""
    if checker.is_faulty(row):
        return ImportRow.State.REFUSED
    return ImportRow.State.THERE if wanted.there else ImportRow.State.NEW


def _notes(checker: Checker) -> dict[int, list[dict[str, Any]]]:
    said: dict[int, list[dict[str, Any]]] = {}
    for level, notes in (("fault", checker.faults), ("warning", checker.warnings)):
        for note in notes:
            said.setdefault(note.row, []).append(written_note(note, level))
    return said


def written_note(fault: Fault, level: str) -> dict[str, Any]:
    """As JSON holds it."""
    return {
        "level": level,
        "column": fault.column,
        "code": fault.code,
        "value": fault.value,
        "others": list(fault.others),
    }


def written_row(row: Row, wanted: Wanted, generated: bool) -> dict[str, Any]:
    """As JSON holds it, with the rows of the database that its names led to."""
    item = wanted.item
    found = {
        "measure": item.measure.pk,
        "region": item.region.pk,
        "lead": item.lead.pk,
        "supporting": [actor.pk for actor in wanted.supporting],
    }
    days = {name: getattr(row, name).isoformat() for name in ("starts_on", "due_on")}
    marks = [[mark.due_on.isoformat(), mark.percent, mark.title] for mark in row.milestones]
    return asdict(row) | days | {"milestones": marks, "found": found, "generated": generated}


def read_row(content: Mapping[str, Any]) -> Row:
    """The row that `written_row` wrote; without a code where that was made here."""
    plain = {name: value for name, value in content.items() if name not in ("found", "generated")}
    for name in ("starts_on", "due_on"):
        plain[name] = date.fromisoformat(plain[name])
    plain["supporting"] = tuple(plain["supporting"])
    plain["milestones"] = tuple(
        Mark(date.fromisoformat(day), percent, title) for day, percent, title in plain["milestones"]
    )
    return Row(**plain | ({"code": ""} if content["generated"] else {}))


class Numbers:
    """Hands out codes for items without one: region, measure and the next free number."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Besides the codes of items there are, those in `taken` are not handed out."""
        self.last: dict[str, int] = {}
        self.taken = set(taken)
        for code in [*WorkItem.objects.values_list("code", flat=True), *taken]:
            start, _dash, number = code.rpartition("-")
            if number.isdecimal() and len(number) < 9:
                self.last[start] = max(self.last.get(start, 0), int(number))

    def next(self, wanted: Wanted) -> str:
        """The next free code under the measure in the region of the item."""
        start = f"{short_code(wanted.item.region)}-{wanted.item.measure.code}"
        self.last[start] = self.last.get(start, 0) + 1
        return f"{start}-{self.last[start]:02d}"


# --- it is given up ---------------------------------------------------------------------------------------
@transaction.atomic
def discard_import(*, plan_import: PlanImport, seen: int, by: User) -> None:
    """Give an import up that is not confirmed; its file goes. Raises PermissionDenied and ImportRefused."""
    check_can_plan(by)
    take(plan_import, seen, OPEN)
    plan_import.state = State.DISCARDED
    drop_file(plan_import)
    plan_import.save()
    plan_import.rows.all().delete()
    audit.record(by=by, action="discard_import", obj=plan_import, after=on_record(plan_import))


def drop_file(plan_import: PlanImport) -> None:
    """The import has its file no longer; the content goes unless another import has it still."""
    others = PlanImport.objects.filter(sha256=plan_import.sha256, has_file=True)
    if not others.exclude(pk=plan_import.pk).exists():
        transaction.on_commit(lambda: ledger_files.forget(plan_import.sha256))
    plan_import.has_file = False


@transaction.atomic
def give_out(*, plan_import: PlanImport, by: User) -> bytes:
    """The file, for a download that is on record. Raises PermissionDenied and ImportRefused."""
    check_can_plan(by)
    try:
        content = ledger_files.content_of(plan_import.sha256)
    except ledger_files.NoFile as error:
        raise ImportRefused(error.code) from error
    audit.record(by=by, action="download_ledger", obj=plan_import, after=on_record(plan_import))
    return content


@transaction.atomic
def expire_imports(*, now: datetime) -> int:
    """Forget the files whose day has come; imports that nobody confirmed end with them. How many."""
    old = PlanImport.objects.filter(has_file=True, expires_on__lt=now.date()).exclude(state=State.RUNNING)
    found = list(old)
    for plan_import in found:
        if plan_import.state in OPEN:
            plan_import.state = State.DISCARDED
            plan_import.rows.all().delete()
        drop_file(plan_import)
        plan_import.save(update_fields=["state", "has_file"])
    return len(found)
