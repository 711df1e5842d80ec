"""Sections three to five: problems to be coordinated, early signals, and what is behind or overdue."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from tasks_tracker.models import EarlySignal, Light, Problem, ProblemCase, SignalCode
from tasks_tracker.queries.ledger import LedgerRow
from tasks_tracker.queries.signals import OPEN
from tasks_tracker.reports.composer.rows import late_rows, late_table
from tasks_tracker.reports.composer.script import Script, listed, numbered, said, statements, sub_numbered
from tasks_tracker.reports.paper import Block, Line
from tasks_tracker.reports.paper import Part as PaperPart
from tasks_tracker.reports.signal_words import signal_reason, signal_title
from tasks_tracker.reports.wording import thousands

PROBLEMS, SIGNALS, LATE = "problems", "signals", "late"
KINDS, CASES, LETTERS = 4, 2, 40  # kinds with words of their own, cases of one, characters of one
RULES, OF_RULE = 3, 2
LATE_ROWS = 20


# --- problems ---------------------------------------------------------------------------------------------
def problems(script: Script) -> PaperPart:
    """How many there are, then kind by kind, those asked of a unit first."""
    cases = script.facts.problems
    title = numbered(3, _("Problems and matters to be coordinated"))
    if not cases:
        said_so = script.say(PROBLEMS, "problems", _("No problem reported so far waits for a solution."))
        return PaperPart(PROBLEMS, title, (said_so,))
    kinds = Counter(case.kind for case in cases).most_common()
    found = defaultdict(list)
    for case in cases:
        found[case.kind].append(case)
    shown = kinds[:KINDS]
    blocks: list[Block] = [_numbers(script, kinds)]
    blocks += [_kind(script, number, kind, found[kind]) for number, (kind, _n) in enumerate(shown, 1)]
    return PaperPart(PROBLEMS, title, tuple(blocks))


def _numbers(script: Script, kinds: list[tuple[str, int]]) -> Line:
    facts = script.facts
    asked = sum(1 for case in facts.problems if case.needed_from_id)
    new = sum(1 for case in facts.problems if case.raised_week == facts.week)
    words = {
        "n": script.figure("problems", thousands(len(facts.problems)), _ledger(script)),
        "new": script.figure("problems_new", thousands(new), _ledger(script)),
        "asked": script.figure("problems_asked", thousands(asked), _ledger(script)),
        "kinds": listed(_kind_number(script, kind, number) for kind, number in kinds),
    }
    text = _(
        "%(n)s problems are not solved, %(new)s of them raised this week; %(asked)s ask something of a named "
        "unit. By kind: %(kinds)s."
    )
    return script.say(PROBLEMS, "problems", text % words)


def _ledger(script: Script, **filters: str) -> str:
    """The ledger of problems of the week."""
    return script.url("problems", state="unsolved", **(script.facts.everything | filters))


def _kind_number(script: Script, kind: str, number: int) -> str:
    figure = script.figure(f"problems_{kind}", thousands(number), _ledger(script, kind=kind))
    return _("%(kind)s %(n)s") % {"kind": Problem.Kind(kind).label, "n": figure}


def _kind(script: Script, number: int, kind: str, cases: list[ProblemCase]) -> Line:
    first = sorted(cases, key=lambda case: (case.needed_from_id is None, case.raised_week, case.pk))[:CASES]
    lead = sub_numbered(number, _("%(heading)s. ") % {"heading": Problem.Kind(kind).label})
    text = _("%(statements)s.") % {"statements": statements(map(_case, first))}
    return script.say(PROBLEMS, f"problem_{kind}", text, lead=lead)


def _case(case: ProblemCase) -> str:
    words = {
        "unit": case.item.lead.label,
        "item": said(case.item.title, LETTERS),
        "problem": said(case.description, LETTERS),
        "needed": said(case.needed, LETTERS),
        "from": case.needed_from.label if case.needed_from else "",
    }
    if case.needed and case.needed_from:
        return _("%(unit)s, “%(item)s”: %(problem)s, needs from %(from)s: %(needed)s") % words
    if case.needed:
        return _("%(unit)s, “%(item)s”: %(problem)s, needs: %(needed)s") % words
    return _("%(unit)s, “%(item)s”: %(problem)s") % words


# --- early signals ----------------------------------------------------------------------------------------
def signals(script: Script) -> PaperPart:
    """How many stand on the watch list, then rule by rule, the most urgent first."""
    title = numbered(4, _("Early signals and trends"))
    found = script.facts.signals
    if not found:
        said_so = script.say(SIGNALS, "signals", _("The watch list has no open signal."))
        return PaperPart(SIGNALS, title, (said_so,))
    by_rule: dict[str, list[EarlySignal]] = defaultdict(list)
    for signal in found:
        by_rule[signal.code].append(signal)
    codes = [code for code in SignalCode.values if code in by_rule]
    new = sum(1 for signal in found if signal.first_week == script.facts.week)
    words = {
        "n": script.figure("signals", thousands(len(found)), _watch_list(script)),
        "new": script.figure("signals_new", thousands(new), _watch_list(script)),
        "rules": listed(_rule_number(script, code, len(by_rule[code])) for code in codes),
    }
    text = _("The watch list has %(n)s open signals, %(new)s of them new this week: %(rules)s.") % words
    blocks: list[Block] = [script.say(SIGNALS, "signals", text)]
    blocks += [_rule(script, place, code, by_rule[code]) for place, code in enumerate(codes[:RULES], 1)]
    return PaperPart(SIGNALS, title, tuple(blocks))


def _watch_list(script: Script, **filters: str) -> str:
    return script.url("signals", state=OPEN, **(script.facts.everything | filters))


def _rule_number(script: Script, code: str, number: int) -> str:
    figure = script.figure(f"signals_{code}", thousands(number), _watch_list(script, rule=code))
    return _("%(kind)s %(n)s") % {"kind": SignalCode(code).label, "n": figure}


def _rule(script: Script, number: int, code: str, found: Iterable[EarlySignal]) -> Line:
    lead = sub_numbered(number, _("%(heading)s. ") % {"heading": SignalCode(code).label})
    text = _("%(statements)s.") % {"statements": statements(map(_signal, list(found)[:OF_RULE]))}
    return script.say(SIGNALS, f"signal_{code}", text, lead=lead)


def _signal(signal: EarlySignal) -> str:
    evidence = getattr(signal, "evidence")  # noqa: B009 — annotated
    words = {
        "unit": signal.item.lead.label if signal.item else "",
        "what": said(signal_title(signal), LETTERS),
        "why": said(signal_reason(signal.code, evidence), 2 * LETTERS),
    }
    if signal.item:
        return _("%(unit)s, “%(what)s”: %(why)s") % words
    return _("%(what)s: %(why)s") % words


# --- behind and overdue -----------------------------------------------------------------------------------
def late(script: Script) -> PaperPart:
    """How many, then item by item: unit, due day, variance, reason, measures taken."""
    rows = late_rows(script.facts.seven)
    counts = script.facts.whole.now.tally
    words = {
        "behind": script.count("behind", counts.behind, light=Light.BEHIND.value),
        "overdue": script.count("overdue", counts.overdue, light=Light.OVERDUE.value),
    }
    text = _("%(behind)s work items are behind and %(overdue)s overdue.") % words
    if rows and rows[0].light == Light.OVERDUE:
        text += _longest(script, rows)
    blocks: tuple[Block, ...] = (script.say(LATE, "late", text), late_table(rows, LATE_ROWS))
    return PaperPart(LATE, numbered(5, _("Behind and overdue work items")), blocks)


def _longest(script: Script, rows: list[LedgerRow]) -> str:
    """The item that is overdue for the longest time."""
    row = min((row for row in rows if row.light == Light.OVERDUE), key=lambda row: (row.due_on, row.code))
    days = (script.facts.selection.rollup.as_of - row.due_on).days
    return _(" Longest overdue, by %(days)s days, is “%(item)s” of %(unit)s.") % {
        "days": script.figure("longest_overdue", str(days), script.url("item", row.code)),
        "item": said(row.title, LETTERS),
        "unit": row.lead.label,
    }
