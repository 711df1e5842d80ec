"""Work items as rows of tables: what is late, item by item, and the ledgers of the annexes."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from tasks_tracker.models import NEEDS_ATTENTION, Light, Reason
from tasks_tracker.queries.ledger import LedgerRow
from tasks_tracker.reports.composer.script import said
from tasks_tracker.reports.paper import Heading, Mark, Table
from tasks_tracker.reports.wording import percent, points, thousands

SEVERITY = {light.value: place for place, light in enumerate(NEEDS_ATTENTION)}
LETTERS = 40


def late_rows(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Overdue ones first, then those behind; in both the furthest behind first."""
    late = [row for row in rows if row.light in (Light.OVERDUE, Light.BEHIND)]
    return sorted(late, key=_order)


def attention_rows(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """The same, and those at risk at the end."""
    return sorted((row for row in rows if row.light in SEVERITY), key=_order)


def _order(row: LedgerRow) -> tuple[int, int, str]:
    variance = row.variance
    return SEVERITY[row.light], -1_000_000 if variance is None else variance, row.code


def late_table(rows: Sequence[LedgerRow], most: int) -> Table:
    """Unit, due day, variance, reason and measures taken of the first `most`; annex 1 has them all."""
    note = ""
    if len(rows) > most:
        note = _("The other %(n)s stand in annex 1.") % {"n": thousands(len(rows) - most)}
    return Table(
        caption=_("Table 3: behind and overdue work items"),
        columns=(
            Heading(_("No."), 5, is_number=True),
            Heading(_("Work item"), 18),
            Heading(_("Lead"), 14),
            Heading(_("Due on"), 13),
            Heading(_("Status"), 11),
            Heading(_("Variance, points"), 10, is_number=True),
            Heading(_("Reason"), 17),
            Heading(_("Measures taken"), 16),
        ),
        rows=tuple(
            (
                str(number),
                row.title,
                row.lead.label,
                row.due_on.isoformat(),
                mark(row),
                points(row.variance),
                _reason(row),
                said(row.next_steps, LETTERS),
            )
            for number, row in enumerate(rows[:most], 1)
        ),
        empty=_("Nothing is behind or overdue."),
        note=note,
    )


def _reason(row: LedgerRow) -> str:
    """The problem that its last accepted report states, else why the light is what it is."""
    if row.problems:
        return said(row.problems.partition("\n")[0], LETTERS)
    return str(Reason(row.reason).label)


def mark(row: LedgerRow) -> Mark:
    """The light as a cell of a table."""
    light = Light(row.light)
    return Mark(light.value, f"{light.mark} {light.label}")


def ledger_table(caption: str, rows: Sequence[LedgerRow], empty: str) -> Table:
    """Where each of the items stands."""
    return Table(
        caption=caption,
        columns=(
            Heading(_("Code"), 12),
            Heading(_("Work item"), 25),
            Heading(_("Lead"), 18),
            Heading(_("Due on"), 12),
            Heading(_("Status"), 10),
            Heading(_("Percent"), 8, is_number=True),
            Heading(_("Planned, %"), 8, is_number=True),
            Heading(_("Variance, points"), 7, is_number=True),
        ),
        rows=tuple(
            (
                row.code,
                row.title,
                row.lead.label,
                row.due_on.isoformat(),
                mark(row),
                percent(row.percent),
                percent(row.planned),
                points(row.variance),
            )
            for row in rows
        ),
        empty=empty,
    )
