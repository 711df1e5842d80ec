"""Importing the rows of a checked ledger: confirmed by a person, done in pieces by a job.

Each piece is one transaction in the turn of the plan: its rows become work items and are marked so. A worker
that is killed leaves whole pieces behind, and whoever goes on begins with the first row that is not marked;
so no row is ever imported twice, however often and by how many workers the job is done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tasks_tracker.actions import audit, plan_curve, rollup
from tasks_tracker.actions.imports import (
    Choices,
    ImportRefused,
    Numbers,
    State,
    on_record,
    read_row,
    source_of,
    state_of,
    take,
    written_note,
)
from tasks_tracker.actions.item_rows import Checker, Wanted
from tasks_tracker.actions.plan import enter_all
from tasks_tracker.models import ImportRow, Plan, PlanImport, User, WorkItem
from tasks_tracker.models import State as ItemState
from tasks_tracker.permissions import check_can_plan
from tasks_tracker.rules.ledger_csv import Sheet
from tasks_tracker.rules.weeks import week_of

PIECE = 250  # rows of one transaction
LEFT_ALONE = timedelta(minutes=2)  # after its last step an import has nobody who works on it


@transaction.atomic
def confirm_import(*, plan_import: PlanImport, draft: bool, seen: int, by: User, now: datetime) -> None:
    """Let the new rows come into the plan, assigned or as drafts; a job does it.

    Raises PermissionDenied and ImportRefused (stale, closed, nothing_new).
    """
    check_can_plan(by)
    if plan_import.state == State.CHECKED and not plan_import.new:
        raise ImportRefused("nothing_new")
    confirmed = {"confirmed_by": by, "confirmed_at": now, "touched_at": now, "is_draft": draft}
    take(plan_import, seen, (State.CHECKED,), state=State.RUNNING, **confirmed)
    after = on_record(plan_import) | {
        "items": plan_import.new,
        "already_there": plan_import.there,
        "refused": plan_import.refused,
        "draft": draft,
    }
    audit.record(by=by, action="confirm_import", obj=plan_import, after=after)


@transaction.atomic
def import_piece(*, pk: int, now: datetime) -> bool:
    """Import the next rows; False when nothing is left to do."""
    plan_import = PlanImport.objects.select_related("plan__policy").filter(pk=pk, state=State.RUNNING).first()
    if plan_import is None:
        return False
    Plan.objects.select_for_update(no_key=True).get(pk=plan_import.plan_id)
    plan_import.refresh_from_db(fields=["state", "imported", "there", "refused", "new"])
    if plan_import.state != State.RUNNING:  # somebody finished it while we waited
        return False
    rows = list(plan_import.rows.filter(state=ImportRow.State.NEW).order_by("number")[:PIECE])
    if not rows:
        _finish(plan_import, now)
        return False
    _import(plan_import, rows, now)
    return True


def _import(plan_import: PlanImport, rows: Sequence[ImportRow], now: datetime) -> None:
    plan, by = plan_import.plan, plan_import.confirmed_by
    sheet = Sheet(tuple(read_row(row.content) for row in rows), ())
    choices = Choices.of(plan_import)
    checker = Checker(plan, sheet, by=by, aliases=choices.aliases, source=source_of(plan_import))
    found = [checker.wanted(row) for row in sheet.rows]
    new = []
    for row, read, wanted in zip(rows, sheet.rows, found, strict=True):
        row.state = state_of(checker, read, wanted)
        row.item = wanted.there
        if row.state == ImportRow.State.NEW:
            new.append((row, wanted))
        elif row.state == ImportRow.State.REFUSED:  # somebody changed the plan or its units since
            faults = [fault for fault in checker.faults if fault.row == row.number]
            row.notes = [written_note(fault, "fault") for fault in faults]
    _enter(plan_import, new, by, now)
    ImportRow.objects.bulk_update(rows, ["state", "item", "notes", "content"])
    _count(plan_import, now)


def _enter(
    plan_import: PlanImport, new: Sequence[tuple[ImportRow, Wanted]], by: User | None, now: datetime
) -> None:
    _give_codes(new)
    for _row, wanted in new:
        wanted.item.state = ItemState.DRAFT if plan_import.is_draft else ItemState.ASSIGNED
    week = rollup.open_week_for(plan=plan_import.plan, week=week_of(now.date()), now=now).week
    enter_all([wanted for _row, wanted in new], week, by)
    for row, wanted in new:
        row.state, row.item = ImportRow.State.IMPORTED, wanted.item


def _give_codes(new: Sequence[tuple[ImportRow, Wanted]]) -> None:
    """The codes that the check proposed; another one where somebody has taken it since."""
    proposed = [row.content["code"] for row, _wanted in new]
    taken = set(WorkItem.objects.filter(code__in=proposed).values_list("code", flat=True))
    numbers = Numbers(proposed) if taken else None
    for row, wanted in new:
        code = row.content["code"]
        if numbers and code in taken:
            code = numbers.next(wanted)
            row.content = {**row.content, "code": code}
        wanted.item.code = code


def _count(plan_import: PlanImport, now: datetime) -> None:
    rows = plan_import.rows
    states = ImportRow.State
    PlanImport.objects.filter(pk=plan_import.pk).update(
        imported=rows.filter(state=states.IMPORTED).count(),
        new=rows.filter(Q(state=states.IMPORTED) | Q(state=states.NEW)).count(),
        there=rows.filter(state=states.THERE).count(),
        refused=rows.filter(state=states.REFUSED).count(),
        touched_at=now,
    )


def _finish(plan_import: PlanImport, now: datetime) -> None:
    plan = plan_import.plan
    rollup.roll_up_week(plan=plan, week=week_of(now.date()), now=now)
    plan_curve.draw_plan(plan=plan)
    PlanImport.objects.filter(pk=plan_import.pk).update(state=State.DONE, finished_at=now, touched_at=now)
    after = on_record(plan_import) | {"items": plan_import.imported, "refused": plan_import.refused}
    audit.record(by=plan_import.confirmed_by, action="import_plan", obj=plan_import, after=after)


def left_alone(*, now: datetime) -> list[int]:
    """The imports on which nobody works any more although they are not finished."""
    alone = PlanImport.objects.filter(state=State.RUNNING, touched_at__lt=now - LEFT_ALONE)
    return list(alone.order_by("pk").values_list("pk", flat=True))
