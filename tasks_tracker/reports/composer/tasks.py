"""The second section: each key task (or measure of one) with figures, main progress and indicators."""

from django.utils.translation import gettext as _

from tasks_tracker.models import KeyTask, Light
from tasks_tracker.queries.indicators import IndicatorLine
from tasks_tracker.queries.ledger import LedgerRow
from tasks_tracker.queries.weekly_report import Part
from tasks_tracker.reports.composer.script import (
    Script,
    counts,
    headline,
    key_for,
    numbered,
    said,
    statements,
    sub_numbered,
)
from tasks_tracker.reports.paper import Block, Level, Line
from tasks_tracker.reports.paper import Part as PaperPart
from tasks_tracker.reports.wording import decimal, percent_sign

SECTION = "tasks"
NOTES, LETTERS = 2, 40  # per key task, and of one note
NOTES_OF_MEASURE = 1
INDICATORS = 1
LATE = (Light.AT_RISK.value, Light.BEHIND.value, Light.OVERDUE.value)


def section(script: Script) -> PaperPart:
    """Every part under a heading of its own."""
    blocks: list[Block] = []
    for number, part in enumerate(script.facts.parts, 1):
        place = part.of.number if isinstance(part.of, KeyTask) else number
        blocks.append(Line(sub_numbered(place, part.of.label), Level.SECTION))
        blocks += [_figures(script, part), _progress(script, part), *_indicators(script, part)]
    return PaperPart(SECTION, numbered(2, _("Progress of the key tasks")), tuple(blocks))


def _figures(script: Script, part: Part) -> Line:
    key = key_for(part.of)
    words = headline(script, key, part.slice.now, part.slice.gain, part.filters)
    words |= counts(script, key, part.slice.now, LATE, part.filters)
    text = _(
        "%(items)s work items, progress %(progress)s (%(gain)s on last week), planned %(planned)s: "
        "%(variance)s; at risk %(at_risk)s, behind %(behind)s, overdue %(overdue)s."
    )
    return script.say(SECTION, f"{key}_figures", text % words)


def _progress(script: Script, part: Part) -> Line:
    """What accepted reports of the week say about the items that matter most."""
    most = NOTES if isinstance(part.of, KeyTask) else NOTES_OF_MEASURE
    notes = [_note(row) for row in _relevant(script, part)[:most]]
    key = f"{key_for(part.of)}_progress"
    if not notes:
        return script.say(SECTION, key, _("No progress of this week was reported and accepted."))
    return script.say(SECTION, key, _("Main progress: %(notes)s.") % {"notes": statements(notes)})


def _relevant(script: Script, part: Part) -> list[LedgerRow]:
    """Key items first, then those that moved most for their weight; each with a note of this week."""
    week = script.facts.week
    rows = [
        row
        for row in script.facts.seven
        if row.reported_week == week and row.note and not row.no_change and _is_of(row, part)
    ]
    return sorted(rows, key=lambda row: (not row.is_key, -abs(row.gain) * row.weight, -row.weight, row.code))


def _is_of(row: LedgerRow, part: Part) -> bool:
    of = part.of
    return row.measure.key_task_id == of.pk if isinstance(of, KeyTask) else row.measure.pk == of.pk


def _note(row: LedgerRow) -> str:
    return _("%(unit)s, “%(item)s”: %(note)s") % {
        "unit": row.lead.label,
        "item": said(row.title, LETTERS),
        "note": said(row.note, LETTERS),
    }


def _indicators(script: Script, part: Part) -> list[Line]:
    lines = [line for line in script.facts.indicators if _is_about(line, part)][:INDICATORS]
    if not lines:
        return []
    text = _("Indicators: %(indicators)s.") % {"indicators": statements(_indicator(script, x) for x in lines)}
    return [script.say(SECTION, f"{key_for(part.of)}_indicators", text)]


def _is_about(line: IndicatorLine, part: Part) -> bool:
    indicator = line.indicator
    measure = indicator.measure or (indicator.item.measure if indicator.item else None)
    if measure is None:
        return False
    return measure.key_task_id == part.of.pk if isinstance(part.of, KeyTask) else measure.pk == part.of.pk


def _indicator(script: Script, line: IndicatorLine) -> str:
    indicator, value = line.indicator, line.value
    assert value is not None  # facts leave out those without one
    url = script.url("indicator", indicator.pk)
    name = f"indicator_{indicator.pk}"
    words = {
        "name": said(indicator.name, LETTERS),
        "value": script.figure(f"{name}_value", f"{decimal(value.value)}{indicator.unit}", url),
    }
    if indicator.target is None or line.attainment is None:
        return _("%(name)s %(value)s") % words
    words["target"] = script.figure(f"{name}_target", f"{decimal(indicator.target)}{indicator.unit}", url)
    words["share"] = script.figure(f"{name}_attainment", percent_sign(line.attainment), url)
    return _("%(name)s %(value)s, target %(target)s, %(share)s of the way") % words
