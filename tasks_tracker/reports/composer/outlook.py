"""Sections six and seven: what next week is about; extensions, adjustments and closures of this week."""

from collections import Counter
from datetime import timedelta

from django.utils.translation import gettext as _

from tasks_tracker.models import PlanChange, State
from tasks_tracker.queries.changes import days_moved
from tasks_tracker.queries.ledger import LedgerRow
from tasks_tracker.queries.weekly_report import ends_of
from tasks_tracker.reports.composer.rows import late_rows
from tasks_tracker.reports.composer.script import Script, listed, numbered, said, statements
from tasks_tracker.reports.paper import Block, Line, Part
from tasks_tracker.reports.wording import short_day, signed, thousands

NEXT, CHANGES = "next", "changes"
NAMED, STEPS, LETTERS = 4, 3, 40
Field = PlanChange.Field


# --- next week --------------------------------------------------------------------------------------------
def next_week(script: Script) -> Part:
    """What falls due, and what those who are late plan to do."""
    blocks: list[Block] = [_due(script), *_steps(script)]
    return Part(NEXT, numbered(6, _("Focus of next week")), tuple(blocks))


def _due(script: Script) -> Line:
    sunday = script.facts.sunday
    last = sunday + timedelta(days=7)
    due = [row for row in script.facts.seven if sunday < row.due_on <= last and row.state != State.CLOSED]
    due.sort(key=lambda row: (row.due_on, row.variance or 0, row.code))
    words = {
        "n": script.count("due_next_week", len(due), due="next_week"),
        "first": short_day(sunday + timedelta(days=1)),
        "last": short_day(last),
        "items": statements(map(_due_item, due[:NAMED])),
    }
    if not due:
        text = _("Nothing falls due next week (%(first)s – %(last)s).")
    elif len(due) > NAMED:
        text = _("%(n)s work items fall due next week (%(first)s – %(last)s), among them %(items)s.")
    else:
        text = _("%(n)s work items fall due next week (%(first)s – %(last)s): %(items)s.")
    return script.say(NEXT, "due_next_week", text % words)


def _due_item(row: LedgerRow) -> str:
    return _("“%(item)s” (%(unit)s, %(day)s)") % {
        "item": said(row.title, LETTERS),
        "unit": row.lead.label,
        "day": short_day(row.due_on),
    }


def _steps(script: Script) -> list[Line]:
    """The next steps that the last accepted reports of late items name, the latest first."""
    rows = [row for row in late_rows(script.facts.seven) if row.next_steps][:STEPS]
    if not rows:
        return []
    steps = [
        _("%(unit)s, “%(item)s”: %(note)s")
        % {
            "unit": row.lead.label,
            "item": said(row.title, LETTERS),
            "note": said(row.next_steps, LETTERS),
        }
        for row in rows
    ]
    text = _("Of those behind and overdue are to be pushed on: %(steps)s.") % {"steps": statements(steps)}
    return [script.say(NEXT, "next_steps", text)]


# --- what changed in the plan -----------------------------------------------------------------------------
def changes(script: Script) -> Part:
    """Due days moved, other terms changed, items closed, suspended or cancelled."""
    title = numbered(7, _("Extensions, adjustments and closures"))
    found = script.facts.changes
    if not found:
        said_so = script.say(CHANGES, "changes", _("The plan did not change this week."))
        return Part(CHANGES, title, (said_so,))
    blocks: list[Block] = [_numbers(script), *_extensions(script), *_ends(script)]
    return Part(CHANGES, title, tuple(blocks))


def _list(script: Script, **filters: str) -> str:
    facts = script.facts
    days = {"since": facts.week.isoformat(), "until": facts.sunday.isoformat()}
    return script.url("changes", **(facts.everything | days | filters))


def _numbers(script: Script) -> Line:
    """All changes of the week, by what they change."""
    found = Counter(change.field for change in script.facts.changes)
    kinds = [
        _("%(kind)s %(n)s")
        % {
            "kind": Field(field).label,
            "n": script.figure(f"changes_{field}", thousands(number), _list(script, field=field)),
        }
        for field, number in found.most_common()
    ]
    words = {
        "n": script.figure("changes", thousands(len(script.facts.changes)), _list(script)),
        "kinds": listed(kinds),
    }
    return script.say(CHANGES, "changes", _("%(n)s changes of the plan were recorded: %(kinds)s.") % words)


def _extensions(script: Script) -> list[Line]:
    """How far due days moved in all, and the longest moves."""
    moves = [change for change in script.facts.changes if change.field == Field.DUE_ON]
    if not moves:
        return []
    slippage = script.facts.slippage
    moves.sort(key=lambda move: (-(days_moved(move) or 0), move.pk))
    words = {
        "n": script.figure("due_days_moved", thousands(slippage.moved), _list(script, field=Field.DUE_ON)),
        "days": script.figure("days_moved", signed(slippage.days), _list(script, field=Field.DUE_ON)),
        "moves": statements(map(_move, moves[:NAMED])),
    }
    text = _("Due days were moved %(n)s times, by %(days)s days in all: %(moves)s.") % words
    return [script.say(CHANGES, "extensions", text)]


def _move(move: PlanChange) -> str:
    return _("“%(item)s” (%(unit)s) from %(old)s to %(new)s, because: %(reason)s") % {
        "item": said(move.item.title, LETTERS),
        "unit": move.item.lead.label,
        "old": move.old_value,
        "new": move.new_value,
        "reason": said(move.reason, LETTERS),
    }


def _ends(script: Script) -> list[Line]:
    """What was closed, suspended, cancelled or taken up again."""
    found = ends_of(script.facts.changes)
    if not found:
        return []
    url = _list(script, field=Field.STATE)
    kinds = [
        _("%(state)s %(n)s: %(items)s")
        % {
            "state": State(state).label,
            "n": script.figure(f"became_{state}", thousands(len(moved)), url),
            "items": listed(_("“%(item)s”") % {"item": said(c.item.title, LETTERS)} for c in moved[:NAMED]),
        }
        for state, moved in sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    text = _("State of work items: %(kinds)s.") % {"kinds": statements(kinds)}
    return [script.say(CHANGES, "ends", text)]
