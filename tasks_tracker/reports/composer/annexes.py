"""The three annexes: the ledger behind schedule, the ledger on schedule, the units that did not report."""

from collections import defaultdict

from django.utils.translation import gettext as _

from tasks_tracker.models import Actor
from tasks_tracker.queries.ledger import LedgerRow
from tasks_tracker.reports.composer.rows import SEVERITY, attention_rows, ledger_table
from tasks_tracker.reports.composer.script import Script
from tasks_tracker.reports.paper import Heading, Line, Part, Table
from tasks_tracker.reports.wording import percent_sign, thousands
from tasks_tracker.rules.rollup import WHOLE


def all_of(script: Script) -> tuple[Part, ...]:
    """Together the first two hold every item that is counted; supporting measures come last in both."""
    rows = script.facts.rows
    supporting = [row for row in rows if not row.measure.key_task_id]
    behind = attention_rows(script.facts.seven) + attention_rows(supporting)
    others = [row for row in script.facts.seven + supporting if row.light not in SEVERITY]
    return (
        Part(
            "behind",
            _("Annex 1: ledger behind schedule"),
            (
                _how_many(behind),
                ledger_table(
                    _("Overdue, behind and at risk"), behind, _("Nothing is overdue, behind or at risk.")
                ),
            ),
        ),
        Part(
            "on_schedule",
            _("Annex 2: ledger on schedule"),
            (
                _how_many(others),
                ledger_table(
                    _("Done, on track and not started"),
                    others,
                    _("Nothing is done, on track or not started."),
                ),
            ),
        ),
        Part("silent", _("Annex 3: units that did not report"), _silent(rows)),
    )


def _how_many(rows: list[LedgerRow]) -> Line:
    apart = sum(1 for row in rows if not row.measure.key_task_id)
    words = {"n": thousands(len(rows) - apart), "apart": thousands(apart)}
    return Line(_("%(n)s work items of the key tasks, %(apart)s of supporting measures.") % words)


def _silent(rows: list[LedgerRow]) -> tuple[Line, Table]:
    """The units with a report owed and not given, who owes most first."""
    owed: dict[Actor, int] = defaultdict(int)
    given: dict[Actor, int] = defaultdict(int)
    for row in rows:
        if row.due:
            owed[row.lead] += 1
            given[row.lead] += row.reported
    silent = [unit for unit in owed if given[unit] < owed[unit]]
    silent.sort(key=lambda unit: (given[unit] - owed[unit], unit.order, unit.code))
    missing = sum(owed[unit] - given[unit] for unit in silent)
    text = _("%(units)s units have not given %(missing)s reports, those on supporting measures included.")
    table = Table(
        caption=_("Reports owed this week and not given"),
        columns=(
            Heading(_("Unit"), 52),
            Heading(_("Reports owed"), 12, is_number=True),
            Heading(_("Reports given"), 12, is_number=True),
            Heading(_("Not given"), 12, is_number=True),
            Heading(_("Filled-in rate"), 12, is_number=True),
        ),
        rows=tuple(
            (
                unit.label,
                thousands(owed[unit]),
                thousands(given[unit]),
                thousands(owed[unit] - given[unit]),
                percent_sign(WHOLE * given[unit] // owed[unit]),
            )
            for unit in silent
        ),
        empty=_("Every report owed this week was given."),
    )
    return Line(text % {"units": thousands(len(silent)), "missing": thousands(missing)}), table
